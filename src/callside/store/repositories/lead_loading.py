"""Bringing leads in by the thousand: one statement for many rows, and all that is looked up of them at once."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BigInteger, FromClause, Select, bindparam, delete, literal_column, select, true, update

from callside.dialer.leads.intake import Verdict
from callside.dialer.leads.model import Lead, LeadList, LeadState, ListOrder
from callside.dialer.leads.order import order_key
from callside.exchange.lead_import.model import Candidate, Judgement, LeadImport, Scope
from callside.kernel.ids import LeadListId, TenantId
from callside.store.connection import Connection, Value, Values
from callside.store.encoding import to_json
from callside.store.query import Insertion, Query, values_of
from callside.store.repositories import dnc, lead_lists
from callside.store.repositories.counters import next_ids
from callside.store.repositories.lead_rows import lane_of, numbers_of
from callside.store.tables import LEAD_CELLS, LEAD_NUMBERS, LEADS

SOME: Final = 500
"""Leads in one transaction of undoing and merging."""
_BY_COLUMN: Final = frozenset({ListOrder.ASCENDING, ListOrder.DESCENDING})
_NUMBER_COLUMNS: Final = (LEAD_NUMBERS.c.number, LEAD_NUMBERS.c.lead_id, LEAD_NUMBERS.c.list_id)
_LEADS: Final = Insertion(
    LEADS, "id", "cell_id", "lane", "rank", "order_key", "due_at", "name", "zone", "numbers", "fields", "state", "notes",
    "tenant_id", "list_id", "attempts", "next_index",
)  # fmt: skip
_NUMBERS: Final = Insertion(LEAD_NUMBERS, "lead_id", "number", "tenant_id", "list_id")


def _one_by_one(given: FromClause) -> Select[Any]:
    here = LEAD_NUMBERS.c.tenant_id == bindparam("tenant"), LEAD_NUMBERS.c.number == given.c.value
    # Only with a limit of some kind it stays a query for each.
    found = select(*_NUMBER_COLUMNS).where(*here).correlate(given).offset(literal_column("0")).lateral("found")
    return select(found.c.number, found.c.lead_id, found.c.list_id).select_from(given.join(found, true()))


# In PostgreSQL so that it looks up one number after the other: while a list grows faster than its statistics, the plan
# that it would choose itself reads all numbers of the tenant each time.
_KNOWN: Final = Query.of_list(
    "numbers",
    lambda given: select(*_NUMBER_COLUMNS).where(
        LEAD_NUMBERS.c.tenant_id == bindparam("tenant"), LEAD_NUMBERS.c.number.in_(values_of(given))
    ),
    _one_by_one,
)
_cells_of_import = select(LEAD_CELLS.c.id).where(
    LEAD_CELLS.c.tenant_id == bindparam("tenant"), LEAD_CELLS.c.import_id == bindparam("import")
)
_limit = bindparam("limit", type_=BigInteger)
_TO_UNDO: Final = Query(
    select(LEADS.c.id, LEADS.c.numbers)
    .where(
        LEADS.c.tenant_id == bindparam("tenant"),
        LEADS.c.list_id == bindparam("list"),
        LEADS.c.id >= bindparam("first", type_=BigInteger),
        LEADS.c.cell_id.in_(_cells_of_import.scalar_subquery()),
    )
    .order_by(LEADS.c.id)
    .limit(_limit)
)
_ONE_LEAD: Final = Query(delete(LEADS).where(LEADS.c.tenant_id == bindparam("tenant"), LEADS.c.id == bindparam("lead")))
_ONE_NUMBER: Final = Query(
    delete(LEAD_NUMBERS).where(
        LEAD_NUMBERS.c.tenant_id == bindparam("tenant"),
        LEAD_NUMBERS.c.number == bindparam("number"),
        LEAD_NUMBERS.c.lead_id == bindparam("lead"),
    )
)
_OF_IMPORT: Final = (LEAD_CELLS.c.tenant_id == bindparam("tenant"), LEAD_CELLS.c.import_id == bindparam("import"))
_DROP_CELLS: Final = Query(delete(LEAD_CELLS).where(*_OF_IMPORT))
_SHOW_CELLS: Final = Query(update(LEAD_CELLS).where(*_OF_IMPORT).values(hidden=bindparam("hidden")))
_CELLS: Final = Query(select(LEAD_CELLS.c.id, LEAD_CELLS.c.zone_key).where(*_OF_IMPORT))
_CELLS_IN_LIST: Final = Query(
    select(LEAD_CELLS.c.id, LEAD_CELLS.c.zone_key).where(*_OF_IMPORT, LEAD_CELLS.c.list_id == bindparam("list"))
)
_MAIN_CELL: Final = Query(
    select(LEAD_CELLS.c.id)
    .where(
        LEAD_CELLS.c.tenant_id == bindparam("tenant"),
        LEAD_CELLS.c.list_id == bindparam("list"),
        LEAD_CELLS.c.import_id == bindparam("main"),
    )
    .limit(1)
)
_RENAME: Final = Query(update(LEAD_CELLS).where(*_OF_IMPORT).values(import_id=bindparam("main")))
_TO_MOVE: Final = Query(
    select(LEADS.c.id)
    .where(
        LEADS.c.tenant_id == bindparam("tenant"),
        LEADS.c.cell_id == bindparam("cell", type_=BigInteger),
        LEADS.c.lane.is_not(None),
    )
    .limit(_limit)
)
_MOVE: Final = Query(
    update(LEADS)
    .where(LEADS.c.tenant_id == bindparam("tenant"), LEADS.c.id == bindparam("lead"))
    .values(cell_id=bindparam("to"))
)
_DROP_CELL: Final = Query(
    delete(LEAD_CELLS).where(LEAD_CELLS.c.tenant_id == bindparam("tenant"), LEAD_CELLS.c.id == bindparam("cell"))
)


async def load(
    connection: Connection, tenant_id: TenantId, one: LeadImport, into: LeadList, candidates: Sequence[Candidate]
) -> tuple[list[Judgement], int | None]:
    """Keep what is new; what became of each candidate, and the first lead's number."""
    numbers = list(dict.fromkeys(each.number for row in candidates for each in row.lead.numbers))
    if not numbers:
        return [], None
    known = await _known(connection, tenant_id, one, into, numbers)
    barred = dnc.free_from(await dnc.blocking(connection, tenant_id, numbers, one.created_at), into.campaign_id)
    kept: list[tuple[Candidate, Lead, str]] = []
    judged: list[Judgement] = []
    seen: dict[str, str] = {}
    for row in candidates:
        lead, left_out = _new_of(row.lead, known, seen)
        if not lead.numbers:
            judged.append(Judgement(row.line, Verdict.DUPLICATE, left_out, number=row.lead.numbers[0].number))
            continue
        seen.update(dict.fromkeys((each.number for each in lead.numbers), f"line {row.line} of this file"))
        kept.append((row, _barred(lead, barred), "; ".join(filter(None, (row.note, left_out)))))
    if not kept:
        return judged, None
    ids = await _insert(connection, tenant_id, one, into, [lead for _, lead, _ in kept])
    for lead_id, (row, lead, note) in zip(ids, kept, strict=True):
        blocked = lead.state is LeadState.BLOCKED
        reason = "; ".join(filter(None, ("every number is on a do-not-call list" if blocked else "", note)))
        verdict = Verdict.BLOCKED if blocked else Verdict.IMPORTED
        judged.append(Judgement(row.line, verdict, reason, str(lead_id), lead.numbers[0].number))
    return judged, ids[0]


