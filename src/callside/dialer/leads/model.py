"""Lists and their leads. A lead is one person (or household) with one or more numbers; dates are wall-clock ms."""

from dataclasses import dataclass, field
from enum import StrEnum

from callside.kernel.ids import AgentId, CallId, CampaignId, LeadId, LeadListId, TenantId


class ListOrder(StrEnum):
    """Which leads of a list that were never tried come first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    ASCENDING = "ascending"
    """By a column of the import, smallest first (``LeadList.order_column``)."""
    DESCENDING = "descending"


class LeadState(StrEnum):
    """Where a lead stands."""

    DUE = "due"
    """To be called, from ``due_at`` on."""
    DIALLING = "dialling"
    """An attempt is under way: the call is ``call_id``. Nobody else may take it."""
    CALLBACK = "callback"
    """Asked to be called at ``due_at``, by ``callback_agent_id`` or by anybody."""
    DONE = "done"
    BLOCKED = "blocked"
    """Every number is on a do-not-call list."""


OPEN: frozenset[LeadState] = frozenset({LeadState.DUE, LeadState.CALLBACK})
"""States in which a lead waits for its next attempt."""


class Outcome(StrEnum):
    """What an attempt came to."""

    CONNECTED = "connected"
    """An agent spoke with somebody; the disposition decides what follows."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNALLOCATED = "unallocated"
    """The number does not exist."""
    CONGESTION = "congestion"
    FAILED = "failed"
    MACHINE = "machine"
    """An answering machine."""
    ABANDONED = "abandoned"
    """Answered, but no agent was free in time."""
    CANCELLED = "cancelled"
    """We hung up before an answer."""
    SURPLUS = "surplus"
    """It rang for as long as the law asks, and we let it go: no agent would have been there."""
    RECOVERED = "recovered"
    """Found under way after a restart, its call gone: nobody knows how it ended."""
    TRUNK_DOWN = "trunk_down"
    """Never left the house."""
    SKIPPED = "skipped"
    """An agent passed the lead over without calling."""


@dataclass(frozen=True, slots=True)
class LeadList:
    """A list of leads. It feeds at most one campaign.

    Attributes:
        weight: Share among the lists of its campaign: of 3 and 1, three leads of four come from the first. At least 1.
        order_column: The import's column that ``ASCENDING`` and ``DESCENDING`` go by.
        enabled: A disabled list is not called from; its personal callbacks wait too.
        scrub_token: What the preference register gave when this list was held against it; empty: its campaign's counts.
        scrub_token_expires_at: Until when it holds, wall ms; 0: there is none.
    """

    id: LeadListId
    tenant_id: TenantId
    name: str
    campaign_id: CampaignId | None = None
    weight: int = 1
    order: ListOrder = ListOrder.OLDEST
    order_column: str = ""
    enabled: bool = True
    scrub_token: str = ""
    scrub_token_expires_at: int = 0

    @property
    def token_expires_at(self) -> int | None:
        """Until when the list's own scrub token holds; ``None``: it has none."""
        return self.scrub_token_expires_at if self.scrub_token and self.scrub_token_expires_at else None


@dataclass(frozen=True, slots=True)
class LeadNumber:
    """One of a lead's numbers.

    Attributes:
        number: E.164.
        label: What the import called it ("mobile").
        zone_key: The time zones this number may be in, as one word (see :func:`~callside.dialer.leads.zones.zone_key`).
        blocked: On a do-not-call list when the lead was read; never kept.
    """

    number: str
    label: str = ""
    zone_key: str = ""
    attempts: int = 0
    last_outcome: Outcome | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody to be called.

    Attributes:
        numbers: At least one, in the order they are to be tried.
        fields: What the import brought besides, by its column, as it was.
        zone: The lead's own IANA time zone, or empty.
        due_at: Earliest time of the next attempt; 0 for "when its turn in the list comes".
        attempts: Calls made so far, over all numbers.
        next_index: Which number is to be called next.
        callback_agent_id: Whose callback it is; ``None`` for anybody's.
        call_id: The call of the attempt under way (``DIALLING``), or of the last one.
        asked: It was a callback when the attempt under way began; never kept.
    """

    id: LeadId
    tenant_id: TenantId
    list_id: LeadListId
    numbers: tuple[LeadNumber, ...]
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    zone: str = ""
    state: LeadState = LeadState.DUE
    due_at: int = 0
    attempts: int = 0
    next_index: int = 0
    callback_agent_id: AgentId | None = None
    call_id: CallId | None = None
    last_outcome: Outcome | None = None
    notes: str = ""
    asked: bool = False

    @property
    def zone_key(self) -> str:
        """Of the number to be called next."""
        return self.numbers[self.next_index].zone_key if self.next_index < len(self.numbers) else ""


@dataclass(frozen=True, slots=True)
class NumberProgress:
    """What an attempt changed about one of the lead's numbers."""

    number: str
    attempts: int
    last_outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class LeadProgress:
    """What one step of the floor writes about a lead; all of it replaces what was there, ``None`` notes and number leave it.

    Attributes:
        due_at: Of ``BLOCKED``: when it comes up if no list has its numbers any more; 0: it is blocked whatever the lists say.
        anybody_from: Of a personal callback: when any agent may take it, so that no lead waits for somebody who has left.
    """

    lead_id: LeadId
    state: LeadState
    due_at: int
    attempts: int
    next_index: int = 0
    last_outcome: Outcome | None = None
    callback_agent_id: AgentId | None = None
    anybody_from: int = 0
    call_id: CallId | None = None
    number: NumberProgress | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody does not want to be called any more: an entry of a do-not-call list.

    Attributes:
        campaign_id: The campaign whose list it goes to; ``None`` for the tenant's own.
        reason: ``"key"`` (pressed on our message), ``"disposition"`` (an agent's word), …
        at: When, wall ms.
    """

    number: str
    campaign_id: CampaignId | None
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class DncList:
    """A do-not-call list.

    Attributes:
        tenant_id: Empty for a list of the whole installation.
        campaign_id: ``None``: for all campaigns.
        scrubbed_at: When it was last brought up to date from its register; ``None`` for a list of one's own.
    """

    id: str
    tenant_id: TenantId
    name: str
    campaign_id: CampaignId | None = None
    scrubbed_at: int | None = None
