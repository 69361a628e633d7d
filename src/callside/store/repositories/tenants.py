"""Tenants."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.kernel.ids import TenantId
from callside.store import tables
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import from_json, key_of, to_json
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import TENANTS
from callside.tenants.model import BreakReason, Disposition, Tenant

ACROSS_TENANTS: Final = {"all_tenants": "the exchange runs a floor for each tenant of the installation"}

_columns = [one for one in TENANTS.c if one.name != "name_key"]
_ALL: Final = Query(select(*_columns).order_by(TENANTS.c.id))
_ONE: Final = Query(select(*_columns).where(TENANTS.c.id == bindparam("tenant")))
_this = select(TENANTS.c.id).where(TENANTS.c.id == bindparam("tenant"))
# SQLite has one writer and knows no locks on rows: there both are plain queries.
_IS_THERE: Final = Query(_this.with_for_update(read=True, key_share=True))
_LOCK: Final = Query(_this.with_for_update())
_ADD: Final = Query(insert(TENANTS))
_CHANGE: Final = Query(
    update(TENANTS)
    .where(TENANTS.c.id == bindparam("tenant"))
    .values({one.name: bindparam(one.name) for one in TENANTS.c if one.name != "id"})
)
_REMOVE: Final = Query(delete(TENANTS).where(TENANTS.c.id == bindparam("tenant")))
# In this order: campaigns hold on to their trunk; everything else of administration goes with the tenant's own row.
_CLEAR: Final = tuple(
    Query(delete(table).where(table.c.tenant_id == bindparam("tenant")))
    for table in (
        tables.CAMPAIGNS,
        tables.SESSIONS,
        tables.LIVE_SESSIONS,
        tables.LIVE_CALLS,
        tables.FACTS,
        tables.FACT_MARKS,
        tables.CDRS,
        tables.VOICEMAILS,
        tables.LEADS,
        tables.LEAD_NUMBERS,
        tables.LEAD_CELLS,
        tables.LEAD_TALLIES,
        tables.DNC_LISTS,
    )
)


async def all_tenants(connection: Connection) -> Sequence[Tenant]:
    """Every tenant, by id."""
    return [_tenant(row) for row in await connection.fetch_all(_ALL, {})]


async def one(connection: Connection, tenant_id: TenantId) -> Tenant | None:
    """The tenant, if there is one."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id})
    return None if row is None else _tenant(row)


async def is_there(connection: Connection, tenant_id: TenantId) -> bool:
    """Whether there is such a tenant; it stays until the transaction ends."""
    return await connection.fetch_one(_IS_THERE, {"tenant": tenant_id}) is not None


async def add(connection: Connection, tenant_id: TenantId, tenant: Tenant) -> Tenant:
    """Keep a new one; ``tenant_id`` empty: choose its id."""
    kept = replace(tenant, id=TenantId(await chosen_id(connection, "tenant", "", tenant_id)))
    await connection.execute(_ADD, _values(kept))
    return kept


async def change(connection: Connection, tenant_id: TenantId, tenant: Tenant) -> bool:
    """Replace its fields; ``False`` where there is none."""
    return await connection.execute(_CHANGE, {**_values(tenant), "tenant": tenant_id}) == 1


async def remove(connection: Connection, tenant_id: TenantId) -> bool:
    """Take it away with everything that is its own: what is set up, logins, call records, facts."""
    # First, or a record that is being written could leave rows behind, or lock us out and be locked out by us.
    if await connection.fetch_one(_LOCK, {"tenant": tenant_id}) is None:
        return False
    for query in _CLEAR:
        await connection.execute(query, {"tenant": tenant_id})
    return await connection.execute(_REMOVE, {"tenant": tenant_id}) == 1


def _values(tenant: Tenant) -> Values:
    return {
        "id": tenant.id,
        "name": tenant.name,
        "name_key": key_of(tenant.name),
        "region": tenant.region,
        "crm_origins": to_json(tenant.crm_origins),
        "breaks": to_json(tenant.breaks),
        "dispositions": to_json(tenant.dispositions),
        "enabled": int(tenant.enabled),
        "time_zone": tenant.time_zone,
    }


def _tenant(row: Row) -> Tenant:
    tenant_id, name, region, origins, breaks, dispositions, enabled, time_zone = row
    return Tenant(
        id=TenantId(tenant_id),
        name=name,
        region=region,
        crm_origins=from_json(origins, tuple[str, ...]),
        breaks=from_json(breaks, tuple[BreakReason, ...]),
        dispositions=from_json(dispositions, tuple[Disposition, ...]),
        enabled=bool(enabled),
        time_zone=time_zone,
    )
