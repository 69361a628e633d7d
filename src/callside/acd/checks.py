"""What works as it is set up, but hardly as it is meant: told when a queue is saved and whenever it is shown."""

from collections.abc import Iterable, Iterator, Mapping

from callside.acd.model import OverflowWhen, Queue, Strategy
from callside.agents.model import Agent
from callside.kernel.ids import AgentId, QueueId


def warnings_of(queue: Queue, agents: Mapping[AgentId, Agent], queues: Mapping[QueueId, Queue]) -> list[str]:
    """One sentence for each demand that no agent of the queue meets, and for what has no effect. ``queues``: all there are."""
    crew = [agents[one] for one in queue.agents if one in agents and agents[one].enabled]
    found = list(_of_demands(queue, crew)) if crew else _of_nobody(queue)
    if queue.ring_count > 0 and queue.strategy is not Strategy.RING_ALL:
        found.append("ring_count: holds with the strategy ring_all only; this queue rings one agent at a time")
    return [*found, *_of_overflow(queue, queues)]


def _of_nobody(queue: Queue) -> list[str]:
    """A queue that sends its callers on where nobody is logged in may well have nobody."""
    if queue.overflow_when(OverflowWhen.UNSTAFFED) is not None:
        return []
    until = f"for {queue.max_wait_s} s" if queue.max_wait_s else "until they give up"
    return [f"agents: this queue has nobody who can log in for it; its callers wait {until}"]


def _of_demands(queue: Queue, crew: Iterable[Agent]) -> Iterator[str]:
    steps = [(0, queue.skills), *((step.after_s, step.skills) for step in queue.relaxation)]
    for (after_s, demands), (until_s, _) in zip(steps, [*steps[1:], (None, None)], strict=True):
        if not demands or _somebody_can(demands, crew):
            continue
        when = "" if after_s == 0 else f" from {after_s} s on"
        then = "its callers wait until they give up" if until_s is None else f"nobody is served before {until_s} s"
        yield f"skills: no agent of this queue has {in_words(demands)}, asked for{when}; {then}"


def _of_overflow(queue: Queue, queues: Mapping[QueueId, Queue]) -> Iterator[str]:
    """What the rules cannot do, and where nobody is at their end."""
    for number, rule in enumerate(queue.overflow):
        if any(one.when is rule.when for one in queue.overflow[:number]):
            yield f"overflow: only the first rule for {rule.when} counts"
        elif rule.when is OverflowWhen.FULL and queue.max_waiting == 0:
            yield "overflow: a queue without max_waiting is never full"
        elif rule.when is OverflowWhen.WAITED and 0 < queue.max_wait_s <= rule.seconds:
            yield f"overflow: nobody waits for {rule.seconds} s: callers are let go after max_wait_s, {queue.max_wait_s} s"
        target = queues.get(rule.to) if rule.to is not None else None
        if target is not None and not target.agents:
            yield f"overflow: the queue {target.name} has no agents"


def in_words(demands: Mapping[str, int]) -> str:
    """E.g. ``french at level 2 and spanish at level 1``."""
    return " and ".join(f"{skill} at level {level}" for skill, level in sorted(demands.items()))


def _somebody_can(demands: Mapping[str, int], crew: Iterable[Agent]) -> bool:
    return any(all(one.skills.get(skill, 0) >= level for skill, level in demands.items()) for one in crew)
