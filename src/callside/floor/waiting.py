"""Which calls wait in which queue, kept up to date call by call: asked for often, by every page and board."""

from collections import defaultdict

from callside.calls.machine import CallState
from callside.floor.live import LiveCall
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, QueueId

_UNANSWERED = frozenset({CallState.QUEUED, CallState.OFFERED})


class Waiting:
    """Callers in a queue whom nobody talks with; one who is being offered to an agent still waits, one who is called back not."""

    def __init__(self) -> None:
        self._lines: defaultdict[QueueId, dict[CallId, LiveCall]] = defaultdict(dict)
        self.changed: set[QueueId] = set()
        """Queues whose number of waiting calls is another since this was emptied last."""

    def note(self, call: LiveCall) -> None:
        """The call as it is now. One that is being let go (its cause is known) waits for nobody."""
        queue_id = call.queue_id
        if call.state not in _UNANSWERED or call.cause is not None or call.callback is not None:
            self.forget(call)
        elif queue_id is not None:
            line = self._lines[queue_id]
            if call.id not in line:
                line[call.id] = call
                self.changed.add(queue_id)

    def forget(self, call: LiveCall) -> None:
        """The call is gone, or about to go to another queue. Unknown ones are no matter."""
        queue_id = call.queue_id
        if queue_id is not None and self._lines[queue_id].pop(call.id, None) is not None:
            self.changed.add(queue_id)

    def count(self, queue_id: QueueId) -> int:
        """How many wait."""
        return len(self._lines.get(queue_id, ()))

    def calls(self, queue_id: QueueId) -> list[LiveCall]:
        """Those calls."""
        return list(self._lines.get(queue_id, {}).values())

    def oldest(self, queue_id: QueueId) -> Moment | None:
        """Since when the first in line waits. Arrivals are in order; a call taken back from an agent comes last."""
        first = next(iter(self._lines.get(queue_id, {}).values()), None)
        return None if first is None else first.queued or first.started
