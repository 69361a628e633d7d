"""What calls run through (trunks) and what stays of them (CDR)."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from callside.kernel.ids import AgentId, CallId, CampaignId, LeadId, QueueId, SessionId, TenantId, TrunkId


class Direction(StrEnum):
    """Who began the call, seen from the contact centre."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Party(StrEnum):
    """Who ended it."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Cause(StrEnum):
    """Why a call (or a leg) ended; the field's words, not the engine's numbers."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNALLOCATED = "unallocated"
    CONGESTION = "congestion"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    MACHINE = "machine"
    """A dialer's line was answered by a machine."""
    SURPLUS = "surplus"
    """A dialer's line, ended unanswered when it had rung long enough: no agent would have been there."""
    NOBODY_THERE = "nobody_there"
    CALLBACK = "callback"
    """The caller is called back instead of waiting."""
    VOICEMAIL = "voicemail"
    """The caller was led to a voicemail; whether they said something, its own facts tell."""
    SYSTEM_UNAVAILABLE = "system_unavailable"
    """The caller came and went while the engine had nobody of ours to hand them to."""
    AGENT_LOST = "agent_lost"
    ENGINE_LOST = "engine_lost"
    RECOVERED = "recovered"
    FAILED = "failed"


class SipTransport(StrEnum):
    """What carries SIP between a carrier and us."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class AnsweredBy(StrEnum):
    """Who has answered, as far as listening tells."""

    PERSON = "person"
    MACHINE = "machine"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier's SIP interconnection.

    Attributes:
        host: Carrier's host or address.
        port: Carrier's SIP port.
        username: For digest authentication of our calls; empty where the carrier trusts our address.
        secret: Its password; kept by the store, never shown again.
        caller_id: E.164 number shown when a campaign names none.
        transport: What SIP is carried by.
        registers: We register with the carrier (RFC 3261 §10), which then sends calls to where we registered from.
        registrar: Where we register, ``host`` or ``host:port``; empty: at ``host`` and ``port``.
        realm: The only realm that is answered with the secret; empty: whichever the carrier asks from.
        expiry_s: For how long a registration is asked for: seconds.
        addresses: More addresses or networks (CIDR) that the carrier's calls come from.
        registers_with_us: The far side (a PBX, a carrier) registers with us, as :func:`~callside.calls.rules.account_user`. Then
            its calls are known by their digest alone, ours go to where it registered from, and ``host`` is empty.
        account_digest: What is kept of its password; see :func:`callside.agents.rules.sip_digest`.
    """

    id: TrunkId
    tenant_id: TenantId
    name: str
    host: str
    port: int = 5060
    username: str = ""
    secret: str = ""
    caller_id: str = ""
    transport: SipTransport = SipTransport.UDP
    registers: bool = False
    registrar: str = ""
    realm: str = ""
    expiry_s: int = 300
    addresses: tuple[str, ...] = ()
    registers_with_us: bool = False
    account_digest: str = ""


class RegistrationState(StrEnum):
    """How our registration with a carrier is, or a far side's with us."""

    NOT_WANTED = "not_wanted"
    UNKNOWN = "unknown"
    TRYING = "trying"
    REGISTERED = "registered"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    AWAITED = "awaited"
    """The far side has not registered with us."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Our registration with a carrier, as the engine sees it now.

    Attributes:
        state: How it is; ``unknown`` where no engine of ours can be asked.
        reason: Why it is not registered, with the carrier's SIP status, and what to look at.
        expires_s: Seconds until it is renewed (registered) or tried again.
    """

    state: RegistrationState
    reason: str = ""
    expires_s: int | None = None


class Cdr(msgspec.Struct, frozen=True, gc=False):
    """Call detail record: exactly one for each call, written when it ends. Times are wall-clock ms, durations ms.

    ``wait_ms + ring_ms + talk_ms + hold_ms`` is the call's length (``duration_ms``); ``wait_ms`` is time in a queue or IVR,
    ``ring_ms`` is time an agent (inbound) or the customer (outbound) was being rung.
    """

    call_id: CallId
    tenant_id: TenantId
    direction: Direction
    customer_number: str
    customer_name: str
    our_number: str
    queue_id: QueueId | None
    campaign_id: CampaignId | None
    agent_id: AgentId | None
    session_id: SessionId | None
    started_at: int
    answered_at: int | None
    ended_at: int
    duration_ms: int
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    cause: Cause
    hung_up_by: Party
    disposition: str | None = None
    notes: str = ""
    lead_id: LeadId | None = None
    sent_number: str = ""
    """A caller's number as the carrier sent it, where ``customer_number`` says it in another way."""
    went_out: bool = True
    """False of an outbound call that never left the house: nobody's phone can have rung, so for no law it was an attempt."""


class VoicemailEnd(StrEnum):
    """What has become of a recording."""

    KEPT = "kept"
    EMPTY = "empty"
    """Nobody said anything: nothing is kept."""
    FAILED = "failed"
    """It could not be made or kept (disk full, the engine refused): the log says why."""


@dataclass(frozen=True, slots=True)
class VoiceMessage:
    """What a caller said to a queue's voicemail; the sound is a file by the message's id.

    Attributes:
        id: The call's.
        recorded_at: Wall ms of its end.
    """

    id: CallId
    tenant_id: TenantId
    queue_id: QueueId
    number: str
    name: str
    recorded_at: int
    duration_ms: int
