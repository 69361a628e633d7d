"""What the floor writes about leads, and what becomes of leads whose numbers are put on a do-not-call list."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, case, null, select, update

from callside.dialer.leads.model import OPEN, Blocked, LeadNumber, LeadProgress, LeadState, NumberProgress
from callside.kernel.ids import LeadListId, TenantId
from callside.store.connection import Connection
from callside.store.encoding import to_json
from callside.store.query import Query, values_of
from callside.store.repositories import dnc, lead_lists
from callside.store.repositories.lead_rows import IS_OPEN, lane_of, number_of, numbers_of, numbers_text, standing_of
from callside.store.tables import LEAD_LISTS, LEAD_NUMBERS, LEADS

_this = (LEADS.c.tenant_id == bindparam("tenant"), LEADS.c.id == bindparam("lead", type_=BigInteger))
_columns = (
    LEADS.c.list_id,
    LEADS.c.state,
    LEADS.c.attempts,
    LEADS.c.numbers,
    LEADS.c.next_index,
    LEADS.c.cell_id,
    LEADS.c.order_key,
)
# SQLite has one writer and knows no locks on rows: there it is a plain query.
_BEFORE: Final = Query(select(*_columns).where(*_this).with_for_update())
_given_notes = bindparam("given_notes", type_=LEADS.c.notes.type)
_WRITE: Final = Query(
    update(LEADS)
    .where(*_this)
    .values(
        {
            name: bindparam(name)
            for name in (
                "state", "due_at", "attempts", "next_index", "last_outcome", "callback_agent_id", "call_id", "numbers",
                "cell_id", "lane", "rank",
            )
        }
        | {"notes": case((bindparam("has_notes", type_=BigInteger) == 1, _given_notes), else_=LEADS.c.notes)}
    )
)  # fmt: skip
_CAMPAIGN: Final = Query(
    select(LEAD_LISTS.c.campaign_id).where(
        LEAD_LISTS.c.tenant_id == bindparam("tenant"), LEAD_LISTS.c.id == bindparam("list")
    )
)
_TO_BLOCK: Final = Query.of_list(
    "numbers",
    lambda given: (
        select(LEADS.c.id, LEADS.c.list_id, LEADS.c.numbers, LEADS.c.attempts, LEADS.c.state, LEADS.c.due_at)
        .select_from(LEAD_NUMBERS.join(LEADS, LEADS.c.id == LEAD_NUMBERS.c.lead_id))
        .where(
            LEAD_NUMBERS.c.tenant_id == bindparam("tenant"),
            LEAD_NUMBERS.c.number.in_(values_of(given)),
            LEADS.c.tenant_id == bindparam("tenant"),
            IS_OPEN,
        )
        .order_by(LEADS.c.id)
    ),
)
_BLOCK: Final = Query(
    update(LEADS)
    .where(*_this, IS_OPEN)
    .values(state=LeadState.BLOCKED.value, lane=null(), rank=0, due_at=0, callback_agent_id=null())
)
_DELAY: Final = Query(
    update(LEADS)
    .where(*_this, IS_OPEN)
    .values(due_at=bindparam("until"), rank=bindparam("until"), lane=bindparam("lane"))
)


async def write(connection: Connection, tenant_id: TenantId, steps: Sequence[LeadProgress]) -> None:
    """Write what became of leads, one after the other; a lead that was taken away is passed over.

    One that would be open again but whose numbers were all put on do-not-call lists meanwhile is blocked instead, or waits
    until the first of them may be called again.
    """
    tally: Counter[tuple[str, str]] = Counter()
    for step in steps:
        await _write_one(connection, tenant_id, step, tally)
    await lead_lists.count(connection, tenant_id, tally)


async def opt_out(connection: Connection, tenant_id: TenantId, entries: Sequence[Blocked]) -> None:
    """Put numbers on a do-not-call list, and block the leads that are left without any."""
    await dnc.opt_out(connection, tenant_id, entries)
    if entries:
        await block(connection, tenant_id, [one.number for one in entries])


async def block(connection: Connection, tenant_id: TenantId, numbers: Iterable[str]) -> None:
    """Take those of the tenant's waiting leads out whose every number is on a list that counts for them."""
    listed = {number for number, *_ in await dnc.blocking(connection, tenant_id, numbers, 0)}
    rows = await connection.fetch_all(_TO_BLOCK, {"tenant": tenant_id, "numbers": to_json(sorted(listed))})
    tally: Counter[tuple[str, str]] = Counter()
    # A lead comes once for each of its numbers.
    for lead_id, list_id, kept, attempts, state, due_at in {row[0]: row for row in rows}.values():
        this = {"tenant": tenant_id, "lead": lead_id}
        until = await free_from(connection, tenant_id, list_id, numbers_of(kept))
        if until is None and await connection.execute(_BLOCK, this):
            tally[list_id, standing_of(LeadState(state), attempts)] -= 1
            tally[list_id, LeadState.BLOCKED.value] += 1
        elif until is not None and until > due_at:
            lane, _ = lane_of(LeadState(state), until, until, until)
            await connection.execute(_DELAY, {**this, "until": until, "lane": lane})
    await lead_lists.count(connection, tenant_id, tally)


