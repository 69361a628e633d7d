"""What the floor puts on record: facts that happened, the live rows that a restart begins from, and finished CDRs."""

from typing import TypeAlias

import msgspec

from callside.calls.model import Cdr, VoiceMessage
from callside.dialer.laws.ledger import LedgerEntry
from callside.dialer.laws.sampling import MachineSample
from callside.dialer.leads.model import Blocked, LeadProgress
from callside.dialer.pacing.keeping import CampaignMemory
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, CallId, SessionId, TenantId
from callside.sessions.model import EndCause, LoginSession

Plain: TypeAlias = str | int | bool | None


class Fact(msgspec.Struct, frozen=True, gc=False):
    """Something that happened, never changed afterwards.

    Attributes:
        kind: ``noun.verb``, e.g. ``"agent.state_changed"``, ``"call.answered"``.
        at: When, on both clocks.
        detail: Flat, of plain values.
    """

    kind: str
    tenant_id: TenantId
    at: Moment
    session_id: SessionId | None = None
    agent_id: AgentId | None = None
    call_id: CallId | None = None
    detail: dict[str, Plain] = {}  # msgspec copies it


class SessionEnded(msgspec.Struct, frozen=True, gc=False):
    """Closes the login session's row."""

    session_id: SessionId
    cause: EndCause
    at: int


class WrappedUp(msgspec.Struct, frozen=True, gc=False):
    """Completes a CDR with what the agent said of the call; at most one a call."""

    call_id: CallId
    disposition: str | None
    notes: str


class Record(msgspec.Struct, gc=False):
    """All that one step (or several in a row) of the floor leaves behind; written in one transaction, in this order.

    The live rows are the floor's own objects: whoever writes them encodes them before it first awaits anything. What few steps
    leave is kept in tuples: an empty one costs nothing.
    """

    tenant_id: TenantId
    facts: list[Fact] = []
    ended: tuple[SessionEnded, ...] = ()
    """Before ``opened``: a takeover ends one session of an agent and opens the next."""
    opened: tuple[LoginSession, ...] = ()
    live_sessions: dict[SessionId, LiveSession | None] = {}
    """Rows to write, ``None`` to delete."""
    live_calls: dict[CallId, LiveCall | None] = {}
    cdrs: tuple[Cdr, ...] = ()
    wrapped_up: tuple[WrappedUp, ...] = ()
    leads: tuple[LeadProgress, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    """After ``leads``: whoever must not be called again stays blocked, whatever else was written of them."""
    voicemails: tuple[VoiceMessage, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    samples: tuple[MachineSample, ...] = ()
    memories: tuple[CampaignMemory, ...] = ()
    """What pacing has learnt; of a campaign the last one stays."""

    def is_empty(self) -> bool:
        """Nothing to write."""
        return not (
            self.facts
            or self.opened
            or self.live_sessions
            or self.live_calls
            or self.cdrs
            or self.wrapped_up
            or self.ended
            or self.leads
            or self.blocked
            or self.voicemails
            or self.ledger
            or self.samples
            or self.memories
        )

    def can_take(self, later: "Record") -> bool:
        """Whether ``later`` can be written in the same go: not if it ends a session that this one opens."""
        opened = {session.id for session in self.opened}
        return not any(ended.session_id in opened for ended in later.ended)

    def take(self, later: "Record") -> None:
        """Add what came after."""
        self.facts += later.facts
        self.ended += later.ended
        self.opened += later.opened
        self.live_sessions |= later.live_sessions
        self.live_calls |= later.live_calls
        self.cdrs += later.cdrs
        self.wrapped_up += later.wrapped_up
        self.voicemails += later.voicemails
        self.leads += later.leads
        self.blocked += later.blocked
        self.ledger += later.ledger
        self.samples += later.samples
        self.memories += later.memories
