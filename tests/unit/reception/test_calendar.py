from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callside.reception.calendar import next_change, next_open, open_between
from callside.reception.model import Holiday, OpeningHours, WeekWindow, Window
from callside.reception.rules import is_open
from tests.examples import examples

MINUTE = 60_000
WEEKDAYS = tuple(WeekWindow(day, 9 * 60, 17 * 60) for day in range(5))
DAILY = tuple(WeekWindow(day, 9 * 60, 17 * 60) for day in range(7))


def hours(*weekly: WeekWindow, zone: str = "America/New_York", holidays: tuple[Holiday, ...] = ()) -> OpeningHours:
    return OpeningHours("5", "1011", "Office", zone, weekly, holidays)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-06-05T17:00:00-04:00", "2026-06-08T09:00:00-04:00"),  # Friday evening
        ("2026-06-05T16:59:59-04:00", "2026-06-05T16:59:59-04:00"),  # still open
        ("2026-03-06T20:00:00-05:00", "2026-03-09T09:00:00-04:00"),  # over the change of clocks
    ],
)
def test_it_opens_next_when_the_wall_clock_says_so(now, opens):
    assert next_open([hours(*WEEKDAYS)], at(now)) == at(opens)


def test_a_window_that_begins_in_the_hour_left_out_opens_when_the_clocks_jump():
    assert next_open([hours(WeekWindow(6, 150, 240))], at("2026-03-08T05:00:00+00:00")) == at(
        "2026-03-08T07:00:00+00:00"
    )


def test_a_window_in_the_hour_that_comes_twice_opens_twice():
    twice = hours(WeekWindow(6, 60, 90))
    first, second = at("2026-11-01T05:00:00+00:00"), at("2026-11-01T06:00:00+00:00")
    assert next_open([twice], first - 1) == first
    assert next_change(twice, first) == first + 30 * MINUTE
    assert next_open([twice], first + 30 * MINUTE) == second


def test_holidays_are_passed_over_and_their_own_windows_are_not():
    festive = hours(*DAILY, zone="UTC", holidays=(Holiday("2026-12-25"), Holiday("2026-12-26", (Window(600, 660),))))
    assert next_open([festive], at("2026-12-24T17:00:00+00:00")) == at("2026-12-26T10:00:00+00:00")
    assert next_open([festive], at("2026-12-26T11:00:00+00:00")) == at("2026-12-27T09:00:00+00:00")


def test_all_have_to_be_open_at_once():
    east, west = hours(*DAILY), hours(*DAILY, zone="America/Los_Angeles")
    assert next_open([east, west], at("2026-06-01T09:00:00-04:00")) == at("2026-06-01T09:00:00-07:00")


def test_what_never_opens_together_says_so():
    assert next_open([hours()], 0) is None
    morning, evening = hours(WeekWindow(0, 0, 60), zone="UTC"), hours(WeekWindow(0, 600, 660), zone="UTC")
    assert next_open([morning, evening], at("2026-06-01T00:00:00+00:00")) is None
    assert next_change(hours(*(WeekWindow(day, 0, 1440) for day in range(7))), 0) is None


ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Chatham",
     "America/Havana", "Atlantic/Azores", "Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati"]
)  # fmt: skip
EDGES = st.integers(0, 95).map(lambda quarter: quarter * 15)
WINDOWS = st.builds(WeekWindow, st.integers(0, 6), EDGES, EDGES)
CHANGES = [
    at(f"{day}T00:00:00+00:00")
    for day in (
        "2026-03-08",
        "2026-11-01",
        "2026-03-29",
        "2026-10-25",
        "2026-04-05",
        "2026-10-04",
        "2011-12-30",
        "2026-02-15",
        "2026-03-22",
    )
]
INSTANTS = st.one_of(
    st.integers(at("2024-01-01T00:00:00+00:00"), at("2030-01-01T00:00:00+00:00")),
    st.builds(lambda day, minutes: day + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(-2000, 3000)),
)


@lru_cache(maxsize=64)
def painted(one: OpeningHours, day: date) -> frozenset[int]:
    """The open minutes of a local day. Written apart from the code under test: painted, not compared."""
    minutes: set[int] = set()
    for back in (0, 1):
        began = day - timedelta(days=back)
        own = [each.windows for each in one.holidays if each.date == str(began)]
        spans = own[0] if own else [each for each in one.weekly if each.day == began.weekday()]
        for span in spans:
            length = span.end - span.start if span.end > span.start else 1440 + span.end - span.start
            minutes.update(minute - 1440 * back for minute in range(span.start, span.start + length))
    return frozenset(minutes & set(range(1440)))


