"""The rows the floor works on and a restart begins from: one for each open session, one for each call that has not ended."""

from enum import StrEnum

import msgspec

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import AnsweredBy, Cause, Direction, Party
from callside.kernel.clock import Moment
from callside.kernel.ids import (
    AgentId,
    CallId,
    CampaignId,
    ExtensionId,
    LeadId,
    LegId,
    MenuId,
    QueueId,
    SessionId,
    TrunkId,
)
from callside.reception.model import Destination
from callside.sessions.machine import LineState
from callside.sessions.model import EndCause, LoginType


class CallbackStep(StrEnum):
    """How far a waiting caller is on the way to a callback."""

    OFFERED = "offered"
    CONFIRMING = "confirming"
    """Their number was read to them."""
    ENTERING = "entering"
    """They key in another."""


class Asking(msgspec.Struct):
    """How far a waiting caller is on the way to a callback."""

    step: CallbackStep = CallbackStep.OFFERED
    number: str = ""
    """E.164: what was read to them."""
    keyed: str = ""
    wrong: int = 0
    """Numbers keyed in that cannot be called."""


class Callback(msgspec.Struct):
    """What makes a place in the queue a callback."""

    came_by: CallId
    """The call that it was asked for in."""
    attempts: int = 0
    """How often the customer was called."""
    due: int = 0
    """Wall ms before which the next attempt is not made."""
    opens: int = 0
    """Wall ms at which the queue's hours for callbacks open; 0: nobody waits for them."""


class LastCall(msgspec.Struct, frozen=True, gc=False):
    """How the agent's last call ended for the agent; a call that went back to its queue has ended for one agent only."""

    id: CallId
    cause: Cause
    hung_up_by: Party
    talk_ms: int = 0


class LiveSession(msgspec.Struct, gc=False):
    """An open session as it is now."""

    id: SessionId
    agent_id: AgentId
    login_type: LoginType
    queue_ids: tuple[QueueId, ...]
    campaign_id: CampaignId | None
    extension_id: ExtensionId | None
    opened: Moment
    state: AgentState
    since: Moment
    """When ``state`` began."""
    idle_since: Moment
    """Place in the longest-idle order: end of the last wrap-up, break or login; a missed offer does not better it."""
    seq: int = 0
    """Number of the last state change; gapless."""
    line: LineState = LineState.DOWN
    line_leg: LegId | None = None
    rising_leg: LegId | None = None
    """A line being raised, perhaps while ``line_leg`` is still there (reload)."""
    endpoint: str | None = None
    phone_connected: bool = False
    phone_seen: bool = False
    phone_since: Moment | None = None
    call_id: CallId | None = None
    wrap_call_id: CallId | None = None
    last_call: LastCall | None = None
    wrap_up_ends: Moment | None = None
    break_reason: str | None = None
    break_limit_s: int | None = None
    """How long the present break may last, as it was when it began."""
    break_exceeded: bool = False
    """It has gone on beyond that; on record once."""
    pending_break: str | None = None
    pending_end: EndCause | None = None
    all_queues: bool = False
    """AUTO without a choice: follows the agent's assignments as administration changes them. (So does a blended campaign.)"""
    lead_id: LeadId | None = None
    """The lead that is shown, or called."""
    lead_asked: bool = False
    """The lead that is shown is a callback; its row says "dialling" meanwhile."""
    preview_ends: Moment | None = None
    """When the lead that is shown is called by itself."""
    last_offer: int = 0
    """Number of the last offer to this agent among all offers of the floor; 0 before the first."""


class LiveCall(msgspec.Struct, gc=False):
    """A call as it is now (kept a little longer than its end: until wrap-up is done)."""

    id: CallId
    direction: Direction
    state: CallState
    since: Moment
    started: Moment
    customer_number: str
    """E.164 wherever it is certain; of a caller who hides it, or a PBX's extension, what was sent."""
    customer_name: str
    our_number: str
    leg_id: LegId | None
    trunk_id: TrunkId | None = None
    queue_id: QueueId | None = None
    campaign_id: CampaignId | None = None
    session_id: SessionId | None = None
    """Agent it is offered to or connected with."""
    agent_id: AgentId | None = None
    waits: bool = False
    """It is among the waiting calls of its queue, as the process that wrote the row counted them (``waiting.py``)."""
    rung: tuple[SessionId, ...] = ()
    """Agents it rings at together (ring-all), in the order in which they were rung; then ``session_id`` is nobody yet."""
    offer: int = 0
    """Counts offers; a late answer to an old one is known by it."""
    answered: Moment | None = None
    """First time agent and customer heard each other."""
    ended: Moment | None = None
    wait_ms: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    muted: bool = False
    early_media: bool = False
    cause: Cause | None = None
    hung_up_by: Party | None = None
    """Set when a hang-up was asked for, before the leg is gone."""
    disposition: str | None = None
    notes: str = ""
    picked_up: bool = True
    """Inbound: we have answered its leg. (Of rows without this field every call was answered at once.)"""
    menu_id: MenuId | None = None
    """The menu that asks the caller."""
    tries: int = 0
    """Wrong keys, or none, in this menu."""
    steps: int = 0
    """How often it was led somewhere."""
    fallback: Destination | None = None
    """Where it goes if the agent it was led to does not take it."""
    announced: int = 0
    """How often the caller was told something while waiting."""
    told_wait_s: int | None = None
    """The longest wait that was announced last: a later one is never longer."""
    told_least_s: int | None = None
    """The shortest wait that was announced with it: the range does not grow at its lower end either."""
    queued: Moment | None = None
    """When the caller began to wait: their place, whatever queue they come to afterwards."""
    place: int = 0
    """Number among all callers of the floor: settles the order of those who came in the same millisecond."""
    owner_id: SessionId | None = None
    """The one agent who may take it, until ``owned_until`` (mono ms)."""
    owned_until: int = 0
    rang: bool = False
    """Outbound: the far side was being rung."""
    went_out: bool = True
    """Outbound: false once it is certain that it never left the house."""
    dialled: bool = False
    """A dialer's line: the far side waits for what it is told once it has answered."""
    reserved: bool = False
    """It was dialled for one agent, who waits for it."""
    picked: Moment | None = None
    """When the far side of a dialer's line answered."""
    greeted: Moment | None = None
    """When it was known who has answered; machines were listened for."""
    judged: AnsweredBy | None = None
    sampled: bool = False
    """Taken for a machine, and given an agent all the same, who says what it was."""
    left_to_message: bool = False
    """No agent is to come any more: a message is said, or nothing."""
    message_at: Moment | None = None
    """When the far side began to hear our message."""
    callback_at: int | None = None
    """When the customer wants to be called again, wall ms, as the agent has put it."""
    callback_mine: bool = False
    been_in: tuple[QueueId, ...] = ()
    """Queues it was sent on from."""
    asking: Asking | None = None
    """The waiting caller was offered a callback."""
    callback: Callback | None = None
    """Then this is no call but a place in the queue, kept for a customer who is called back: it has no leg and gets no CDR."""
    callback_of: CallId | None = None
    """Of an outbound call: the callback it is an attempt of."""
    sent_number: str = ""
    """A caller's number as the carrier sent it, where ``customer_number`` says it in another way."""
    lead_id: LeadId | None = None
    """Who is called, where the call comes from a list."""
    lead_number: int = 0
    """Which of the lead's numbers."""
    lead_asked: bool = False
    """The lead was a callback when this attempt began."""
