"""What the floor is told: requests of people (from the edges) and what happened in the engine.

A request may be refused (``RequestError``), then nothing has changed. An event of the engine never is: late and doubled ones
are recognised by their leg id and change nothing.
"""

from collections.abc import Mapping

import msgspec

from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.leads.model import Lead
from callside.floor.dialing_desk import Grounds
from callside.floor.directory import Directory
from callside.floor.ledger_events import LedgerRead
from callside.floor.missed_events import CallersMissed
from callside.floor.voicemail_events import VoicemailEnded, VoicemailRemoved, VoicemailsCounted
from callside.kernel.ids import AgentId, CallId, CampaignId, LegId, SessionId, TrunkId
from callside.sessions.model import EndCause, LoginSession


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class OpenSession(msgspec.Struct, frozen=True, gc=False):
    """createSession, checked and ready. Refused (conflict) while the agent is on a call in another session.

    ``extension_endpoint`` is the engine's name of the desk phone, filled in by the exchange where the session has one.
    """

    session: LoginSession
    extension_endpoint: str | None = None


class EndSession(msgspec.Struct, frozen=True, gc=False):
    """Log out; on a call the session ends after it, unless ``force``."""

    session_id: SessionId
    cause: EndCause
    force: bool = False


class PhoneChanged(msgspec.Struct, frozen=True, gc=False):
    """The page's socket came (``connected``) or went."""

    session_id: SessionId
    connected: bool


class RaiseLineRequested(msgspec.Struct, frozen=True, gc=False):
    """The page has registered its phone under ``endpoint`` and will answer at once."""

    session_id: SessionId
    endpoint: str


class GoReady(msgspec.Struct, frozen=True, gc=False):
    """End of a break, of not-responding, or of wrap-up."""

    session_id: SessionId


class GoOnBreak(msgspec.Struct, frozen=True, gc=False):
    """A break; during a call it waits for the call's end. ``reason`` is a code of the tenant's break reasons."""

    session_id: SessionId
    reason: str


class CancelBreak(msgspec.Struct, frozen=True, gc=False):
    """Takes a waiting break back."""

    session_id: SessionId


class Dial(msgspec.Struct, frozen=True, gc=False):
    """Call ``number`` (as a person writes it) on the session's campaign."""

    session_id: SessionId
    number: str
    history: NumberHistory | None = None
    """What is known of the number; filled in by the exchange."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """Take the offered call."""

    session_id: SessionId


class Decline(msgspec.Struct, frozen=True, gc=False):
    """Do not take the offered call: it goes back to its place, the agent to not-responding."""

    session_id: SessionId


class HangUp(msgspec.Struct, frozen=True, gc=False):
    """End the present call."""

    session_id: SessionId


class SetMute(msgspec.Struct, frozen=True, gc=False):
    """Silence the agent's microphone towards the customer, or end that."""

    session_id: SessionId
    muted: bool


class SetHold(msgspec.Struct, frozen=True, gc=False):
    """Put the customer on hold with music, or take them back."""

    session_id: SessionId
    held: bool


class SendDigits(msgspec.Struct, frozen=True, gc=False):
    """DTMF towards the customer; ``digits`` of ``0-9*#A-D``."""

    session_id: SessionId
    digits: str


class WriteNotes(msgspec.Struct, frozen=True, gc=False):
    """Replace the notes of the present call (or of the one being wrapped up)."""

    session_id: SessionId
    notes: str


class Dispose(msgspec.Struct, frozen=True, gc=False):
    """Choose the disposition; in wrap-up this also ends the wrap-up when ``finish``."""

    session_id: SessionId
    disposition: str
    finish: bool = True
    callback_at: int | None = None
    """When the customer wants to be called again, wall ms."""
    callback_mine: bool = False
    """By this agent."""


class ExtendWrapUp(msgspec.Struct, frozen=True, gc=False):
    """Another wrap-up period from now on."""

    session_id: SessionId


class CancelCallback(msgspec.Struct, frozen=True, gc=False):
    """Nobody is to be called back for ``call_id``, the call in which it was asked for."""

    call_id: CallId


class NextLead(msgspec.Struct, frozen=True, gc=False):
    """An agent who dials by hand wants the next lead shown."""

    session_id: SessionId


class ShowLead(msgspec.Struct, frozen=True, gc=False):
    """An agent who dials by hand has chosen this lead. ``lead`` and ``history`` (by number) are filled in by the exchange."""

    session_id: SessionId
    lead: Lead
    histories: Mapping[str, NumberHistory] = {}


class SkipLead(msgspec.Struct, frozen=True, gc=False):
    """The lead that is shown is not called now. ``reason``: the agent's own words."""

    session_id: SessionId
    reason: str = ""


class DialLead(msgspec.Struct, frozen=True, gc=False):
    """Call the lead that is shown, or the one being wrapped up again, on one of its numbers."""

    session_id: SessionId
    number_index: int = 0


# ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────────
class CallerArrived(msgspec.Struct, frozen=True, gc=False):
    """Somebody calls one of our numbers. ``number`` and ``name`` are the caller's own claims: hostile text."""

    leg_id: LegId
    trunk_id: TrunkId
    our_number: str
    number: str
    name: str


