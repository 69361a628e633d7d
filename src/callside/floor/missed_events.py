"""What the engine tells of callers who came and went without us."""

import msgspec

from callside.kernel.ids import LegId, TrunkId


class MissedCaller(msgspec.Struct, frozen=True, gc=False):
    """Somebody who called one of our numbers and was not handed over to us. ``number`` is hostile text.

    Attributes:
        came_at: Wall ms by the engine's clock.
        went_at: The same, of the end.
        given_up: The engine ended the call after its longest wait; else the caller did.
        at_once: They hung up before the engine could hand them over, while we listened. Else nobody of ours did.
    """

    leg_id: LegId
    trunk_id: TrunkId
    our_number: str
    number: str
    came_at: int
    went_at: int
    given_up: bool = False
    at_once: bool = False


class CallersMissed(msgspec.Struct, frozen=True, gc=False):
    """Callers who came and went without us, oldest first. Answered by ``ForgetCallers``; else they are told again."""

    callers: tuple[MissedCaller, ...]
