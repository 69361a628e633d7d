"""Each finding of ``callside doctor`` comes with its remedy."""

import contextlib
import json
import shutil
import socket
import sqlite3

import pytest

from callside.cli import checks
from callside.cli.checks import browser, engine, machine
from callside.cli.parts import opened_store
from callside.config import load
from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store
from callside.store.migrations import STEPS
from callside.tenants.model import Tenant
from tests.fakes.certificates import certificate, needs_openssl


@pytest.fixture
def settings(tmp_path):
    """Settings of a home, with some of them set."""
    return lambda **values: load({"CALLSIDE_HOME": str(tmp_path)}, **values)


def levels(findings):
    return [one.level for one in findings]


def test_every_finding_that_is_not_well_has_a_remedy(settings):
    bad = settings(
        host="0.0.0.0",
        public_url="http://phone.example.com",
        trusted_proxies=["0.0.0.0/0"],
        engine_cache="/nonexistent",
    )
    findings = checks.examine(bad)
    assert {"ok", "warning", "error"} >= set(levels(findings))
    assert all(one.remedy for one in findings if one.level != "ok")
    assert all(not one.remedy for one in findings if one.level == "ok")
    assert {one.check for one in findings if one.level == "error"} >= {"public url", "trusted proxies"}


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({}, "ok"),
        ({"public_url": "https://phone.example.com"}, "ok"),
        ({"public_url": "http://localhost:9000"}, "ok"),
        ({"public_url": "http://phone.example.com"}, "error"),
        ({"public_url": "http://192.0.2.10"}, "error"),
    ],
)
def test_a_page_that_gets_no_microphone_is_an_error(settings, values, level):
    (finding,) = browser.check_public_url(settings(**values))
    assert finding.level == level


def test_a_port_open_to_others_needs_a_public_url(settings):
    assert levels(browser.check_public_url(settings(host="0.0.0.0"))) == ["ok", "warning"]


def test_a_taken_port_is_an_error_and_a_free_one_is_not(settings):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (taken,) = machine.check_port(settings(port=port))
        assert taken.level == "error"
        assert "CALLSIDE_PORT" in taken.remedy
    (free,) = machine.check_port(settings(port=port))
    assert free.level == "ok"


def test_a_proxy_that_is_not_trusted_makes_all_clients_look_alike(settings):
    assert levels(browser.check_proxies(settings(public_url="https://phone.example.com"))) == ["warning"]
    named = settings(public_url="https://phone.example.com", trusted_proxies="127.0.0.1")
    assert levels(browser.check_proxies(named)) == ["ok"]
    assert levels(browser.check_proxies(settings(trusted_proxies="0.0.0.0/0"))) == ["error"]
    assert levels(browser.check_proxies(settings())) == []


def test_tenants_without_origins_and_with_loose_ones_are_told(settings):
    tenants = [
        Tenant("1", "a", crm_origins=("https://crm.example.com",)),
        Tenant("2", "b"),
        Tenant("3", "c", crm_origins=("https://*.example.com",)),
    ]
    findings = list(browser.check_origins(tenants))
    assert levels(findings) == ["ok", "warning", "error"]
    assert "callside tenant change 2 --origin" in findings[1].remedy


def test_audio_that_cannot_arrive_is_told(settings):
    assert levels(browser.check_audio(settings())) == ["ok"]
    outside = settings(
        public_url="https://phone.example.com", external_address="203.0.113.10", ice_addresses="192.0.2.1"
    )
    (finding,) = browser.check_audio(outside)
    assert "203.0.113.10" in finding.message


@needs_openssl
def test_a_certificate_is_read_as_a_browser_reads_it(settings, tmp_path):
    cert, key = certificate(tmp_path, "phone.example.com")
    with_it = {"tls_cert": str(cert), "tls_key": str(key)}
    good = settings(public_url="https://phone.example.com", **with_it)
    (finding,) = browser.check_certificate(good)
    assert (finding.level, finding.message) == ("ok", "good for 29 more days")
    other_name = settings(public_url="https://phone.example.net", **with_it)
    findings = list(browser.check_certificate(other_name))
    assert levels(findings) == ["ok", "error"]
    assert "phone.example.net" in findings[1].remedy
    soon, soon_key = certificate(tmp_path, "soon.example.com", days="3")
    ending = settings(public_url="https://soon.example.com", tls_cert=str(soon), tls_key=str(soon_key))
    assert levels(browser.check_certificate(ending)) == ["warning"]