class LegRinging(msgspec.Struct, frozen=True, gc=False):
    """The far side of a leg that we dialled is being rung."""

    leg_id: LegId
    early_media: bool = False


class LegAnswered(msgspec.Struct, frozen=True, gc=False):
    """A leg that we dialled was answered. For a line: it is in the agent's own bridge."""

    leg_id: LegId


class LegJoined(msgspec.Struct, frozen=True, gc=False):
    """The customer's leg is in the agent's bridge: they hear each other."""

    leg_id: LegId
    session_id: SessionId


class LegGone(msgspec.Struct, frozen=True, gc=False):
    """A leg is gone (hung up, refused, never reached).

    Attributes:
        tech_cause: The SIP status where there was one.
        went_out: False where it is certain that nobody's phone can have rung, as the engine was never asked to call it.
    """

    leg_id: LegId
    cause: Cause
    tech_cause: int | None = None
    went_out: bool = True


class LegDigit(msgspec.Struct, frozen=True, gc=False):
    """A DTMF digit from a leg's far side."""

    leg_id: LegId
    digit: str


class LegJudged(msgspec.Struct, frozen=True, gc=False):
    """The end of ``DetectMachine``. ``reason``: the engine's own words for what it heard."""

    leg_id: LegId
    answered_by: AnsweredBy
    reason: str = ""


class BeepOver(msgspec.Struct, frozen=True, gc=False):
    """The machine's greeting is over: now it records."""

    leg_id: LegId


class MessageStarted(msgspec.Struct, frozen=True, gc=False):
    """The far side begins to hear what ``SayAndHangUp`` says."""

    leg_id: LegId


class WritingChanged(msgspec.Struct, frozen=True, gc=False):
    """Records do not reach the disk any more, or do again. What is not on disk is not dialled."""

    can_write: bool


class EngineLost(msgspec.Struct, frozen=True, gc=False):
    """The engine's socket is gone. Calls may go on; nothing can be said of them until it is back."""


class LegSeen(msgspec.Struct, frozen=True, gc=False):
    """One of the engine's legs in a snapshot.

    Attributes:
        session_id: The agent whose bridge it is in, if any.
        arrival: For an inbound leg what it said when it came, so that a caller nobody has on record is not lost.
    """

    leg_id: LegId
    answered: bool
    session_id: SessionId | None = None
    arrival: CallerArrived | None = None


class EngineFound(msgspec.Struct, frozen=True, gc=False):
    """The engine is there (first time, again, or newly started): all its legs that are this tenant's.

    Attributes:
        went: Callers' legs whose far side is known to have hung up meanwhile.
    """

    legs: tuple[LegSeen, ...]
    went: frozenset[LegId] = frozenset()


# ── administration and time ──────────────────────────────────────────────────────────────────────────────────────────
class DirectoryChanged(msgspec.Struct, frozen=True, gc=False):
    """Administration changed something; sessions of agents that are gone or disabled end (after their call)."""

    directory: Directory
    grounds: dict[CampaignId, Grounds] = {}  # msgspec copies it
    """Of campaigns that have begun to run: what they stand on."""


class LeadsFetched(msgspec.Struct, frozen=True, gc=False):
    """The leads that ``Outcome.wants`` asked for, in order, and what is known of their numbers.

    Attributes:
        agents: Whose personal callbacks were asked for: one of theirs is not anybody's when they have left meanwhile.
    """

    campaign_id: CampaignId
    leads: tuple[Lead, ...]
    histories: Mapping[str, NumberHistory] = {}
    agents: frozenset[AgentId] = frozenset()


class GroundsFound(msgspec.Struct, frozen=True, gc=False):
    """What campaigns stand on, as the store has it now."""

    grounds: dict[CampaignId, Grounds]


class LeadsChanged(msgspec.Struct, frozen=True, gc=False):
    """Lists or leads of a campaign were changed: what is at hand may be old."""

    campaign_id: CampaignId


class NumbersBlocked(msgspec.Struct, frozen=True, gc=False):
    """Numbers went to a do-not-call list: a campaign's, or (``None``) one that counts for all."""

    numbers: tuple[str, ...]
    campaign_id: CampaignId | None = None


class TimePassed(msgspec.Struct, frozen=True, gc=False):
    """Look at the timers."""


Request = (
    OpenSession
    | EndSession
    | PhoneChanged
    | RaiseLineRequested
    | GoReady
    | GoOnBreak
    | CancelBreak
    | Dial
    | Answer
    | Decline
    | HangUp
    | SetMute
    | SetHold
    | SendDigits
    | WriteNotes
    | Dispose
    | ExtendWrapUp
    | CancelCallback
    | NextLead
    | ShowLead
    | SkipLead
    | DialLead
)
EngineEvent = (
    CallerArrived
    | CallersMissed
    | LegRinging
    | LegAnswered
    | LegJudged
    | BeepOver
    | MessageStarted
    | LegJoined
    | LegGone
    | LegDigit
    | VoicemailEnded
    | EngineLost
    | EngineFound
)
Told = (
    DirectoryChanged
    | VoicemailsCounted
    | VoicemailRemoved
    | GroundsFound
    | LedgerRead
    | LeadsFetched
    | LeadsChanged
    | NumbersBlocked
    | WritingChanged
    | TimePassed
)
Event = Request | EngineEvent | Told
