"""What administration has set up for one tenant, as the floor reads it: an immutable snapshot, replaced whole on change."""

from dataclasses import dataclass, field

from callside.acd.model import Queue
from callside.agents.model import Agent, Extension
from callside.calls.model import Trunk
from callside.dialer.model import Campaign
from callside.kernel.ids import AgentId, CampaignId, ExtensionId, QueueId, TrunkId
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
    _queue_by_digits: dict[str, Queue] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the numbers: they are looked up for every call that comes in."""
        pairs = ((number.lstrip("+"), queue) for queue in reversed(self.queues.values()) for number in queue.numbers)
        object.__setattr__(self, "_queue_by_digits", dict(pairs))

    def queue_of_number(self, number: str) -> Queue | None:
        """The queue that our number ``number`` leads to; digits are compared, a leading ``+`` is not."""
        return self._queue_by_digits.get(number.lstrip("+"))

    def queues_of(self, agent_id: AgentId) -> list[Queue]:
        """The agent's queues, by name."""
        mine = (queue for queue in self.queues.values() if agent_id in queue.agents)
        return sorted(mine, key=lambda queue: (queue.name, queue.id))

    def campaigns_of(self, agent_id: AgentId) -> list[Campaign]:
        """The agent's campaigns of every type, by name."""
        mine = (campaign for campaign in self.campaigns.values() if agent_id in campaign.agents)
        return sorted(mine, key=lambda campaign: (campaign.name, campaign.id))
