"""A list's order was changed: its leads are ranked anew, some at a time, so that nobody who writes waits for a million."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import BigInteger, bindparam, case, select, update

from callside.dialer.leads.order import order_key
from callside.kernel.ids import LeadListId, TenantId
from callside.store.connection import Connection, Values
from callside.store.query import Query
from callside.store.repositories import lead_lists
from callside.store.repositories.lead_rows import FRESH
from callside.store.tables import LEAD_LISTS, LEADS

ACROSS_TENANTS: Final = {"unranked": "a restart goes on with the lists of all tenants"}
SOME: Final = 500
_UNRANKED: Final = Query(
    select(LEAD_LISTS.c.tenant_id, LEAD_LISTS.c.id, LEAD_LISTS.c.unranked)
    .where(LEAD_LISTS.c.unranked > 0)
    .order_by(LEAD_LISTS.c.tenant_id, LEAD_LISTS.c.id)
)
_PAGE: Final = Query(
    select(LEADS.c.id, LEADS.c.fields)
    .where(
        LEADS.c.tenant_id == bindparam("tenant"),
        LEADS.c.list_id == bindparam("list"),
        LEADS.c.id > bindparam("after", type_=BigInteger),
    )
    .order_by(LEADS.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_key = bindparam("key", type_=BigInteger)
_RANK: Final = Query(
    update(LEADS)
    .where(LEADS.c.tenant_id == bindparam("tenant"), LEADS.c.id == bindparam("lead", type_=BigInteger))
    .values(order_key=_key, rank=case((LEADS.c.lane == FRESH, _key), else_=LEADS.c.rank))
)
_DONE: Final = Query(
    update(LEAD_LISTS)
    .where(
        LEAD_LISTS.c.tenant_id == bindparam("tenant"),
        LEAD_LISTS.c.id == bindparam("list"),
        LEAD_LISTS.c.unranked == bindparam("seen", type_=BigInteger),
    )
    .values(unranked=0)
)


async def unranked(connection: Connection) -> Sequence[tuple[TenantId, LeadListId, int]]:
    """Lists whose leads do not stand yet as the list says, and how often it was changed since."""
    rows = await connection.fetch_all(_UNRANKED, {})
    return [(TenantId(tenant_id), LeadListId(list_id), int(changes)) for tenant_id, list_id, changes in rows]


async def rank_some(
    connection: Connection, tenant_id: TenantId, list_id: LeadListId, after: int, seen: int
) -> int | None:
    """Rank the list's leads behind ``after``; the last one's number, ``None`` when there were none left.

    Then it is ranked, unless it was changed since (``seen`` changes): it has to be gone through once more.
    """
    into = await lead_lists.one(connection, tenant_id, list_id)
    this: Values = {"tenant": tenant_id, "list": list_id}
    rows = await connection.fetch_all(_PAGE, {**this, "after": after, "limit": SOME}) if into is not None else []
    if into is None or not rows:
        await connection.execute(_DONE, {**this, "seen": seen})
        return None
    column = lead_lists.column_of(into)
    ranked: list[Values] = []
    for lead_id, fields in rows:
        known = msgspec.json.decode(fields, type=dict[str, str]) if column is not None else {}
        key = int(lead_id) if column is None else order_key(known.get(column, ""))
        ranked.append({"tenant": tenant_id, "lead": lead_id, "key": key})
    await connection.execute_many(_RANK, ranked)
    return int(rows[-1][0])
