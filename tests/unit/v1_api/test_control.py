"""How the command line finds a running server."""

import json
import stat
import subprocess
import sys

import pytest

from callside.v1_api import control


@pytest.fixture
def place(tmp_path):
    return tmp_path / "run" / "control.json"


def test_only_the_owner_can_read_the_root_token(place):
    control.announce(place, "http://127.0.0.1:8080")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert list(place.parent.iterdir()) == [place]


def test_a_running_server_is_found_and_a_stopped_one_is_not(place):
    announced = control.announce(place, "http://127.0.0.1:8080")
    assert control.read(place) == announced
    assert announced.is_alive()
    control.withdraw(place)
    assert not control.read(place).is_alive()


def test_the_root_token_stays_over_restarts(place):
    first = control.announce(place, "http://127.0.0.1:8080")
    control.withdraw(place)
    assert control.announce(place, "http://127.0.0.1:8081").root_token == first.root_token
    assert len(first.root_token) >= 43


def test_a_later_process_with_the_same_number_is_not_taken_for_the_server(place):
    control.announce(place, "http://127.0.0.1:8080")
    told = json.loads(place.read_text())
    place.write_text(json.dumps(told | {"started": told["started"] - 1}))
    assert not control.read(place).is_alive()


def test_a_server_that_was_killed_is_not_alive(place):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        control.announce(place, "http://127.0.0.1:8080")
        told = json.loads(place.read_text()) | {"pid": other.pid, "started": control._started(other.pid)}
        place.write_text(json.dumps(told))
        assert control.read(place).is_alive()
        other.kill()
        other.wait()
        assert not control.read(place).is_alive()


def test_what_another_process_announced_is_not_withdrawn(place):
    control.announce(place, "http://127.0.0.1:8080")
    told = json.loads(place.read_text()) | {"pid": 1}
    place.write_text(json.dumps(told))
    control.withdraw(place)
    assert control.read(place).pid == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"foo": 1}'])
def test_a_spoilt_file_counts_as_none(place, text):
    place.parent.mkdir()
    place.write_text(text)
    assert control.read(place) is None
