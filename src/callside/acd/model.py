"""A queue, as administration knows it."""

from dataclasses import dataclass

from callside.kernel.ids import AgentId, QueueId, TenantId


@dataclass(frozen=True, slots=True)
class Queue:
    """Where inbound calls wait for an agent.

    Attributes:
        agents: Who is assigned to it.
        numbers: Our numbers (DIDs, as the carrier sends them) that lead here.
        ring_s: How long an offered call rings at an agent before it goes back to its place (RONA).
        wrap_up_s: Seconds for wrap-up after a call; 0 for none.
        max_wait_s: A caller who has waited this long hears that nobody is free and is let go; 0 for no limit.
    """

    id: QueueId
    tenant_id: TenantId
    name: str
    agents: frozenset[AgentId] = frozenset()
    numbers: tuple[str, ...] = ()
    ring_s: int = 20
    wrap_up_s: int = 30
    max_wait_s: int = 0
