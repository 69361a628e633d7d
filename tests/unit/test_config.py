"""Settings: where they come from, and what is said of wrong ones."""

import ipaddress

import pytest

from callside.config import SettingsError, default_home, load, unknown_variables


def test_the_defaults_are_safe(tmp_path):
    settings = load({"CALLSIDE_HOME": str(tmp_path)})
    assert (settings.host, settings.port, settings.trusted_proxies) == ("127.0.0.1", 8080, ())
    assert settings.database_url == f"sqlite:///{tmp_path}/callside.db"
    assert settings.base_url == "http://localhost:8080"
    assert settings.control_file == tmp_path / "run" / "control.json"


def test_options_win_over_the_environment_which_wins_over_the_file(tmp_path):
    (tmp_path / "callside.toml").write_text('port = 1001\nhost = "::1"\nregion = "in"\n')
    around = {"CALLSIDE_HOME": str(tmp_path), "CALLSIDE_PORT": "1002", "CALLSIDE_HOST": "0.0.0.0"}
    settings = load(around, port=1003, host=None)
    assert (settings.port, settings.host, settings.region) == (1003, "0.0.0.0", "IN")


def test_the_home_is_the_callers_or_follows_xdg(tmp_path):
    assert default_home({"CALLSIDE_HOME": str(tmp_path / "a")}) == tmp_path / "a"
    assert default_home({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "callside"
    assert default_home({}).name == ".callside"
    assert load({"CALLSIDE_HOME": "/elsewhere"}, home=tmp_path).home == tmp_path


@pytest.mark.parametrize("text", ["10.0.0.0/8, 127.0.0.1", "10.0.0.0/8 127.0.0.1"])
def test_networks_are_written_as_a_list_in_one_line(tmp_path, text):
    settings = load({"CALLSIDE_HOME": str(tmp_path), "CALLSIDE_TRUSTED_PROXIES": text})
    assert settings.trusted_proxies == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("port", "eighty", "integer"),
        ("port", "70000", "65535"),
        ("public_url", "phone.example.com", "https://"),
        ("database", "mysql://db", "postgresql://"),
        ("external_address", "phone.example.com", "IP address"),
        ("trusted_proxies", "everybody", "network"),
        ("region", "USA", "two letters"),
        ("engine_rtp_ports", "20000-10000", "first"),
        ("log_level", "loud", "debug"),
        ("tls_cert", "/cert.pem", "tls_key"),
        ("sip_tls_cert", "/cert.pem", "sip_tls_key"),
        ("ari_url", "http://engine:8088", "ari_password"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(tmp_path, key, value, remedy):
    with pytest.raises(SettingsError) as refused:
        load({"CALLSIDE_HOME": str(tmp_path), f"CALLSIDE_{key.upper()}": value})
    assert key in refused.value.message.lower()
    assert remedy in refused.value.message


def test_a_wrong_value_is_not_repeated_for_it_may_be_a_secret(tmp_path):
    with pytest.raises(SettingsError) as refused:
        load({"CALLSIDE_HOME": str(tmp_path), "CALLSIDE_DATABASE": "mysql://root:hunter2@db"})
    assert "CALLSIDE_DATABASE" in refused.value.message
    assert "hunter2" not in str(refused.value)


def test_a_misspelt_key_in_the_file_is_an_error_and_in_the_environment_a_remark(tmp_path):
    assert unknown_variables({"CALLSIDE_PROT": "1", "CALLSIDE_PORT": "1", "CALLSIDE_HOME": "/", "OTHER": ""}) == [
        "CALLSIDE_PROT"
    ]
    (tmp_path / "callside.toml").write_text("prot = 1\n")
    with pytest.raises(SettingsError, match=r"prot in .*callside\.toml: no such setting; known are .*port"):
        load({"CALLSIDE_HOME": str(tmp_path)})


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "callside.toml").write_text("port: 1\n")
    with pytest.raises(SettingsError, match=r"callside\.toml cannot be read"):
        load({"CALLSIDE_HOME": str(tmp_path)})


def test_secrets_do_not_show_when_settings_are_printed(tmp_path):
    around = {
        "CALLSIDE_HOME": str(tmp_path),
        "CALLSIDE_DATABASE": "postgresql://callside:hunter2@db/callside",
        "CALLSIDE_ARI_URL": "http://engine:8088",
        "CALLSIDE_ARI_PASSWORD": "hunter3",
    }
    settings = load(around)
    assert "hunter" not in repr(settings)
    assert settings.database_url.endswith("hunter2@db/callside")
