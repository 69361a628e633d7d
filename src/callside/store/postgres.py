"""PostgreSQL through asyncpg: a pool of connections, one transaction for each write and for each read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import structlog

from callside.kernel.errors import StoreUnavailableError
from callside.store import schema
from callside.store.connection import DanglingError, DoubledError, Row, Value, Values, Work
from callside.store.postgres_claim import PostgresClaim
from callside.store.query import Insertion, Query
from callside.store.tables import doubled_column

T = TypeVar("T")
_CONNECTIONS: Final = 8
_CONNECT_WITHIN_S: Final = 5.0
_ANSWER_WITHIN_S: Final = 10.0
_STEP_WITHIN_S: Final = 86_400.0
"""An index on a year of facts takes minutes; given up half way, no start would ever come through."""
_LOCK: Final = 0x63616C6C
"""Key of the advisory lock that lets one process at a time bring the schema up to date."""
_log = structlog.get_logger(__name__)
_SETTINGS: Final = {
    "application_name": "callside",
    # What is answered is on disk, whatever the server's own default.
    "synchronous_commit": "on",
    # Our queries are short: compiling them costs more than it saves.
    "jit": "off",
}


class PostgresConnection:
    """A connection in a transaction."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def fetch_all(self, query: Query, values: Values) -> Sequence[Row]:
        """All rows."""
        compiled = query.compiled("postgresql")
        rows: Sequence[Row] = await self._raw.fetch(compiled.text, *compiled.arguments(values))
        return rows

    async def fetch_one(self, query: Query, values: Values) -> Row | None:
        """The first row, if there is one."""
        compiled = query.compiled("postgresql")
        row: Row | None = await self._raw.fetchrow(compiled.text, *compiled.arguments(values))
        return row

    async def execute(self, query: Query, values: Values) -> int:
        """How many rows were written."""
        compiled = query.compiled("postgresql")
        status: str = await self._raw.execute(compiled.text, *compiled.arguments(values))
        # "INSERT 0 1", "UPDATE 1", "DELETE 0"
        return int(status.rpartition(" ")[2])

    async def execute_many(self, query: Query, rows: Sequence[Values]) -> None:
        """The same query for each of ``rows``."""
        if rows:
            compiled = query.compiled("postgresql")
            await self._raw.executemany(compiled.text, [compiled.arguments(row) for row in rows])

    async def insert(self, insertion: Insertion, rows: Sequence[Sequence[Value]]) -> None:
        """Keep new rows."""
        await self._raw.copy_records_to_table(
            insertion.table, columns=insertion.columns, records=insertion.arguments(rows)
        )


