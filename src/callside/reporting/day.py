"""Today's figures: the fold begins anew at midnight UTC."""

from collections.abc import Iterable

from callside.floor.facts import Fact
from callside.reporting.figures import DAY_MS, Figures


def day_of(wall: int) -> int:
    """Midnight UTC of that day, wall ms."""
    return wall - wall % DAY_MS


class Today:
    """Figures of the day that the last fact (or question) belongs to.

    After a restart the day's earlier facts come from the store while new ones happen: between :meth:`begin_recount` and
    :meth:`end_recount` the new ones are kept back, so that all are counted in their order.
    """

    def __init__(self, wall: int) -> None:
        self._figures = Figures(day_of(wall))
        self._kept_back: list[Fact] | None = None
        self.is_complete = True
        """The day's facts are all counted."""

    def take(self, facts: Iterable[Fact]) -> None:
        """Count facts in their order; those of a day that is over (the clock was set back) are not counted."""
        if self._kept_back is not None:
            self._kept_back += facts
            return
        for fact in facts:
            self.at(fact.at.wall).take(fact)

    def at(self, wall: int) -> Figures:
        """The figures of the day ``wall`` is in, or of a later one if that has begun."""
        if day_of(wall) > self._figures.since:
            self._figures = Figures(day_of(wall))
            self.is_complete = True
        return self._figures

    def begin_recount(self) -> None:
        """Facts from before come first."""
        self._kept_back = []
        self.is_complete = False

    def recount(self, facts: Iterable[Fact]) -> None:
        """Count facts from before."""
        for fact in facts:
            self.at(fact.at.wall).take(fact)

    def end_recount(self, *, is_complete: bool) -> None:
        """Those from before are counted (or cannot be had): now the new ones."""
        kept_back, self._kept_back = self._kept_back or [], None
        self.take(kept_back)
        self.is_complete = is_complete
