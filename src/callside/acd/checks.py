"""What works as it is set up, but hardly as it is meant: told when a queue is saved and whenever it is shown."""

from collections.abc import Iterable, Mapping

from callside.acd.model import Queue, Strategy
from callside.agents.model import Agent
from callside.kernel.ids import AgentId


def warnings_of(queue: Queue, agents: Mapping[AgentId, Agent]) -> list[str]:
    """One sentence for each skill that no agent of the queue has at the level it asks for, and for what has no effect."""
    crew = [agents[one] for one in queue.agents if one in agents and agents[one].enabled]
    found = []
    steps = [(0, queue.skills), *((step.after_s, step.skills) for step in queue.relaxation)]
    for (after_s, demands), (until_s, _) in zip(steps, [*steps[1:], (None, None)], strict=True):
        if not demands or _somebody_can(demands, crew):
            continue
        when = "" if after_s == 0 else f" from {after_s} s on"
        then = "its callers wait until they give up" if until_s is None else f"nobody is served before {until_s} s"
        found.append(f"skills: no agent of this queue has {in_words(demands)}, asked for{when}; {then}")
    if queue.ring_count > 0 and queue.strategy is not Strategy.RING_ALL:
        found.append("ring_count: holds with the strategy ring_all only; this queue rings one agent at a time")
    return found


def in_words(demands: Mapping[str, int]) -> str:
    """E.g. ``french at level 2 and spanish at level 1``."""
    return " and ".join(f"{skill} at level {level}" for skill, level in sorted(demands.items()))


def _somebody_can(demands: Mapping[str, int], crew: Iterable[Agent]) -> bool:
    return any(all(one.skills.get(skill, 0) >= level for skill, level in demands.items()) for one in crew)
