"""Which calls wait in which queue, kept up to date call by call: asked for often, by every page and board."""

from callside.acd.line import Line
from callside.calls.machine import CallState
from callside.floor.live import LiveCall
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, QueueId

_UNANSWERED = frozenset({CallState.QUEUED, CallState.OFFERED})


class Waiting:
    """Callers in a queue whom nobody talks with; one who is being offered to an agent still waits, one who is called back not."""

    def __init__(self) -> None:
        self._lines: dict[QueueId, dict[CallId, LiveCall]] = {}
        self._order: dict[QueueId, Line[CallId]] = {}
        """By how long they wait: a caller sent on from another queue has waited before those who were there already."""
        self._queue_of: dict[CallId, QueueId] = {}
        self.changed: set[QueueId] = set()
        """Queues whose number of waiting calls is another since this was emptied last."""

    def note(self, call: LiveCall) -> None:
        """The call as it is now. One that is being let go (its cause is known) waits for nobody."""
        waits = call.state in _UNANSWERED and call.cause is None and call.callback is None
        queue_id = call.queue_id if waits else None
        if self._queue_of.get(call.id) == queue_id:
            return
        self.forget(call.id)
        if queue_id is not None:
            self._queue_of[call.id] = queue_id
            self._lines.setdefault(queue_id, {})[call.id] = call
            self._order.setdefault(queue_id, Line()).add(call.id, (call.queued or call.started).mono, call.place)
            self.changed.add(queue_id)

    def forget(self, call_id: CallId) -> None:
        """The call is gone. Unknown ones are no matter."""
        queue_id = self._queue_of.pop(call_id, None)
        if queue_id is not None:
            del self._lines[queue_id][call_id]
            self._order[queue_id].discard(call_id)
            self.changed.add(queue_id)

    def count(self, queue_id: QueueId) -> int:
        """How many wait."""
        return len(self._lines.get(queue_id, ()))

    def calls(self, queue_id: QueueId) -> list[LiveCall]:
        """Those calls."""
        return list(self._lines.get(queue_id, {}).values())

    def moved(self, call: LiveCall) -> None:
        """The call, which may be known already, has another place than before."""
        self.forget(call.id)
        self.note(call)

    def oldest(self, queue_id: QueueId) -> Moment | None:
        """Since when the caller waits who has waited longest."""
        order = self._order.get(queue_id)
        if not order:
            return None
        first = self._lines[queue_id][order.heap[0][3]]
        return first.queued or first.started
