"""Who takes which waiting call; event-driven, O(s + log n) a step for an agent of s queues.

Calls are grouped by queue and by the skills they ask for; each group keeps a heap of its calls and one of the idle agents who
can take them. Nothing is scanned: entries that no longer hold are left in the heaps and skipped when they come up
(research: dialer-acd.md §4.1). What an agent's key means is the business of the queue's strategy, not of this file: the least
key is served first.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from callside.acd.groups import Group, Place, Reach, SkillSet, first_of
from callside.acd.row import CallEntry
from callside.kernel.ids import CallId, QueueId, SessionId

_NO_SKILLS: Final[Mapping[str, int]] = {}
_NO_KEYS: Final[Mapping[QueueId, int]] = {}
_SHOWN: Final = 3
_EXACT: Final = 64


class Match(msgspec.Struct, frozen=True, gc=False):
    """A call, its agent, and why these two.

    Attributes:
        personal: The call waited for this agent alone.
        call_key: The call's place (ms; least first of all calls that the agent could have taken).
        agent_key: The agent's standing by the queue's strategy (least first of ``candidates``).
        candidates: How many idle agents could have taken the call.
        others: Some of them.
        passed: How many calls wait on in the same group.
    """

    call_id: CallId
    session_id: SessionId
    queue_id: QueueId
    personal: bool
    call_key: int
    agent_key: int
    candidates: int
    others: tuple[SessionId, ...]
    passed: int


class _Idle(msgspec.Struct, gc=False):
    queue_ids: tuple[QueueId, ...]
    skills: Mapping[str, int]
    keys: Mapping[QueueId, int]
    since: int
    number: int
    groups: tuple[Group, ...] = ()


class Matcher:
    """Waiting calls and idle agents of one tenant."""

    def __init__(self) -> None:
        self._places: dict[QueueId, Place] = {}
        self._personal: dict[SessionId, dict[QueueId, Group]] = {}
        self._waiting: dict[CallId, CallEntry] = {}
        self._groups: dict[int, Group] = {}
        """By their numbers."""
        self._seated: dict[SessionId, _Idle] = {}
        self.newcomers: dict[SessionId, _Idle] = {}
        """Idle too, and without a seat in any group yet: in a busy centre most are matched before they need one."""
        self.fresh: dict[Group, None] = {}
        """All groups where both wait, and perhaps some where one side has gone since. (Where there are neither newcomers nor
        any of these there is no match: for those who ask after every step.)"""
        self._number = 0
        self._known = 0
        """How many groups there are."""
        self._reaches: dict[SessionId, Reach] = {}

    def call_waits(
        self,
        call_id: CallId,
        queue_id: QueueId,
        key: int,
        place: int = 0,
        demands: SkillSet = (),
        owner: SessionId | None = None,
    ) -> None:
        """``key`` and ``place`` are the call's place among all calls: a call that comes back keeps them.

        With an ``owner`` only that session can take it.
        """
        if call_id in self._waiting:
            self.call_leaves(call_id)
        group = self._group(queue_id, demands) if owner is None else self._owned(queue_id, owner)
        self._waiting[call_id] = group.calls.add(call_id, key, place, group.number)
        queue = group.place
        queue.waiting += 1
        queue.changes += 1
        if group.agents.valid:
            self.fresh[group] = None

    def call_leaves(self, call_id: CallId) -> None:
        """Connected, gone, or sent elsewhere. Unknown calls are no matter."""
        entry = self._waiting.pop(call_id, None)
        if entry is None:
            return
        self._withdraw(entry, self._groups[entry.group])

    def _withdraw(self, entry: CallEntry, group: Group) -> None:
        group.calls.withdraw(entry)
        queue = group.place
        queue.waiting -= 1
        queue.changes += 1
        if group.owner is not None and not group.calls.living:
            self._forget_owned(group, group.owner)

    def agent_idle(
        self,
        session_id: SessionId,
        queue_ids: tuple[QueueId, ...],
        since: int,
        skills: Mapping[str, int] = _NO_SKILLS,
        keys: Mapping[QueueId, int] | None = None,
    ) -> None:
        """The agent can take a call of any of these queues.

        ``keys`` is their standing in queues whose strategy is not longest idle; ``since`` breaks ties there.
        """
        if session_id in self._seated or session_id in self.newcomers:
            self.agent_busy(session_id)
        self._number += 1
        self.newcomers[session_id] = _Idle(queue_ids, skills, keys or _NO_KEYS, since, self._number)

    def agent_busy(self, session_id: SessionId) -> None:
        """The agent can take none. Unknown sessions are no matter."""
        if self.newcomers.pop(session_id, None) is None and session_id in self._seated:
            for group in self._seated.pop(session_id).groups:
                group.agents.discard(session_id)

    def forget(self, session_id: SessionId) -> None:
        """The agent does not come back."""
        self.agent_busy(session_id)
        self._reaches.pop(session_id, None)

    def waiting(self, queue_id: QueueId) -> int:
        """Calls that wait in the queue."""
        place = self._places.get(queue_id)
        return place.waiting if place is not None else 0

    def __contains__(self, call_id: CallId) -> bool:
        """Whether the call waits."""
        return call_id in self._waiting

    def has_idle(self, queue_id: QueueId, demands: SkillSet = ()) -> bool:
        """Whether somebody could take such a call of the queue now."""
        self._seat_newcomers()
        return bool(self._group(queue_id, demands).agents.valid)

    def calls_of(self, queue_id: QueueId) -> list[CallId]:
        """Those calls, by their places; for rare changes of a whole queue."""
        return [entry.call_id for entry in sorted(self._entries(queue_id))]

    def ahead(self, call_id: CallId) -> int:
        """Calls of the same queue with a better place.

        Exact in lines of up to 64, in longer ones to an eighth of the line: the order is written down anew after so many
        changes, which makes O(log n) for each of them.
        """
        entry = self._waiting.get(call_id)
        if entry is None:
            return 0
        place = self._groups[entry.group].place
        tolerated = place.waiting // 8 if place.waiting > _EXACT else 0
        if call_id not in place.ranks or place.changes - place.ranked > tolerated:
            place.ranks = {one: rank for rank, one in enumerate(self.calls_of(place.queue_id))}
            place.ranked = place.changes
        return place.ranks[call_id]

    def _entries(self, queue_id: QueueId) -> list[CallEntry]:
        groups = [*self._place(queue_id).groups.values()]
        groups += [owned[queue_id] for owned in self._personal.values() if queue_id in owned]
        return [entry for group in groups for entry in group.calls.entries()]

    def waiting_for(self, session_id: SessionId) -> list[CallId]:
        """Calls that wait for this agent alone."""
        return [one.call_id for group in self._personal.get(session_id, {}).values() for one in group.calls.entries()]

    def next_match(self) -> Match | None:
        """Take one match out: of the groups where both wait, the first call, to the group's first agent.

        Calls that wait for one agent alone come first: they have let others pass.
        """
        if self.newcomers:
            if len(self.newcomers) == 1 and not self.fresh:
                return self._match_of_newcomer()
            self._seat_newcomers()
        if not self.fresh:
            return None
        best: tuple[bool, CallEntry] | None = None
        chosen: Group | None = None
        for group in list(self.fresh):
            first = group.calls.first
            if first is None or not group.agents.valid:
                del self.fresh[group]
                continue
            rank = (group.owner is None, first)
            if best is None or rank < best:
                best, chosen = rank, group
        if best is None or chosen is None:
            return None
        agent = chosen.agents.heap[0]
        match = _told(chosen, best[1], agent[0], agent[3])
        self.call_leaves(match.call_id)
        self.agent_busy(match.session_id)
        return match

    def _match_of_newcomer(self) -> Match | None:
        """One agent alone has become idle: whatever waits in their groups waits for them only, so they need no seat for it."""
        session_id, idle = self.newcomers.popitem()
        group = first_of(self._owned_by(session_id, idle)) if session_id in self._personal else None
        group = group or first_of(self._open_to(session_id, idle))
        first = group.calls.first if group is not None else None
        if group is None or first is None:
            self.newcomers[session_id] = idle
            self._seat_newcomers()
            return None
        agent_key = idle.keys.get(group.place.queue_id, idle.since) if idle.keys else idle.since
        match = _told(group, first, agent_key, session_id)
        del self._waiting[first.call_id]
        self._withdraw(first, group)
        return match

    def _open_to(self, session_id: SessionId, idle: _Idle) -> list[Group]:
        """Remembered: there is seldom a new group, and an agent's queues and skills are the same objects until they change."""
        reach = self._reaches.get(session_id)
        if reach is None:
            reach = self._reaches[session_id] = Reach()
        if reach.known != self._known or reach.queue_ids is not idle.queue_ids or reach.skills is not idle.skills:
            reach.known, reach.queue_ids, reach.skills = self._known, idle.queue_ids, idle.skills
            places = [self._places[one] for one in idle.queue_ids if one in self._places]
            reach.groups[:] = [group for place in places for group in place.groups.values() if group.suits(idle.skills)]
        return reach.groups

    def _owned_by(self, session_id: SessionId, idle: _Idle) -> list[Group]:
        return [one for one in self._personal.get(session_id, {}).values() if one.place.queue_id in idle.queue_ids]

    def _seat_newcomers(self) -> None:
        for session_id, idle in self.newcomers.items():
            for queue_id in idle.queue_ids:
                self._place(queue_id)  # so that there is one to sit in
            for group in (*self._open_to(session_id, idle), *self._owned_by(session_id, idle)):
                self._seat(session_id, idle, group)
        self._seated |= self.newcomers
        self.newcomers.clear()

    def _seat(self, session_id: SessionId, idle: _Idle, group: Group) -> None:
        queue_id = group.place.queue_id
        if queue_id in idle.keys:
            group.agents.add(session_id, idle.keys[queue_id], idle.since)
        else:
            group.agents.add(session_id, idle.since, idle.number)
        idle.groups += (group,)
        if group.calls.living:
            self.fresh[group] = None

    def _place(self, queue_id: QueueId) -> Place:
        place = self._places.get(queue_id)
        if place is None:
            place = self._places[queue_id] = Place(queue_id)
            place.groups[()] = self._numbered(place, ())
            self._known += 1
        return place

    def _group(self, queue_id: QueueId, demands: SkillSet) -> Group:
        """The group; a new one costs a look at each idle agent, once for each set of demands that a queue ever has."""
        place = self._places.get(queue_id) or self._place(queue_id)
        group = place.groups.get(demands)
        if group is None:
            group = place.groups[demands] = self._numbered(place, demands)
            self._known += 1
            for session_id, idle in self._seated.items():
                if queue_id in idle.queue_ids and group.suits(idle.skills):
                    self._seat(session_id, idle, group)
        return group

    def _numbered(self, place: Place, demands: SkillSet, owner: SessionId | None = None) -> Group:
        self._number += 1
        group = self._groups[self._number] = Group(self._number, place, demands, owner)
        return group

    def _owned(self, queue_id: QueueId, owner: SessionId) -> Group:
        groups = self._personal.setdefault(owner, {})
        group = groups.get(queue_id)
        if group is None:
            group = groups[queue_id] = self._numbered(self._place(queue_id), (), owner)
            idle = self._seated.get(owner)
            if idle is not None and queue_id in idle.queue_ids:
                self._seat(owner, idle, group)
        return group

    def _forget_owned(self, group: Group, owner: SessionId) -> None:
        del self._groups[group.number]
        self.fresh.pop(group, None)
        idle = self._seated.get(owner)
        if idle is not None:
            idle.groups = tuple(one for one in idle.groups if one is not group)
        del self._personal[owner][group.place.queue_id]
        if not self._personal[owner]:
            del self._personal[owner]


def _told(group: Group, call: CallEntry, agent_key: int, session_id: SessionId) -> Match:
    candidates = len(group.agents.valid)
    others: tuple[SessionId, ...] = ()
    if candidates > 1:
        others = tuple(one for one in group.agents.some(_SHOWN + 1) if one != session_id)[:_SHOWN]
    return Match(
        call_id=call.call_id,
        session_id=session_id,
        queue_id=group.place.queue_id,
        personal=group.owner is not None,
        call_key=call.key,
        agent_key=agent_key,
        candidates=candidates or 1,  # none has a seat where a newcomer is the only one
        others=others,
        passed=group.calls.living - 1,
    )
