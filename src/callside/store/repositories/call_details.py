"""Call detail records."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from sqlalchemy import BigInteger, Text, bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from callside.calls.model import Cause, Cdr, Direction, Party
from callside.exchange.ports import CdrQuery
from callside.floor.facts import WrappedUp
from callside.kernel.ids import CallId, TenantId
from callside.store.connection import Connection, Row, Value, Values
from callside.store.query import Query
from callside.store.tables import CDRS

_FIELDS: Final = tuple(column.name for column in CDRS.c if column.name != "wrapped_up")
"""In the order of :class:`Cdr`'s fields."""
_columns = [CDRS.c[name] for name in _FIELDS]
_mine = CDRS.c.tenant_id == bindparam("tenant")
_this = _mine & (CDRS.c.call_id == bindparam("call"))
_ONE: Final = Query(select(*_columns).where(_this))
_ADD: Final = Query(insert(CDRS).on_conflict_do_nothing(index_elements=["tenant_id", "call_id"]))
_WRAP_UP: Final = Query(
    update(CDRS)
    .where(_this, CDRS.c.wrapped_up == 0)
    .values(disposition=bindparam("disposition"), notes=bindparam("notes"), wrapped_up=1)
)
_CONDITIONS: Final = {
    "since": CDRS.c.ended_at >= bindparam("since"),
    "agent_id": CDRS.c.agent_id == bindparam("agent_id"),
    "queue_id": CDRS.c.queue_id == bindparam("queue_id"),
    "campaign_id": CDRS.c.campaign_id == bindparam("campaign_id"),
    "number": CDRS.c.customer_number == bindparam("number"),
    "before": tuple_(CDRS.c.ended_at, CDRS.c.call_id)
    < tuple_(bindparam("before_at", type_=BigInteger), bindparam("before_id", type_=Text)),
}


async def some(connection: Connection, tenant_id: TenantId, query: CdrQuery) -> Sequence[Cdr]:
    """The tenant's call records that the query asks for, newest first."""
    given = {name: getattr(query, name) for name in _CONDITIONS if getattr(query, name) is not None}
    statement = _search(frozenset(given))
    values: dict[str, Value] = {"tenant": tenant_id, "limit": query.limit}
    before = given.pop("before", None)
    if before is not None:
        values["before_at"], values["before_id"] = before
    return [_cdr(row) for row in await connection.fetch_all(statement, {**values, **given})]


async def one(connection: Connection, tenant_id: TenantId, call_id: CallId) -> Cdr | None:
    """The call's record."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "call": call_id})
    return None if row is None else _cdr(row)


async def add(connection: Connection, tenant_id: TenantId, values: Values) -> None:
    """Keep a call's record (:func:`row_of`); one that is there already stays as it is."""
    await connection.execute(_ADD, {**values, "tenant_id": tenant_id})


async def wrap_up(connection: Connection, tenant_id: TenantId, wrapped: WrappedUp) -> None:
    """Complete the call's record with what the agent said of it; only the first time."""
    values = {
        "tenant": tenant_id,
        "call": wrapped.call_id,
        "disposition": wrapped.disposition,
        "notes": wrapped.notes,
    }
    await connection.execute(_WRAP_UP, values)


def row_of(cdr: Cdr) -> Values:
    """The record's columns."""
    values = {name: getattr(cdr, name) for name in _FIELDS}
    for name in ("direction", "cause", "hung_up_by"):
        values[name] = values[name].value
    return {**values, "went_out": int(cdr.went_out), "wrapped_up": 0}


def _cdr(row: Row) -> Cdr:
    values = dict(zip(_FIELDS, row, strict=True))
    values["direction"] = Direction(values["direction"])
    values["cause"] = Cause(values["cause"])
    values["hung_up_by"] = Party(values["hung_up_by"])
    values["went_out"] = bool(values["went_out"])
    return Cdr(**values)


@cache
def _search(conditions: frozenset[str]) -> Query:
    """One statement for each set of conditions, so that each has its own plan."""
    chosen = [_CONDITIONS[name] for name in sorted(conditions)]
    newest_first = (CDRS.c.ended_at.desc(), CDRS.c.call_id.desc())
    limit = bindparam("limit", type_=BigInteger)
    return Query(select(*_columns).where(_mine, *chosen).order_by(*newest_first).limit(limit))
