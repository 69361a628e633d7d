"""Time as a value. Durations come from ``mono``, dates shown to people from ``wall`` (a stepped clock bends no duration)."""

from typing import NamedTuple, Protocol


class Moment(NamedTuple):
    """One instant on two clocks, both in whole milliseconds.

    Attributes:
        mono: A clock that never goes back; differences are durations.
        wall: Milliseconds since 1970-01-01 UTC; may jump when the machine's clock is set.
    """

    mono: int
    wall: int

    def elapsed_until(self, later: "Moment") -> int:
        """Milliseconds from here to ``later``, never negative."""
        if later[0] <= self[0]:  # by place: every step asks this several times, and a name takes twice as long
            return 0
        return later[0] - self[0]


class Clock(Protocol):
    """Gives the present moment; tests and the simulator bring their own."""

    def now(self) -> Moment:
        """The present moment."""
