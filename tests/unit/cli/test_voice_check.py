"""What ``callside doctor`` says of the built-in voice."""

import shutil

from callside.cli.checks.machine import check_voice


def test_a_missing_voice_is_a_warning_with_the_package_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    [finding] = check_voice(None)
    assert (finding.level, finding.remedy) == ("warning", "run: apt install espeak-ng")


def test_a_voice_that_is_there_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    [finding] = check_voice(None)
    assert (finding.level, finding.message) == ("ok", "/usr/bin/espeak-ng")