class PostgresDatabase:
    """A database on a server. A connection that was lost is made anew at the next use."""

    rows_at_once: Final = 500

    def __init__(self, url: str) -> None:
        """``url`` as libpq takes it; it may hold a password and is never repeated in a message."""
        self._url = url
        self._pool: Any = None
        self._claim: PostgresClaim | None = None
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def reserve(self, who: str, on_taken: Callable[[], None]) -> None:
        """Be the database's one server until it is closed."""
        claim = PostgresClaim(self._url, who, on_taken)
        try:
            with _readable_address(), _in_our_words(self._url):
                await claim.take()
        except BaseException:
            await claim.give_up()
            raise
        self._claim = claim

    async def behind(self) -> int:
        """How many steps its schema lacks."""
        with _readable_address(), _in_our_words(self._url):
            raw = await asyncpg.connect(self._url, timeout=_CONNECT_WITHIN_S, command_timeout=_ANSWER_WITHIN_S)
            try:
                if await raw.fetchval("SELECT to_regclass('schema_versions')") is None:
                    return 0
                applied = [(row[0], row[1]) for row in await raw.fetch(schema.APPLIED)]
            finally:
                await raw.close()
        return len(schema.missing(schema.steps("postgresql"), applied))

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""
        pool = await self._connected()
        try:
            with _in_our_words(self._url):
                async with pool.acquire() as raw:
                    while await _stepped(raw):
                        pass
        except BaseException:
            pool.terminate()
            raise
        self._pool = pool

    async def close(self) -> None:
        """Let what is going on finish, for some seconds, then let go."""
        claim, self._claim = self._claim, None
        pool, self._pool = self._pool, None
        if pool is not None:
            await self._let_go(pool)
        if claim is not None:  # last: what is written still is written as the one server
            await claim.give_up()

    @staticmethod
    async def _let_go(pool: Any) -> None:
        try:
            await asyncio.wait_for(pool.close(), _ANSWER_WITHIN_S)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one state of the database."""
        async with self._transaction(isolation="repeatable_read", readonly=True) as connection:
            return await work(connection)

    async def write(self, work: Work[T], *, lane: str = "") -> T:
        """Run ``work`` in a transaction; see :class:`callside.store.connection.Database`."""
        # The lock of a lane lives as long as somebody stands in it; it lets them through in their order.
        turn = self._lanes.setdefault(lane, asyncio.Lock()) if lane else contextlib.nullcontext()
        async with turn, self._transaction() as connection:
            return await work(connection)

    async def _connected(self) -> Any:
        with _readable_address(), _in_our_words(self._url):
            return await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=_CONNECTIONS,
                timeout=_CONNECT_WITHIN_S,
                command_timeout=_ANSWER_WITHIN_S,
                server_settings=_SETTINGS,
            )

    @contextlib.asynccontextmanager
    async def _transaction(self, **kind: Any) -> AsyncIterator[PostgresConnection]:
        if self._pool is None:
            msg = "The database is not open"
            raise StoreUnavailableError(msg)
        with _in_our_words(self._url):
            async with self._pool.acquire(timeout=_CONNECT_WITHIN_S) as raw, raw.transaction(**kind):
                yield PostgresConnection(raw)


async def _stepped(raw: Any) -> bool:
    """Do the first step the schema lacks; ``False`` when it lacks none."""
    async with raw.transaction():
        await raw.execute("SELECT pg_advisory_xact_lock($1)", _LOCK, timeout=_STEP_WITHIN_S)
        await raw.execute(schema.VERSIONS_TABLE)
        applied = [(row[0], row[1]) for row in await raw.fetch(schema.APPLIED)]
        lacking = schema.missing(schema.steps("postgresql"), applied)
        for step in lacking[:1]:
            _log.info("database.step", number=step.number, name=step.name)
            for statement in step.statements:
                await raw.execute(statement, timeout=_STEP_WITHIN_S)
            await raw.execute(
                "INSERT INTO schema_versions (number, name, checksum) VALUES ($1, $2, $3)",
                step.number,
                step.name,
                step.checksum,
            )
        return bool(lacking)


@contextlib.contextmanager
def _readable_address() -> Iterator[None]:
    try:
        yield
    except ValueError:
        # Not chained: the driver's message quotes from the address.
        msg = "database: the address cannot be read; write it like postgresql://user:password@host/name"
        raise StoreUnavailableError(msg) from None


@contextlib.contextmanager
def _in_our_words(url: str) -> Iterator[None]:
    """The driver's errors as ours; of the database's address only host and port are told, never the password."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        table, column = doubled_column(error.constraint_name or "") or (error.table_name or "", "")
        raise DoubledError(table, column) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise DanglingError(str(error)) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        msg = f"The database cannot be used; PostgreSQL says: {error}"
        raise StoreUnavailableError(msg) from error
    except TimeoutError as error:
        msg = f"The database cannot be used; PostgreSQL at {_place(url)} does not answer in time: look at its load and log"
        raise StoreUnavailableError(msg) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        msg = f"The database cannot be reached ({reason}): is PostgreSQL running at {_place(url)}?"
        raise StoreUnavailableError(msg) from error


def _place(url: str) -> str:
    parts = urlsplit(url)
    try:
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
    except ValueError:
        return parts.hostname or "localhost"
