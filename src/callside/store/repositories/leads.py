"""Leads: adding, reading, and what their numbers being blocked makes of them."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert

from callside.dialer.leads.model import Lead, LeadList
from callside.kernel.ids import LeadId, LeadListId, TenantId
from callside.store.connection import Connection, Values
from callside.store.encoding import to_json
from callside.store.query import Query
from callside.store.repositories import lead_lists
from callside.store.repositories.counters import next_ids
from callside.store.repositories.lead_rows import (
    COLUMNS,
    IS_DIALLING,
    lane_of,
    lead_of,
    number_of,
    numbers_text,
    standing_of,
)
from callside.store.tables import LEAD_CELLS, LEAD_NUMBERS, LEADS

_mine = LEADS.c.tenant_id == bindparam("tenant")
_is_hidden = exists().where(
    LEAD_CELLS.c.id == LEADS.c.cell_id, LEAD_CELLS.c.tenant_id == bindparam("tenant"), LEAD_CELLS.c.hidden == 1
)
"""Brought by an import that is not through: it may be taken out again, and is not there for anybody yet."""
_ONE: Final = Query(select(*COLUMNS).where(_mine, LEADS.c.id == bindparam("lead", type_=BigInteger), ~_is_hidden))
_DIALLING: Final = Query(select(*COLUMNS).where(_mine, IS_DIALLING).order_by(LEADS.c.id))
_WITH_NUMBER: Final = Query(
    select(*COLUMNS)
    .select_from(LEAD_NUMBERS)
    .join(LEADS, LEADS.c.id == LEAD_NUMBERS.c.lead_id)
    .where(
        LEAD_NUMBERS.c.tenant_id == bindparam("tenant"),
        _mine,
        LEAD_NUMBERS.c.number == bindparam("number"),
        ~_is_hidden,
    )
    .order_by(LEADS.c.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_of_list = (
    select(*COLUMNS)
    .where(_mine, LEADS.c.list_id == bindparam("list"), LEADS.c.id > bindparam("after", type_=BigInteger))
    .order_by(LEADS.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_ALL_OF_LIST: Final = Query(_of_list)
_PAGE: Final = Query(_of_list.where(~_is_hidden))
_ADD: Final = Query(insert(LEADS))
_ADD_NUMBER: Final = Query(insert(LEAD_NUMBERS).on_conflict_do_nothing())


async def one(connection: Connection, tenant_id: TenantId, lead_id: LeadId) -> Lead | None:
    """The lead, if there is one."""
    number = number_of(lead_id)
    row = None if number is None else await connection.fetch_one(_ONE, {"tenant": tenant_id, "lead": number})
    return None if row is None else lead_of(tenant_id, row)


async def page(
    connection: Connection,
    tenant_id: TenantId,
    list_id: LeadListId,
    *,
    after: LeadId | None,
    limit: int,
    hidden_too: bool = False,
) -> Sequence[Lead]:
    """Some of a list's leads, oldest first; those of an import that is not through only where they are wanted."""
    first = 0 if after is None else (number_of(after) or 0)
    values: Values = {"tenant": tenant_id, "list": list_id, "after": first, "limit": limit}
    query = _ALL_OF_LIST if hidden_too else _PAGE
    return [lead_of(tenant_id, row) for row in await connection.fetch_all(query, values)]


async def dialling(connection: Connection, tenant_id: TenantId) -> Sequence[Lead]:
    """Those with an attempt under way, oldest first."""
    return [lead_of(tenant_id, row) for row in await connection.fetch_all(_DIALLING, {"tenant": tenant_id})]


async def with_number(connection: Connection, tenant_id: TenantId, number: str, limit: int) -> Sequence[Lead]:
    """Those that have this number, newest first."""
    values: Values = {"tenant": tenant_id, "number": number, "limit": limit}
    return [lead_of(tenant_id, row) for row in await connection.fetch_all(_WITH_NUMBER, values)]


async def add(
    connection: Connection,
    tenant_id: TenantId,
    into: LeadList,
    leads: Sequence[Lead],
    order_keys: Sequence[int | None],
    import_id: str = lead_lists.MAIN,
) -> Sequence[LeadId]:
    """Keep new ones; ``order_keys`` are those of lists that go by a column, ``None`` for the order of arrival."""
    list_id = into.id
    ids = await next_ids(connection, "lead", len(leads))
    cells: dict[str, int] = {}
    rows: list[Values] = []
    numbers: list[Values] = []
    tally: Counter[tuple[str, str]] = Counter()
    for lead_id, lead, key in zip(ids, leads, order_keys, strict=True):
        if lead.zone_key not in cells:
            cells[lead.zone_key] = await lead_lists.cell(connection, tenant_id, list_id, lead.zone_key, import_id)
        tally[list_id, standing_of(lead.state, lead.attempts)] += 1
        rows.append(_new_row(tenant_id, list_id, lead_id, lead, cells[lead.zone_key], lead_id if key is None else key))
        numbers += (
            {"tenant_id": tenant_id, "number": each.number, "lead_id": lead_id, "list_id": list_id}
            for each in lead.numbers
        )
    await connection.execute_many(_ADD, rows)
    await connection.execute_many(_ADD_NUMBER, numbers)
    await lead_lists.count(connection, tenant_id, tally)
    return [LeadId(str(one)) for one in ids]


def _new_row(tenant_id: TenantId, list_id: LeadListId, lead_id: int, lead: Lead, cell: int, key: int) -> Values:
    lane, rank = lane_of(lead.state, lead.due_at, lead.due_at, key)
    return {
        "id": lead_id,
        "tenant_id": tenant_id,
        "list_id": list_id,
        "cell_id": cell,
        "lane": lane,
        "rank": rank,
        "order_key": key,
        "name": lead.name,
        "zone": lead.zone,
        "numbers": numbers_text(lead.numbers),
        "fields": to_json(lead.fields),
        "state": lead.state.value,
        "due_at": lead.due_at,
        "attempts": lead.attempts,
        "next_index": lead.next_index,
        "callback_agent_id": lead.callback_agent_id,
        "call_id": lead.call_id,
        "last_outcome": lead.last_outcome,
        "notes": lead.notes,
    }
