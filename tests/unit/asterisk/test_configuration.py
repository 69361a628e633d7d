import pathlib
import stat

import pytest

from callside.asterisk.configuration import outdated_files, render, write_configuration
from callside.asterisk.errors import EngineStartError
from callside.asterisk.folders import EngineFolders, ari_secret
from callside.asterisk.modules import REQUIRED_MODULES
from callside.asterisk.ports import EnginePorts
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram, EngineVersion
from tests.fakes.certificates import certificate, needs_openssl

PORTS = EnginePorts(http=21_000, sip=21_001, rtp_first=21_010, rtp_last=21_999)


@pytest.fixture
def program(tmp_path):
    modules = tmp_path / "modules"
    modules.mkdir()
    for name in (*REQUIRED_MODULES, "codec_opus_open_source", "app_dial"):
        (modules / f"{name}.so").touch()
    return EngineProgram(("asterisk",), modules, tmp_path / "data", EngineVersion(22, 10, 1), "machine")


@pytest.fixture
def folders(tmp_path):
    return EngineFolders.of(tmp_path / "home")


def written(folders, program, **settings):
    write_configuration(folders, program, PORTS, EngineProfile(**settings))
    return {path.name: path.read_text() for path in folders.etc.iterdir()}


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(";")]


def test_no_hole_of_a_template_is_left_open(folders, program):
    assert not [name for name, text in written(folders, program).items() if "@{" in text]


def test_a_hole_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="http_port"):
        render("http.conf", {})


def test_only_the_allow_list_is_loaded(folders, program):
    text = lines(written(folders, program)["modules.conf"])
    assert text[:2] == ["[modules]", "autoload = no"]
    assert text[2:] == [f"load = {name}.so" for name in (*REQUIRED_MODULES, "codec_opus_open_source")]


def test_every_directory_is_below_the_home(folders, program, tmp_path):
    text = written(folders, program)["asterisk.conf"]
    places = dict(line.split(" => ") for line in lines(text) if " => " in line)
    ours = {name: place for name, place in places.items() if name not in {"astmoddir", "astdatadir"}}
    assert len(ours) == 10
    assert all(place.startswith(str(folders.root)) for place in ours.values())
    assert places["astmoddir"] == str(program.modules)


def test_the_folder_for_recordings_is_there_before_the_first_recording(folders, program):
    written(folders, program)
    assert folders.recordings.is_dir()


def test_http_is_on_loopback_and_tells_nothing(folders, program):
    text = lines(written(folders, program)["http.conf"])
    assert {"bindaddr = 127.0.0.1", "bindport = 21000", "enable_status = no", "enable_static = no"} <= {*text}
    assert "sessionlimit = 20000" in text


