"""A contact centre of any size on a real floor, with nobody outside: every agent on a call, and callers waiting."""

import random
from collections import deque
from dataclasses import replace

from callside.acd.model import Queue, Relaxation, Strategy
from callside.agents.model import Agent
from callside.calls.model import Cause
from callside.floor import events as ev
from callside.floor.commands import JoinAgent
from callside.floor.directory import Directory
from callside.floor.floor import Floor
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, LegId, QueueId, SessionId, TenantId, TrunkId
from callside.sessions.model import LoginSession, LoginType
from callside.tenants.model import Tenant

TENANT, TRUNK = TenantId("1"), TrunkId("1")
QUEUES_EACH = 5
_QUEUES = 50


class Counted:
    """Identifiers from a counter, some of them made beforehand: the floor's own work is measured, not where ids come from."""

    def __init__(self) -> None:
        self._made = 0
        self._at_hand: deque[str] = deque()

    def new(self) -> str:
        """The next one."""
        if not self._at_hand:
            self.make(1)
        return self._at_hand.popleft()

    def make(self, count: int) -> None:
        """So many more are at hand."""
        self._at_hand.extend(f"{number:032x}" for number in range(self._made, self._made + count))
        self._made += count


class Hall:
    """``agents`` in 5 of up to 50 queues each, everybody talking, ``waiting`` callers in the queues.

    A turn of the contact centre's wheel is three events: somebody calls, the customer who has talked longest hangs up (the
    agent is given the longest-waiting call of all their queues), the engine has joined the two. What comes from outside
    (the caller, the hang-up, ids, the time) is made by ``prepare``, so that ``turns`` are the floor's work and hardly more.
    """

    def __init__(self, agents: int, waiting: int, *, demanding: bool = False, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        self._demanding = demanding
        self._numbers: list[str] = []
        self._queue_ids = [QueueId(str(100 + one)) for one in range(min(_QUEUES, max(QUEUES_EACH, agents // 10)))]
        self._ids = Counted()
        self.floor = Floor(self._directory(agents), self._ids)
        self._now = Moment(1_000_000, 1_790_000_000_000)
        self._legs = 0
        self.talking: deque[LegId] = deque()
        self._moments: deque[Moment] = deque()
        self._coming: list[ev.CallerArrived | ev.LegGone] = []
        self.give(ev.EngineFound(()))
        for number in range(agents):
            self._log_in(AgentId(str(number)))
        while len(self.talking) < agents or self.waiting() < waiting:
            self.give(self._caller())

    def _directory(self, agents: int) -> Directory:
        people = {
            (one := AgentId(str(number))): Agent(
                one, TENANT, f"a{number}", f"Agent {number}", "", auto_answer=True, skills={"spanish": number % 4}
            )
            for number in range(agents)
        }
        members: dict[QueueId, set[AgentId]] = {one: set() for one in self._queue_ids}
        for one in people:
            for queue_id in (*self._dice.sample(self._queue_ids[::2], 3), *self._dice.sample(self._queue_ids[1::2], 2)):
                members[queue_id].add(one)
        queues = {
            one: Queue(one, TENANT, f"Queue {one}", frozenset(who), (f"+1555{one:>07}",), wrap_up_s=0)
            for one, who in members.items()
        }
        if self._demanding:
            queues = {one: _demanding(queue, place) for place, (one, queue) in enumerate(queues.items())}
        self._numbers = [queue.numbers[0] for queue in queues.values()]
        return Directory(Tenant(TENANT, "Hall"), agents=people, queues=queues)

    def _log_in(self, agent: AgentId) -> None:
        session_id = SessionId(f"s{agent}")
        row = LoginSession(session_id, TENANT, agent, LoginType.AUTO, None, None, f"digest-{agent}", self._now.wall)
        self.give(ev.OpenSession(row))
        self.give(ev.PhoneChanged(session_id, connected=True))
        self.give(ev.RaiseLineRequested(session_id, f"u-{agent}"))
        rising = self.floor.ground.sessions[session_id].rising_leg
        assert rising is not None
        self.give(ev.LegAnswered(rising))

    def give(self, event: ev.Event) -> None:
        """One event; a match that follows from it is joined at once, as a perfect engine would."""
        for command in self.floor.handle(event, self._later()).commands:
            if type(command) is JoinAgent:
                self.talking.append(command.leg_id)
                self.give(ev.LegJoined(command.leg_id, command.session_id))

    def waiting(self) -> int:
        """Callers in the queues."""
        return len(self.floor.ground.calls) - len(self.talking)

    def prepare(self, turns: int) -> None:
        """What comes from outside in so many turns, at most as many as there are agents."""
        self._ids.make(turns)
        self._moments.extend(self._later() for _ in range(3 * turns))
        for _ in range(turns):
            self._coming.append(self._caller())
            self._coming.append(ev.LegGone(self.talking.popleft(), Cause.NORMAL))

    def turns(self, count: int) -> None:
        """Those that were prepared. As in ``give``, with nothing around the floor that could be done before."""
        assert len(self._coming) == 2 * count, "prepare them first"
        handle, moments, talking = self.floor.handle, self._moments, self.talking
        for event in self._coming:
            for command in handle(event, moments.popleft()).commands:
                if type(command) is JoinAgent:
                    talking.append(command.leg_id)
                    handle(ev.LegJoined(command.leg_id, command.session_id), moments.popleft())
        self._coming.clear()

    def _caller(self) -> ev.CallerArrived:
        self._legs += 1
        number = self._numbers[self._legs * 31 % len(self._numbers)]
        return ev.CallerArrived(LegId(f"in-{self._legs}"), TRUNK, number, "+15550100123", "Ada")

    def _later(self) -> Moment:
        self._now = Moment(self._now.mono + 1, self._now.wall + 1)
        return self._now


def _demanding(queue: Queue, place: int) -> Queue:
    """Every strategy in turn; every second queue wants skills, which are relaxed in two steps; priorities; last agents."""
    strategies = list(Strategy)
    changed = replace(queue, strategy=strategies[place % len(strategies)], priority=place % 3, sticky_s=5 * (place % 2))
    if place % 2 == 0:
        return changed
    steps = (Relaxation(30, {"spanish": 1}), Relaxation(90))
    return replace(changed, skills={"spanish": 1 + place % 3}, relaxation=steps)
