"""Who takes which waiting call: longest idle agent, longest waiting call; event-driven, O(log n) a step.

Nothing is scanned: each queue keeps a heap of its waiting calls and one of its idle agents; entries that no longer hold are left
in the heaps and skipped when they come up (research: dialer-acd.md §4.1).
"""

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from callside.kernel.ids import CallId, QueueId, SessionId

_K = TypeVar("_K", bound=str)
_FEWEST_DEAD = 32


class _Line(Generic[_K]):
    """A heap ordered by (key, arrival) whose entries can be withdrawn in O(1)."""

    __slots__ = ("_dead", "_heap", "_valid")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, _K]] = []
        self._valid: dict[_K, int] = {}
        self._dead = 0

    def __len__(self) -> int:
        return len(self._valid)

    def add(self, who: _K, key: int, number: int) -> None:
        self.discard(who)
        self._valid[who] = number
        heappush(self._heap, (key, number, who))

    def discard(self, who: _K) -> None:
        if self._valid.pop(who, None) is not None:
            self._dead += 1
            if self._dead > max(_FEWEST_DEAD, len(self._valid)):
                self._compact()

    def first(self) -> tuple[int, int, _K] | None:
        while self._heap:
            key, number, who = self._heap[0]
            if self._valid.get(who) == number:
                return key, number, who
            heappop(self._heap)
            self._dead -= 1
        return None

    def _compact(self) -> None:
        self._heap = [entry for entry in self._heap if self._valid.get(entry[2]) == entry[1]]
        heapify(self._heap)
        self._dead = 0


@dataclass(slots=True)
class _QueueLines:
    calls: _Line[CallId] = field(default_factory=_Line)
    agents: _Line[SessionId] = field(default_factory=_Line)


class Matcher:
    """Waiting calls and idle agents of one tenant."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, _QueueLines] = {}
        self._queue_of_call: dict[CallId, QueueId] = {}
        self._queues_of_agent: dict[SessionId, tuple[QueueId, ...]] = {}
        self._fresh: dict[QueueId, None] = {}
        """All queues where both wait, and perhaps some where one side has gone since."""
        self._number = 0

    def call_waits(self, call_id: CallId, queue_id: QueueId, since: int) -> None:
        """``since`` is the call's place in the queue (mono ms of its arrival): a call that comes back keeps it."""
        self.call_leaves(call_id)
        self._number += 1
        self._queue_of_call[call_id] = queue_id
        lines = self._lines(queue_id)
        lines.calls.add(call_id, since, self._number)
        if lines.agents:
            self._fresh[queue_id] = None

    def call_leaves(self, call_id: CallId) -> None:
        """Connected, gone, or sent elsewhere. Unknown calls are no matter."""
        queue_id = self._queue_of_call.pop(call_id, None)
        if queue_id is not None:
            self._queues[queue_id].calls.discard(call_id)

    def agent_idle(self, session_id: SessionId, queue_ids: tuple[QueueId, ...], idle_since: int) -> None:
        """The agent can take a call of any of these queues."""
        self.agent_busy(session_id)
        self._number += 1
        self._queues_of_agent[session_id] = queue_ids
        for queue_id in queue_ids:
            lines = self._lines(queue_id)
            lines.agents.add(session_id, idle_since, self._number)
            if lines.calls:
                self._fresh[queue_id] = None

    def agent_busy(self, session_id: SessionId) -> None:
        """The agent can take none. Unknown sessions are no matter."""
        for queue_id in self._queues_of_agent.pop(session_id, ()):
            self._queues[queue_id].agents.discard(session_id)

    def waiting(self, queue_id: QueueId) -> int:
        """Calls that wait in the queue."""
        lines = self._queues.get(queue_id)
        return len(lines.calls) if lines else 0

    def next_match(self) -> tuple[CallId, SessionId] | None:
        """Take one match out: of the queues where both wait, the longest waiting call, to its longest idle agent."""
        if not self._fresh:
            return None
        best: tuple[int, int, CallId, QueueId] | None = None
        for queue_id in list(self._fresh):
            lines = self._queues[queue_id]
            call = lines.calls.first() if lines.agents else None
            if call is None:
                del self._fresh[queue_id]
                continue
            if best is None or call[:2] < best[:2]:
                best = (*call, queue_id)
        if best is None:
            return None
        agent = self._queues[best[3]].agents.first()
        if agent is None:
            return None
        self.call_leaves(best[2])
        self.agent_busy(agent[2])
        return best[2], agent[2]

    def _lines(self, queue_id: QueueId) -> _QueueLines:
        lines = self._queues.get(queue_id)
        if lines is None:
            lines = self._queues[queue_id] = _QueueLines()
        return lines
