"""The abandonment budget of one window: what may still be abandoned, and what may be borrowed from the hours to come."""

from typing import Final

_BORROWED: Final = 0.3
"""Share of the rest of the day's forecast budget that may be spent ahead; it recovers what a strict guard costs small teams."""
_REPAID_MS: Final = 20 * 60_000
"""So long before the end nothing may be borrowed any more."""
_FORECAST_MS: Final = 10 * 60_000
"""The first guess of the answer rate counts for as much as so long a time of observation."""


class Budget:
    """The ledger of a window, and its guard.

    Attributes:
        connected, abandoned: The ledger.
    """

    def __init__(
        self, target: float, connected: int, abandoned: int, began_ms: int | None, ends_ms: int | None
    ) -> None:
        self.target = target
        self.connected = connected
        self.abandoned = abandoned
        self.began_ms = began_ms
        self.ends_ms = ends_ms

    @property
    def answers(self) -> int:
        """Live answers that went to an agent or were abandoned."""
        return self.connected + self.abandoned

    def left(self, now: int, guessed_per_ms: float) -> float:
        """How many may still be abandoned, credit included.

        Args:
            now: ms.
            guessed_per_ms: Answers expected in a millisecond, for as long as little was observed.
        """
        return self.target * self.answers - self.abandoned + self._credit(now, guessed_per_ms)

    def to_come(self, now: int, guessed_per_ms: float) -> float | None:
        """How many the rest of the shift may abandon, forecast; None where no end is known."""
        if self.ends_ms is None:
            return None
        return self.target * self._rate(now, guessed_per_ms) * max(0, self.ends_ms - now)

    def _credit(self, now: int, guessed_per_ms: float) -> float:
        if self.ends_ms is None:
            return 0.0  # whoever does not know when the day ends cannot promise to earn it back
        remaining = self.ends_ms - _REPAID_MS - now
        if remaining <= 0:
            return 0.0
        return _BORROWED * self.target * self._rate(now, guessed_per_ms) * remaining

    def _rate(self, now: int, guessed_per_ms: float) -> float:
        observed = 0 if self.began_ms is None else max(0, now - self.began_ms)
        return (self.answers + guessed_per_ms * _FORECAST_MS) / (observed + _FORECAST_MS)
