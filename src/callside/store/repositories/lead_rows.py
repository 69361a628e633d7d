"""A lead as a row, and how it waits.

``lane`` is the queue it waits in, ``rank`` its place there: callbacks and repeated tries by the time they are due, leads
never tried by the list's order. Leads that wait in none (done, blocked, being called) have no lane.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import literal_column, or_

from callside.dialer.leads.model import OPEN, Lead, LeadNumber, LeadState, Outcome
from callside.kernel.ids import AgentId, CallId, LeadId, LeadListId, TenantId
from callside.store.connection import Row
from callside.store.encoding import from_json, to_json
from callside.store.tables import LEADS

CALLBACKS: Final = 0
AGAIN: Final = 1
FRESH: Final = 2
FRESH_STANDING: Final = "fresh"

FIELDS: Final = (
    "id",
    "list_id",
    "name",
    "zone",
    "numbers",
    "fields",
    "state",
    "due_at",
    "attempts",
    "next_index",
    "callback_agent_id",
    "call_id",
    "last_outcome",
    "notes",
)
COLUMNS: Final = [LEADS.c[name] for name in FIELDS]
IS_DIALLING: Final = LEADS.c.state == literal_column("'dialling'")
"""In these words, because the partial index is found by them."""
IS_OPEN: Final = or_(*(LEADS.c.state == one.value for one in sorted(OPEN)))
Kept = tuple[str, str, str, int, str | None]
"""A number as it is kept: number, label, zone key, attempts, last outcome."""


def lane_of(state: LeadState, due_at: int, anybody_from: int, order_key: int) -> tuple[int | None, int]:
    """Lane and rank."""
    if state is LeadState.CALLBACK:
        return CALLBACKS, max(due_at, anybody_from)
    if state is not LeadState.DUE:
        return None, 0
    return (AGAIN, due_at) if due_at else (FRESH, order_key)


def standing_of(state: LeadState, attempts: int) -> str:
    """The word under which the lead is counted."""
    return FRESH_STANDING if state is LeadState.DUE and not attempts else state.value


def numbers_text(numbers: Sequence[LeadNumber]) -> str:
    """All numbers as one column."""
    kept: list[Kept] = [(one.number, one.label, one.zone_key, one.attempts, one.last_outcome) for one in numbers]
    return to_json(kept)


def numbers_of(text: str) -> tuple[LeadNumber, ...]:
    """The numbers again."""
    kept: list[Kept] = from_json(text, list[Kept])
    return tuple(
        LeadNumber(number, label, zone_key, attempts, None if outcome is None else Outcome(outcome))
        for number, label, zone_key, attempts, outcome in kept
    )


def lead_of(tenant_id: TenantId, row: Row) -> Lead:
    """The lead of a row with :data:`COLUMNS`."""
    lead_id, list_id, name, zone, numbers, fields, state, due_at, attempts, index, agent_id, call_id, outcome, notes = (
        row
    )
    return Lead(
        id=LeadId(str(lead_id)),
        tenant_id=tenant_id,
        list_id=LeadListId(list_id),
        numbers=numbers_of(numbers),
        name=name,
        fields=msgspec.json.decode(fields, type=dict[str, str]),
        zone=zone,
        state=LeadState(state),
        due_at=due_at,
        attempts=attempts,
        next_index=index,
        callback_agent_id=None if agent_id is None else AgentId(agent_id),
        call_id=None if call_id is None else CallId(call_id),
        last_outcome=None if outcome is None else Outcome(outcome),
        notes=notes,
    )


def number_of(lead_id: LeadId) -> int | None:
    """The row's number; ``None`` for what is no id of ours."""
    return int(lead_id) if lead_id.isdecimal() and lead_id.isascii() and len(lead_id) <= 18 else None
