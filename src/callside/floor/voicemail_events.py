"""What the floor is told of voicemails: one is over, how many are kept, one was removed."""

import msgspec

from callside.calls.model import VoicemailEnd
from callside.kernel.ids import CallId, QueueId


class VoicemailEnded(msgspec.Struct, frozen=True, gc=False):
    """A voicemail is over. The call may have ended before, and we may have been away when it did."""

    call_id: CallId
    queue_id: QueueId
    end: VoicemailEnd
    duration_ms: int = 0


class VoicemailsCounted(msgspec.Struct, frozen=True, gc=False):
    """How many voicemails of each queue are kept, at the start.

    Attributes:
        adopted: Those that were found without a row and have got theirs. The engine may tell of them once more.
    """

    counts: dict[QueueId, int]
    adopted: frozenset[CallId] = frozenset()


class VoicemailRemoved(msgspec.Struct, frozen=True, gc=False):
    """Somebody has removed a voicemail of a queue."""

    queue_id: QueueId
