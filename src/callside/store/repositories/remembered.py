"""Single values that the installation remembers (which boot of the machine it last ran on)."""

from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from callside.store.connection import Connection
from callside.store.query import Query
from callside.store.tables import META

ACROSS_TENANTS: Final = {
    "remembered": "belongs to the installation, not to a tenant",
    "remember": "as remembered",
}
_GET: Final = Query(select(META.c.value).where(META.c.key == bindparam("wanted")))
_insert = insert(META)
_PUT: Final = Query(_insert.on_conflict_do_update(index_elements=["key"], set_={"value": _insert.excluded.value}))


async def remembered(connection: Connection, key: str) -> str | None:
    """The value, if there is one."""
    row = await connection.fetch_one(_GET, {"wanted": key})
    return None if row is None else str(row[0])


async def remember(connection: Connection, key: str, value: str) -> None:
    """Keep the value in place of the one before."""
    await connection.execute(_PUT, {"key": key, "value": value})
