"""What administration changes of leads: by hand, and by taking numbers off do-not-call lists."""

from collections import Counter
from collections.abc import Collection
from typing import Final

from sqlalchemy import BigInteger, bindparam, select, update

from callside.dialer.leads.model import OPEN, LeadState
from callside.dialer.leads.rules import RecyclingRules
from callside.exchange.leads_port import LeadChange
from callside.kernel.errors import ConflictError
from callside.kernel.ids import LeadId, TenantId
from callside.store.connection import Connection
from callside.store.encoding import to_json
from callside.store.query import Query, values_of
from callside.store.repositories import lead_lists, lead_progress
from callside.store.repositories.lead_rows import lane_of, number_of, numbers_of, standing_of
from callside.store.tables import LEAD_NUMBERS, LEADS

_this = (LEADS.c.tenant_id == bindparam("tenant"), LEADS.c.id == bindparam("lead", type_=BigInteger))
_FIELDS: Final = (
    "list_id", "state", "attempts", "numbers", "next_index", "order_key", "due_at", "name", "notes", "fields",
    "callback_agent_id",
)  # fmt: skip
_STANDARD: Final = RecyclingRules()
"""How long a callback is its agent's alone, where nobody knows the campaign's own rules."""
_ONE: Final = Query(select(*(LEADS.c[name] for name in _FIELDS)).where(*_this).with_for_update())
_SAY: Final = Query(update(LEADS).where(*_this).values({name: bindparam(name) for name in ("name", "notes", "fields")}))
_STAND: Final = Query(
    update(LEADS)
    .where(*_this)
    .values({name: bindparam(name) for name in ("state", "due_at", "lane", "rank", "cell_id", "callback_agent_id")})
)
_BLOCKED: Final = Query.of_list(
    "numbers",
    lambda given: (
        select(LEADS.c.id)
        .select_from(LEAD_NUMBERS.join(LEADS, LEADS.c.id == LEAD_NUMBERS.c.lead_id))
        .where(
            LEAD_NUMBERS.c.tenant_id == bindparam("tenant"),
            LEAD_NUMBERS.c.number.in_(values_of(given)),
            LEADS.c.tenant_id == bindparam("tenant"),
            LEADS.c.state == LeadState.BLOCKED.value,
        )
    ),
)


async def change(connection: Connection, tenant_id: TenantId, lead_id: LeadId, wanted: LeadChange) -> bool:
    """Change a lead; ``False`` where there is none.

    Raises:
        ConflictError: It is being called.
    """
    number = number_of(lead_id)
    row = None if number is None else await connection.fetch_one(_ONE, {"tenant": tenant_id, "lead": number})
    if row is None or number is None:
        return False
    kept = dict(zip(_FIELDS, row, strict=True))
    if kept["state"] == LeadState.DIALLING.value:
        msg = "lead: it is being called; change it after the call"
        raise ConflictError(msg, field="id")
    said = {
        "name": kept["name"] if wanted.name is None else wanted.name,
        "notes": kept["notes"] if wanted.notes is None else wanted.notes,
        "fields": kept["fields"] if wanted.fields is None else to_json(wanted.fields),
    }
    await connection.execute(_SAY, {"tenant": tenant_id, "lead": number, **said})
    if wanted.state is not None or wanted.due_at is not None:
        # A callback that is given another date is one still, and its agent's.
        stays = wanted.state is None and kept["state"] == LeadState.CALLBACK.value
        state = LeadState.CALLBACK if stays else wanted.state or LeadState.DUE
        agent_id = kept["callback_agent_id"] if stays else None
        await _stand(connection, tenant_id, number, state, wanted.due_at or 0, agent_id)
    return True


async def free(connection: Connection, tenant_id: TenantId, numbers: Collection[str]) -> None:
    """Numbers were taken off a list: leads that nothing blocks any more are due again."""
    rows = await connection.fetch_all(_BLOCKED, {"tenant": tenant_id, "numbers": to_json(sorted(numbers))})
    for lead_id in sorted({row[0] for row in rows}):
        await _stand(connection, tenant_id, lead_id, LeadState.DUE, 0)


async def _stand(
    connection: Connection,
    tenant_id: TenantId,
    lead_id: int,
    wanted: LeadState,
    due_at: int,
    agent_id: str | None = None,
) -> None:
    """Put a lead where it is to stand; one that is to be due but must not be called stays blocked."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "lead": lead_id})
    if row is None:
        return
    kept = dict(zip(_FIELDS, row, strict=True))
    list_id, numbers = kept["list_id"], numbers_of(kept["numbers"])
    state = wanted
    if state in OPEN:
        until = await lead_progress.free_from(connection, tenant_id, list_id, numbers)
        state, due_at = (LeadState.BLOCKED, 0) if until is None else (state, max(due_at, until))
    agent_id = agent_id if state is LeadState.CALLBACK else None
    alone_ms = _STANDARD.personal_for_s * 1000 if agent_id is not None else 0
    lane, rank = lane_of(state, due_at, due_at + alone_ms, kept["order_key"])
    index = kept["next_index"] if kept["next_index"] < len(numbers) else 0
    cell = await lead_lists.cell(connection, tenant_id, list_id, numbers[index].zone_key)
    values = {"state": state.value, "due_at": due_at, "lane": lane, "rank": rank, "cell_id": cell}
    await connection.execute(_STAND, {"tenant": tenant_id, "lead": lead_id, **values, "callback_agent_id": agent_id})
    tally: Counter[tuple[str, str]] = Counter()
    tally[list_id, standing_of(LeadState(kept["state"]), kept["attempts"])] -= 1
    tally[list_id, standing_of(state, kept["attempts"])] += 1
    await lead_lists.count(connection, tenant_id, tally)
