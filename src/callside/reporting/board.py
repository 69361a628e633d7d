"""The live floor as rows: queues, campaigns, agents, calls.

Rows hold moments (wall ms), not durations, so they stay true until changed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, CampaignId, QueueId, SessionId
from callside.reporting.campaign_board import CampaignRow, campaign_row
from callside.reporting.figures import Figures
from callside.reporting.formulas import Figure, service_level
from callside.reporting.sheets import targets_of

_COLUMN: Final = {
    AgentState.READY: "ready",
    AgentState.RESERVED: "ringing",
    AgentState.RINGING: "ringing",
    AgentState.DIALING: "talking",
    AgentState.TALKING: "talking",
    AgentState.HELD: "talking",
    AgentState.WRAP_UP: "wrap_up",
    AgentState.BREAK: "on_break",
}
"""Which of a queue's counts an agent is in; all other states are ``away``."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue now, and since the tenant's midnight."""

    id: QueueId
    name: str
    colour: str
    waiting: int
    oldest: int | None
    ready: int
    ringing: int
    talking: int
    wrap_up: int
    on_break: int
    away: int
    offered: int
    answered: int
    abandoned: int
    let_go: int
    unavailable: int
    """Callers of today who came and went while Callside was away."""
    callbacks: int
    """Customers who are yet to be called back."""
    voicemails: int
    """Messages that are kept, of any day."""
    answer_within_ms: int
    service_level: Figure


@dataclass(frozen=True, slots=True)
class AgentRow:
    """Somebody who is logged in; ``id`` is the session's."""

    id: SessionId
    agent_id: str
    name: str
    username: str
    login_type: str
    state: str
    since: int
    reason: str
    break_limit_at: int | None
    """When the break they are on goes on (or went on) beyond its limit; ``None``: it has none."""
    line: str
    queue_ids: tuple[QueueId, ...]
    call_id: CallId | None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call that goes on."""

    id: CallId
    direction: str
    state: str
    since: int
    started: int
    number: str
    callback: bool
    name: str
    queue_id: QueueId | None
    campaign_id: str | None
    agent_id: str | None


Row: TypeAlias = QueueRow | CampaignRow | AgentRow | CallRow


class Key(NamedTuple):
    """Which row: ``kind`` is ``queues``, ``campaigns``, ``agents`` or ``calls``."""

    kind: str
    id: str


def all_keys(ground: Ground) -> set[Key]:
    """Every row there is."""
    return {
        *(Key("queues", one) for one in ground.directory.queues),
        *(Key("campaigns", one) for one in ground.directory.campaigns),
        *(Key("agents", one) for one in ground.sessions),
        *(Key("calls", one) for one in ground.calls),
    }


def rows(ground: Ground, figures: Figures, now: Moment, keys: Iterable[Key]) -> dict[Key, Row | None]:
    """These rows as they are now; ``None`` for what is gone."""
    wanted = list(keys)
    queues = {QueueId(key.id) for key in wanted if key.kind == "queues"}
    people = _people(ground, queues) if queues else {}
    found: dict[Key, Row | None] = {}
    for key in wanted:
        if key.kind == "queues":
            queue_id = QueueId(key.id)
            found[key] = _queue(ground, figures, now, queue_id, people.get(queue_id, Counter()))
        elif key.kind == "campaigns":
            found[key] = campaign_row(ground, figures, now, CampaignId(key.id))
        elif key.kind == "agents":
            found[key] = _agent(ground, ground.sessions.get(SessionId(key.id)))
        else:
            found[key] = _call(ground.calls.get(CallId(key.id)))
    return found


def _people(ground: Ground, queues: set[QueueId]) -> dict[QueueId, Counter[str]]:
    counts: dict[QueueId, Counter[str]] = {}
    for session in ground.sessions.values():
        column = _COLUMN.get(session.state, "away")
        for queue_id in session.queue_ids:
            if queue_id in queues:
                counts.setdefault(queue_id, Counter())[column] += 1
    return counts


def _queue(ground: Ground, figures: Figures, now: Moment, queue_id: QueueId, people: Counter[str]) -> QueueRow | None:
    queue = ground.directory.queues.get(queue_id)
    if queue is None:
        return None
    today = figures.queue(queue_id)
    oldest = ground.waiting.oldest(queue_id)
    targets = targets_of(queue)
    return QueueRow(
        id=queue_id,
        name=queue.name,
        colour=queue.colour,
        waiting=ground.waiting.count(queue_id),
        oldest=oldest.wall if oldest else None,
        ready=people["ready"],
        ringing=people["ringing"],
        talking=people["talking"],
        wrap_up=people["wrap_up"],
        on_break=people["on_break"],
        away=people["away"],
        offered=today.offered,
        answered=today.answered.count,
        abandoned=today.abandoned.count,
        let_go=today.let_go,
        unavailable=today.unavailable,
        voicemails=ground.mail.kept.get(queue_id, 0),
        callbacks=ground.callbacks.open_in(queue_id),
        answer_within_ms=targets.answer_ms,
        service_level=service_level(today, now.wall, targets),
    )


def _agent(ground: Ground, session: LiveSession | None) -> AgentRow | None:
    if session is None:
        return None
    agent = ground.directory.agents.get(session.agent_id)
    reason = session.break_reason or ""
    known = (one.label for one in ground.directory.tenant.breaks if one.code == reason)
    return AgentRow(
        id=session.id,
        agent_id=session.agent_id,
        name=agent.name if agent else "",
        username=agent.username if agent else "",
        login_type=session.login_type.value,
        state=session.state.value,
        since=session.since.wall,
        reason=next(known, reason) if session.state is AgentState.BREAK else "",
        break_limit_at=session.since.wall + session.break_limit_s * 1000 if session.break_limit_s is not None else None,
        line=session.line.value,
        queue_ids=session.queue_ids,
        call_id=session.call_id,
    )


def _call(call: LiveCall | None) -> CallRow | None:
    if call is None or call.state is CallState.ENDED:
        return None
    return CallRow(
        id=call.id,
        direction=call.direction.value,
        state=call.state.value,
        since=call.since.wall,
        started=call.started.wall,
        number=call.customer_number,
        callback=call.callback is not None or call.callback_of is not None,
        name=call.customer_name,
        queue_id=call.queue_id,
        campaign_id=call.campaign_id,
        agent_id=call.agent_id,
    )
