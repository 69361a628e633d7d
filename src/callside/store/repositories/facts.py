"""Facts: what happened, in order, never changed."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from callside.floor.facts import Fact, Plain
from callside.floor.missed import UNAVAILABLE
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, TenantId
from callside.store.connection import Connection, Row, Value
from callside.store.encoding import from_json, to_json
from callside.store.query import Insertion, Query
from callside.store.tables import FACT_MARKS, FACTS

_NAMES: Final = ("tenant_id", "kind", "mono", "wall", "session_id", "agent_id", "call_id", "detail")
_OF_CALL: Final = Query(
    select(*(FACTS.c[name] for name in _NAMES))
    .where(FACTS.c.tenant_id == bindparam("tenant"), FACTS.c.call_id == bindparam("call"))
    .order_by(FACTS.c.seq)
)
_PAGE: Final = Query(
    select(FACTS.c.seq, *(FACTS.c[name] for name in _NAMES))
    .where(FACTS.c.tenant_id == bindparam("tenant"), FACTS.c.seq > bindparam("after"))
    .order_by(FACTS.c.seq)
    .limit(bindparam("limit", type_=BigInteger))
)
_FIRST_SINCE: Final = Query(
    select(FACTS.c.seq)
    # What tells of a time that was over stands behind what came after that time: nothing begins with it.
    .where(FACTS.c.tenant_id == bindparam("tenant"), FACTS.c.wall >= bindparam("since"), FACTS.c.kind != UNAVAILABLE)
    .order_by(FACTS.c.wall, FACTS.c.seq)
    .limit(1)
)
_UNAVAILABLE: Final = Query(
    select(*(FACTS.c[name] for name in _NAMES))
    .where(
        FACTS.c.tenant_id == bindparam("tenant"),
        FACTS.c.kind == literal_column(f"'{UNAVAILABLE}'"),  # the index is for these alone: not a parameter
        FACTS.c.wall >= bindparam("since"),
        FACTS.c.wall < bindparam("until"),
    )
    .order_by(FACTS.c.wall, FACTS.c.seq)
)
_NEWEST: Final = Query(
    select(FACTS.c.seq).where(FACTS.c.tenant_id == bindparam("tenant")).order_by(FACTS.c.seq.desc()).limit(1)
)
_ADD: Final = Insertion(FACTS, *_NAMES)
_mark = insert(FACT_MARKS)
_MARK: Final = Query(
    _mark.on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={"digest": _mark.excluded.digest},
        where=FACT_MARKS.c.digest != _mark.excluded.digest,
    )
)


async def of_call(connection: Connection, tenant_id: TenantId, call_id: CallId) -> Sequence[Fact]:
    """What happened in one call, oldest first."""
    return [_fact(row) for row in await connection.fetch_all(_OF_CALL, {"tenant": tenant_id, "call": call_id})]


async def page(
    connection: Connection, tenant_id: TenantId, since: int, *, after: int | None, limit: int
) -> Sequence[tuple[int, Fact]]:
    """Facts in their order from the first at or after ``since`` on, or after the number ``after``."""
    if after is None:
        first = await connection.fetch_one(_FIRST_SINCE, {"tenant": tenant_id, "since": since})
        if first is None:
            return []
        after = first[0] - 1
    rows = await connection.fetch_all(_PAGE, {"tenant": tenant_id, "after": after, "limit": limit})
    return [(row[0], _fact(row[1:])) for row in rows]


async def unavailable(connection: Connection, tenant_id: TenantId, since: int, until: int) -> Sequence[Fact]:
    """Facts of callers who came in that time (wall ms) and whom nobody of ours had."""
    rows = await connection.fetch_all(_UNAVAILABLE, {"tenant": tenant_id, "since": since, "until": until})
    return [_fact(row) for row in rows]


async def newest(connection: Connection, tenant_id: TenantId) -> int:
    """The number of the tenant's last fact; 0 when there is none."""
    row = await connection.fetch_one(_NEWEST, {"tenant": tenant_id})
    return 0 if row is None else row[0]


async def add(connection: Connection, tenant_id: TenantId, rows: Sequence[Sequence[Value]], digest: str) -> None:
    """Keep facts (:func:`rows_of`), unless they are the very ones that were kept last.

    A connection may be lost while it commits: nobody knows then whether the record is on disk, and it is tried again.
    All else in a record can be written twice; facts are recognised by ``digest``, which the tenant's mark remembers.
    """
    if rows and await connection.execute(_MARK, {"tenant_id": tenant_id, "digest": digest}) == 1:
        await connection.insert(_ADD, [(tenant_id, *row) for row in rows])


def rows_of(facts: Iterable[Fact]) -> list[Sequence[Value]]:
    """The facts' columns but for the tenant's."""
    return [
        (fact.kind, fact.at.mono, fact.at.wall, fact.session_id, fact.agent_id, fact.call_id, to_json(fact.detail))
        for fact in facts
    ]


def _fact(row: Row) -> Fact:
    tenant_id, kind, mono, wall, session_id, agent_id, call_id, detail = row
    return Fact(kind, tenant_id, Moment(mono, wall), session_id, agent_id, call_id, from_json(detail, dict[str, Plain]))
