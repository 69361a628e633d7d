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
        passed = later.mono - self.mono
        return max(0, passed)  # max() takes three times as long, and every step asks


class Clock(Protocol):
    """Gives the present moment; tests and the simulator bring their own."""

    def now(self) -> Moment:
        """The present moment."""
