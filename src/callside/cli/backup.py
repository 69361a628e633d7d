"""``callside backup`` and ``callside restore``: all of an installation in one folder, and back."""

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callside.cli.options import UsageError, YesOption, desktop, sure

if TYPE_CHECKING:
    from callside.config import Settings

DATABASE: Final = "callside.db"
_FOLDERS: Final = ("voicemail", "prompts", "imports")
_KEPT_IF_THERE: Final = ("callside.toml", "run/control.json")
"""Of this machine: what is there stays."""
_BESIDE: Final = ("", "-wal", "-shm")
_SQLITE: Final = "sqlite:///"


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new folder; made readable for this user alone.")],
) -> None:
    """Copy database, voicemails, prompts, imports and settings into a new folder; while the server runs, too.

    With PostgreSQL the database is pg_dump's: dump it first, then copy the files with this.
    """
    settings = desktop(context).settings
    target = folder.expanduser().absolute()
    if target.exists():
        raise UsageError(f"{target} is there already; name a new folder")
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a backup that was broken off
    part.mkdir(mode=0o700, parents=True)
    try:
        _copy_all(settings, part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    part.rename(target)
    _sync(target.parent)
    size = sum(one.stat().st_size for one in target.rglob("*") if one.is_file())
    typer.echo(f"Wrote {target} ({size:,} bytes). It holds secrets and customers' numbers: encrypt it.")
    if _database(settings) is None:
        typer.echo("The database is not in it: PostgreSQL's own pg_dump copies that; take the dump before the files.")


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="What callside backup wrote.")],
    yes: YesOption = False,
) -> None:
    """Put a backup in place of what this home has; server and engine have to be stopped. What was there is kept beside it.

    Settings that are here stay. With PostgreSQL: restore its dump with its own programs, and the folders by hand.
    """
    from callside.asterisk import process
    from callside.serving import alone_in
    from callside.store.file_claim import FileClaim

    settings = desktop(context).settings
    source, database = folder.expanduser().absolute(), _database(settings)
    if database is None:
        raise UsageError("CALLSIDE_DATABASE names PostgreSQL: restore its dump, then copy voicemail/ and prompts/")
    if not (source / DATABASE).is_file():
        raise UsageError(f"{source} is no backup: there is no {DATABASE} in it")
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone_in(settings.home):
        claim = FileClaim(database, f"restore of {source}")
        claim.take()
        try:
            if process.status(settings.home).running:
                raise UsageError("the engine runs, and its calls belong to what is here now; run: callside engine stop")
            sure(f"Put {source} in place of what {settings.home} has?", yes=yes)
            before = _swap(settings, source, database)
        finally:
            claim.give_up()
    typer.echo(f"Restored {source}. What was here before is in {before}; remove it when all is well.")


def _copy_all(settings: "Settings", part: Path) -> None:
    """The database first: what comes meanwhile has a file without a row, which the next start finds; never the other way round."""
    from callside.store.sqlite_copy import copy_database

    database = _database(settings)
    if database is not None:
        copy_database(database, part / DATABASE)
    for name in _FOLDERS:
        _copy_folder(settings.home / name, part / name)
    for name in _KEPT_IF_THERE:
        if (settings.home / name).is_file():
            _copy_file(settings.home / name, part / name)


def _swap(settings: "Settings", source: Path, database: Path) -> Path:
    """All is staged before anything is moved: a disk that is full, or a backup that is damaged, changes nothing."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    staged, before = settings.home / f"restoring-{stamp}", settings.home / f"before-restore-{stamp}"
    try:
        _stage(source, staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    before.mkdir(mode=0o700)
    for ending in _BESIDE:
        _move(database.with_name(database.name + ending), before / (DATABASE + ending))
    _move(staged / DATABASE, database)
    for name in _FOLDERS:
        _move(settings.home / name, before / name)
        _move(staged / name, settings.home / name)
    for name in _KEPT_IF_THERE:
        if not (settings.home / name).exists():
            _move(staged / name, settings.home / name)
    shutil.rmtree(staged, ignore_errors=True)
    _sync(settings.home)
    return before


def _stage(source: Path, staged: Path) -> None:
    import asyncio

    from callside.store import open_store
    from callside.store.sqlite_copy import check_database

    for name in _FOLDERS:
        _copy_folder(source / name, staged / name)
    for name in (DATABASE, *_KEPT_IF_THERE):
        if (source / name).is_file():
            _copy_file(source / name, staged / name)
    check_database(staged / DATABASE)
    asyncio.run(open_store(f"{_SQLITE}{staged / DATABASE}").behind())  # refuses one of a newer Callside


def _database(settings: "Settings") -> Path | None:
    """SQLite's file; ``None``: it is PostgreSQL's."""
    url = settings.database_url
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(source, target)


def _copy_folder(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for here, _, names in os.walk(source):
        folder = target / Path(here).relative_to(source)
        folder.mkdir(mode=0o700, exist_ok=True)
        for place in (Path(here, name) for name in names):
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile, and its row with it
                if place.is_file() and not place.is_symlink():
                    _copy_file(place, folder / place.name)
        shutil.copymode(here, folder)


def _copy_file(source: Path, target: Path) -> None:
    """With its mode (an engine that is not ours reads prompts) and its time (a voicemail's)."""
    with source.open("rb") as reading:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
    shutil.copystat(source, target)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
