"""Logs of an engine that runs for months."""

import shutil

from callside.asterisk.logs import cut


def test_a_log_that_has_grown_is_put_aside_once_and_written_on_by_whoever_has_it_open(tmp_path):
    small, large = tmp_path / "messages.log", tmp_path / "security.log"
    small.write_text("one line\n")
    with large.open("a", buffering=1) as engine:
        for round_ in ("first", "second"):
            engine.write(f"{round_}\n" * 100)
            assert cut(tmp_path, 200) == ["security.log"]
            assert large.read_text() == ""
            assert (tmp_path / "security.log.1").read_text() == f"{round_}\n" * 100
        engine.write("goes on\n")
    assert large.read_text() == "goes on\n"
    assert cut(tmp_path, 200) == []
    assert small.read_text() == "one line\n"


def test_without_room_for_it_what_was_written_is_given_up(tmp_path, monkeypatch):
    log = tmp_path / "console.log"
    log.write_text("x" * 1000)

    def full(_from, _to):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert cut(tmp_path, 200) == ["console.log"]
    assert log.stat().st_size == 0
    assert not (tmp_path / "console.log.1").exists()