def naive_open(one: OpeningHours, instant: int) -> bool:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(ZoneInfo(one.zone))
    return local.hour * 60 + local.minute in painted(one, local.date())


@settings(max_examples=examples(60), deadline=None)
@given(
    zones=st.lists(ZONES, min_size=1, max_size=3),
    weekly=st.lists(WINDOWS, min_size=1, max_size=6),
    closed=st.integers(0, 3),
    now=INSTANTS,
)
def test_it_opens_at_the_first_minute_of_all_and_not_before(zones, weekly, closed, now):
    first = datetime.fromtimestamp(now / 1000, UTC).date() + timedelta(days=closed)
    every = [hours(*weekly, zone=zone, holidays=(Holiday(str(first)),)) for zone in zones]
    opens = next_open(every, now)
    assume(opens is not None and opens - now < 4 * 24 * 60 * MINUTE)
    assert all(naive_open(one, opens) for one in every)
    before = now
    while before < opens:
        assert not all(naive_open(one, before) for one in every)
        before = before // MINUTE * MINUTE + MINUTE


@settings(max_examples=examples(60), deadline=None)
@given(zone=ZONES, weekly=st.lists(WINDOWS, min_size=1, max_size=6), now=INSTANTS)
def test_nothing_changes_before_the_next_change(zone, weekly, now):
    one = hours(*weekly, zone=zone)
    change = next_change(one, now)
    assume(change is not None)
    assert is_open(one, change) is not is_open(one, now)
    assert is_open(one, change) is naive_open(one, change)
    for part in range(1, 40):
        assert naive_open(one, now + (change - now) * part // 40) is naive_open(one, now)


def test_what_is_asked_for_before_closing_time_is_owed_on_in_the_next_morning():
    asked, called = at("2026-06-04T16:55:00-04:00"), at("2026-06-05T10:55:00-04:00")
    assert open_between(hours(*WEEKDAYS), asked, called) == 120 * MINUTE
    assert open_between(hours(*WEEKDAYS), asked, at("2026-06-05T09:00:00-04:00")) == 5 * MINUTE
    assert open_between(hours(*WEEKDAYS), called, asked) == 0


def test_an_hour_that_is_left_out_is_not_counted_and_one_that_comes_twice_is_counted_twice():
    night = hours(WeekWindow(6, 0, 6 * 60))
    assert open_between(night, at("2026-03-08T00:00:00-05:00"), at("2026-03-08T06:00:00-04:00")) == 5 * 60 * MINUTE
    assert open_between(night, at("2026-11-01T00:00:00-04:00"), at("2026-11-01T06:00:00-05:00")) == 7 * 60 * MINUTE


def test_what_never_closes_or_never_opens_counts_all_or_nothing_however_long():
    always = hours(*(WeekWindow(day, 0, 1440) for day in range(7)), zone="UTC")
    quarter_of_a_year = 90 * 24 * 60 * MINUTE
    assert open_between(always, 5, 5 + quarter_of_a_year) == quarter_of_a_year
    assert open_between(hours(), 5, 5 + quarter_of_a_year) == 0


@settings(max_examples=60, deadline=None)
@given(
    zone=ZONES,
    weekly=st.lists(WINDOWS, min_size=1, max_size=6),
    begin=INSTANTS,
    lasted=st.integers(0, 3 * 24 * 60 * MINUTE),
    cut=st.integers(0, 3 * 24 * 60 * MINUTE),
)
def test_open_time_is_the_sum_of_its_open_minutes_through_every_change_of_clocks(zone, weekly, begin, lasted, cut):
    one, end = hours(*weekly, zone=zone), begin + lasted
    minute, painted_ms = begin, 0
    while minute < end:
        following = min(end, minute // MINUTE * MINUTE + MINUTE)
        painted_ms += following - minute if naive_open(one, minute) else 0
        minute = following
    assert open_between(one, begin, end) == painted_ms
    between = min(begin + cut, end)
    assert open_between(one, begin, between) + open_between(one, between, end) == painted_ms
