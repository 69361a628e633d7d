"""What the floor is told: requests of people (from the edges) and what happened in the engine.

A request may be refused (``RequestError``), then nothing has changed. An event of the engine never is: late and doubled ones
are recognised by their leg id and change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callside.calls.model import AnsweredBy, Cause, VoicemailEnd
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.leads.model import Lead
from callside.floor.directory import Directory
from callside.kernel.ids import CallId, CampaignId, LegId, QueueId, SessionId, TrunkId
from callside.sessions.model import EndCause, LoginSession


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class OpenSession:
    """createSession, checked and ready. Refused (conflict) while the agent is on a call in another session.

    ``extension_endpoint`` is the engine's name of the desk phone, filled in by the exchange where the session has one.
    """

    session: LoginSession
    extension_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class EndSession:
    """Log out; on a call the session ends after it, unless ``force``."""

    session_id: SessionId
    cause: EndCause
    force: bool = False


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """The page's socket came (``connected``) or went."""

    session_id: SessionId
    connected: bool


@dataclass(frozen=True, slots=True)
class RaiseLineRequested:
    """The page has registered its phone under ``endpoint`` and will answer at once."""

    session_id: SessionId
    endpoint: str


@dataclass(frozen=True, slots=True)
class GoReady:
    """End of a break, of not-responding, or of wrap-up."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class GoOnBreak:
    """A break; during a call it waits for the call's end. ``reason`` is a code of the tenant's break reasons."""

    session_id: SessionId
    reason: str


@dataclass(frozen=True, slots=True)
class CancelBreak:
    """Takes a waiting break back."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class Dial:
    """Call ``number`` (as a person writes it) on the session's campaign."""

    session_id: SessionId
    number: str
    history: NumberHistory | None = None
    """What is known of the number; filled in by the exchange."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Take the offered call."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class Decline:
    """Do not take the offered call: it goes back to its place, the agent to not-responding."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the present call."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class SetMute:
    """Silence the agent's microphone towards the customer, or end that."""

    session_id: SessionId
    muted: bool


@dataclass(frozen=True, slots=True)
class SetHold:
    """Put the customer on hold with music, or take them back."""

    session_id: SessionId
    held: bool


@dataclass(frozen=True, slots=True)
class SendDigits:
    """DTMF towards the customer; ``digits`` of ``0-9*#A-D``."""

    session_id: SessionId
    digits: str


@dataclass(frozen=True, slots=True)
class WriteNotes:
    """Replace the notes of the present call (or of the one being wrapped up)."""

    session_id: SessionId
    notes: str


@dataclass(frozen=True, slots=True)
class Dispose:
    """Choose the disposition; in wrap-up this also ends the wrap-up when ``finish``."""

    session_id: SessionId
    disposition: str
    finish: bool = True
    callback_at: int | None = None
    """When the customer wants to be called again, wall ms."""
    callback_mine: bool = False
    """By this agent."""


@dataclass(frozen=True, slots=True)
class ExtendWrapUp:
    """Another wrap-up period from now on."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class CancelCallback:
    """Nobody is to be called back for ``call_id``, the call in which it was asked for."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class NextLead:
    """An agent who dials by hand wants the next lead shown."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class ShowLead:
    """An agent who dials by hand has chosen this lead. ``lead`` and ``history`` (by number) are filled in by the exchange."""

    session_id: SessionId
    lead: Lead
    histories: Mapping[str, NumberHistory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SkipLead:
    """The lead that is shown is not called now. ``reason``: the agent's own words."""

    session_id: SessionId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DialLead:
    """Call the lead that is shown, or the one being wrapped up again, on one of its numbers."""

    session_id: SessionId
    number_index: int = 0


# ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class CallerArrived:
    """Somebody calls one of our numbers. ``number`` and ``name`` are the caller's own claims: hostile text."""

    leg_id: LegId
    trunk_id: TrunkId
    our_number: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    """The far side of a leg that we dialled is being rung."""

    leg_id: LegId
    early_media: bool = False


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """A leg that we dialled was answered. For a line: it is in the agent's own bridge."""

    leg_id: LegId


@dataclass(frozen=True, slots=True)
class LegJoined:
    """The customer's leg is in the agent's bridge: they hear each other."""

    leg_id: LegId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class LegGone:
    """A leg is gone (hung up, refused, never reached). ``tech_cause`` is the SIP status where there was one."""

    leg_id: LegId
    cause: Cause
    tech_cause: int | None = None


@dataclass(frozen=True, slots=True)
class LegDigit:
    """A DTMF digit from a leg's far side."""

    leg_id: LegId
    digit: str


@dataclass(frozen=True, slots=True)
class LegJudged:
    """The end of ``DetectMachine``. ``reason``: the engine's own words for what it heard."""

    leg_id: LegId
    answered_by: AnsweredBy
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BeepOver:
    """The machine's greeting is over: now it records."""

    leg_id: LegId


@dataclass(frozen=True, slots=True)
class MessageStarted:
    """The far side begins to hear what ``SayAndHangUp`` says."""

    leg_id: LegId


@dataclass(frozen=True, slots=True)
class VoicemailEnded:
    """A voicemail is over. The call may have ended before, and we may have been away when it did."""

    call_id: CallId
    queue_id: QueueId
    end: VoicemailEnd
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class EngineLost:
    """The engine's socket is gone. Calls may go on; nothing can be said of them until it is back."""


@dataclass(frozen=True, slots=True)
class LegSeen:
    """One of the engine's legs in a snapshot.

    Attributes:
        session_id: The agent whose bridge it is in, if any.
        arrival: For an inbound leg what it said when it came, so that a caller nobody has on record is not lost.
    """

    leg_id: LegId
    answered: bool
    session_id: SessionId | None = None
    arrival: CallerArrived | None = None


@dataclass(frozen=True, slots=True)
class EngineFound:
    """The engine is there (first time, again, or newly started): all its legs that are this tenant's."""

    legs: tuple[LegSeen, ...]


# ── administration and time ──────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """Administration changed something; sessions of agents that are gone or disabled end (after their call)."""

    directory: Directory


@dataclass(frozen=True, slots=True)
class VoicemailsCounted:
    """How many voicemails of each queue are kept: at the start, and after somebody has removed one."""

    counts: dict[QueueId, int]


@dataclass(frozen=True, slots=True)
class LeadsFetched:
    """The leads that ``Outcome.wants`` asked for, in order, and what is known of their numbers."""

    campaign_id: CampaignId
    leads: tuple[Lead, ...]
    histories: Mapping[str, NumberHistory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeadsChanged:
    """Lists or leads of a campaign were changed: what is at hand may be old."""

    campaign_id: CampaignId


@dataclass(frozen=True, slots=True)
class NumbersBlocked:
    """Numbers went to a do-not-call list."""

    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimePassed:
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
Told = DirectoryChanged | VoicemailsCounted | LeadsFetched | LeadsChanged | NumbersBlocked | TimePassed
Event = Request | EngineEvent | Told