async def publish(connection: Connection, tenant_id: TenantId, one: LeadImport) -> None:
    """Show the import's cells; they become the list's own where it has none."""
    this: Values = {"tenant": tenant_id, "import": one.id, "list": one.list_id, "main": lead_lists.MAIN}
    await connection.execute(_SHOW_CELLS, {**this, "hidden": 0})
    if await connection.fetch_one(_MAIN_CELL, this) is None:
        await connection.execute(_RENAME, this)


async def undo_some(connection: Connection, tenant_id: TenantId, one: LeadImport) -> bool:
    """Take some of its leads out; ``False`` when none were left."""
    this: Values = {"tenant": tenant_id, "import": one.id, "list": one.list_id, "first": one.first_lead or 0}
    rows = await connection.fetch_all(_TO_UNDO, {**this, "limit": SOME})
    await take_out(connection, tenant_id, [(row[0], [each.number for each in numbers_of(row[1])]) for row in rows])
    if not rows:
        await connection.execute(_DROP_CELLS, this)
    return bool(rows)


async def take_out(connection: Connection, tenant_id: TenantId, leads: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Delete leads, given with their numbers."""
    gone: list[Values] = [{"tenant": tenant_id, "lead": lead_id} for lead_id, _ in leads]
    numbers: list[Values] = [
        {"tenant": tenant_id, "lead": lead_id, "number": number} for lead_id, mine in leads for number in mine
    ]
    await connection.execute_many(_ONE_NUMBER, numbers)
    await connection.execute_many(_ONE_LEAD, gone)


async def merge_some(connection: Connection, tenant_id: TenantId, list_id: LeadListId, import_id: str) -> bool:
    """Move some waiting leads from the import's cells into the list's; ``False`` when the import has no cells any more."""
    cells = await connection.fetch_all(_CELLS, {"tenant": tenant_id, "import": import_id})
    if not cells:
        return False
    cell_id, zone_key = cells[0]
    rows = await connection.fetch_all(_TO_MOVE, {"tenant": tenant_id, "cell": cell_id, "limit": SOME})
    if rows:
        target = await lead_lists.cell(connection, tenant_id, list_id, zone_key)
        moves: list[Values] = [{"tenant": tenant_id, "lead": row[0], "to": target} for row in rows]
        await connection.execute_many(_MOVE, moves)
    else:
        await connection.execute(_DROP_CELL, {"tenant": tenant_id, "cell": cell_id})
    return True


async def _known(
    connection: Connection, tenant_id: TenantId, one: LeadImport, into: LeadList, numbers: Sequence[str]
) -> dict[str, str]:
    """Numbers that count as known already, and where they are."""
    rows = await connection.fetch_all(_KNOWN, {"tenant": tenant_id, "numbers": to_json(numbers)})
    if not rows:
        return {}
    lists = {each.id: each for each in await lead_lists.of_tenant(connection, tenant_id)}
    same = {
        each.id
        for each in lists.values()
        if one.options.duplicates is Scope.TENANT
        or each.id == into.id
        or (one.options.duplicates is Scope.CAMPAIGN and into.campaign_id and each.campaign_id == into.campaign_id)
    }
    return {
        number: f"lead {lead_id} of " + ("this list" if list_id == into.id else f"the list {lists[list_id].name}")
        for number, lead_id, list_id in rows
        if list_id in same
    }


def _new_of(lead: Lead, known: dict[str, str], seen: dict[str, str]) -> tuple[Lead, str]:
    """The lead with the numbers that nobody has yet, and what was left out."""
    doubled = [each.number for each in lead.numbers if each.number in known or each.number in seen]
    if not doubled:
        return lead, ""
    left = tuple(each for each in lead.numbers if each.number not in doubled)
    told = ", ".join(f"{number} is {known.get(number) or seen[number]} already" for number in doubled)
    return replace(lead, numbers=left), told


def _barred(lead: Lead, barred: dict[str, int | None]) -> Lead:
    if not barred or any(each.number not in barred for each in lead.numbers):
        return lead
    ends = [end for each in lead.numbers if (end := barred[each.number]) is not None]
    return replace(lead, due_at=min(ends)) if ends else replace(lead, state=LeadState.BLOCKED)


async def _insert(
    connection: Connection, tenant_id: TenantId, one: LeadImport, into: LeadList, leads: Sequence[Lead]
) -> range:
    ids = await next_ids(connection, "lead", len(leads))
    by_column = into.order in _BY_COLUMN
    cells = await _cells(connection, tenant_id, one, into, [lead.numbers[0].zone_key for lead in leads])
    rows: list[tuple[Value, ...]] = []
    numbers: list[tuple[Value, ...]] = []
    for lead_id, lead in zip(ids, leads, strict=True):
        key = order_key(lead.fields.get(into.order_column, "")) if by_column else lead_id
        lane, rank = lane_of(lead.state, lead.due_at, lead.due_at, key)
        numbers += ((lead_id, number, tenant_id, into.id) for number in {each.number for each in lead.numbers})
        kept = to_json([(each.number, each.label, each.zone_key, 0, None) for each in lead.numbers])
        whole = (lead_id, cells[lead.numbers[0].zone_key], lane, rank, key, lead.due_at)
        words = (lead.name, lead.zone, kept, to_json(lead.fields), lead.state.value, lead.notes)
        rows.append((*whole, *words, tenant_id, into.id, 0, 0))
    await connection.insert(_LEADS, rows)
    # In the order of the index they go into.
    numbers.sort(key=itemgetter(1))
    await connection.insert(_NUMBERS, numbers)
    return ids


async def _cells(
    connection: Connection, tenant_id: TenantId, one: LeadImport, into: LeadList, zone_keys: Collection[str]
) -> dict[str, int]:
    """The import's cells of these zones, made where there are none."""
    rows = await connection.fetch_all(_CELLS_IN_LIST, {"tenant": tenant_id, "import": one.id, "list": into.id})
    found = {zone_key: int(cell_id) for cell_id, zone_key in rows}
    for zone_key in sorted(set(zone_keys) - found.keys()):
        found[zone_key] = await lead_lists.cell(connection, tenant_id, into.id, zone_key, one.id)
    return found