def test_the_secret_is_random_per_home_stays_and_is_ours_alone(folders, program, tmp_path):
    text = written(folders, program)["ari.conf"]
    secret = ari_secret(folders)
    assert f"password = {secret}" in text
    assert len(secret) >= 32
    for path in (folders.etc / "ari.conf", folders.state / "ari.secret"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = EngineFolders.of(tmp_path / "other")
    other.make()
    assert ari_secret(other) != secret == ari_secret(folders)


def test_agents_are_known_by_name_before_trunks_by_address(folders, program):
    text = written(folders, program)["pjsip.conf"]
    assert "endpoint_identifier_order = username,ip,auth_username" in text
    assert "default_realm = callside\n" in text


def test_sip_is_spoken_over_tcp_too_unless_it_is_not_to_be(folders, program):
    assert "[tcp]" not in written(folders, program, sip_tcp=False)["pjsip.conf"]
    text = written(folders, program, sip_address="10.0.0.7")["pjsip.conf"]
    assert "protocol = tcp\nbind = 10.0.0.7:21001" in text


@needs_openssl
def test_with_a_certificate_of_ours_carriers_may_begin_calls_over_tls_beside_the_sip_port(folders, program, tmp_path):
    cert, key = certificate(tmp_path, "sip.example.com")
    text = written(folders, program, sip_address="10.0.0.7", sip_tls_cert=str(cert), sip_tls_key=str(key))["pjsip.conf"]
    assert "protocol = tls\nbind = 10.0.0.7:21002" in text
    assert f"cert_file = {cert}\npriv_key_file = {key}" in text
    assert "verify_server = yes" in text


def test_without_one_nobody_can(folders, program):
    text = written(folders, program, sip_tls_ca="/etc/callside/authorities.pem")["pjsip.conf"]
    assert "protocol = tls\nbind = 127.0.0.1:0" in text
    assert "cert_file" not in text


@needs_openssl
def test_a_certificate_that_cannot_be_used_is_told_before_the_engine_is_started(folders, program, tmp_path):
    cert, _ = certificate(tmp_path, "sip.example.com")
    _, key = certificate(tmp_path, "other.example.com")
    for wrong in (key, tmp_path / "missing.key"):
        with pytest.raises(EngineStartError, match="sip_tls_cert, sip_tls_key"):
            written(folders, program, sip_tls_cert=str(cert), sip_tls_key=str(wrong))
    for bad in ({"sip_tls_cert": "/a.pem"}, {"sip_tls_cert": "/a.pem\nbind = 0.0.0.0", "sip_tls_key": "/a.key"}):
        with pytest.raises(ValueError, match="sip_tls_cert"):
            EngineProfile(**bad)


def test_carriers_reached_over_tls_must_show_a_certificate_of_a_trusted_authority(folders, program):
    text = written(folders, program, sip_tls_ca="/etc/callside/authorities.pem")["pjsip.conf"]
    assert "verify_server = yes\nca_list_file = /etc/callside/authorities.pem" in text


def test_a_machine_behind_nat_tells_its_public_address(folders, program):
    texts = written(
        folders,
        program,
        external_address="203.0.113.9",
        sip_tls_ca="/etc/callside/authorities.pem",
        local_networks=("10.0.0.0/8",),
        ice_addresses=("10.0.0.7",),
    )
    assert texts["pjsip.conf"].count("external_media_address = 203.0.113.9") == 4
    assert "local_net = 10.0.0.0/8" in texts["pjsip.conf"]
    assert "10.0.0.7 => 203.0.113.9,include_local_address" in texts["rtp.conf"]
    assert "ice_deny = 0.0.0.0/0\nice_deny = ::/0\nice_permit = 10.0.0.7" in texts["rtp.conf"]


def test_the_dialplan_waits_for_the_controller_and_gives_up_after_a_while(folders, program):
    text = written(folders, program, app_name="room-1", guard_seconds=120)["extensions.conf"]
    assert "Stasis(room-1,${GUARD_ARGS},${GUARD_TRY},${FILTER(0-9a-z()|,${CHANNEL(audionativeformat)})})" in text
    assert "$[${GUARD_TRY} > 120]?gone" in text


def test_agents_can_dial_nothing_by_themselves(folders, program):
    text = written(folders, program)["extensions.conf"]
    agents = text.split("[callside-agent]")[1].split("\n[")[0]
    assert {line.split(",")[-1] for line in lines(agents) if line.startswith("exten")} == {"Hangup(21)"}


def test_a_carrier_brings_its_own_modules_dialplan_and_files(folders, program):
    texts = written(
        folders,
        program,
        extra_modules=("app_dial",),
        extra_dialplan="[carrier]\nexten => 1,1,Answer()",
        extra_pjsip="[callside]\ntype = endpoint",
        extra_files={"queues.conf": "[general]\n", "amd.conf": "; mine\n"},
    )
    assert texts["modules.conf"].strip().endswith("load = app_dial.so")
    assert texts["extensions.conf"].strip().endswith("[carrier]\nexten => 1,1,Answer()")
    assert texts["pjsip.conf"].strip().endswith("[callside]\ntype = endpoint")
    assert (texts["queues.conf"], texts["amd.conf"]) == ("[general]\n", "; mine\n")


def test_files_of_an_earlier_start_are_gone(folders, program):
    assert "queues.conf" in written(folders, program, extra_files={"queues.conf": "x"})
    assert "queues.conf" not in written(folders, program)


def test_an_extra_file_cannot_leave_its_directory(folders, program):
    with pytest.raises(EngineStartError, match=r"\.\./evil"):
        written(folders, program, extra_files={"../evil": "x"})


def test_an_extra_module_that_cannot_be_loaded_is_named(folders, program):
    with pytest.raises(EngineStartError, match="func_shell"):
        written(folders, program, extra_modules=("func_shell",))


@pytest.mark.parametrize(
    "settings",
    [
        {"app_name": "a,b"},
        {"app_name": "x\n[evil]"},
        {"app_name": ""},
        {"external_address": "1.2.3.4\nx = y"},
        {"local_networks": ("10.0.0.0/8 ; x",)},
    ],
)
def test_settings_cannot_break_out_of_their_line(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        EngineProfile(**settings)


def test_a_home_too_deep_for_a_socket_gets_a_short_place_for_it(tmp_path):
    deep = EngineFolders.of(tmp_path / ("d" * 100))
    deep.make()
    assert len(str(deep.run / "asterisk.ctl")) < 107
    assert stat.S_IMODE(deep.run.stat().st_mode) == 0o700
    deep.run.rmdir()


def test_what_a_running_engine_does_not_know_yet_is_named(folders, program):
    profile = EngineProfile()
    write_configuration(folders, program, PORTS, profile)
    assert outdated_files(folders, program, PORTS, profile) == []
    assert outdated_files(folders, program, PORTS, EngineProfile(app_name="new")) == [
        "asterisk.conf",
        "extensions.conf",
    ]


def music_folder(texts) -> pathlib.Path:
    return pathlib.Path(
        dict(line.split(" = ") for line in lines(texts["musiconhold.conf"]) if " = " in line)["directory"]
    )


def test_callers_wait_with_the_programs_music_and_where_it_has_none_with_a_tone_of_ours(folders, program):
    instead = music_folder(written(folders, program))
    (tone,) = instead.iterdir()
    assert instead.is_relative_to(folders.root)
    assert 4 * 8_000 < tone.stat().st_size < 5 * 8_000
    program.music.mkdir(parents=True)
    assert music_folder(written(folders, program)) == instead
    (program.music / "song.wav").touch()
    assert music_folder(written(folders, program)) == program.music
