"""Time as a value. Durations come from ``mono``, dates shown to people from ``wall`` (a stepped clock bends no duration)."""

from typing import Protocol

import msgspec


class Moment(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """One instant on two clocks, both in whole milliseconds; ``[mono, wall]`` in JSON.

    A struct without a part in garbage collection: a floor of 100,000 calls holds several of them for each, and every full
    collection would look at all.

    Attributes:
        mono: A clock that never goes back; differences are durations.
        wall: Milliseconds since 1970-01-01 UTC; may jump when the machine's clock is set.
    """

    mono: int
    wall: int

    def elapsed_until(self, later: "Moment") -> int:
        """Milliseconds from here to ``later``, never negative."""
        if later.mono <= self.mono:
            return 0
        return later.mono - self.mono


class Clock(Protocol):
    """Gives the present moment; tests and the simulator bring their own."""

    def now(self) -> Moment:
        """The present moment."""
