"""Keeping do-not-call lists; whom they block is in ``dnc.py``."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from callside.dialer.leads.model import DncList
from callside.exchange.dnc_port import EVERYWHERE, DncEntry
from callside.kernel.ids import CampaignId, TenantId
from callside.store.connection import Connection, DanglingError, Row, Values
from callside.store.encoding import key_of, to_json
from callside.store.query import Query, values_of
from callside.store.repositories import tenants
from callside.store.repositories.counters import next_id
from callside.store.tables import CAMPAIGNS, DNC_ENTRIES, DNC_LISTS

SOME: Final = 1000
_of_list = (DNC_ENTRIES.c.tenant_id == bindparam("tenant"), DNC_ENTRIES.c.list_id == bindparam("list"))
_this = (DNC_LISTS.c.tenant_id == bindparam("tenant"), DNC_LISTS.c.id == bindparam("list"))
_FIELDS: Final = ("id", "name", "campaign_id", "scrubbed_at")
_ALL: Final = Query(select(*(DNC_LISTS.c[one] for one in _FIELDS)).where(_this[0]).order_by(DNC_LISTS.c.id))
_ONE: Final = Query(select(*(DNC_LISTS.c[one] for one in _FIELDS)).where(*_this))
_ADD: Final = Query(insert(DNC_LISTS))
_CHANGE: Final = Query(
    update(DNC_LISTS)
    .where(*_this)
    .values(name=bindparam("name"), name_key=bindparam("name_key"), scrubbed_at=bindparam("scrubbed_at"))
)
_REMOVE: Final = Query(delete(DNC_LISTS).where(*_this))
_HAS_CAMPAIGN: Final = Query(
    select(CAMPAIGNS.c.id).where(CAMPAIGNS.c.tenant_id == bindparam("tenant"), CAMPAIGNS.c.id == bindparam("campaign"))
)
_put = insert(DNC_ENTRIES)
_PUT: Final = Query(
    _put.on_conflict_do_update(
        index_elements=["tenant_id", "number", "list_id"],
        set_={one: _put.excluded[one] for one in ("added_at", "expires_at", "reason")},
    )
)
_in_force = or_(DNC_ENTRIES.c.expires_at.is_(None), DNC_ENTRIES.c.expires_at > bindparam("now", type_=BigInteger))
_KNOWN: Final = Query.of_list(
    "numbers",
    lambda given: select(DNC_ENTRIES.c.number).where(*_of_list, _in_force, DNC_ENTRIES.c.number.in_(values_of(given))),
)
_TAKE_OFF: Final = Query.of_list(
    "numbers", lambda given: delete(DNC_ENTRIES).where(*_of_list, DNC_ENTRIES.c.number.in_(values_of(given)))
)
_limit = bindparam("limit", type_=BigInteger)
_PAGE: Final = Query(
    select(DNC_ENTRIES.c.number, DNC_ENTRIES.c.added_at, DNC_ENTRIES.c.expires_at, DNC_ENTRIES.c.reason)
    .where(*_of_list, DNC_ENTRIES.c.number > bindparam("after"))
    .order_by(DNC_ENTRIES.c.number)
    .limit(_limit)
)
_OLD: Final = Query(
    select(DNC_ENTRIES.c.number)
    .where(*_of_list, DNC_ENTRIES.c.added_at < bindparam("before", type_=BigInteger))
    .limit(_limit)
)


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[DncList]:
    """The tenant's own lists, by id."""
    return [_list(tenant_id, row) for row in await connection.fetch_all(_ALL, {"tenant": tenant_id})]


async def one(connection: Connection, tenant_id: TenantId, list_id: str) -> DncList | None:
    """The list, if there is one."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "list": list_id})
    return None if row is None else _list(tenant_id, row)


async def add(connection: Connection, tenant_id: TenantId, new: DncList) -> DncList:
    """Keep a new one; its id empty: choose it."""
    if tenant_id != EVERYWHERE and not await tenants.is_there(connection, tenant_id):
        raise DanglingError("dnc_lists.tenant_id")
    if new.campaign_id is not None:
        given = {"tenant": tenant_id, "campaign": new.campaign_id}
        if await connection.fetch_one(_HAS_CAMPAIGN, given) is None:
            raise DanglingError("dnc_lists.campaign_id")
    list_id = new.id or await next_id(connection, "dnc_list")
    row: Values = {"tenant_id": tenant_id, "id": list_id, "campaign_id": new.campaign_id}
    await connection.execute(_ADD, {**row, **_changeable(new)})
    return DncList(list_id, tenant_id, new.name, new.campaign_id, new.scrubbed_at)


async def change(connection: Connection, tenant_id: TenantId, kept: DncList) -> bool:
    """Replace name and scrub date; ``False`` where there is none."""
    return await connection.execute(_CHANGE, {**_changeable(kept), "tenant": tenant_id, "list": kept.id}) == 1


async def remove(connection: Connection, tenant_id: TenantId, list_id: str) -> bool:
    """Take an empty list away."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "list": list_id}) == 1


async def put(
    connection: Connection, tenant_id: TenantId, list_id: str, entries: Sequence[DncEntry]
) -> Collection[str]:
    """Put numbers on the list; which are new, or were there and had ended."""
    this: Values = {"tenant": tenant_id, "list": list_id}
    numbers = {each.number for each in entries}
    now = min((each.added_at for each in entries), default=0)
    known = await connection.fetch_all(_KNOWN, {**this, "now": now, "numbers": to_json(sorted(numbers))})
    rows: list[Values] = [
        {
            "tenant_id": tenant_id,
            "list_id": list_id,
            "number": each.number,
            "added_at": each.added_at,
            "expires_at": each.expires_at,
            "reason": each.reason,
        }
        for each in entries
    ]
    await connection.execute_many(_PUT, rows)
    return numbers - {row[0] for row in known}


async def take_off(connection: Connection, tenant_id: TenantId, list_id: str, numbers: Collection[str]) -> int:
    """Take numbers off the list; how many were on it."""
    return await connection.execute(
        _TAKE_OFF, {"tenant": tenant_id, "list": list_id, "numbers": to_json(sorted(numbers))}
    )


async def page(
    connection: Connection, tenant_id: TenantId, list_id: str, *, after: str, limit: int
) -> Sequence[DncEntry]:
    """Entries by number, behind ``after``."""
    values: Values = {"tenant": tenant_id, "list": list_id, "after": after, "limit": limit}
    return [DncEntry(*row) for row in await connection.fetch_all(_PAGE, values)]


async def old(connection: Connection, tenant_id: TenantId, list_id: str, before: int) -> list[str]:
    """Some of the numbers that were put on the list before that moment."""
    values: Values = {"tenant": tenant_id, "list": list_id, "before": before, "limit": SOME}
    return [row[0] for row in await connection.fetch_all(_OLD, values)]


def _changeable(kept: DncList) -> Values:
    return {"name": kept.name, "name_key": key_of(kept.name), "scrubbed_at": kept.scrubbed_at}


def _list(tenant_id: TenantId, row: Row) -> DncList:
    list_id, name, campaign_id, scrubbed_at = row
    return DncList(list_id, tenant_id, name, None if campaign_id is None else CampaignId(campaign_id), scrubbed_at)
