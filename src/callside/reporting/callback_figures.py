"""What became of callbacks: a part of a queue's figures."""

from dataclasses import dataclass, field
from typing import Final

from callside.floor.facts import Fact
from callside.reporting.waits import Waits

_CLOSED: Final = {
    "answered": "answered",
    "not_reached": "not_reached",
    "no_such_number": "not_reached",
    "called_again": "called_again",
}


@dataclass(slots=True)
class CallbackFigures:
    """Callbacks of one queue, each counted in the interval in which it happened.

    Attributes:
        opened: Places kept for customers who wanted to be called back.
        answered: Customers who were reached.
        not_reached: Given up: unanswered too often, or no such number.
        called_again: Customers who called in themselves before they were called.
        dropped: Ended for another reason: taken back (also by a do-not-call list), a day old, callbacks switched off.
        attempts: Calls that were made.
        first: First attempts: how long after the customer had come to the queue.
        in_time: Those of them within the queue's ``within_s``.
    """

    opened: int = 0
    answered: int = 0
    not_reached: int = 0
    called_again: int = 0
    dropped: int = 0
    attempts: int = 0
    first: Waits = field(default_factory=Waits)
    in_time: int = 0

    def take(self, fact: Fact) -> None:
        """Count one fact."""
        if fact.kind == "callback.opened":
            self.opened += 1
        elif fact.kind == "callback.dialled":
            self.attempts += 1
            waited_ms = fact.detail.get("waited_ms")
            if fact.detail.get("attempt") == 1 and isinstance(waited_ms, int):
                self.first.add(waited_ms)
                self.in_time += bool(fact.detail.get("in_time"))
        elif fact.kind == "callback.closed":
            name = _CLOSED.get(str(fact.detail.get("why")), "dropped")
            setattr(self, name, getattr(self, name) + 1)
