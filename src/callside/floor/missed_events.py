"""What the engine tells of the time in which nobody of ours listened."""

import msgspec

from callside.kernel.ids import LegId, TrunkId


class MissedCaller(msgspec.Struct, frozen=True, gc=False):
    """Somebody who called one of our numbers while nobody of ours listened to the engine. ``number`` is hostile text.

    Attributes:
        came_at: Wall ms by the engine's clock.
        went_at: The same, of the end.
        given_up: The engine ended the call after its longest wait; else the caller did.
    """

    leg_id: LegId
    trunk_id: TrunkId
    our_number: str
    number: str
    came_at: int
    went_at: int
    given_up: bool = False


class CallersMissed(msgspec.Struct, frozen=True, gc=False):
    """Callers who came and went in our absence, oldest first. Answered by ``ForgetCallers``; else they are told again."""

    callers: tuple[MissedCaller, ...]
