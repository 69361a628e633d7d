import json
import socket

import pytest

from callside.asterisk.errors import EngineStartError
from callside.asterisk.ports import WantedPorts, choose, is_free, recall


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_chosen_ports_are_free_apart_and_kept_for_the_next_start(tmp_path):
    first = choose(WantedPorts(), tmp_path / "ports.json")
    assert is_free(first.http)
    assert first.http < first.sip < first.rtp_first < first.rtp_last < 32_768
    assert choose(WantedPorts(), tmp_path / "ports.json") == first


def test_a_chosen_port_that_somebody_took_meanwhile_moves_on(tmp_path, taken):
    remembered = tmp_path / "ports.json"
    old = choose(WantedPorts(), remembered)
    remembered.write_text(
        json.dumps({"http": taken, "sip": old.sip, "rtp_first": old.rtp_first, "rtp_last": old.rtp_last})
    )
    assert choose(WantedPorts(), remembered).http != taken


def test_a_port_of_the_configuration_that_is_taken_is_named_with_its_setting(tmp_path, taken):
    with pytest.raises(EngineStartError, match=rf"port {taken}/tcp .*CALLSIDE_ENGINE_HTTP_PORT"):
        choose(WantedPorts(http=taken), tmp_path / "ports.json")


def test_named_ports_are_used_and_the_rest_is_chosen(tmp_path):
    free = choose(WantedPorts(), tmp_path / "a.json")
    ports = choose(WantedPorts(http=free.http, rtp_first=20_000, rtp_last=20_099), tmp_path / "b.json")
    assert (ports.http, ports.rtp_first, ports.rtp_last) == (free.http, 20_000, 20_099)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"http": "x", "sip": 1, "rtp_first": 1, "rtp_last": 1}'])
def test_a_spoilt_memory_of_ports_is_as_none(tmp_path, text):
    (tmp_path / "ports.json").write_text(text)
    assert recall(tmp_path / "ports.json") is None


def test_the_port_for_tls_is_beside_sip_and_must_be_free_only_where_it_is_listened_on(tmp_path):
    free = choose(WantedPorts(), tmp_path / "a.json", tls=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free.sips))
        listener.listen()
        assert choose(WantedPorts(sip=free.sip), tmp_path / "b.json").sips == free.sips
        with pytest.raises(EngineStartError, match=f"port {free.sips}/tcp of the engine's SIP over TLS"):
            choose(WantedPorts(sip=free.sip), tmp_path / "c.json", tls=True)
    with pytest.raises(EngineStartError, match="port 65536/tcp"):
        choose(WantedPorts(sip=65_535), tmp_path / "d.json", tls=True)