@needs_openssl
def test_certificates_that_cannot_be_used_are_errors(settings, tmp_path):
    cert, key = certificate(tmp_path, "phone.example.com")
    _, other_key = certificate(tmp_path, "other.example.com")
    (tmp_path / "spoilt.pem").write_text("no certificate")
    for tls_cert, tls_key in ((cert, other_key), (tmp_path / "spoilt.pem", key), (tmp_path / "missing.pem", key)):
        (finding,) = browser.check_certificate(settings(tls_cert=str(tls_cert), tls_key=str(tls_key)))
        assert finding.level == "error"
        assert finding.remedy


def test_a_missing_engine_is_an_error_that_names_the_command(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("callside.asterisk.packages.machine_program", lambda: None)
    (finding,) = engine.check_engine(settings(engine_cache=str(tmp_path / "nothing")))
    assert (finding.level, finding.remedy) == ("error", "run: callside engine install")


def test_an_external_engine_that_does_not_answer_is_an_error(settings):
    away = settings(ari_url="http://127.0.0.1:9", ari_password="secret")
    (finding,) = engine.check_engine(away)
    assert finding.level == "error"
    assert "CALLSIDE_ARI_URL" in finding.remedy
    assert "secret" not in finding.message + finding.remedy


def test_a_database_that_cannot_be_reached_is_an_error(settings):
    findings, tenants = machine.check_database(settings(database="postgresql://callside:hunter2@127.0.0.1:9/callside"))
    assert levels(findings) == ["error"]
    assert tenants == []
    assert "CALLSIDE_DATABASE" in findings[0].remedy
    assert "hunter2" not in str(findings)


@pytest.fixture
def older(settings, tmp_path):
    """A home whose database is two steps behind."""
    machine.check_database(settings())
    with contextlib.closing(sqlite3.connect(tmp_path / "callside.db")) as raw, raw:
        raw.execute("DELETE FROM schema_versions WHERE number > ?", (len(STEPS) - 2,))
    return tmp_path / "callside.db"


def newest(path):
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT max(number) FROM schema_versions").fetchone()[0]


def test_an_older_database_is_told_and_left_as_it_is_so_that_it_can_be_backed_up(settings, older):
    [finding], tenants = machine.check_database(settings())
    assert (finding.level, tenants) == ("warning", [])
    assert "2 steps behind" in finding.message
    assert "back it up" in finding.remedy
    assert newest(older) == len(STEPS) - 2


async def test_a_command_changes_no_tables_under_a_server_of_an_older_version(settings, older):
    server = open_store(settings().database_url)
    await server.reserve("north:/srv/one", lambda: None)
    with pytest.raises(StoreUnavailableError, match="north:/srv/one"):
        async with opened_store(settings()):
            raise AssertionError("opened")
    assert newest(older) == len(STEPS) - 2
    await server.close()


def test_misspelt_variables_are_told(settings, monkeypatch):
    monkeypatch.setenv("CALLSIDE_PROT", "1")
    findings = list(machine.check_settings(settings()))
    assert "CALLSIDE_PROT" in findings[-1].message


def test_a_file_with_secrets_that_others_can_read_is_told(tmp_path):
    file = tmp_path / "callside.toml"
    file.write_text('database = "postgresql://callside:hunter2@db/callside"\n')
    for mode, level in ((0o644, "warning"), (0o600, "ok")):
        file.chmod(mode)
        assert level in levels(machine.check_settings(load({"CALLSIDE_HOME": str(tmp_path)})))[-1]


def test_the_command_ends_with_1_when_something_is_an_error(stopped, monkeypatch):
    monkeypatch.setenv("CALLSIDE_PUBLIC_URL", "http://phone.example.com")
    result = stopped.run("doctor", "--json")
    assert result.code == 1
    told = json.loads(result.out)
    assert any(one["check"] == "public url" and one["level"] == "error" and one["remedy"] for one in told)
    shown = stopped.run("doctor").out
    assert "-> set CALLSIDE_TLS_CERT" in shown
    assert shutil.which("callside") is None or "errors" in shown.splitlines()[-1]
