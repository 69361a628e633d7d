"""A SQLite database copied whole while others write to it, with the library that we write with ourselves.

In one step: SQLite begins a copy of several steps anew after each commit of another process, so on a busy floor it would never end.
Nobody waits meanwhile; the write-ahead log cannot be moved into the file until it is done, and grows.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from callside.kernel.errors import StoreUnavailableError
from callside.store.group_commit import unavailable
from callside.store.sqlite import check_version

_ALL: Final = -1


def copy_database(source: Path, target: Path) -> None:
    """Copy ``source`` to the new file ``target``, readable for its owner alone; on disk when this returns.

    Raises:
        StoreUnavailableError: There is no such database, it is damaged, or the disk is full; ``target`` is not there then.
    """
    check_version(apsw.sqlite_lib_version())
    if not source.is_file():
        raise StoreUnavailableError(f"The database {source} is not there")
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with _opened(source) as here, _opened(target) as there:
            with there.backup("main", here, "main") as copying:
                copying.step(_ALL)
            there.pragma("journal_mode", "DELETE")  # one file: nothing of it is left in a log beside it
            _check(there, target)
        _sync(target)
    except apsw.Error as failed:
        target.unlink(missing_ok=True)
        raise unavailable(failed) from failed
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def check_database(path: Path) -> None:
    """Whether a copy is whole.

    Raises:
        StoreUnavailableError: It is not, or is no database.
    """
    try:
        with _opened(path) as handle:
            _check(handle, path)
    except apsw.Error as failed:
        raise unavailable(failed) from failed


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[apsw.Connection]:
    with contextlib.closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as handle:
        handle.set_busy_timeout(5000)
        yield handle


def _check(handle: apsw.Connection, path: Path) -> None:
    [(first,), *_] = handle.execute("PRAGMA quick_check(1)")
    if first != "ok":
        raise StoreUnavailableError(f"The database {path} is damaged ({first}): take another backup")


def _sync(path: Path) -> None:
    for place, flags in ((path, os.O_RDWR), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        opened = os.open(place, flags)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
