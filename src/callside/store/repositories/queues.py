"""Queues, their agents and the numbers that lead to them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.acd.model import CallbackOffer, Overflow, Queue, Relaxation, Strategy
from callside.kernel.ids import AgentId, QueueId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import from_json, key_of, to_json
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import QUEUE_AGENTS, QUEUE_NUMBERS, QUEUES

_mine = QUEUES.c.tenant_id == bindparam("tenant")
_this = _mine & (QUEUES.c.id == bindparam("queue"))
_PLAIN: Final = (
    *("name", "ring_s", "wrap_up_s", "max_wait_s", "ring_count", "priority", "sticky_s", "max_waiting"),
    *("service_level_s", "short_abandon_s", "colour", "script", "whisper"),
)
_JSON: Final[dict[str, Any]] = {
    "skills": dict[str, int],
    "relaxation": tuple[Relaxation, ...],
    "overflow": tuple[Overflow, ...],
    "callback": CallbackOffer | None,
}
_FIELDS: Final = (*_PLAIN, *_JSON, "strategy")
_LIST: Final = Query(select(QUEUES.c.id, *(QUEUES.c[name] for name in _FIELDS)).where(_mine).order_by(QUEUES.c.id))
_ADD: Final = Query(insert(QUEUES))
_CHANGE: Final = Query(update(QUEUES).where(_this).values({name: bindparam(name) for name in ("name_key", *_FIELDS)}))
_REMOVE: Final = Query(delete(QUEUES).where(_this))

_AGENTS: Final = Query(
    select(QUEUE_AGENTS.c.queue_id, QUEUE_AGENTS.c.agent_id).where(QUEUE_AGENTS.c.tenant_id == bindparam("tenant"))
)
_ADD_AGENT: Final = Query(insert(QUEUE_AGENTS))
_CLEAR_AGENTS: Final = Query(
    delete(QUEUE_AGENTS).where(
        QUEUE_AGENTS.c.tenant_id == bindparam("tenant"), QUEUE_AGENTS.c.queue_id == bindparam("queue")
    )
)
_NUMBERS: Final = Query(
    select(QUEUE_NUMBERS.c.queue_id, QUEUE_NUMBERS.c.number)
    .where(QUEUE_NUMBERS.c.tenant_id == bindparam("tenant"))
    .order_by(QUEUE_NUMBERS.c.queue_id, QUEUE_NUMBERS.c.position)
)
_ADD_NUMBER: Final = Query(insert(QUEUE_NUMBERS))
_CLEAR_NUMBERS: Final = Query(
    delete(QUEUE_NUMBERS).where(
        QUEUE_NUMBERS.c.tenant_id == bindparam("tenant"), QUEUE_NUMBERS.c.queue_id == bindparam("queue")
    )
)


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[Queue]:
    """The tenant's queues, by id."""
    mine = {"tenant": tenant_id}
    agents: dict[str, set[AgentId]] = defaultdict(set)
    for queue_id, agent_id in await connection.fetch_all(_AGENTS, mine):
        agents[queue_id].add(agent_id)
    numbers: dict[str, list[str]] = defaultdict(list)
    for queue_id, number in await connection.fetch_all(_NUMBERS, mine):
        numbers[queue_id].append(number)
    return [
        _queue(tenant_id, row, frozenset(agents[row[0]]), tuple(numbers[row[0]]))
        for row in await connection.fetch_all(_LIST, mine)
    ]


def _queue(tenant_id: TenantId, row: Row, agents: frozenset[AgentId], numbers: tuple[str, ...]) -> Queue:
    values = dict(zip(_FIELDS, row[1:], strict=True))
    values |= {name: from_json(values[name], kind) for name, kind in _JSON.items()}
    values["strategy"] = Strategy(values["strategy"])
    return Queue(id=row[0], tenant_id=tenant_id, agents=agents, numbers=numbers, **values)


async def add(connection: Connection, tenant_id: TenantId, queue: Queue) -> Queue:
    """Keep a new one; its id empty: choose it."""
    kept = replace(queue, id=QueueId(await chosen_id(connection, "work", tenant_id, queue.id)))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    await _add_members(connection, tenant_id, kept)
    return kept


async def change(connection: Connection, tenant_id: TenantId, queue: Queue) -> bool:
    """Replace its fields, agents and numbers; ``False`` where there is none."""
    this = {"tenant": tenant_id, "queue": queue.id}
    if await connection.execute(_CHANGE, {**_values(queue), **this}) != 1:
        return False
    await connection.execute(_CLEAR_AGENTS, this)
    await connection.execute(_CLEAR_NUMBERS, this)
    await _add_members(connection, tenant_id, queue)
    return True


async def remove(connection: Connection, tenant_id: TenantId, queue_id: QueueId) -> bool:
    """Take it away."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "queue": queue_id}) == 1


async def _add_members(connection: Connection, tenant_id: TenantId, queue: Queue) -> None:
    base = {"tenant_id": tenant_id, "queue_id": queue.id}
    # Sorted: two changes at once take the agents' rows in one order and cannot lock each other out.
    await connection.execute_many(_ADD_AGENT, [{**base, "agent_id": one} for one in sorted(queue.agents)])
    await connection.execute_many(
        _ADD_NUMBER,
        [
            # A leading + is not compared (`Directory.queue_of_number`), so it may not tell two numbers apart here.
            {**base, "position": position, "number": number, "number_key": number.lstrip("+")}
            for position, number in enumerate(queue.numbers)
        ],
    )


def _values(queue: Queue) -> Values:
    plain = {name: getattr(queue, name) for name in (*_PLAIN, "strategy")}
    return {**plain, **{name: to_json(getattr(queue, name)) for name in _JSON}, "name_key": key_of(queue.name)}
