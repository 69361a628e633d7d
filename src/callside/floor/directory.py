"""What administration has set up for one tenant, as the floor reads it: an immutable snapshot, replaced whole on change."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from callside.acd.model import BY_IDLENESS, Queue, Strategy
from callside.agents.model import Agent, Extension
from callside.calls.model import Trunk
from callside.dialer.laws.model import Profile
from callside.dialer.model import Campaign
from callside.kernel.ids import (
    AgentId,
    CampaignId,
    ExtensionId,
    HoursId,
    MenuId,
    NumberId,
    PlaylistId,
    PromptId,
    QueueId,
    RuleId,
    TrunkId,
)
from callside.reception.model import (
    Announcement,
    CallerRule,
    Destination,
    Menu,
    Number,
    OpeningHours,
    Playlist,
    Prompt,
    Target,
)
from callside.reception.rules import NumberPlan, digits_of, in_order
from callside.tenants.model import Tenant


@dataclass(frozen=True, slots=True)
class Directory:
    """All nouns of one tenant by id."""

    tenant: Tenant
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    extensions: dict[ExtensionId, Extension] = field(default_factory=dict)
    queues: dict[QueueId, Queue] = field(default_factory=dict)
    campaigns: dict[CampaignId, Campaign] = field(default_factory=dict)
    trunks: dict[TrunkId, Trunk] = field(default_factory=dict)
    numbers: dict[NumberId, Number] = field(default_factory=dict)
    hours: dict[HoursId, OpeningHours] = field(default_factory=dict)
    menus: dict[MenuId, Menu] = field(default_factory=dict)
    prompts: dict[PromptId, Prompt] = field(default_factory=dict)
    caller_rules: dict[RuleId, CallerRule] = field(default_factory=dict)
    announcements: dict[QueueId, Announcement] = field(default_factory=dict)
    playlists: dict[PlaylistId, Playlist] = field(default_factory=dict)
    profiles: dict[str, tuple[Profile, ...]] = field(default_factory=dict)
    """Every version of each jurisdiction's rules, oldest first; the same for all tenants."""
    plain_sound: Announcement = field(init=False, repr=False, compare=False)
    """What callers hear in queues (or before any) that have no announcement of their own."""
    plan: NumberPlan = field(init=False, repr=False, compare=False)
    strategies: dict[QueueId, Strategy] = field(init=False, repr=False, compare=False)
    """Of the queues that ask for more than who has been idle longest."""
    _queue_by_digits: dict[str, Queue] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the numbers: they are looked up for every call that comes in."""
        pairs = ((digits_of(number), queue) for queue in reversed(self.queues.values()) for number in queue.numbers)
        object.__setattr__(self, "_queue_by_digits", dict(pairs))
        asked = {one: queue.strategy for one, queue in self.queues.items() if queue.strategy not in BY_IDLENESS}
        object.__setattr__(self, "strategies", asked)
        # A queue's own numbers are entries of the number plan of the simplest kind.
        short = {digits: _number_of(queue, digits) for digits, queue in self._queue_by_digits.items()}
        full = {digits_of(one.number): one for one in self.numbers.values()}
        plan = NumberPlan(short | full, self.hours, in_order(self.caller_rules.values()))
        object.__setattr__(self, "plan", plan)
        object.__setattr__(self, "plain_sound", Announcement(QueueId(""), self.tenant.id))

    def profile_at(self, profile_id: str, wall: int) -> Profile | None:
        """The version that is in force on the day (UTC) of ``wall``; ``None`` where there is none."""
        day = datetime.fromtimestamp(wall / 1000, UTC).date()
        return next((one for one in reversed(self.profiles.get(profile_id, ())) if one.in_force(day)), None)

    def queue_of_number(self, number: str) -> Queue | None:
        """The queue among whose own numbers ``number`` is; digits are compared, a leading ``+`` is not."""
        return self._queue_by_digits.get(digits_of(number))

    def has_number(self, number: str) -> bool:
        """Whether ``number`` is one of ours."""
        return digits_of(number) in self.plan.numbers

    def queues_of(self, agent_id: AgentId) -> list[Queue]:
        """The agent's queues, by name."""
        mine = (queue for queue in self.queues.values() if agent_id in queue.agents)
        return sorted(mine, key=lambda queue: (queue.name, queue.id))

    def campaigns_of(self, agent_id: AgentId) -> list[Campaign]:
        """The agent's campaigns of every type, by name."""
        mine = (campaign for campaign in self.campaigns.values() if agent_id in campaign.agents)
        return sorted(mine, key=lambda campaign: (campaign.name, campaign.id))


def _number_of(queue: Queue, digits: str) -> Number:
    return Number(NumberId(f"q{queue.id}-{digits}"), queue.tenant_id, digits, Destination(Target.QUEUE, queue.id))
