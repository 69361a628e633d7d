"""Which process is the engine of a home: written down at its start, searched for when that was missed."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from callside.asterisk.birth import Birth
from callside.asterisk.folders import EngineFolders


def record(folders: EngineFolders, birth: Birth) -> None:
    """Write down which process the engine is."""
    fresh = folders.state / ".engine.json.new"
    fresh.write_text(json.dumps(asdict(birth)))
    fresh.replace(folders.state / "engine.json")


def recorded(folders: EngineFolders) -> Birth | None:
    """Return the process written down, running or not; ``None`` for none or a spoilt record."""
    try:
        known = json.loads((folders.state / "engine.json").read_text())
        return Birth(int(known["pid"]), int(known["ticks"]), str(known["boot"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(folders: EngineFolders) -> None:
    """Remove the record."""
    (folders.state / "engine.json").unlink(missing_ok=True)


def searched(folders: EngineFolders) -> Birth | None:
    """Look through all processes for this engine."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and is_engine(int(entry.name), folders):
            return Birth.of(int(entry.name))
    return None


def is_engine(pid: int, folders: EngineFolders) -> bool:
    """Say whether ``pid`` was started as the engine of these folders, by us (proc(5))."""
    place = Path(f"/proc/{pid}")
    try:
        called = place.joinpath("cmdline").read_bytes().split(b"\0")
        return called[-4:-1] == arguments(folders) and place.stat().st_uid == os.getuid()
    except OSError:
        return False


def arguments(folders: EngineFolders) -> list[bytes]:
    """Return what the engine of these folders is called with, after its program."""
    return [b"-f", b"-C", os.fsencode(folders.etc / "asterisk.conf")]
