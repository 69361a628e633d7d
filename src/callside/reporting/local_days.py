"""Days as a tenant's clocks show them: from one midnight to the next, 23 or 25 hours long when clocks are changed.

Quarters of an hour need no such care: every zone's clocks differ from UTC by whole quarters (at all times since 1972).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


def zone_of(name: str) -> tzinfo:
    """The zone with that IANA name."""
    return UTC if name == "UTC" else ZoneInfo(name)


def day_of(wall: int, zone: tzinfo = UTC) -> int:
    """The midnight that began the day ``wall`` (ms since 1970 UTC) is in."""
    return _midnight(datetime.fromtimestamp(wall / 1000, zone).date(), zone)


def next_day(wall: int, zone: tzinfo = UTC) -> int:
    """The midnight that ends the day ``wall`` is in."""
    return _midnight(datetime.fromtimestamp(wall / 1000, zone).date() + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo) -> int:
    """Where clocks skip midnight, the moment they do; where they show it twice, the first time."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class EvenSteps:
    """Intervals of ``step_ms``, the first from ``since``."""

    since: int
    step_ms: int

    def begin_of(self, wall: int) -> int:
        """Where the interval of ``wall`` begins."""
        return self.since + (wall - self.since) // self.step_ms * self.step_ms

    def end_of(self, wall: int) -> int:
        """Where the interval of ``wall`` ends."""
        return self.begin_of(wall) + self.step_ms


@dataclass(frozen=True, slots=True)
class DaySteps:
    """A zone's days."""

    zone: tzinfo

    def begin_of(self, wall: int) -> int:
        """Where the day of ``wall`` begins."""
        return day_of(wall, self.zone)

    def end_of(self, wall: int) -> int:
        """Where the day of ``wall`` ends."""
        return next_day(wall, self.zone)
