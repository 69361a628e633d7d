"""SQLite through apsw, which brings its own library: the system's may have the WAL fault (reliability-security.md §0.2).

One connection writes, in a thread of its own (:mod:`callside.store.group_commit`), and alone moves the WAL into the file.
A second one reads, on the event loop itself: an indexed read takes some 10 µs, less than handing it to a thread (stack.md
§2), and in WAL mode it never waits for the writer.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import apsw

from callside.kernel.errors import StoreUnavailableError
from callside.store import schema
from callside.store.connection import Row, Value, Values, Work
from callside.store.file_claim import FileClaim
from callside.store.group_commit import GroupCommit, driven, translated, unavailable
from callside.store.query import Insertion, Query

T = TypeVar("T")
LEAST_VERSION: Final = (3, 51, 3)
"""Before it two connections that write and checkpoint at the same instant could damage the file."""
_BUSY_MS: Final = 5000


class SqliteConnection:
    """A connection whose coroutines wait for nothing (see :func:`callside.store.group_commit.driven`)."""

    def __init__(self, handle: apsw.Connection) -> None:
        self._handle = handle

    async def fetch_all(self, query: Query, values: Values) -> Sequence[Row]:
        """All rows."""
        compiled = query.compiled("sqlite")
        return list(self._handle.execute(compiled.text, compiled.arguments(values)))

    async def fetch_one(self, query: Query, values: Values) -> Row | None:
        """The first row, if there is one."""
        # To the end, or the statement would stay open and keep its view of the database.
        rows = await self.fetch_all(query, values)
        return rows[0] if rows else None

    async def execute(self, query: Query, values: Values) -> int:
        """How many rows were written."""
        await self.fetch_all(query, values)
        return self._handle.changes()

    async def execute_many(self, query: Query, rows: Sequence[Values]) -> None:
        """The same query for each of ``rows``."""
        compiled = query.compiled("sqlite")
        self._handle.executemany(compiled.text, [compiled.arguments(row) for row in rows])

    async def insert(self, insertion: Insertion, rows: Sequence[Sequence[Value]]) -> None:
        """Keep new rows."""
        self._handle.executemany(insertion.sqlite, insertion.arguments(rows))


class SqliteDatabase:
    """A database in one file, readable for its owner alone."""

    rows_at_once: Final = 250

    def __init__(self, path: Path, *, max_pages: int | None = None) -> None:
        """``max_pages`` limits the file's size (tests fill it)."""
        self._path = path
        self._max_pages = max_pages
        self._writing: apsw.Connection | None = None
        self._reading: apsw.Connection | None = None
        self._group: GroupCommit | None = None
        self._reader: SqliteConnection | None = None
        self._claim: FileClaim | None = None
        self._identity: tuple[int, int] | None = None

    async def reserve(self, who: str, on_taken: Callable[[], None]) -> None:
        """Be the file's one server until it is closed."""
        claim = FileClaim(self._path, who)
        try:
            claim.take()
        except OSError as error:
            raise self._unopened(error) from error
        self._claim = claim

    async def behind(self) -> int:
        """How many steps its schema lacks."""
        if not self._path.exists():
            return 0
        try:
            with contextlib.closing(apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)) as handle:
                handle.set_busy_timeout(_BUSY_MS)
                if not list(handle.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'")):
                    return 0
                return len(schema.missing(schema.steps("sqlite"), _applied(handle)))
        except apsw.Error as error:
            raise unavailable(error) from error

    async def open(self) -> None:
        """Make the file where it is missing, bring its schema up to date, start the writer."""
        check_version(apsw.sqlite_lib_version())
        try:
            self._writing = self._connect()
            self._migrate(self._writing)
            self._reading = self._connect()
            self._reading.pragma("query_only", True)
            self._reading.pragma("wal_autocheckpoint", 0)
        except (apsw.Error, OSError) as error:
            self._let_go()
            if isinstance(error, OSError):
                raise self._unopened(error) from error
            raise unavailable(error) from error
        except StoreUnavailableError:
            self._let_go()
            raise
        self._identity = _identity(self._path)
        self._reader = SqliteConnection(self._reading)
        self._group = GroupCommit(self._writing, SqliteConnection(self._writing), self._look)

    async def close(self) -> None:
        """Commit what is waiting; the last connection to close moves the WAL into the file."""
        if self._group is not None:
            await self._group.close()
        self._group = self._reader = None
        self._let_go()
        if self._claim is not None:
            self._claim.give_up()
            self._claim = None

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on the reading connection, on the event loop."""
        if self._reader is None or self._reading is None:
            raise _not_open()
        try:
            # One view of the database for all queries of the work.
            self._reading.execute("BEGIN")
            try:
                return driven(work(self._reader))
            finally:
                self._reading.execute("ROLLBACK")
        except apsw.Error as error:
            raise translated(error) from error

    async def write(self, work: Work[T], *, lane: str = "") -> T:
        """Run ``work`` in the writer thread, which keeps everybody's order; see :class:`callside.store.connection.Database`."""
        if self._group is None:
            raise _not_open()
        return await self._group.submit(work)

    def _look(self) -> None:
        """Where somebody has put another file in our place, all that we went on writing would be gone with the one we have open."""
        if _identity(self._path) != self._identity:
            msg = f"The database {self._path} was moved or replaced under us: put it back, or restart Callside"
            raise StoreUnavailableError(msg)

    def _unopened(self, error: OSError) -> StoreUnavailableError:
        return StoreUnavailableError(f"The database {self._path} cannot be opened; {error.strerror}")

    def _connect(self) -> apsw.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made by us, because SQLite would ask the umask; its -wal and -shm files take the permissions from it. A file that is
        # there is not opened: closing it again would take away the locks that our other connection has on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        handle = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
        handle.set_busy_timeout(_BUSY_MS)
        handle.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        handle.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        handle.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
        # A plan does not depend on the values: else statements that compare constants are parsed anew each time.
        handle.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        handle.pragma("journal_mode", "WAL")
        handle.pragma("synchronous", "FULL")
        # What undoes a part of a transaction: never read by another process, so no file has to be made for it.
        handle.pragma("temp_store", "MEMORY")
        handle.pragma("foreign_keys", True)
        handle.pragma("trusted_schema", False)
        handle.pragma("cell_size_check", True)
        if self._max_pages is not None:
            handle.pragma("max_page_count", self._max_pages)
        return handle

    def _migrate(self, handle: apsw.Connection) -> None:
        known = schema.steps("sqlite")
        handle.execute(schema.VERSIONS_TABLE)
        for step in schema.missing(known, _applied(handle)):
            with _transaction(handle):
                # Another process may have taken the step while we waited for our turn.
                if step.number in {number for number, _ in _applied(handle)}:
                    continue
                for statement in step.statements:
                    handle.execute(statement)
                handle.execute(
                    "INSERT INTO schema_versions (number, name, checksum) VALUES (?, ?, ?)",
                    (step.number, step.name, step.checksum),
                )

    def _let_go(self) -> None:
        for handle in (self._reading, self._writing):
            if handle is not None:
                handle.close()
        self._reading = self._writing = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def check_version(version: str) -> None:
    """Refuse a SQLite library with the WAL fault.

    Raises:
        StoreUnavailableError: It is older than :data:`LEAST_VERSION`.
    """
    if tuple(int(part) for part in version.split(".")) < LEAST_VERSION:
        least = ".".join(str(part) for part in LEAST_VERSION)
        msg = f"SQLite {version} may damage its file when two connections meet: install an apsw that brings {least} or newer"
        raise StoreUnavailableError(msg)


@contextlib.contextmanager
def _transaction(handle: apsw.Connection) -> Iterator[None]:
    handle.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if handle.in_transaction:
            handle.execute("ROLLBACK")
        raise
    handle.execute("COMMIT")


def _applied(handle: apsw.Connection) -> list[tuple[int, str]]:
    return [(number, checksum) for number, checksum in handle.execute(schema.APPLIED)]


def _not_open() -> StoreUnavailableError:
    return StoreUnavailableError("The database is not open")
