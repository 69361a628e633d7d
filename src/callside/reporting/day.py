"""Today's figures: the fold begins anew at midnight UTC."""

from collections.abc import Iterable

from callside.floor.facts import Fact
from callside.reporting.figures import DAY_MS, Figures


def day_of(wall: int) -> int:
    """Midnight UTC of that day, wall ms."""
    return wall - wall % DAY_MS


class Today:
    """Figures of the day that the last fact (or question) belongs to."""

    def __init__(self, wall: int) -> None:
        self._figures = Figures(day_of(wall))

    def take(self, facts: Iterable[Fact]) -> None:
        """Count facts in their order; those of a day that is over (the clock was set back) are not counted."""
        for fact in facts:
            self.at(fact.at.wall).take(fact)

    def at(self, wall: int) -> Figures:
        """The figures of the day ``wall`` is in, or of a later one if that has begun."""
        if day_of(wall) > self._figures.since:
            self._figures = Figures(day_of(wall))
        return self._figures
