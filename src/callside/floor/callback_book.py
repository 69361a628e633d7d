"""What the floor knows of callbacks besides their places in the queue."""

from dataclasses import dataclass, field

from callside.floor.live import LiveCall
from callside.kernel.ids import CallId, QueueId


@dataclass(slots=True)
class CallbackBook:
    """Of all queues.

    Attributes:
        places: Open callbacks by queue and number: a number has one in a queue.
        attempts: Calls to customers who wanted to be called back, that were answered or have ended in this step.
    """

    places: dict[tuple[QueueId, str], CallId] = field(default_factory=dict)
    attempts: list[LiveCall] = field(default_factory=list)
