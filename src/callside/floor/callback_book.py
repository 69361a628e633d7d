"""What the floor knows of callbacks besides their places in the queue."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from callside.floor.live import LiveCall
from callside.kernel.ids import CallId, QueueId


class CallbackBook:
    """Of all queues.

    Attributes:
        places: Open callbacks by queue and number: a number has one in a queue.
        attempts: Calls to customers who wanted to be called back, that were answered or have ended in this step.
        unwanted: Numbers whose people have said in this step that they do not want to be called, by anybody here.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[QueueId, str], CallId] = {}
        self._open: Counter[QueueId] = Counter()
        self.places: Mapping[tuple[QueueId, str], CallId] = MappingProxyType(self._places)
        self.attempts: list[LiveCall] = []
        self.unwanted: set[str] = set()

    def keep(self, queue_id: QueueId, number: str, call_id: CallId) -> None:
        """There is one for that number, or it goes by another id now."""
        if (queue_id, number) not in self._places:
            self._open[queue_id] += 1
        self._places[queue_id, number] = call_id

    def drop(self, queue_id: QueueId, number: str) -> None:
        """It is over. Unknown ones are no matter."""
        if self._places.pop((queue_id, number), None) is not None:
            self._open[queue_id] -= 1

    def open_in(self, queue_id: QueueId) -> int:
        """How many a queue has open: asked for by every offer and every board, so it is counted, not looked for."""
        return self._open[queue_id]
