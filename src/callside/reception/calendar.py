"""When opening hours change: the next minute at which it opens or closes, through every change of clocks."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callside.kernel.zones import DAY_MS, offset_changes
from callside.reception.model import OpeningHours
from callside.reception.rules import is_open, windows_on

LOOK_AHEAD_DAYS = 60
"""How far is looked for a change: beyond any holidays, and near enough to find out quickly that two zones share no hour."""


def next_change(hours: OpeningHours, instant_ms: int) -> int | None:
    """The first instant after ``instant_ms`` (ms since 1970, UTC) at which it opens or closes; ``None``: not within 60 days."""
    now_open = is_open(hours, instant_ms)
    return next((one for one in _moments(hours, instant_ms) if is_open(hours, one) is not now_open), None)


def next_open(all_hours: Sequence[OpeningHours], instant_ms: int) -> int | None:
    """The first instant from ``instant_ms`` on at which all of these are open; ``None``: not within 60 days."""
    at, end = instant_ms, instant_ms + LOOK_AHEAD_DAYS * DAY_MS
    while at < end:
        shut = next((one for one in all_hours if not is_open(one, at)), None)
        if shut is None:
            return at
        opens = next_change(shut, at)
        if opens is None:
            return None
        at = opens  # until then this one is shut, so nothing is passed over
    return None


def next_opening(hours: OpeningHours, instant_ms: int) -> int | None:
    """The first instant after ``instant_ms`` at which it is shut no more; ``None``: not found within 60 days of looking."""
    shut_at = instant_ms if not is_open(hours, instant_ms) else next_change(hours, instant_ms)
    return next_change(hours, shut_at) if shut_at is not None else None


def open_between(hours: OpeningHours, begin_ms: int, end_ms: int) -> int:
    """How many of the milliseconds from ``begin_ms`` to ``end_ms`` (since 1970, UTC) it is open; 0 where the end is no later."""
    total, at = 0, begin_ms
    while at < end_ms:
        change = next_change(hours, at)
        until = min(end_ms, change if change is not None else at + LOOK_AHEAD_DAYS * DAY_MS)
        total += until - at if is_open(hours, at) else 0
        at = until
    return total


def _moments(hours: OpeningHours, instant_ms: int) -> Iterator[int]:
    """All instants after ``instant_ms`` at which the answer can change, in order.

    The wall clock reaches the edge of a window (twice, where clocks are put back), or it jumps. Days are taken as UTC has
    them: where clocks go back over midnight, a local date comes twice and its edges are not in order.
    """
    zone = ZoneInfo(hours.zone)
    for day in range(LOOK_AHEAD_DAYS):
        start, end = instant_ms + day * DAY_MS, instant_ms + (day + 1) * DAY_MS
        first = datetime.fromtimestamp(start / 1000, UTC).astimezone(zone).date()
        edges = {edge for ahead in range(-1, 3) for edge in _edges(hours, first + timedelta(days=ahead), zone)}
        edges.update(offset_changes(zone, start, end))
        yield from sorted(one for one in edges if start < one <= end)


def _edges(hours: OpeningHours, day: date, zone: ZoneInfo) -> Iterator[int]:
    for window in windows_on(hours, day):
        length = window.end - window.start if window.end > window.start else window.end - window.start + 24 * 60
        for minute in (window.start, window.start + length):
            wall = datetime.combine(day, time()) + timedelta(minutes=minute)
            for fold in (0, 1):
                yield int(wall.replace(tzinfo=zone, fold=fold).timestamp()) * 1000
