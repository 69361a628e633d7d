"""Who is to be called next: always by way of an index that holds waiting leads only, so that lists may be of any size."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, FromClause, Select, Text, bindparam, cast, select, true
from sqlalchemy.sql import ClauseElement

from callside.dialer.leads.model import Lead, LeadState, ListOrder
from callside.dialer.leads.order import mixed, share
from callside.kernel.ids import AgentId, CampaignId, LeadListId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import to_json
from callside.store.query import Query
from callside.store.repositories import dnc
from callside.store.repositories.lead_rows import AGAIN, CALLBACKS, COLUMNS, FRESH, lead_of
from callside.store.tables import LEAD_CELLS, LEAD_LISTS, LEADS

_LAST_RANK: Final = 2**63 - 1
_TRIES: Final = 4
_CLOSED: Final = 500
"""How many personal callbacks in closed zones may stand before those that can be made now."""
_BACKWARDS: Final = frozenset({ListOrder.NEWEST, ListOrder.DESCENDING})
_RANK: Final = len(COLUMNS)
"""Where ``rank`` stands in a row that was found."""
_CELL: Final = _RANK + 1
_shown = [*COLUMNS, LEADS.c.rank, LEADS.c.cell_id]
_limit = bindparam("limit", type_=BigInteger)
_tenant: Final = bindparam("tenant", type_=Text)
_CELLS: Final = Query(
    select(LEAD_CELLS.c.id, LEAD_CELLS.c.zone_key, LEAD_LISTS.c.id, LEAD_LISTS.c.weight, LEAD_LISTS.c.ordering)
    .select_from(
        LEAD_LISTS.join(
            LEAD_CELLS, (LEAD_CELLS.c.tenant_id == LEAD_LISTS.c.tenant_id) & (LEAD_CELLS.c.list_id == LEAD_LISTS.c.id)
        )
    )
    .where(
        LEAD_LISTS.c.tenant_id == _tenant,
        LEAD_LISTS.c.campaign_id == bindparam("campaign"),
        LEAD_LISTS.c.enabled == 1,
        LEAD_CELLS.c.hidden == 0,
    )
    .order_by(LEAD_LISTS.c.id)
)


class Cell(NamedTuple):
    """One list's leads of one zone."""

    id: int
    zone_key: str
    list_id: LeadListId
    weight: int
    order: ListOrder


def _first_of_each(given_name: str, where: Any, place: Any, *, backwards: bool = False) -> Query:
    """The first leads of all, by way of the first of each given value: the one index entry after the other.

    SQLite has no LATERAL, and PostgreSQL does not look up what a subquery inside of IN finds.
    """
    inner = LEADS.alias("waiting")
    first = [inner.c[one.name].desc() if backwards else inner.c[one.name].asc() for one in (place, LEADS.c.id)]

    def chosen(given: FromClause) -> Select[Any]:
        return select(inner).where(*where(inner, given.c.value)).order_by(*first).limit(_limit)

    def sqlite(given: FromClause) -> ClauseElement:
        found = select(inner.c.id).where(*where(inner, given.c.value)).order_by(*first).limit(_limit)
        rows = given.join(LEADS, LEADS.c.id.in_(found.correlate(given).scalar_subquery()))
        return _in_order(select(*_shown).select_from(rows), LEADS)

    def postgresql(given: FromClause) -> ClauseElement:
        near = chosen(given).correlate(given).lateral("near")
        columns = [near.c[one.name] for one in _shown]
        return _in_order(select(*columns).select_from(given.join(near, true())), near)

    def _in_order(rows: Select[Any], table: FromClause) -> ClauseElement:
        keys = [table.c[one.name].desc() if backwards else table.c[one.name].asc() for one in (place, LEADS.c.id)]
        # The tenant is asked for inside, or by way of its cells: here SQLite would begin with all of the tenant's leads.
        return rows.order_by(*keys).limit(_limit)

    return Query.of_list(given_name, sqlite, postgresql)


def _in_lane(lead: Any, cell: Any) -> tuple[Any, ...]:
    lane, latest = bindparam("lane", type_=BigInteger), bindparam("latest", type_=BigInteger)
    return lead.c.cell_id == cast(cell, BigInteger), lead.c.lane == lane, lead.c.rank <= latest


def _personal(lead: Any, agent: Any) -> tuple[Any, ...]:
    latest = bindparam("latest", type_=BigInteger)
    callback = lead.c.state == LeadState.CALLBACK.value
    return lead.c.tenant_id == _tenant, lead.c.callback_agent_id == agent, callback, lead.c.due_at <= latest


_WAITING: Final = _first_of_each("cells", _in_lane, LEADS.c.rank)
_WAITING_BACKWARDS: Final = _first_of_each("cells", _in_lane, LEADS.c.rank, backwards=True)
_PERSONAL: Final = _first_of_each("agents", _personal, LEADS.c.due_at)


async def cells_of(connection: Connection, tenant_id: TenantId, campaign_id: CampaignId) -> list[Cell]:
    """The cells of the campaign's enabled lists."""
    rows = await connection.fetch_all(_CELLS, {"tenant": tenant_id, "campaign": campaign_id})
    return [Cell(cell, zone, list_id, weight, ListOrder(order)) for cell, zone, list_id, weight, order in rows]


