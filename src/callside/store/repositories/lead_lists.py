"""Lists of leads, the cells their leads are sorted into, and how many leads stand where."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert

from callside.dialer.leads.model import LeadList, ListOrder
from callside.kernel.ids import CampaignId, LeadListId, TenantId
from callside.store.connection import Connection, DanglingError, Row, Values
from callside.store.encoding import key_of
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id, next_ids
from callside.store.repositories.lead_rows import IS_DIALLING
from callside.store.tables import CAMPAIGNS, LEAD_CELLS, LEAD_LISTS, LEAD_NUMBERS, LEAD_TALLIES, LEADS

_BY_COLUMN: Final = frozenset({ListOrder.ASCENDING, ListOrder.DESCENDING})
MAIN: Final = ""
"""The ``import_id`` of cells that are no import's."""
_FIELDS: Final = (
    "id",
    "name",
    "campaign_id",
    "weight",
    "ordering",
    "order_column",
    "enabled",
    "scrub_token",
    "scrub_token_expires_at",
)
_columns = [LEAD_LISTS.c[name] for name in _FIELDS]
_mine = LEAD_LISTS.c.tenant_id == bindparam("tenant")
_this = _mine & (LEAD_LISTS.c.id == bindparam("list"))
_ALL: Final = Query(select(*_columns).where(_mine).order_by(LEAD_LISTS.c.id))
_ONE: Final = Query(select(*_columns).where(_this))
_OF_CAMPAIGN: Final = Query(select(LEAD_LISTS.c.id).where(_mine, LEAD_LISTS.c.campaign_id == bindparam("campaign")))
_ADD: Final = Query(insert(LEAD_LISTS))
_CHANGE: Final = Query(
    update(LEAD_LISTS)
    .where(_this)
    .values({one.name: bindparam(one.name) for one in LEAD_LISTS.c if one.name not in {"tenant_id", "id"}})
)
_CHANGES: Final = Query(select(LEAD_LISTS.c.unranked).where(_this))
_LEAVE_CAMPAIGN: Final = Query(
    update(LEAD_LISTS).where(_mine, LEAD_LISTS.c.campaign_id == bindparam("campaign")).values(campaign_id=null())
)
_HAS_CAMPAIGN: Final = Query(
    select(CAMPAIGNS.c.id).where(CAMPAIGNS.c.tenant_id == bindparam("tenant"), CAMPAIGNS.c.id == bindparam("campaign"))
)
_REMOVE: Final = Query(delete(LEAD_LISTS).where(_this))
_BEING_CALLED: Final = Query(
    select(LEADS.c.id)
    .where(LEADS.c.tenant_id == bindparam("tenant"), IS_DIALLING, LEADS.c.list_id == bindparam("list"))
    .limit(1)
)
_CLEAR: Final = tuple(
    Query(delete(table).where(table.c.tenant_id == bindparam("tenant"), table.c.list_id == bindparam("list")))
    for table in (LEAD_NUMBERS, LEADS, LEAD_CELLS, LEAD_TALLIES)
)
_CELL: Final = Query(
    select(LEAD_CELLS.c.id).where(
        LEAD_CELLS.c.tenant_id == bindparam("tenant"),
        LEAD_CELLS.c.list_id == bindparam("list"),
        LEAD_CELLS.c.import_id == bindparam("import"),
        LEAD_CELLS.c.zone_key == bindparam("zone"),
    )
)
_ADD_CELL: Final = Query(
    insert(LEAD_CELLS).on_conflict_do_nothing(index_elements=["tenant_id", "list_id", "import_id", "zone_key"])
)
_TALLIES: Final = Query(
    select(LEAD_TALLIES.c.standing, LEAD_TALLIES.c.leads).where(
        LEAD_TALLIES.c.tenant_id == bindparam("tenant"), LEAD_TALLIES.c.list_id == bindparam("list")
    )
)
_COUNT: Final = Query(
    insert(LEAD_TALLIES)
    .values({one.name: bindparam(one.name) for one in LEAD_TALLIES.c})
    .on_conflict_do_update(
        index_elements=["tenant_id", "list_id", "standing"],
        set_={"leads": LEAD_TALLIES.c.leads + bindparam("more", type_=BigInteger)},
    )
)


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[LeadList]:
    """The tenant's lists, by id."""
    return [_list(tenant_id, row) for row in await connection.fetch_all(_ALL, {"tenant": tenant_id})]


