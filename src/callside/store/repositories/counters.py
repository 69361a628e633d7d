"""Where ids of new things come from: one counter for each kind in the installation, so that no id is ever given twice."""

from typing import Final

from sqlalchemy import BigInteger, bindparam, case
from sqlalchemy.dialects.postgresql import insert

from callside.store.connection import Connection
from callside.store.query import Query
from callside.store.tables import COUNTERS

ACROSS_TENANTS: Final = {
    "next_id": "ids are unique in the installation: the guide lists things of one tenant only, support sees them all",
    "next_ids": "as next_id",
    "note_id": "as next_id",
}
FIRST: Final = {
    "tenant": 1011,
    "agent": 101,
    "extension": 181,
    "work": 271,
    "trunk": 11,
    "token": 1,
    "reception": 501,
    "lead_list": 801,
    "lead": 1001,
    "lead_cell": 1,
    "lead_import": 1,
    "dnc_list": 1,
}
"""The first id of each kind; ``work`` is queues and campaigns, which the guide lists in one place."""
_LARGEST_DIGITS: Final = 15

_insert = insert(COUNTERS).values(kind=bindparam("kind"), value=bindparam("first"))
_NEXT: Final = Query(
    _insert.on_conflict_do_update(index_elements=["kind"], set_={"value": COUNTERS.c.value + 1}).returning(
        COUNTERS.c.value
    )
)
_TAKE: Final = Query(
    insert(COUNTERS)
    .values(kind=bindparam("kind"), value=bindparam("last"))
    .on_conflict_do_update(
        index_elements=["kind"], set_={"value": COUNTERS.c.value + bindparam("count", type_=BigInteger)}
    )
    .returning(COUNTERS.c.value)
)
_given = bindparam("given", type_=BigInteger)
_NOTE: Final = Query(
    insert(COUNTERS)
    .values(kind=bindparam("kind"), value=bindparam("value"))
    .on_conflict_do_update(
        index_elements=["kind"], set_={"value": case((COUNTERS.c.value < _given, _given), else_=COUNTERS.c.value)}
    )
)


async def next_id(connection: Connection, kind: str) -> str:
    """A fresh id: decimal digits."""
    row = await connection.fetch_one(_NEXT, {"kind": kind, "first": FIRST[kind]})
    assert row is not None  # noqa: S101 - RETURNING gives a row
    return str(row[0])


async def next_ids(connection: Connection, kind: str, count: int) -> range:
    """``count`` fresh ids in a row, as numbers."""
    row = await connection.fetch_one(_TAKE, {"kind": kind, "last": FIRST[kind] + count - 1, "count": count})
    assert row is not None  # noqa: S101 - RETURNING gives a row
    return range(row[0] - count + 1, row[0] + 1)


async def note_id(connection: Connection, kind: str, given: str) -> None:
    """An id was chosen by somebody else: never give it again."""
    if given.isdecimal() and len(given) <= _LARGEST_DIGITS:
        number = int(given)
        await connection.execute(_NOTE, {"kind": kind, "value": max(number, FIRST[kind] - 1), "given": number})


async def chosen_id(connection: Connection, kind: str, tenant_id: str, given: str) -> str:
    """``given``, or a fresh id where it is empty."""
    if not given:
        return await next_id(connection, kind)
    await note_id(connection, kind, given)
    return given
