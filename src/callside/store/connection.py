"""What the repositories ask of a database; SQLite and PostgreSQL both give it.

A piece of work is a coroutine function that is given a :class:`Connection`. It may await that connection only: SQLite runs
it to its end inside the writer thread, where there is no event loop (see :mod:`callside.store.group_commit`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from callside.kernel.errors import StoreUnavailableError
from callside.store.query import Insertion, Query

Value: TypeAlias = str | int | None
Values: TypeAlias = Mapping[str, Value]
Row: TypeAlias = Sequence[Any]
T = TypeVar("T")


class DoubledError(Exception):
    """A row like this one is there already.

    Attributes:
        table: The table's name.
        column: The last column of the constraint: the one that says what must not be doubled.
    """

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table}.{column} is doubled")
        self.table = table
        self.column = column


class DanglingError(Exception):
    """A row refers to one that is not there, or one that others refer to was to be deleted."""


def another_server(who: str) -> StoreUnavailableError:
    """A database has its one server already."""
    msg = f"database: another Callside ({who}) uses this database; stop that one, or name another in CALLSIDE_DATABASE"
    return StoreUnavailableError(msg)


class Connection(Protocol):
    """One transaction's way to the database. Rows come in the order of the query's columns."""

    async def fetch_all(self, query: Query, values: Values) -> Sequence[Row]:
        """All rows."""

    async def fetch_one(self, query: Query, values: Values) -> Row | None:
        """The first row, if there is one."""

    async def execute(self, query: Query, values: Values) -> int:
        """How many rows were written."""

    async def execute_many(self, query: Query, rows: Sequence[Values]) -> None:
        """The same query for each of ``rows``."""

    async def insert(self, insertion: Insertion, rows: Sequence[Sequence[Value]]) -> None:
        """Keep new rows, given in the order of the insertion's columns."""


Work: TypeAlias = Callable[[Connection], Awaitable[T]]


class Database(Protocol):
    """A database that is open, or can be opened. Whatever fails for reasons of its own is a ``StoreUnavailableError``."""

    @property
    def rows_at_once(self) -> int:
        """How many rows a long work writes in one transaction: few where all others who write wait for it."""

    async def reserve(self, who: str, on_taken: Callable[[], None]) -> None:
        """Be its one server until it is closed; see :meth:`callside.exchange.ports.Store.reserve`."""

    async def behind(self) -> int:
        """How many steps its schema lacks; see :meth:`callside.exchange.ports.Store.behind`."""

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""

    async def close(self) -> None:
        """Finish what is waiting and let go."""

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on what is committed; with several queries it sees one state of the database."""

    async def write(self, work: Work[T], *, lane: str = "") -> T:
        """Run ``work`` in a transaction that is on disk when this returns; an error undoes all of it.

        Works of one ``lane`` are done in the order they were given, whether or not their callers wait for each other.
        A caller who stops waiting may or may not have stopped the work.

        Raises:
            DoubledError: A constraint on doubled rows refused it.
            DanglingError: A reference refused it.
        """
