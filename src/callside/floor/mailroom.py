"""What the floor knows of voicemail."""

from dataclasses import dataclass, field

from callside.kernel.ids import CallId, QueueId


@dataclass(slots=True)
class Mailroom:
    """Of all queues.

    Attributes:
        kept: How many messages of each queue are kept.
        adopted: Found at the start, with their rows: the engine may bring them once more.
        speakers: Number and name of callers whose recording has not been brought; it may outlast the call.
        sent: Waiting calls that a rule sends to their queue's voicemail at the end of the step.
    """

    kept: dict[QueueId, int] = field(default_factory=dict)
    adopted: set[CallId] = field(default_factory=set)
    speakers: dict[CallId, tuple[str, str]] = field(default_factory=dict)
    sent: list[CallId] = field(default_factory=list)
