"""What is kept, and the only room that says SQL: the exchange's port ``Store`` on SQLite and on PostgreSQL."""

from pathlib import Path

from callside.exchange.ports import Store
from callside.kernel.errors import StoreUnavailableError
from callside.store.sqlite import SqliteDatabase
from callside.store.store import SqlStore

__all__ = ["open_store"]


def open_store(url: str) -> Store:
    """The store at ``sqlite:///path/of/file`` or ``postgresql://user:password@host/name``; still to be opened.

    Raises:
        StoreUnavailableError: The address is of another kind (it is not repeated: it may hold a password).
    """
    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    if kind == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SqlStore(SqliteDatabase(Path(rest[1:])))
    if kind in {"postgresql", "postgres"}:
        # Late: whoever keeps to SQLite need not wait for the driver.
        from callside.store.postgres import PostgresDatabase  # noqa: PLC0415

        return SqlStore(PostgresDatabase(f"postgresql://{rest}"))
    msg = "database: write it like sqlite:///path/of/callside.db or postgresql://user:password@host/name"
    raise StoreUnavailableError(msg)
