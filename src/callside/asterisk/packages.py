"""Finding an Asterisk for this machine, or getting one, without root and without touching the system.

Order: the machine's own when it can do what we need, then our cache, then an installation into
that cache. An external engine (its ARI URL is configured) never comes here.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callside.asterisk.apt import PrivateApt
from callside.asterisk.bundle import Bundle
from callside.asterisk.errors import EngineInstallError
from callside.asterisk.mirrors import engine_source, machine_sources, read_distribution
from callside.asterisk.program import (
    MINIMUM_MAJOR,
    EngineProgram,
    EngineVersion,
    ask_version,
    machine_program,
    shortcomings,
)
from callside.asterisk.progress import InstallStep, Progress, silent

CACHE_VARIABLE: Final = "CALLSIDE_ENGINE_CACHE"
_LAYOUT: Final = 1
"""Raised whenever a bundle of an earlier Callside no longer serves."""

_CARD: Final = "engine.json"
_OTHER_WAYS: Final = (
    "Other ways: install Asterisk 22 or newer yourself so that `asterisk` is on the PATH "
    "(`callside doctor` says what it lacks), or run one elsewhere and set CALLSIDE_ARI_URL."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What there is on this machine: a program that will do, and why others will not."""

    program: EngineProgram | None
    remarks: tuple[str, ...] = ()


def default_cache() -> Path:
    """Return where engines are kept unless ``CALLSIDE_ENGINE_CACHE`` names another folder.

    All instances of a user share it: an engine is downloaded once per machine.
    """
    return Path.home() / ".cache" / "callside" / "engine"


def find(cache: Path | None = None) -> Found:
    """Return the engine to use, without installing anything; fast (no network)."""
    remarks: list[str] = []
    local = machine_program()
    if local is not None:
        lacks = shortcomings(local)
        if not lacks:
            return Found(local)
        remarks.append(f"Asterisk on this machine is not used: {'; '.join(lacks)}")
    return Found(cached(cache or default_cache()), tuple(remarks))


def install(progress: Progress = silent, *, cache: Path | None = None, renew: bool = False) -> EngineProgram:
    """Return an engine, installing one into the cache first when there is none.

    Safe to call from several processes at once: one installs, the others wait and use it. What an
    interrupted call downloaded is used by the next one.

    Args:
        progress: Told about each step.
        cache: Where engines are kept; default :func:`default_cache`.
        renew: Look for a newer version although there is one.

    Raises:
        EngineInstallError: It cannot be had here today; says why and names the other ways.
    """
    folder = cache or default_cache()
    if not renew and (program := find(folder).program) is not None:
        return program
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder / "lock", progress):
            if not renew and (program := cached(folder)) is not None:
                return program
            return _fetch(folder, progress)
    except EngineInstallError as failed:
        raise EngineInstallError(f"The engine could not be installed: {failed.message}. {_OTHER_WAYS}") from failed
    except OSError as failed:
        raise EngineInstallError(
            f"The engine could not be installed in {folder} ({CACHE_VARIABLE}): {failed}. {_OTHER_WAYS}"
        ) from failed


@contextlib.contextmanager
def _only_one(lock: Path, progress: Progress) -> Iterator[None]:
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(InstallStep("waiting for another installation to end"))
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, progress: Progress) -> EngineProgram:
    distribution = read_distribution(_os_release())
    source = engine_source(machine_sources(), distribution)
    apt = PrivateApt(folder / "apt", source)
    apt.prepare()
    progress(InstallStep("reading the package index of this machine's mirror"))
    apt.update()
    offered = apt.candidate("asterisk")
    if not offered or EngineVersion.read(offered).major < MINIMUM_MAJOR:
        raise EngineInstallError(
            f"the mirror offers asterisk {offered or 'in no version'} for {distribution.identity} "
            f"({' '.join(source.suites)}), {MINIMUM_MAJOR} or newer is needed"
        )
    target = folder / f"asterisk-{offered}-{os.uname().machine}-l{_LAYOUT}"
    for left in folder.glob(".unpack-*"):  # by a call that was killed; we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder) as work:
        bundle = Bundle(Path(work) / "root", apt, progress)
        bundle.fill()
        progress(InstallStep("checking that it runs"))
        program = _finish(bundle)
        _move_into_place(bundle, target)
    shutil.rmtree(folder / "apt", ignore_errors=True)  # kept until here, so that a retry goes on
    placed = cached(folder) if program is not None else None
    if placed is None:
        raise EngineInstallError("the unpacked Asterisk did not answer `-V`")
    progress(InstallStep(f"Asterisk {placed.version} is ready", done=True))
    return placed


def _os_release() -> str:
    for path in (Path("/etc/os-release"), Path("/usr/lib/os-release")):
        if path.is_file():
            return path.read_text(errors="replace")
    return ""


def _finish(bundle: Bundle) -> EngineProgram | None:
    """Write the bundle's card, try it, and return it when it runs."""
    voices = sorted((bundle.root / "usr/share/asterisk/sounds").glob("en_*"))
    if voices:
        english = bundle.root / "usr/share/asterisk/sounds/en"
        if not english.exists():
            english.symlink_to(voices[0].name)
    card = {
        "loader": str(bundle.loader().relative_to(bundle.root)),
        "libraries": [str(path.relative_to(bundle.root)) for path in bundle.library_folders()],
        "binary": str(bundle.binary().relative_to(bundle.root)),
        "modules": str(bundle.modules().relative_to(bundle.root)),
        "data": "usr/share/asterisk",
        "packages": bundle.packages,
    }
    version = ask_version(_command(bundle.root, card))
    if version is None:
        return None
    (bundle.root / _CARD).write_text(json.dumps({**card, "version": str(version)}, indent=1))
    program = _read_card(bundle.root)
    lacks = shortcomings(program) if program is not None else ["its card cannot be read"]
    if lacks:
        raise EngineInstallError("; ".join(lacks))
    return program


def _move_into_place(bundle: Bundle, target: Path) -> None:
    if target.exists():
        # What a running engine has open stays readable to it; prompts it opens later are the new ones.
        target.rename(bundle.root.with_name("replaced"))
    bundle.root.rename(target)


def _command(root: Path, card: Mapping[str, object]) -> tuple[str, ...]:
    folders = card["libraries"]
    libraries = ":".join(str(root / part) for part in folders) if isinstance(folders, list) else ""
    return (
        str(root / str(card["loader"])),
        "--inhibit-cache",
        "--library-path",
        libraries,
        str(root / str(card["binary"])),
    )


def _read_card(root: Path) -> EngineProgram | None:
    try:
        card = json.loads((root / _CARD).read_text())
        return EngineProgram(
            _command(root, card),
            root / card["modules"],
            root / card["data"],
            EngineVersion.read(card["version"]),
            "cache",
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def cached(folder: Path) -> EngineProgram | None:
    """Return the newest engine of the cache in ``folder``, or ``None``."""
    ending = f"-{os.uname().machine}-l{_LAYOUT}"
    cards = (_read_card(path) for path in folder.glob(f"asterisk-*{ending}"))
    usable = [program for program in cards if program is not None]
    return max(usable, key=lambda program: program.version, default=None)
