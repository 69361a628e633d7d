"""The ground the floor stands on: its rows, indexes and timers, and what the step under way leaves behind."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec

from callside.acd.crew import Crew
from callside.acd.estimates import Pace
from callside.acd.last_agents import LastAgents
from callside.acd.matching import Matcher
from callside.acd.model import Queue
from callside.acd.workload import Workload
from callside.agents.machine import AgentState
from callside.dialer.model import Campaign
from callside.floor.callback_book import CallbackBook
from callside.floor.commands import Command
from callside.floor.dialing_desk import Dialing
from callside.floor.directory import Directory
from callside.floor.facts import Fact, Plain, Record
from callside.floor.live import LiveCall, LiveSession
from callside.floor.mailroom import Mailroom
from callside.floor.timers import Timers
from callside.floor.waiting import Waiting
from callside.kernel.clock import Moment
from callside.kernel.errors import NotFoundError
from callside.kernel.ids import AgentId, CallId, CampaignId, IdSource, LegId, QueueId, SessionId

_CLOSED = AgentState.CLOSED


@dataclass(frozen=True, slots=True)
class Policy:
    """Time limits of sessions and lines, in milliseconds (reliability-security.md §1.1, dialer-acd.md §5.1)."""

    ticket_ms: int = 60_000
    idle_ms: int = 15 * 60_000
    absolute_ms: int = 12 * 3_600_000
    resume_ms: int = 60_000


_NOTHING: Final[Mapping[CampaignId, int]] = MappingProxyType({})
_NOTHING_LACKING: Final[Mapping[CampaignId, tuple[int, int]]] = MappingProxyType({})


class Outcome(msgspec.Struct, gc=False):
    """What one step asks for.

    Attributes:
        commands: For the engine, in order.
        record: For the store, one transaction.
        changed: Sessions whose view is another now.
        queues: Queues whose number of waiting calls is another now.
        wants: Campaigns that want leads fetched, and how many; answered by ``LeadsFetched``.
        lacking: Campaigns whose ledger has to be read, from when to before when (wall ms); answered by ``LedgerRead``.
    """

    record: Record
    commands: list[Command] = []  # msgspec copies these
    changed: set[SessionId] = set()
    queues: AbstractSet[QueueId] = frozenset()
    wants: Mapping[CampaignId, int] = _NOTHING
    lacking: Mapping[CampaignId, tuple[int, int]] = _NOTHING_LACKING


Estimate = Callable[["Ground", LiveCall, int], tuple[int, int] | None]
"""Of a waiting call and its place in the queue (1: next): between how many and how many seconds it has yet to wait."""


def no_estimate(_ground: "Ground", _call: LiveCall, _place: int) -> tuple[int, int] | None:
    """Nothing is known: nothing is said."""
    return None


class Ground:
    """State of one tenant's floor. Only the floor's own modules change it."""

    def __init__(self, directory: Directory, ids: IdSource, policy: Policy) -> None:
        self.directory = directory
        self.tenant_id = directory.tenant.id
        self.ids = ids
        self.policy = policy
        self.sessions: dict[SessionId, LiveSession] = {}
        self.calls: dict[CallId, LiveCall] = {}
        self.session_of_agent: dict[AgentId, SessionId] = {}
        self.line_legs: dict[LegId, SessionId] = {}
        self.call_legs: dict[LegId, LiveCall] = {}
        self.matcher = Matcher()
        self.waiting = Waiting()
        self.crew = Crew()
        self.last_agents = LastAgents()
        self.offers = 0
        """Offers made so far, and the highest number of them among the rows we began with."""
        self._places = 0
        # What each agent has done lately, and how fast each queue is served.
        self.workloads: defaultdict[AgentId, Workload] = defaultdict(Workload)
        self.paces: defaultdict[QueueId, Pace] = defaultdict(Pace)
        self.timers = Timers()
        self.direct: list[tuple[CallId, SessionId]] = []
        """Calls led to one agent, who is offered them at the end of the step."""
        self.callbacks = CallbackBook()
        self.mail = Mailroom()
        self.estimate: Estimate = no_estimate
        self.dialing = Dialing()
        self.engine_up = False
        self.can_write = True
        """Records reach the disk; while they do not nobody is dialled."""
        self.now = Moment(0, 0)
        self.begin(self.now)

    def begin(self, now: Moment) -> None:
        """A new step."""
        self.now = now
        self.record = Record(self.tenant_id)
        self.out = Outcome(self.record)

    def finish(self) -> Outcome:
        """The end of the step. Whatever was done to a call in it, its line and its watchers hear of it once."""
        out, waiting = self.out, self.waiting
        for call in out.record.live_calls.values():
            if call is None:
                continue
            waiting.note(call)
            if call.session_id is not None:
                out.changed.add(call.session_id)
            elif call.rung:
                out.changed.update(call.rung)
        if waiting.changed:
            out.queues, waiting.changed = waiting.changed, set()
        return out

    def command(self, command: Command) -> None:
        """Ask the engine."""
        self.out.commands.append(command)

    def fact(
        self,
        kind: str,
        session: LiveSession | None = None,
        call: LiveCall | None = None,
        **detail: Plain,
    ) -> None:
        """Put on record."""
        if session is not None:
            call_id = call.id if call is not None else None
            fact = Fact(kind, self.tenant_id, self.now, session.id, session.agent_id, call_id, detail)
            self.record.facts.append(fact)
        elif call is not None:
            self.fact_of_call(kind, call, detail)
        else:
            self.record.facts.append(Fact(kind, self.tenant_id, self.now, None, None, None, detail))

    def fact_of_call(self, kind: str, call: LiveCall, detail: dict[str, Plain]) -> None:
        """The same of a call, where the detail is a dictionary already."""
        fact = Fact(kind, self.tenant_id, self.now, call.session_id, call.agent_id, call.id, detail)
        self.record.facts.append(fact)

    def state_changed(self, session: LiveSession, detail: dict[str, Plain]) -> None:
        """The session is in another state: on record, in its row, shown; counted for its campaign, which may want to dial."""
        record, call_id = self.record, session.call_id
        if call_id is not None and call_id not in self.calls:
            call_id = None
        if session.campaign_id is not None:
            detail["campaign_id"] = session.campaign_id
            self.dialing.stirred.add(session.id)
        fact = Fact("agent.state_changed", self.tenant_id, self.now, session.id, session.agent_id, call_id, detail)
        record.facts.append(fact)
        record.live_sessions[session.id] = session
        self.out.changed.add(session.id)

    def touch(self, session: LiveSession) -> None:
        """The session's row changed: write it, show it."""
        if session.state is not _CLOSED:  # its row is gone for good, whatever else the step does to it
            self.record.live_sessions[session.id] = session
        self.out.changed.add(session.id)
        if session.campaign_id is not None:
            self.dialing.stirred.add(session.id)

    def touch_call(self, call: LiveCall) -> None:
        """The call's row changed: write it, and show it to its agent."""
        self.record.live_calls[call.id] = call

    def lead_to(self, call: LiveCall, queue_id: QueueId) -> None:
        """The only way of a call from one queue to another: no line but its own knows where it waits."""
        if call.queue_id != queue_id:
            self.waiting.forget(call)
            call.queue_id = queue_id

    def forget_call(self, call: LiveCall) -> None:
        """The call is no more."""
        if call.session_id is not None:
            self.out.changed.add(call.session_id)
        del self.calls[call.id]
        self.waiting.forget(call)
        self.record.live_calls[call.id] = None

    def session(self, session_id: SessionId) -> LiveSession:
        """An open session.

        Raises:
            NotFoundError: It is over.
        """
        session = self.sessions.get(session_id)
        if session is None:
            msg = "Session: this session is over; log the agent in again with createSession"
            raise NotFoundError(msg, field="Session")
        return session

    def call_of(self, session: LiveSession) -> LiveCall | None:
        """The call the agent is on, or is offered."""
        return self.calls.get(session.call_id) if session.call_id else None

    def queue_of(self, call: LiveCall) -> Queue | None:
        """Where an inbound call waits or came from."""
        return self.directory.queues.get(call.queue_id) if call.queue_id else None

    def campaign_of(self, session: LiveSession) -> Campaign | None:
        """What the session dials for."""
        return self.directory.campaigns.get(session.campaign_id) if session.campaign_id else None

    def new_leg(self) -> LegId:
        """An id for a leg that we dial; carries the tenant, as the engine's events are told apart by it."""
        return LegId(f"{self.tenant_id}.{self.ids.new()}")

    def next_place(self) -> int:
        """A place behind all callers so far."""
        self._places += 1
        return self._places

    def places_were(self, place: int) -> None:
        """A caller of the process before us has this place."""
        self._places = max(self._places, place)
