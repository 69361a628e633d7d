"""Figures as one fold over facts: the same for the live day and for history (dialer-acd.md §4.5, §5.3 no. 21, §6).

A call counts in the interval it arrived in, whenever it is answered or lost. An agent's time counts where it was spent.
Durations are the facts' own ``lasted_ms`` (monotonic); the wall clock only says which interval something belongs to.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Direction
from callside.floor.facts import Fact
from callside.floor.missed import UNAVAILABLE
from callside.kernel.ids import AgentId, CallId, QueueId, SessionId
from callside.reporting.callback_figures import CallbackFigures
from callside.reporting.dialing import CampaignFold
from callside.reporting.local_days import DaySteps, EvenSteps
from callside.reporting.waits import Waits

DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class OpenCall:
    """A call that has not ended, as far as figures go."""

    counted: "QueueFigures" = field(compare=False, repr=False)
    queue_id: QueueId
    agent_side: CallState = CallState.QUEUED
    """``QUEUED`` until somebody talks with the caller, and again after a call was taken back; else ``TALKING`` or ``HELD``."""
    waited_ms: int = 0
    at: int = 0
    """Wall ms of the last fact that told a duration: the wait has grown since."""
    entered: int = 0
    """Mono ms of the queue's entry: what came before (another queue, a menu) is not this queue's wait."""
    answered: bool = False

    def waited_until(self, wall: int) -> int:
        """Milliseconds waited so far."""
        return self.waited_ms + max(0, wall - self.at)


@dataclass(slots=True)
class QueueFigures:
    """Calls of one queue that arrived in one interval.

    Attributes:
        offered: All that arrived.
        answered: Waits of those answered: from the queue's entry until they hear an agent, ringing included.
        abandoned: Waits of those whose caller hung up unanswered.
        let_go: Ended unanswered, but not by the caller: longest wait reached, the engine lost.
        moved_on: Went to another queue unanswered.
        called_back: Asked to be called back instead of waiting.
        voicemail: Went to the queue's voicemail.
        unavailable: Came and went while the engine had nobody of ours to hand them to.
        rona: Offers that an agent did not answer in time.
        declined: Offers that an agent refused.
        handled: Answered calls that are over; the talk, hold and wrap-up times are theirs.
        waiting: Those nobody has answered yet.
    """

    offered: int = 0
    answered: Waits = field(default_factory=Waits)
    abandoned: Waits = field(default_factory=Waits)
    let_go: int = 0
    moved_on: int = 0
    called_back: int = 0
    voicemail: int = 0
    unavailable: int = 0
    callbacks: CallbackFigures = field(default_factory=CallbackFigures)
    rona: int = 0
    declined: int = 0
    handled: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int = 0
    waiting: dict[CallId, OpenCall] = field(default_factory=dict)

    def overdue(self, wall: int, limit_ms: int) -> int:
        """Calls still waiting that have waited longer than ``limit_ms``: missed already."""
        return sum(1 for call in self.waiting.values() if call.waited_until(wall) > limit_ms)


@dataclass(slots=True)
class AgentFigures:
    """What one agent did. ``spent_ms`` has the time in each state that is over; a running state is added by who asks."""

    offered: int = 0
    rona: int = 0
    declined: int = 0
    answered_in: int = 0
    answered_out: int = 0
    spent_ms: Counter[str] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """Calls with a customer, inbound and outbound."""
        return self.answered_in + self.answered_out


class Figures:
    """The figures of a time from ``since`` to ``until`` (wall ms, ``None``: open), in intervals of ``step_ms`` or ``steps``.

    Agents are counted over the whole time, and by interval too where ``agents_by_interval`` says so.
    """

    def __init__(
        self,
        since: int,
        until: int | None = None,
        step_ms: int = DAY_MS,
        *,
        steps: EvenSteps | DaySteps | None = None,
        agents_by_interval: bool = False,
    ) -> None:
        self.since = since
        self.until = until
        self.steps = steps or EvenSteps(since, step_ms)
        self._by_interval = agents_by_interval
        self.queues: dict[tuple[QueueId, int], QueueFigures] = {}
        """By queue and the interval's begin (wall ms)."""
        self.agents: dict[AgentId, AgentFigures] = {}
        self.agent_intervals: dict[tuple[AgentId, int], AgentFigures] = {}
        """By agent and the interval's begin (wall ms)."""
        self.dialing = CampaignFold(since, until, self.steps)
        self._calls: dict[CallId, OpenCall] = {}
        self._wrapping: dict[SessionId, QueueFigures] = {}

    def is_settled(self) -> bool:
        """Nothing counted here can still change but by arrivals: no call is open, no wrap-up runs."""
        return not self._calls and not self._wrapping and self.dialing.is_settled()

    def queue(self, queue_id: QueueId, begin: int | None = None) -> QueueFigures:
        """One interval of a queue; without ``begin`` the first one."""
        return self.queues.get((queue_id, self.since if begin is None else begin)) or QueueFigures()

    def agent(self, agent_id: AgentId) -> AgentFigures:
        """One agent."""
        return self.agents.get(agent_id) or AgentFigures()

    def take(self, fact: Fact) -> None:
        """Count one fact. Facts that say nothing here, or of calls that arrived before, change nothing."""
        self.dialing.take(fact)
        if fact.kind == "agent.state_changed":
            self._state_over(fact)
        elif fact.kind == "session.ended" and fact.session_id is not None:
            self._wrapping.pop(fact.session_id, None)
        elif fact.kind == UNAVAILABLE:
            self._unavailable(fact)
        elif fact.call_id is not None and fact.kind.startswith("call."):
            self._of_call(fact, fact.call_id)
        elif fact.kind.startswith("callback.") and self._is_inside(fact):
            queue_id = fact.detail.get("queue_id")
            if isinstance(queue_id, str):
                self._counted(QueueId(queue_id), fact).callbacks.take(fact)

    def clipped_ms(self, begin: int, end: int) -> int:
        """How much of ``begin`` to ``end`` (wall ms) lies in this time."""
        until = end if self.until is None else min(end, self.until)
        return max(0, until - max(begin, self.since))

    # ── agents ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _state_over(self, fact: Fact) -> None:
        lasted = _number(fact, "lasted_ms")
        state = str(fact.detail["from"])
        if fact.agent_id is not None:
            spent = min(lasted, self.clipped_ms(fact.at.wall - lasted, fact.at.wall))
            self._agent(fact.agent_id).spent_ms[state] += spent
            if self._by_interval:
                self.spend(fact.agent_id, state, fact.at.wall - lasted, fact.at.wall)
        if fact.session_id is not None and fact.detail.get("to") != AgentState.WRAP_UP:  # else it begins just now
            counted = self._wrapping.pop(fact.session_id, None)
            if counted is not None and state == AgentState.WRAP_UP:
                counted.wrap_ms += lasted

    def spend(self, agent_id: AgentId, state: str, begin: int, end: int) -> None:
        """Spread a time in a state (wall ms) over the intervals it was spent in."""
        begin, end = max(begin, self.since), end if self.until is None else min(end, self.until)
        while begin < end:
            until = min(end, self.steps.end_of(begin))
            self._interval(agent_id, begin).spent_ms[state] += until - begin
            begin = until

    def _interval(self, agent_id: AgentId, wall: int) -> AgentFigures:
        return self.agent_intervals.setdefault((agent_id, self.steps.begin_of(wall)), AgentFigures())

    def _agent(self, agent_id: AgentId) -> AgentFigures:
        # Not by setdefault, here and below: figures that are thrown away at once cost more than all else that is counted.
        found = self.agents.get(agent_id)
        if found is None:
            found = self.agents[agent_id] = AgentFigures()
        return found

    def _is_inside(self, fact: Fact) -> bool:
        return self.since <= fact.at.wall and (self.until is None or fact.at.wall < self.until)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _of_call(self, fact: Fact, call_id: CallId) -> None:
        if self._is_inside(fact) and fact.agent_id is not None:
            self._of_agent(fact, self._agent(fact.agent_id))
            if self._by_interval and fact.kind in _OF_AGENTS:
                self._of_agent(fact, self._interval(fact.agent_id, fact.at.wall))
        queue_id = fact.detail.get("to" if fact.kind == "call.overflowed" else "queue_id")
        call = self._calls.get(call_id)
        if isinstance(queue_id, str) and (call is None or call.queue_id != queue_id):
            if fact.kind in _ENTRIES or call is not None:
                self._enters(fact, call_id, QueueId(queue_id), call)
            return
        if call is None:
            if fact.kind == "call.ended" and fact.session_id is not None:
                self._wrapping.pop(fact.session_id, None)
            return
        self._goes_on(fact, call_id, call)

    def _enters(self, fact: Fact, call_id: CallId, queue_id: QueueId, before: OpenCall | None) -> None:
        if before is not None:
            before.counted.waiting.pop(call_id, None)
            before.counted.moved_on += not before.answered
            del self._calls[call_id]
        if not self._is_inside(fact):
            return
        counted = self._counted(queue_id, fact)
        counted.offered += 1
        call = OpenCall(counted, queue_id, at=fact.at.wall, entered=fact.at.mono)
        self._calls[call_id] = counted.waiting[call_id] = call

    def _unavailable(self, fact: Fact) -> None:
        queue_id = fact.detail.get("queue_id")
        if isinstance(queue_id, str) and self._is_inside(fact):
            counted = self._counted(QueueId(queue_id), fact)
            counted.offered += 1
            if fact.detail.get("cause") == Cause.ABANDONED:  # in the moment in which they came; we were there
                counted.abandoned.add(_number(fact, "lasted_ms"))
            else:
                counted.unavailable += 1

    def _counted(self, queue_id: QueueId, fact: Fact) -> QueueFigures:
        key = queue_id, self.steps.begin_of(fact.at.wall)
        found = self.queues.get(key)
        if found is None:
            found = self.queues[key] = QueueFigures()
        return found

    def _goes_on(self, fact: Fact, call_id: CallId, call: OpenCall) -> None:
        if "lasted_ms" in fact.detail:
            in_queue = fact.at.mono - call.entered
            lasted = _number(fact, "lasted_ms")
            self._add_time(call, min(lasted, in_queue) if in_queue >= 0 else lasted)  # < 0: another boot's clock
            call.at = fact.at.wall
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(self, fact, call_id, call)

    def _add_time(self, call: OpenCall, lasted_ms: int) -> None:
        if call.agent_side is CallState.TALKING:
            call.counted.talk_ms += lasted_ms
        elif call.agent_side is CallState.HELD:
            call.counted.hold_ms += lasted_ms
        elif not call.answered:
            call.waited_ms += lasted_ms

    def _answered(self, fact: Fact, call_id: CallId, call: OpenCall) -> None:
        call.agent_side = CallState.TALKING
        if not call.answered:
            call.answered = True
            call.counted.answered.add(call.waited_ms)
            call.counted.waiting.pop(call_id, None)

    def _requeued(self, fact: Fact, _: CallId, call: OpenCall) -> None:
        call.agent_side = CallState.QUEUED
        self._missed(fact, _, call)

    def _missed(self, fact: Fact, _: CallId, call: OpenCall) -> None:
        call.counted.rona += fact.detail.get("why") == "no_answer"
        call.counted.declined += fact.detail.get("why") == "declined"

    def _ended(self, fact: Fact, call_id: CallId, call: OpenCall) -> None:
        del self._calls[call_id]
        counted = call.counted
        if call.answered:
            counted.handled += 1
            if fact.session_id is not None:
                self._wrapping[fact.session_id] = counted
            return
        counted.waiting.pop(call_id, None)
        if fact.detail.get("cause") == Cause.ABANDONED:
            counted.abandoned.add(call.waited_ms)
        elif fact.detail.get("cause") == Cause.CALLBACK:
            counted.called_back += 1
        else:
            counted.let_go += 1

    def _voicemail(self, _: Fact, call_id: CallId, call: OpenCall) -> None:
        del self._calls[call_id]
        call.counted.waiting.pop(call_id, None)
        call.counted.voicemail += 1

    def _held(self, _: Fact, __: CallId, call: OpenCall) -> None:
        call.agent_side = CallState.HELD

    def _resumed(self, _: Fact, __: CallId, call: OpenCall) -> None:
        call.agent_side = CallState.TALKING

    def _of_agent(self, fact: Fact, agent: AgentFigures) -> None:
        if fact.kind == "call.offered":
            agent.offered += 1
        elif fact.kind == "call.answered":
            if fact.detail.get("direction") == Direction.OUTBOUND:
                agent.answered_out += 1
            else:
                agent.answered_in += 1
        elif fact.kind in {"call.requeued", "call.offer_missed"}:
            agent.rona += fact.detail.get("why") == "no_answer"
            agent.declined += fact.detail.get("why") == "declined"


_OF_AGENTS: Final = frozenset({"call.offered", "call.answered", "call.requeued", "call.offer_missed"})
_ENTRIES: Final = frozenset({"call.started", "call.queued", "call.overflowed"})
_STEPS: Final[dict[str, Callable[[Figures, Fact, CallId, OpenCall], None]]] = {
    "call.answered": Figures._answered,  # noqa: SLF001 - a table of this class's own steps
    "call.requeued": Figures._requeued,  # noqa: SLF001
    "call.offer_missed": Figures._missed,  # noqa: SLF001
    "call.voicemail_began": Figures._voicemail,  # noqa: SLF001
    "call.held": Figures._held,  # noqa: SLF001
    "call.resumed": Figures._resumed,  # noqa: SLF001
    "call.ended": Figures._ended,  # noqa: SLF001
}


def _number(fact: Fact, name: str) -> int:
    value = fact.detail.get(name)
    return value if isinstance(value, int) else 0