async def one(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> LeadList | None:
    """The list, if there is one."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "list": list_id})
    return None if row is None else _list(tenant_id, row)


async def add(connection: Connection, tenant_id: TenantId, leads: LeadList) -> LeadList:
    """Keep a new one; its id empty: choose it."""
    await _check_campaign(connection, tenant_id, leads)
    kept = replace(leads, id=LeadListId(await chosen_id(connection, "lead_list", tenant_id, leads.id)))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id, "unranked": 0})
    return kept


async def change(connection: Connection, tenant_id: TenantId, leads: LeadList) -> bool:
    """Replace its fields; ``False`` where there is none. Where another order is wanted its leads have to be ranked anew."""
    await _check_campaign(connection, tenant_id, leads)
    this = {"tenant": tenant_id, "list": leads.id}
    before, changes = await one(connection, tenant_id, leads.id), await connection.fetch_one(_CHANGES, this)
    if before is None or changes is None:
        return False
    unranked = int(changes[0]) + (column_of(before) != column_of(leads))
    return await connection.execute(_CHANGE, {**_values(leads), **this, "unranked": unranked}) == 1


def column_of(leads: LeadList) -> str | None:
    """The column that its leads are ranked by; ``None``: by their arrival."""
    return leads.order_column if leads.order in _BY_COLUMN else None


async def is_being_called(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> bool:
    """Whether an attempt on one of its leads is under way."""
    return await connection.fetch_one(_BEING_CALLED, {"tenant": tenant_id, "list": list_id}) is not None


async def remove(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> bool:
    """Take it away with its leads."""
    this = {"tenant": tenant_id, "list": list_id}
    if await connection.execute(_REMOVE, this) != 1:
        return False
    for query in _CLEAR:
        await connection.execute(query, this)
    return True


async def leave_campaign(connection: Connection, tenant_id: TenantId, campaign_id: CampaignId) -> None:
    """The campaign is removed: its lists stay, and feed none."""
    await connection.execute(_LEAVE_CAMPAIGN, {"tenant": tenant_id, "campaign": campaign_id})


async def cell(
    connection: Connection, tenant_id: TenantId, list_id: LeadListId, zone_key: str, import_id: str = MAIN
) -> int:
    """The number of the cell of this list and zone; made where there is none."""
    this = {"tenant": tenant_id, "list": list_id, "zone": zone_key, "import": import_id}
    row = await connection.fetch_one(_CELL, this)
    if row is None:
        fresh = await next_ids(connection, "lead_cell", 1)
        new: dict[str, str | int] = {
            "tenant_id": tenant_id,
            "list_id": list_id,
            "zone_key": zone_key,
            "import_id": import_id,
        }
        new["hidden"] = int(import_id != MAIN)
        await connection.execute(_ADD_CELL, {**new, "id": fresh[0]})
        # Somebody else's, where two have made it at once.
        row = await connection.fetch_one(_CELL, this)
    assert row is not None  # noqa: S101 - it was made
    return int(row[0])


async def tallies(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> Mapping[str, int]:
    """How many of the list's leads stand where."""
    rows = await connection.fetch_all(_TALLIES, {"tenant": tenant_id, "list": list_id})
    return {standing: leads for standing, leads in rows if leads}


async def count(connection: Connection, tenant_id: TenantId, changes: Counter[tuple[str, str]]) -> None:
    """Add to the tallies of ``(list_id, standing)``; in one order always, so that two writers cannot block each other."""
    for (list_id, standing), more in sorted(changes.items()):
        if more:
            where = {"tenant_id": tenant_id, "list_id": list_id, "standing": standing}
            await connection.execute(_COUNT, {**where, "leads": more, "more": more})


async def _check_campaign(connection: Connection, tenant_id: TenantId, leads: LeadList) -> None:
    if leads.campaign_id is None:
        return
    if await connection.fetch_one(_HAS_CAMPAIGN, {"tenant": tenant_id, "campaign": leads.campaign_id}) is None:
        raise DanglingError("lead_lists.campaign_id")


def _values(leads: LeadList) -> Values:
    return {
        "name": leads.name,
        "name_key": key_of(leads.name),
        "campaign_id": leads.campaign_id,
        "weight": leads.weight,
        "ordering": leads.order.value,
        "order_column": leads.order_column,
        "enabled": int(leads.enabled),
        "scrub_token": leads.scrub_token,
        "scrub_token_expires_at": leads.scrub_token_expires_at,
    }


def _list(tenant_id: TenantId, row: Row) -> LeadList:
    list_id, name, campaign_id, weight, ordering, order_column, enabled, token, token_ends = row
    return LeadList(
        LeadListId(list_id),
        tenant_id,
        name,
        None if campaign_id is None else CampaignId(campaign_id),
        weight,
        ListOrder(ordering),
        order_column,
        bool(enabled),
        token,
        token_ends,
    )