async def next_leads(
    connection: Connection,
    tenant_id: TenantId,
    campaign_id: CampaignId,
    at: int,
    *,
    open_zone_keys: Collection[str],
    agent_ids: Collection[AgentId],
    limit: int,
    closed_lists: Collection[LeadListId] = (),
) -> Sequence[Lead]:
    """Who is to be called next, in order; see the port."""
    every = await cells_of(connection, tenant_id, campaign_id)
    cells = [one for one in every if one.zone_key in open_zone_keys and one.list_id not in closed_lists]
    asked, allowed = limit, []
    for _ in range(_TRIES):
        found = await _due_callbacks(connection, tenant_id, cells, agent_ids, at, asked)
        found += await _from_lists(connection, tenant_id, cells, at, asked - len(found))
        allowed = await with_blocked(connection, tenant_id, campaign_id, found, at)
        # More than a few that must not be called are not waiting here: who puts numbers on a list takes them out.
        if len(allowed) >= limit or len(found) < asked:
            return allowed[:limit]
        asked *= 2
    return allowed[:limit]


async def of_agent(
    connection: Connection,
    tenant_id: TenantId,
    campaign_id: CampaignId,
    agent_id: AgentId,
    at: int,
    *,
    open_zone_keys: Collection[str],
    limit: int,
    closed_lists: Collection[LeadListId] = (),
) -> Sequence[Lead]:
    """The agent's own callbacks by date, whenever they are due, then who is next in the campaign."""
    cells = await cells_of(connection, tenant_id, campaign_id)
    rows = await _personal_ones(connection, tenant_id, cells, [agent_id], _LAST_RANK, limit)
    own = [lead_of(tenant_id, row[:_RANK]) for row in rows][:limit]
    own = await with_blocked(connection, tenant_id, campaign_id, own, at)
    following = await next_leads(
        connection,
        tenant_id,
        campaign_id,
        at,
        open_zone_keys=open_zone_keys,
        agent_ids=(),
        limit=limit,
        closed_lists=closed_lists,
    )
    mine = {lead.id for lead in own}
    return [*own, *(lead for lead in following if lead.id not in mine)][:limit]


async def with_blocked(
    connection: Connection, tenant_id: TenantId, campaign_id: CampaignId, leads: Sequence[Lead], at: int
) -> list[Lead]:
    """The leads with their blocked numbers marked, without those that have no other."""
    numbers = [number.number for lead in leads for number in lead.numbers]
    on_lists = await dnc.blocked(connection, tenant_id, campaign_id, numbers, at)
    if not on_lists:
        return list(leads)
    marked = [
        replace(lead, numbers=tuple(replace(one, blocked=one.number in on_lists) for one in lead.numbers))
        for lead in leads
    ]
    return [lead for lead in marked if not all(one.blocked for one in lead.numbers)]


async def _due_callbacks(
    connection: Connection,
    tenant_id: TenantId,
    cells: Collection[Cell],
    agent_ids: Collection[AgentId],
    at: int,
    limit: int,
) -> list[Lead]:
    rows = list(await _waiting(connection, tenant_id, cells, CALLBACKS, at, limit))
    rows += await _personal_ones(connection, tenant_id, cells, agent_ids, at, limit)
    leads = {row[0]: lead_of(tenant_id, row[:_RANK]) for row in rows}
    return sorted(leads.values(), key=lambda lead: (lead.due_at, int(lead.id)))[:limit]


async def _personal_ones(
    connection: Connection,
    tenant_id: TenantId,
    cells: Collection[Cell],
    agent_ids: Collection[AgentId],
    latest: int,
    limit: int,
) -> list[Row]:
    if not agent_ids or not cells:
        return []
    here = {cell.id for cell in cells}
    values: Values = {
        "tenant": tenant_id,
        "agents": to_json(sorted(agent_ids)),
        "latest": latest,
        "limit": limit + _CLOSED,
    }
    return [row for row in await connection.fetch_all(_PERSONAL, values) if row[_CELL] in here]


async def _from_lists(
    connection: Connection, tenant_id: TenantId, cells: Collection[Cell], at: int, limit: int
) -> list[Lead]:
    lists: dict[LeadListId, list[Cell]] = defaultdict(list)
    for cell in cells:
        lists[cell.list_id].append(cell)
    weights = sum(mine[0].weight for mine in lists.values())
    found: dict[LeadListId, list[Lead]] = {}
    for list_id, mine in lists.items():
        wanted = share(mine[0].weight, weights, limit)
        found[list_id] = await _from_list(connection, tenant_id, mine, at, wanted)
    if sum(map(len, found.values())) < limit:
        for list_id, mine in lists.items():
            if len(lists) > 1 and len(found[list_id]) == share(mine[0].weight, weights, limit):
                found[list_id] = await _from_list(connection, tenant_id, mine, at, limit)
    return mixed([(lists[list_id][0].weight, leads) for list_id, leads in found.items()], limit)


async def _from_list(
    connection: Connection, tenant_id: TenantId, cells: Sequence[Cell], at: int, limit: int
) -> list[Lead]:
    """Of one list: what is due again, then what was never tried; lists that begin with the newest the other way round."""
    order = cells[0].order
    turns = [(AGAIN, at, _WAITING), (FRESH, _LAST_RANK, _WAITING_BACKWARDS if order in _BACKWARDS else _WAITING)]
    if order is ListOrder.NEWEST:
        turns.reverse()
    found: list[Lead] = []
    for lane, latest, query in turns:
        if len(found) < limit:
            rows = await _waiting(connection, tenant_id, cells, lane, latest, limit - len(found), query)
            found += [lead_of(tenant_id, row[:_RANK]) for row in rows]
    return found


async def _waiting(
    connection: Connection,
    tenant_id: TenantId,
    cells: Collection[Cell],
    lane: int,
    latest: int,
    limit: int,
    query: Query = _WAITING,
) -> Sequence[Row]:
    if not cells or limit <= 0:
        return []
    given = to_json([cell.id for cell in cells])
    values: Values = {"tenant": tenant_id, "cells": given, "lane": lane, "latest": latest, "limit": limit}
    return await connection.fetch_all(query, values)
