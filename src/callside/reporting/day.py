"""Today's figures: the fold begins anew at the tenant's midnight."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from callside.floor.facts import Fact
from callside.floor.missed import UNAVAILABLE
from callside.reporting.figures import Figures
from callside.reporting.local_days import day_of, next_day, zone_of

_WHOLE: Final = 1 << 62
"""One interval, however long the day is."""
_SET_BACK_MS: Final = 3_600_000
"""What comes from so long before the day's beginning is of a clock that was set back, not of yesterday's last moments."""
_Key = tuple[object, ...]


class Today:
    """Figures of the day that the last fact (or question) belongs to.

    The day's earlier facts come from the store while new ones happen, after a restart or when the tenant's time zone is changed:
    between :meth:`begin_recount` and :meth:`end_recount` the new ones are kept back, so that all are counted in their order.
    """

    def __init__(self, wall: int, time_zone: str = "UTC") -> None:
        self.time_zone = time_zone
        self._zone = zone_of(time_zone)
        self._begin(wall)
        self._kept_back: list[Fact] | None = None
        self._recounted: Counter[_Key] = Counter()
        self.is_complete = True
        """The day's facts are all counted."""

    def take(self, facts: Iterable[Fact]) -> None:
        """Count facts in their order; those of a day that is over (the clock was set back) are not counted."""
        if self._kept_back is not None:
            self._kept_back += facts
            return
        for fact in facts:
            self._count(fact)

    def _count(self, fact: Fact) -> None:
        """One fact. A caller of yesterday who was missed may be told of today: that is no clock that was set back."""
        if fact.kind != UNAVAILABLE or fact.at.wall >= self._figures.since:
            self.at(fact.at.wall).take(fact)

    def at(self, wall: int) -> Figures:
        """The figures of the day ``wall`` is in, or of a later one if that has begun.

        A clock that ran far ahead for a moment is put right by beginning anew; else nothing would be counted until then.
        """
        if wall >= self._until:
            self._begin(wall)
            self.is_complete = True
        elif wall < self._figures.since - _SET_BACK_MS:
            self._begin(wall)
            self.is_complete = False
        return self._figures

    def move(self, wall: int, time_zone: str) -> None:
        """Count by another zone's day from now on; what was counted is forgotten, and a recount has to follow."""
        self.time_zone, self._zone = time_zone, zone_of(time_zone)
        self._begin(wall)

    def begin_recount(self) -> None:
        """Facts from before come first."""
        self._kept_back = []
        self.is_complete = False

    def recount(self, facts: Iterable[Fact]) -> None:
        """Count facts from before."""
        for fact in facts:
            self._count(fact)
            # A fact of callers who were missed stands behind later ones.
            if self._kept_back and (fact.kind == UNAVAILABLE or fact.at.wall >= self._kept_back[0].at.wall):
                self._recounted[_key(fact)] += 1

    def end_recount(self, *, is_complete: bool) -> None:
        """Those from before are counted (or cannot be had): now the new ones, but for those that were on disk already."""
        kept_back, self._kept_back = self._kept_back or [], None
        again, self._recounted = self._recounted, Counter()
        for fact in kept_back:
            if again[_key(fact)] > 0:
                again[_key(fact)] -= 1
            else:
                self._count(fact)
        self.is_complete = is_complete

    def _begin(self, wall: int) -> None:
        self._until = next_day(wall, self._zone)
        self._figures = Figures(day_of(wall, self._zone), step_ms=_WHOLE)


def _key(fact: Fact) -> _Key:
    return fact.kind, fact.at.mono, fact.at.wall, fact.session_id, fact.agent_id, fact.call_id
