"""Figures of campaigns as a fold over facts, the same for the live day and for history (dialer-acd.md §6).

A call counts in the interval it was dialled in, whatever becomes of it later. Times are the facts' own ``lasted_ms``.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy, Cause, Direction
from callside.floor.facts import Fact
from callside.kernel.ids import CallId, CampaignId, SessionId
from callside.reporting.local_days import DaySteps, EvenSteps
from callside.reporting.waits import Waits

_IDLE: Final = frozenset({AgentState.READY, AgentState.RESERVED, AgentState.DIALING, AgentState.PREVIEW})
"""An agent who waits for a customer; what they wait for may be ringing already."""
_ON_CALL: Final = frozenset({AgentState.TALKING, AgentState.HELD})


@dataclass(slots=True)
class CampaignFigures:
    """Calls of one campaign that were dialled in one interval.

    Attributes:
        dials: Calls made.
        rang: The customer's phone rang.
        live: A person answered: given an agent, abandoned, or gone before that.
        connects: Customer and agent heard each other.
        machines: Told to be machines, and not given an agent.
        handled: Connects that are over; talk, hold and wrap-up times are theirs.
        causes: How calls ended that no person answered.
        outcomes: The abandonment ledger's words for answered calls.
        dispositions: What agents said of them, by code.
        idle: What agents waited before each connect, dialling and preview included; a break begins it anew.
        answer_ms: From dialling until it was known that a person is there, over ``live``.
        fails: Calls that are over and that no person answered.
        fail_ms: From dialling until that was known, over ``fails``.
        in_flight: Calls that are not over.
        logged_in_ms: Time that agents were logged in for the campaign in the interval, breaks and their queues' calls included;
            that of states that are over, a running one is added by who asks.
    """

    dials: int = 0
    rang: int = 0
    live: int = 0
    connects: int = 0
    machines: int = 0
    handled: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)
    idle: Waits = field(default_factory=Waits)
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int = 0
    answer_ms: int = 0
    fails: int = 0
    fail_ms: int = 0
    in_flight: dict[CallId, "OpenDial"] = field(default_factory=dict)
    logged_in_ms: int = 0


@dataclass(slots=True)
class OpenDial:
    """A call of a campaign that has not ended."""

    counted: CampaignFigures = field(compare=False, repr=False)
    ms: int = 0
    """Since it was dialled until an agent was there, as far as facts tell."""
    known_ms: int = 0
    """The same until it was known who has answered."""
    picked_at: int = 0
    """Mono ms."""
    picked: bool = False
    machine: bool = False
    live: bool = False
    answered: bool = False
    held: bool = False


class CampaignFold:
    """The figures of a time from ``since`` to ``until`` (wall ms, ``None``: open), in intervals of ``steps``."""

    def __init__(self, since: int, until: int | None, steps: EvenSteps | DaySteps) -> None:
        self.since = since
        self.until = until
        self.steps = steps
        self.campaigns: dict[tuple[CampaignId, int], CampaignFigures] = {}
        """By campaign and the interval's begin (wall ms)."""
        self._calls: dict[CallId, OpenDial] = {}
        self._over: tuple[CallId, CampaignFigures] | None = None
        """The call that ended last: the ledger's word for it comes in the same step."""
        self._wrapping: dict[SessionId, tuple[CallId, CampaignFigures]] = {}
        self._idle: dict[SessionId, int] = {}
        self._connected: dict[SessionId, CampaignFigures] = {}

    def campaign(self, campaign_id: CampaignId, begin: int | None = None) -> CampaignFigures:
        """One interval of a campaign; without ``begin`` the first one."""
        return self.campaigns.get((campaign_id, self.since if begin is None else begin)) or CampaignFigures()

    def is_settled(self) -> bool:
        """Nothing counted here can still change but by new calls."""
        return not self._calls and not self._wrapping

    def take(self, fact: Fact) -> None:
        """Count one fact; those that say nothing here, or are of calls from before, change nothing."""
        if fact.kind == "agent.state_changed":
            self._state_over(fact)
        elif fact.kind == "session.ended" and fact.session_id is not None:
            for known in (self._wrapping, self._idle, self._connected):
                known.pop(fact.session_id, None)
        elif fact.call_id is not None:
            self._of_call(fact, fact.call_id)

    # ── agents ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _state_over(self, fact: Fact) -> None:
        session_id = fact.session_id
        if session_id is None:
            return
        campaign_id = fact.detail.get("campaign_id")
        if isinstance(campaign_id, str):
            wall = fact.at.wall
            self.log_in(CampaignId(campaign_id), wall - _number(fact, "lasted_ms"), wall)
        before, after, lasted = fact.detail["from"], fact.detail["to"], _number(fact, "lasted_ms")
        if before == AgentState.WRAP_UP or (before in _ON_CALL and after not in {*_ON_CALL, AgentState.WRAP_UP}):
            wrapped = self._wrapping.pop(session_id, None)
            if wrapped is not None and before == AgentState.WRAP_UP:
                wrapped[1].wrap_ms += lasted
        self._idles(session_id, str(before), str(after), lasted)

    def log_in(self, campaign_id: CampaignId, begin: int, end: int) -> None:
        """Spread a time that an agent was logged in for the campaign (wall ms) over the intervals it was spent in."""
        begin, end = max(begin, self.since), end if self.until is None else min(end, self.until)
        while begin < end:
            until = min(end, self.steps.end_of(begin))
            self._counted(campaign_id, self.steps.begin_of(begin)).logged_in_ms += until - begin
            begin = until

    def _counted(self, campaign_id: CampaignId, begin: int) -> CampaignFigures:
        key = campaign_id, begin
        found = self.campaigns.get(key)
        if found is None:
            found = self.campaigns[key] = CampaignFigures()
        return found

    def _idles(self, session_id: SessionId, before: str, after: str, lasted_ms: int) -> None:
        waited = self._idle.pop(session_id, 0)
        if before in _IDLE:
            waited += lasted_ms
            if after in _IDLE:
                self._idle[session_id] = waited
        counted = self._connected.pop(session_id, None)
        if counted is not None and after == AgentState.TALKING and before in _IDLE:
            counted.idle.add(waited)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _of_call(self, fact: Fact, call_id: CallId) -> None:
        if fact.kind == "call.started":
            self._begins(fact, call_id)
            return
        call = self._calls.get(call_id)
        if call is None:
            self._afterwards(fact, call_id)
            return
        self._adds_time(call, _number(fact, "lasted_ms"))
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(self, fact, call_id, call)

    def _begins(self, fact: Fact, call_id: CallId) -> None:
        campaign_id = fact.detail.get("campaign_id")
        inside = self.since <= fact.at.wall and (self.until is None or fact.at.wall < self.until)
        if not inside or not isinstance(campaign_id, str) or fact.detail.get("direction") != Direction.OUTBOUND:
            return
        counted = self._counted(CampaignId(campaign_id), self.steps.begin_of(fact.at.wall))
        counted.dials += 1
        self._calls[call_id] = counted.in_flight[call_id] = OpenDial(counted)

    def _afterwards(self, fact: Fact, call_id: CallId) -> None:
        if fact.kind == "ledger.entered":
            counted = self._ended_with(fact, call_id)
            if counted is not None:
                counted.outcomes[str(fact.detail["outcome"])] += 1
        elif fact.kind == "call.wrapped_up" and fact.session_id is not None:
            known = self._wrapping.get(fact.session_id)
            disposition = fact.detail.get("disposition")
            if known is not None and known[0] == call_id and disposition is not None:
                known[1].dispositions[str(disposition)] += 1
        elif fact.kind == "call.answered" and fact.session_id is not None:
            self._connected.pop(fact.session_id, None)

    def _ended_with(self, fact: Fact, call_id: CallId) -> CampaignFigures | None:
        """Where a call counts that ended just now, or that is wrapped up: a sample's entry waits for its agent's word."""
        wrapping = self._wrapping.get(fact.session_id) if fact.session_id is not None else None
        return next((one[1] for one in (self._over, wrapping) if one is not None and one[0] == call_id), None)

    def _adds_time(self, call: OpenDial, lasted_ms: int) -> None:
        if not call.answered:
            call.ms += lasted_ms
        elif call.held:
            call.counted.hold_ms += lasted_ms
        else:
            call.counted.talk_ms += lasted_ms

    def _rang(self, _: Fact, __: CallId, call: OpenDial) -> None:
        call.counted.rang += 1

    def _picked_up(self, fact: Fact, _: CallId, call: OpenDial) -> None:
        call.picked, call.picked_at, call.known_ms = True, fact.at.mono, call.ms

    def _judged(self, fact: Fact, _: CallId, call: OpenDial) -> None:
        call.known_ms += max(0, fact.at.mono - call.picked_at)  # less than 0: another boot's clock
        call.machine = fact.detail.get("answered_by") == AnsweredBy.MACHINE

    def _abandoned(self, _: Fact, __: CallId, call: OpenDial) -> None:
        self._is_live(call)

    def _answered(self, fact: Fact, _: CallId, call: OpenDial) -> None:
        if call.answered:
            return
        if not call.picked:
            self._picked_up(fact, _, call)
        call.answered = True
        call.counted.connects += 1
        self._is_live(call)
        if fact.session_id is not None:
            self._connected[fact.session_id] = call.counted

    def _is_live(self, call: OpenDial) -> None:
        if not call.live:
            call.live = True
            call.counted.live += 1
            call.counted.answer_ms += call.known_ms

    def _held(self, _: Fact, __: CallId, call: OpenDial) -> None:
        call.held = True

    def _resumed(self, _: Fact, __: CallId, call: OpenDial) -> None:
        call.held = False

    def _ended(self, fact: Fact, call_id: CallId, call: OpenDial) -> None:
        counted = call.counted
        del self._calls[call_id], counted.in_flight[call_id]
        self._over = call_id, counted
        if call.answered:
            counted.handled += 1
            if fact.session_id is not None:
                self._wrapping[fact.session_id] = call_id, counted
            return
        if call.picked and not call.machine:
            self._is_live(call)
            return
        counted.machines += call.machine
        counted.fails += 1
        counted.fail_ms += call.known_ms if call.machine else call.ms
        counted.causes[str(fact.detail.get("cause") or Cause.FAILED)] += 1


_STEPS: Final[dict[str, Callable[[CampaignFold, Fact, CallId, OpenDial], None]]] = {
    "call.ringing": CampaignFold._rang,  # noqa: SLF001 - a table of this class's own steps
    "call.picked_up": CampaignFold._picked_up,  # noqa: SLF001
    "call.judged": CampaignFold._judged,  # noqa: SLF001
    "call.abandoned": CampaignFold._abandoned,  # noqa: SLF001
    "call.answered": CampaignFold._answered,  # noqa: SLF001
    "call.held": CampaignFold._held,  # noqa: SLF001
    "call.resumed": CampaignFold._resumed,  # noqa: SLF001
    "call.ended": CampaignFold._ended,  # noqa: SLF001
}


def _number(fact: Fact, name: str) -> int:
    value = fact.detail.get(name)
    return value if isinstance(value, int) else 0
