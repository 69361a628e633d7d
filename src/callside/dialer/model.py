"""A campaign, as administration knows it."""

from dataclasses import dataclass, field

from callside.kernel.ids import AgentId, CampaignId, TenantId, TrunkId
from callside.sessions.model import LoginType


@dataclass(frozen=True, slots=True)
class DialRules:
    """Which numbers a campaign's agents may call. Deny by default: no country listed, nothing can be dialled.

    Attributes:
        countries: ISO 3166 codes whose numbers are allowed.
        blocked_prefixes: E.164 prefixes (``"+1900"``) refused all the same.
        allow_premium: Premium-rate and shared-cost numbers are refused unless this is set.
    """

    countries: frozenset[str] = frozenset()
    blocked_prefixes: tuple[str, ...] = ()
    allow_premium: bool = False


@dataclass(frozen=True, slots=True)
class Campaign:
    """Outbound work.

    Attributes:
        type: ``PROGRESSIVE`` or ``MANUAL``.
        trunk_id: What its calls go out on.
        caller_id: E.164 shown to the customer; empty for the trunk's own.
        ring_s: How long a customer's phone may ring.
        wrap_up_s: Seconds for wrap-up after a call; 0 for none.
        blend_queues: Its agents, while ready, also get the calls of the queues that they are assigned to.
    """

    id: CampaignId
    tenant_id: TenantId
    name: str
    type: LoginType
    trunk_id: TrunkId
    agents: frozenset[AgentId] = frozenset()
    caller_id: str = ""
    dial_rules: DialRules = field(default_factory=DialRules)
    ring_s: int = 45
    wrap_up_s: int = 30
    blend_queues: bool = False
