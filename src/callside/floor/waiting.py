"""Which calls wait in which queue, kept up to date call by call: asked for often, by every page and board."""

from collections import defaultdict
from dataclasses import dataclass, field

from callside.acd.line import Line
from callside.calls.machine import CallState
from callside.floor.live import LiveCall
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, QueueId

_UNANSWERED = frozenset({CallState.QUEUED, CallState.OFFERED})


@dataclass(slots=True, eq=False)
class _Callers:
    """Of one queue. Nearly all come in the order of their waits; of the others the order is kept apart."""

    in_order: dict[CallId, LiveCall] = field(default_factory=dict)
    others: dict[CallId, LiveCall] = field(default_factory=dict)
    by_wait: Line[CallId] = field(default_factory=Line)
    """The others: a caller sent on from another queue has waited before those who were there already."""


class Waiting:
    """Callers in a queue whom nobody talks with; one who is being offered to an agent still waits, one who is called back not."""

    def __init__(self) -> None:
        self._queues: defaultdict[QueueId, _Callers] = defaultdict(_Callers)
        self.changed: set[QueueId] = set()
        """Queues whose number of waiting calls is another since this was emptied last."""

    def note(self, call: LiveCall) -> None:
        """The call as it is now. One that is being let go (its cause is known) waits for nobody."""
        if call.state not in _UNANSWERED or call.cause is not None or call.callback is not None:
            if call.waits:
                self.forget(call)
        elif not call.waits and (queue_id := call.queue_id) is not None:
            call.waits = True
            there = self._queues[queue_id]
            self.changed.add(queue_id)
            if call.queued is call.since and not call.been_in:  # it has come in this step
                there.in_order[call.id] = call
            else:
                there.others[call.id] = call
                there.by_wait.add(call.id, _came(call).mono, call.place)

    def forget(self, call: LiveCall) -> None:
        """The call is gone, or about to go to another queue. Unknown ones are no matter."""
        queue_id = call.queue_id
        if not call.waits or queue_id is None:
            return
        call.waits = False
        there = self._queues[queue_id]
        if there.in_order.pop(call.id, None) is None:
            del there.others[call.id]
            there.by_wait.discard(call.id)
        self.changed.add(queue_id)

    def count(self, queue_id: QueueId) -> int:
        """How many wait."""
        there = self._queues[queue_id]
        return len(there.in_order) + len(there.others)

    def calls(self, queue_id: QueueId) -> list[LiveCall]:
        """Those calls."""
        there = self._queues[queue_id]
        return [*there.in_order.values(), *there.others.values()]

    def moved(self, call: LiveCall) -> None:
        """The call, which may be known already, has another place than before."""
        self.forget(call)
        self.note(call)

    def oldest(self, queue_id: QueueId) -> Moment | None:
        """Since when the caller waits who has waited longest."""
        there = self._queues[queue_id]
        first = next(iter(there.in_order.values()), None)
        if there.others:
            other = there.others[there.by_wait.heap[0][3]]
            first = other if first is None else min(first, other, key=_came)
        return None if first is None else _came(first)


def _came(call: LiveCall) -> Moment:
    """Whoever has a place from before their call (it was kept while they were to be called back) waits since they called in."""
    return max(call.queued, call.started) if call.queued is not None else call.started
