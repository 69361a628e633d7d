import pytest

from callside.asterisk.errors import EngineInstallError
from callside.asterisk.mirrors import (
    AptSource,
    Distribution,
    engine_source,
    machine_sources,
    parse_deb822,
    parse_one_line,
    read_distribution,
    source_stanza,
)

BOOKWORM = Distribution("debian", "bookworm")
MIRROR = "http://mirror.example/debian"


def test_one_line_entries_are_read_with_their_options_and_comments():
    text = f"""
# deb {MIRROR} bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] {MIRROR} bookworm main contrib # trailing
deb-src {MIRROR} bookworm main
"""
    assert parse_one_line(text) == [AptSource(MIRROR, ("bookworm",), ("main", "contrib"), "/keys/a.gpg")]


def test_deb822_stanzas_are_read_and_disabled_or_source_only_ones_left_out():
    text = f"""
Types: deb deb-src
URIs: {MIRROR} http://second.example/debian
# a remark
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/a.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
"""
    found = parse_deb822(text)
    assert [source.uri for source in found] == [MIRROR, "http://second.example/debian"]
    assert found[0].suites == ("bookworm", "bookworm-updates")


def test_an_embedded_key_block_keeps_its_lines():
    text = f"Types: deb\nURIs: {MIRROR}\nSuites: bookworm\nComponents: main\nSigned-By:\n BEGIN\n .\n abc\n"
    (source,) = parse_deb822(text)
    assert source.signed_by == "\n BEGIN\n .\n abc"
    assert "Signed-By: \n BEGIN\n .\n abc\n" in source_stanza(source)


def test_both_formats_are_read_from_the_machine_and_other_files_ignored(tmp_path):
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(f"deb {MIRROR} bookworm main\n")
    (parts / "b.sources").write_text("Types: deb\nURIs: http://b.example/x\nSuites: stable\nComponents: main\n")
    (parts / "c.list.disabled").write_text("deb http://c.example/x stable main\n")
    assert [source.uri for source in machine_sources(tmp_path)] == [MIRROR, "http://b.example/x"]


def test_a_machine_without_any_sources_has_none(tmp_path):
    assert machine_sources(tmp_path) == []


def test_on_debian_the_configured_mirror_is_asked_for_sid():
    sources = [
        AptSource("http://tools.example/apt", ("stable",), ("main",), "/keys/other.gpg"),
        AptSource("http://mirror.example/debian-security", ("bookworm-security",), ("main",)),
        AptSource(MIRROR, ("bookworm", "bookworm-updates"), ("main", "contrib"), "/keys/a.gpg"),
    ]
    assert engine_source(sources, BOOKWORM) == AptSource(MIRROR, ("sid",), ("main",), "/keys/a.gpg")


def test_on_ubuntu_the_suite_under_development_is_asked_with_universe():
    sources = [AptSource("http://mirror.example/ubuntu", ("noble", "noble-updates"), ("main",), "/k.gpg")]
    chosen = engine_source(sources, Distribution("ubuntu", "noble"))
    assert chosen.suites == ("devel",)
    assert chosen.components == ("main", "universe")


def test_sources_on_a_disc_are_not_used():
    with pytest.raises(EngineInstallError, match="no archive of debian 'bookworm'"):
        engine_source([AptSource("cdrom:[x]/", ("bookworm",), ("main",))], BOOKWORM)


def test_an_unknown_distribution_is_named_in_the_refusal():
    with pytest.raises(EngineInstallError, match="'alpine'"):
        engine_source([AptSource(MIRROR, ("v3",), ("main",))], Distribution("alpine", ""))


def test_only_package_lists_are_fetched():
    assert "Targets: Packages\n" in source_stanza(AptSource(MIRROR, ("sid",), ("main",)))


def test_os_release_is_read_with_and_without_quotes():
    assert read_distribution('ID=debian\nVERSION_CODENAME="bookworm"\nNAME=x\n') == BOOKWORM
