import json
import os

from callside.asterisk import packages
from callside.asterisk.program import EngineVersion


def card(folder, version):
    root = folder / f"asterisk-{version}-1-{os.uname().machine}-l1"
    root.mkdir(parents=True)
    content = {
        "loader": "lib/ld",
        "libraries": ["lib", "usr/lib"],
        "binary": "usr/sbin/asterisk",
        "modules": "modules",
        "data": "usr/share/asterisk",
        "version": version,
    }
    (root / "engine.json").write_text(json.dumps(content))
    return root


def test_the_newest_engine_of_the_cache_is_used(tmp_path):
    card(tmp_path, "22.9.0")
    root = card(tmp_path, "22.10.1")
    program = packages.cached(tmp_path)
    assert program.version == EngineVersion(22, 10, 1)
    assert program.command[0] == str(root / "lib/ld")
    assert program.command[-1] == str(root / "usr/sbin/asterisk")
    assert f"{root / 'lib'}:{root / 'usr/lib'}" in program.command


def test_an_engine_without_a_readable_card_is_as_none(tmp_path):
    root = card(tmp_path, "22.9.0")
    (root / "engine.json").write_text("{")
    card(tmp_path, "unknown")
    assert packages.cached(tmp_path) is None


def test_an_engine_of_another_machine_or_layout_is_not_used(tmp_path):
    card(tmp_path, "22.9.0").rename(tmp_path / "asterisk-22.9.0-1-otherarch-l1")
    card(tmp_path, "22.9.0").rename(tmp_path / f"asterisk-22.9.0-1-{os.uname().machine}-l0")
    assert packages.cached(tmp_path) is None


def test_an_empty_cache_holds_none(tmp_path):
    assert packages.cached(tmp_path / "nowhere") is None
