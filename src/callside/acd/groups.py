"""Calls that the same agents can take, queue by queue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from callside.acd.line import Line
from callside.acd.row import CallEntry, Row
from callside.kernel.ids import CallId, QueueId, SessionId

SkillSet: TypeAlias = tuple[tuple[str, int], ...]
"""Skills and least levels, by name: equal demands are equal sets."""


def skill_set(demands: Mapping[str, int]) -> SkillSet:
    """The set of these demands."""
    return tuple(sorted(demands.items())) if demands else ()


@dataclass(slots=True, eq=False)
class Place:
    """A queue: its groups by what they ask for, how many calls wait in it, and its order as it was written down last."""

    queue_id: QueueId
    groups: "dict[SkillSet, Group]" = field(default_factory=dict)
    waiting: int = 0
    changes: int = 0
    ranks: dict[CallId, int] = field(default_factory=dict)
    ranked: int = 0
    """Of how many changes ``ranks`` knows."""


@dataclass(slots=True, eq=False)
class Group:
    """Calls that the same agents can take. ``number``: the matcher's, for each its own. ``owner``: the one agent they wait for."""

    number: int
    place: Place
    demands: SkillSet
    owner: SessionId | None = None
    calls: Row = field(default_factory=Row)
    agents: Line[SessionId] = field(default_factory=Line)

    def suits(self, skills: Mapping[str, int]) -> bool:
        """Whether an agent with these skills can take its calls."""
        return all(skills.get(skill, 0) >= level for skill, level in self.demands)


class Reach(msgspec.Struct):
    """The groups that an agent with these queues and skills can take calls of, while there are ``known`` groups in all."""

    queue_ids: tuple[QueueId, ...] = ()
    skills: Mapping[str, int] = {}
    known: int = -1
    groups: list[Group] = []  # msgspec copies it


def first_of(groups: Iterable[Group]) -> Group | None:
    """The group whose first call comes before those of the others."""
    best: CallEntry | None = None
    chosen: Group | None = None
    for group in groups:
        first = group.calls.first
        if first is not None and (best is None or first < best):
            best, chosen = first, group
    return chosen
