import pytest

from callside.asterisk.modules import REQUIRED_MODULES
from callside.asterisk.program import EngineProgram, EngineVersion, ask_version, shortcomings


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", EngineVersion(22, 10, 1)),
        ("Asterisk certified/20.7-cert5", EngineVersion(20, 7)),
        ("22.11.0-rc1", EngineVersion(22, 11)),
    ],
)
def test_versions_are_read_from_what_programs_print(text, version):
    assert EngineVersion.read(text) == version


def test_versions_compare_by_number_not_by_letter():
    assert EngineVersion(22, 9) < EngineVersion(22, 10) < EngineVersion(22, 10, 1) < EngineVersion(23)


def test_an_old_or_incomplete_program_says_what_it_lacks(tmp_path):
    for name in REQUIRED_MODULES[1:]:
        (tmp_path / f"{name}.so").touch()
    lacks = shortcomings(EngineProgram(("asterisk",), tmp_path, tmp_path, EngineVersion(20, 1), "machine"))
    assert "20.1.0 is older than 22" in lacks[0]
    assert REQUIRED_MODULES[0] in lacks[1]
    assert "rest-api" in lacks[2]


@pytest.mark.parametrize("command", [("false",), ("echo", "nothing"), ("a-program-that-is-not-there",)])
def test_a_program_that_does_not_tell_its_version_has_none(command):
    assert ask_version(command) is None