async def _write_one(
    connection: Connection, tenant_id: TenantId, step: LeadProgress, tally: Counter[tuple[str, str]]
) -> None:
    lead_id = number_of(step.lead_id)
    this = {"tenant": tenant_id, "lead": lead_id}
    before = None if lead_id is None else await connection.fetch_one(_BEFORE, this)
    if before is None:
        return
    list_id, was, had, kept, was_index, cell, order_key = before
    numbers = _tried(numbers_of(kept), step.number)
    index = step.next_index if step.next_index < len(numbers) else 0
    state, due_at = _wanted(step), step.due_at
    if state in OPEN:
        until = await free_from(connection, tenant_id, list_id, numbers)
        state, due_at = (LeadState.BLOCKED, 0) if until is None else (state, max(due_at, until))
    lane, rank = lane_of(state, due_at, step.anybody_from, order_key)
    if state in OPEN or index != was_index:
        # Looked up each time: an import's own cells are dissolved once its waiting leads are sorted in with the others.
        cell = await lead_lists.cell(connection, tenant_id, list_id, numbers[index].zone_key)
    await connection.execute(
        _WRITE,
        {
            **this,
            "state": state.value,
            "due_at": due_at,
            "attempts": step.attempts,
            "next_index": index,
            "last_outcome": step.last_outcome,
            "callback_agent_id": step.callback_agent_id if lane is not None or state is LeadState.DIALLING else None,
            "call_id": step.call_id,
            "numbers": numbers_text(numbers),
            "cell_id": cell,
            "lane": lane,
            "rank": rank,
            "has_notes": int(step.notes is not None),
            "given_notes": step.notes or "",
        },
    )
    tally[list_id, standing_of(LeadState(was), had)] -= 1
    tally[list_id, standing_of(state, step.attempts)] += 1


def _wanted(step: LeadProgress) -> LeadState:
    """What the step makes of the lead. Blocked as far as the floor knows: unless the lists say so, too, it comes up then."""
    return LeadState.DUE if step.state is LeadState.BLOCKED and step.due_at else step.state


def _tried(numbers: Sequence[LeadNumber], change: NumberProgress | None) -> tuple[LeadNumber, ...]:
    if change is None:
        return tuple(numbers)
    return tuple(
        LeadNumber(one.number, one.label, one.zone_key, change.attempts, change.last_outcome)
        if one.number == change.number
        else one
        for one in numbers
    )


async def free_from(
    connection: Connection, tenant_id: TenantId, list_id: LeadListId, numbers: Sequence[LeadNumber]
) -> int | None:
    """From when on one of the numbers may be called (wall ms; 0: now already); ``None``: never."""
    on_lists = await dnc.blocking(connection, tenant_id, [one.number for one in numbers], 0)
    if not on_lists:
        return 0
    row = await connection.fetch_one(_CAMPAIGN, {"tenant": tenant_id, "list": list_id})
    barred = dnc.free_from(on_lists, None if row is None else row[0])
    free = [barred.get(one.number, 0) for one in numbers]
    return min((at for at in free if at is not None), default=None)
