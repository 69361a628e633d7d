"""Laws of dialling: what it costs to ask, beside the plain way of asking the same."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from bench.tables import Table
from callside.dialer.laws.abandonment import Tally, report
from callside.dialer.laws.ledger import Answered, Outcome, enter
from callside.dialer.laws.model import Profile
from callside.dialer.laws.windows import CallingBook, may_call, next_open
from callside.dialer.laws.zones import zones_of
from callside.exchange.profiles import load_profiles

_NUMBERS = 20_000
_ENTRIES = 100_000
_MINUTE_MS = 60_000
_EVENING = int(datetime(2026, 12, 24, 22, tzinfo=UTC).timestamp() * 1000)


def run() -> Iterable[Table]:
    """The table."""
    shelf = load_profiles()
    rows = [
        *_zones(),
        *_windows(shelf.version("us-1")),
        _opening(shelf.version("uk-1")),
        _ledger(shelf.version("us-1")),
    ]
    yield Table("laws", ("question", "here, µs", "plain way, µs", "plain : here"), rows)


def _zones() -> Iterable[tuple[str, ...]]:
    kinds = (("United States", "+1212555"), ("United Kingdom", "+44207946"), ("Australia, mobile", "+61491570"))
    for name, start in kinds:
        numbers = [f"{start}{last:05}"[:12] for last in range(_NUMBERS)]
        zones_of(numbers[0])
        here = _each(lambda numbers=numbers: [zones_of(one) for one in numbers], _NUMBERS)
        plain = _each(
            lambda numbers=numbers: [timezone.time_zones_for_number(phonenumbers.parse(one)) for one in numbers],
            _NUMBERS,
        )
        yield _row(f"zones of a number: {name}", here, plain)


def _windows(us: Profile) -> Iterable[tuple[str, ...]]:
    book, times = CallingBook(us), 20_000
    for name, number in (("one zone", "+12125550100"), ("all of North America", "+15550100123")):
        zones = zones_of(number)
        here = _each(lambda zones=zones: [book.may_call(zones, _EVENING + ms) for ms in range(times)], times)
        plain = _each(lambda zones=zones: [may_call(us, zones, _EVENING + ms) for ms in range(200)], 200)
        yield _row(f"may it be called, {name}: remembered, beside worked out each time", here, plain)


def _opening(uk: Profile) -> tuple[str, ...]:
    zones, times = ("Europe/London",), 500
    here = _each(lambda: [next_open(uk, zones, _EVENING) for _ in range(times)], times)
    plain = _each(lambda: _minute_by_minute(uk, zones[0], _EVENING), 1)
    return _row("next opening, over Christmas, beside trying each minute", here, plain)


def _minute_by_minute(uk: Profile, zone: str, at: int) -> int:
    own = {one.date: one.windows for one in uk.windows.holidays}
    while True:
        local = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
        spans = own.get(local.date().isoformat())
        if spans is None:
            spans = tuple(one for one in uk.windows.weekly if one.day == local.weekday())
        if any(one.start <= local.hour * 60 + local.minute < one.end for one in spans):
            return at
        at += _MINUTE_MS


def _ledger(us: Profile) -> tuple[str, ...]:
    entries = [
        enter(us, "2001", str(number), None, "+12125550100", Answered(_EVENING + number, agent_at=_EVENING + number))
        for number in range(_ENTRIES)
    ]
    tally = Tally(us, entries=entries)
    end = _EVENING + _ENTRIES
    assert tally.counts(end).connected == _ENTRIES == sum(one.outcome is Outcome.CONNECTED for one in entries)
    here = _each(lambda: [tally.report(end) for _ in range(1000)], 1000)
    plain = _each(lambda: report(entries, us, us.abandonment.window, end), 1)
    return _row(f"abandonment rate of {_ENTRIES:,} calls: counted, beside the ledger read", here, plain)


def _each(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) / times * 1e6


def _row(question: str, here: float, plain: float) -> tuple[str, ...]:
    return question, f"{here:,.1f}", f"{plain:,.1f}", f"{plain / here:,.1f} ×"
