"""What a running server has of the machine, and of its data folder."""

import os
import resource
import subprocess
import sys

import pytest

from callside.config import SettingsError
from callside.serving import alone_in, run_until_done
from callside.store.file_claim import FileClaim

OTHER = """
import sys
from pathlib import Path
from callside.serving import alone_in
with alone_in(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline() == "in\n"
        yield running
        running.kill()


def test_a_second_server_on_one_folder_is_told_whose_it_is(tmp_path, other):
    with pytest.raises(SettingsError, match=f"process {other.pid}"), alone_in(tmp_path):
        raise AssertionError("two at once")


def test_a_server_that_was_killed_is_in_nobodys_way(tmp_path, other):
    other.kill()
    other.wait()
    with alone_in(tmp_path):
        pass


def test_who_leaves_tidily_lets_the_next_one_in(tmp_path):
    for _ in range(2):
        with alone_in(tmp_path):
            pass


def test_a_second_server_on_one_database_is_refused_before_anything_is_started(tmp_path):
    first = FileClaim(tmp_path / "one.db", "north:/srv/one")
    first.take()
    home = tmp_path / "two"
    around = {"CALLSIDE_HOME": str(home), "CALLSIDE_DATABASE": f"sqlite:///{tmp_path}/one.db", "CALLSIDE_PORT": "0"}
    second = subprocess.run(
        [sys.executable, "-m", "callside", "serve"],
        env={**os.environ, **around},
        capture_output=True,
        text=True,
        check=False,
    )
    first.give_up()
    assert second.returncode != 0
    assert "another Callside (north:/srv/one) uses this database" in second.stderr
    assert "Traceback" not in second.stderr
    assert not (home / "engine").exists()
    assert not (tmp_path / "one.db").exists()


@pytest.fixture
def few_files():
    """As on most machines: the soft limit is low, the hard one is not."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, before[1]), before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_server_may_hold_as_many_sockets_as_the_machine_allows(few_files):
    """2,000 phones are three times as many; with the usual 1,024 the 340th agent was refused, and everybody else with them."""
    seen = []

    async def look():
        seen.append(resource.getrlimit(resource.RLIMIT_NOFILE))

    run_until_done(look())
    assert seen == [(min(few_files, 65_536), few_files)]
