"""The command line as a program."""

import json
import subprocess
import sys

import pytest

from callside import __version__


def callside(*words, home, **more):
    return subprocess.run(
        [sys.executable, "-m", "callside", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"CALLSIDE_HOME": str(home), "PATH": "/usr/bin:/bin", "HOME": str(home)},
        **more,
    )


def test_help_names_every_command(tmp_path):
    shown = callside("--help", home=tmp_path)
    assert shown.returncode == 0
    for command in (
        *("serve", "demo", "doctor", "engine", "tenant", "token", "agent", "extension", "queue", "campaign", "trunk"),
    ):
        assert f" {command} " in shown.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("noun", ["tenant", "token", "agent", "extension", "queue", "campaign", "trunk"])
def test_every_noun_has_its_four_verbs(tmp_path, noun):
    shown = callside(noun, "--help", home=tmp_path).stdout
    for verb in ("list", "add", "change", "remove"):
        assert f" {verb} " in shown


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import sys, callside.cli.main\n"
        "heavy = {'fastapi', 'starlette', 'pydantic', 'aiohttp', 'sqlalchemy', 'phonenumbers', 'uvicorn', 'argon2'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_shown(tmp_path):
    assert callside("--version", home=tmp_path).stdout == f"callside {__version__}\n"


def test_a_refusal_goes_to_standard_error_and_ends_with_1(tmp_path):
    refused = callside("tenant", "change", "Nobody", "--disabled", home=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == 'error: tenant: there is no "Nobody"; see: callside tenant list\n'


def test_a_wrong_setting_is_told_before_anything_is_done(tmp_path):
    (tmp_path / "callside.toml").write_text("port = 99999\n")
    refused = callside("tenant", "list", home=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: port in {tmp_path}/callside.toml: ")


def test_secrets_are_no_arguments(tmp_path):
    for words in (("agent", "add"), ("agent", "change"), ("trunk", "add"), ("trunk", "change")):
        shown = callside(*words, "--help", home=tmp_path).stdout
        assert "--password " not in shown
        assert "--secret " not in shown
        assert "-stdin" in shown


def test_the_engines_status_is_for_people_and_programs(tmp_path):
    told = json.loads(callside("engine", "status", "--json", home=tmp_path).stdout)
    assert (told["running"], told["pid"]) == (False, None)
    assert "running: no" in callside("engine", "status", home=tmp_path).stdout
    assert "No engine runs" in callside("engine", "stop", home=tmp_path).stdout
