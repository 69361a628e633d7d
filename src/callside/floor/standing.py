"""Where an idle agent stands in each of their queues, by the queue's strategy; and what counts towards it."""

from collections.abc import Callable
from typing import Final

from callside.acd.model import Strategy
from callside.acd.workload import Workload
from callside.agents.machine import AgentState
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.timers import TimerKind
from callside.kernel.ids import QueueId

_FRESH_MS: Final = 30_000
"""A key that moves with time is taken anew this often; each agent at their own moment, so that no step pays for all."""
_READY, _TALKING, _HELD = AgentState.READY, AgentState.TALKING, AgentState.HELD  # see decision 7
_STANDING = TimerKind.STANDING
_TALK: Final = frozenset({_TALKING, _HELD})
_BUSY: Final = _TALK | {AgentState.RINGING, AgentState.RESERVED, AgentState.DIALING, AgentState.WRAP_UP}
_MOVING: Final = frozenset({Strategy.FEWEST_CALLS, Strategy.LEAST_TALK, Strategy.OCCUPANCY})

_KEYS: Final[dict[Strategy, Callable[[LiveSession, Workload, int], int]]] = {
    Strategy.FEWEST_CALLS: lambda _, workload, __: workload.calls,
    Strategy.LEAST_TALK: lambda _, workload, __: workload.talk,
    Strategy.ROUND_ROBIN: lambda session, _, __: session.last_offer,
    Strategy.OCCUPANCY: lambda session, workload, now: workload.occupancy(now - session.since.mono),
}


def stand_ready(ground: Ground, session: LiveSession) -> None:
    """The agent waits for a call of any of their queues; keys that move with time are taken anew after a while."""
    if not session.queue_ids:
        ground.matcher.agent_busy(session.id)
        return
    agent = ground.directory.agents.get(session.agent_id)
    keys = _keys(ground, session) if ground.directory.strategies else None
    skills = agent.skills if agent is not None else {}
    ground.matcher.agent_idle(session.id, session.queue_ids, session.idle_since.mono, skills, keys)


def stand_down(ground: Ground, session: LiveSession) -> None:
    """The agent waits no longer."""
    ground.matcher.agent_busy(session.id)
    if ground.directory.strategies:
        ground.timers.cancel(_STANDING, session.id)


def stand_anew(ground: Ground, session: LiveSession) -> None:
    """The directory has changed while the agent waits: their keys may be others, and move no more."""
    ground.timers.cancel(_STANDING, session.id)
    stand_ready(ground, session)


def refresh(ground: Ground, session: LiveSession) -> None:
    """Take the keys of an agent who is still idle anew."""
    if session.state is AgentState.READY:
        stand_ready(ground, session)


def count_state(ground: Ground, session: LiveSession, before: AgentState, lasted: int) -> None:
    """The agent has left a state: add what it was to their workload."""
    connected = int(session.state is _TALKING and before is not _HELD)
    if before is _READY:
        ground.workloads[session.agent_id].add(ground.now.mono, idle=lasted)
    elif before in _BUSY or connected:
        talk = lasted if before in _TALK else 0
        ground.workloads[session.agent_id].add(ground.now.mono, busy=lasted, talk=talk, calls=connected)


def count_handled(ground: Ground, call: LiveCall, wrap_up_ms: int) -> None:
    """The agent is done with the call: the queue's estimates learn how long that took."""
    if call.queue_id is not None and call.answered is not None:
        ground.paces[call.queue_id].handled(ground.now.mono, call.talk_ms + call.hold_ms + wrap_up_ms)


def _keys(ground: Ground, session: LiveSession) -> dict[QueueId, int]:
    strategies, now = ground.directory.strategies, ground.now.mono
    workload = ground.workloads[session.agent_id]
    workload.forget(now)
    keys: dict[QueueId, int] = {}
    moving = False
    for queue_id in session.queue_ids:
        strategy = strategies.get(queue_id)
        if strategy is not None:
            keys[queue_id] = _KEYS[strategy](session, workload, now)
            moving = moving or strategy in _MOVING
    if moving:
        ground.timers.set(_STANDING, session.id, now + _FRESH_MS)
    return keys
