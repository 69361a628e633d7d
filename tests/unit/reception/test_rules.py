from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.reception.model import (
    CallerRule,
    Destination,
    Holiday,
    Menu,
    MenuKey,
    Number,
    OpeningHours,
    Target,
    WeekWindow,
    Window,
)
from callside.reception.rules import NumberPlan, choose, fits, in_order, is_open, is_over, menu_loop, never_opens, route

QUEUE, OTHER, CLOSED = Destination(Target.QUEUE, "1"), Destination(Target.QUEUE, "2"), Destination(Target.MESSAGE, "9")
WEEKDAYS = tuple(WeekWindow(day, 9 * 60, 17 * 60) for day in range(5))


def hours(*weekly: WeekWindow, zone: str = "America/New_York", holidays: tuple[Holiday, ...] = ()) -> OpeningHours:
    return OpeningHours("5", "1011", "Office", zone, weekly, holidays)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


# New York: clocks forward 2026-03-08 at 02:00 (07:00 UTC), back 2026-11-01 at 02:00 (06:00 UTC).
GOLDEN = [
    ("America/New_York", "2026-03-06T14:00:00+00:00", True, "Friday 09:00, winter"),
    ("America/New_York", "2026-03-06T13:59:59+00:00", False, "Friday 08:59, winter"),
    ("America/New_York", "2026-03-09T13:00:00+00:00", True, "Monday 09:00, summer: an hour earlier in UTC"),
    ("America/New_York", "2026-03-09T21:00:00+00:00", False, "Monday 17:00: the end is not in"),
    ("America/New_York", "2026-11-02T14:00:00+00:00", True, "Monday 09:00, winter again"),
    ("America/New_York", "2026-11-02T13:30:00+00:00", False, "Monday 08:30, winter again"),
    ("Asia/Kolkata", "2026-06-01T03:30:00+00:00", True, "Monday 09:00 at a half-hour offset"),
    ("Asia/Kolkata", "2026-06-01T03:29:00+00:00", False, "a minute before"),
    ("Pacific/Auckland", "2026-05-31T21:00:00+00:00", True, "Monday 09:00 there, Sunday in UTC"),
    ("UTC", "2026-06-06T12:00:00+00:00", False, "Saturday"),
]


@pytest.mark.parametrize(("zone", "instant", "expected", "why"), GOLDEN, ids=[row[3] for row in GOLDEN])
def test_opening_hours_follow_the_wall_clock_of_their_zone(zone, instant, expected, why):
    assert is_open(hours(*WEEKDAYS, zone=zone), at(instant)) is expected


NIGHT = hours(WeekWindow(5, 22 * 60, 6 * 60))  # Saturday 22:00 to Sunday 06:00


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-08T02:59:00+00:00", False),  # Saturday 21:59
        ("2026-03-08T03:00:00+00:00", True),
        ("2026-03-08T06:59:00+00:00", True),  # 01:59, the last minute before clocks go forward
        ("2026-03-08T07:00:00+00:00", True),  # 03:00
        ("2026-03-08T09:59:00+00:00", True),  # 05:59: seven hours in all
        ("2026-03-08T10:00:00+00:00", False),
        ("2026-11-01T05:30:00+00:00", True),  # 01:30 the first time
        ("2026-11-01T06:30:00+00:00", True),  # 01:30 the second time
        ("2026-11-01T10:59:00+00:00", True),  # 05:59: nine hours in all
        ("2026-11-01T11:00:00+00:00", False),
    ],
)
def test_a_window_over_midnight_lasts_through_a_change_of_clocks(instant, expected):
    assert is_open(NIGHT, at(instant)) is expected


def test_a_holiday_has_windows_of_its_own_or_none():
    holidays = (Holiday("2026-12-24", (Window(9 * 60, 12 * 60),)), Holiday("2026-12-25"))
    mine = hours(*WEEKDAYS, zone="UTC", holidays=holidays)
    assert is_open(mine, at("2026-12-24T11:59:00+00:00"))
    assert not is_open(mine, at("2026-12-24T12:00:00+00:00"))
    assert not is_open(mine, at("2026-12-25T10:00:00+00:00"))


def test_a_night_shift_begun_before_a_holiday_ends_on_it():
    mine = hours(*(WeekWindow(day, 22 * 60, 6 * 60) for day in range(7)), zone="UTC", holidays=(Holiday("2026-12-25"),))
    assert is_open(mine, at("2026-12-25T05:00:00+00:00"))
    assert not is_open(mine, at("2026-12-25T23:00:00+00:00"))
    assert not is_open(mine, at("2026-12-26T05:00:00+00:00"))


ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"])
MINUTES = st.integers(0, 24 * 60 - 1)


@given(zone=ZONES, day=st.integers(0, 6), start=MINUTES, length=st.integers(1, 600), ago=st.integers(0, 400 * 24 * 60))
def test_open_is_exactly_what_a_wall_clock_in_that_zone_says(zone, day, start, length, ago):
    end = min(start + length, 24 * 60)
    instant = datetime(2026, 12, 31, tzinfo=UTC) - timedelta(minutes=ago)
    local = instant.astimezone(ZoneInfo(zone))
    expected = local.weekday() == day and start <= local.hour * 60 + local.minute < end
    assert is_open(hours(WeekWindow(day, start, end), zone=zone), int(instant.timestamp() * 1000)) is expected


@given(zone=ZONES, ago=st.integers(0, 400 * 24 * 60))
def test_every_day_around_the_clock_is_always_open_and_no_window_never(zone, ago):
    instant = int((datetime(2026, 12, 31, tzinfo=UTC) - timedelta(minutes=ago)).timestamp() * 1000)
    assert is_open(hours(*(WeekWindow(day, 0, 24 * 60) for day in range(7)), zone=zone), instant)
    assert not is_open(hours(zone=zone), instant)


def test_hours_without_a_window_never_open():
    assert never_opens(hours(holidays=(Holiday("2026-12-25"),)))
    assert not never_opens(hours(holidays=(Holiday("2026-12-25", (Window(0, 60),)),)))


def plan(*rules: CallerRule, **more) -> NumberPlan:
    number = Number("7", "1011", "15550100900", QUEUE, **more)
    return NumberPlan({"15550100900": number}, {"5": hours(*WEEKDAYS, zone="UTC")}, in_order(rules))


OPEN, SHUT = at("2026-06-01T12:00:00+00:00"), at("2026-06-06T12:00:00+00:00")


def test_a_number_leads_where_the_plan_says_with_or_without_a_plus():
    assert route(plan(), "+15550100900", "", OPEN).destination == QUEUE
    assert route(plan(), "15550100900", "", OPEN).why == "number:7"
    assert route(plan(), "+15550100901", "", OPEN).destination is None


def test_while_closed_callers_go_to_the_closed_branch_or_hear_the_standard_words():
    closed = plan(hours_id="5", closed=CLOSED)
    assert route(closed, "+15550100900", "", OPEN).destination == QUEUE
    assert route(closed, "+15550100900", "", SHUT) == route(closed, "15550100900", "", SHUT)
    assert route(closed, "+15550100900", "", SHUT).destination == CLOSED
    assert route(plan(hours_id="5"), "+15550100900", "", SHUT).destination == Destination(Target.MESSAGE)


def test_the_first_caller_rule_that_fits_holds():
    rules = (
        CallerRule("1", "1011", "+1555*", OTHER, position=20),
        CallerRule("2", "1011", "+15550100123", Destination(Target.BLOCK), position=10),
    )
    assert route(plan(*rules), "+15550100900", "+15550100123", OPEN).why == "caller_rule:2"
    assert route(plan(*rules), "+15550100900", "+15550100124", OPEN).destination == OTHER
    assert route(plan(*rules), "+15550100900", "+442000", OPEN).destination == QUEUE
    assert route(plan(*rules), "+15550100999", "+15550100123", OPEN).destination is None


def test_a_caller_without_a_number_fits_no_rule():
    assert not fits(CallerRule("1", "1011", "+*", OTHER), "")


def menu(key: str, otherwise: Destination, *keys: MenuKey) -> Menu:
    return Menu(key, "1011", f"Menu {key}", "3", keys, otherwise)


def test_a_key_leads_somewhere_or_nowhere():
    mine = menu("1", OTHER, MenuKey("1", QUEUE))
    assert choose(mine, "1") == QUEUE
    assert choose(mine, "2") is None


def test_menus_that_lead_to_each_other_without_a_key_are_a_loop():
    first, second = menu("1", Destination(Target.MENU, "2")), menu("2", Destination(Target.MENU, "1"))
    assert menu_loop({"1": first, "2": second}) == ["Menu 1", "Menu 2"]
    assert menu_loop({"1": menu("1", Destination(Target.MENU, "1"))}) == ["Menu 1"]
    assert menu_loop({"1": first, "2": menu("2", QUEUE, MenuKey("*", Destination(Target.MENU, "1")))}) == []


def test_a_menu_that_leads_into_a_loop_does_not_hide_it():
    menus = {
        "1": menu("1", Destination(Target.MENU, "2")),
        "2": menu("2", Destination(Target.AGENT, "4", Destination(Target.MENU, "3"))),
        "3": menu("3", Destination(Target.MENU, "2")),
    }
    assert menu_loop(menus) == ["Menu 2", "Menu 3"]


def test_hours_whose_dates_are_all_past_are_over_but_not_while_the_last_night_goes_on():
    late = hours(holidays=(Holiday("2026-01-01"), Holiday("2025-12-31", (Window(20 * 60, 4 * 60),))))
    assert not is_over(late, at("2025-12-31T12:00:00-05:00"))
    assert not is_over(late, at("2026-01-01T03:00:00-05:00"))
    assert is_open(late, at("2026-01-01T03:00:00-05:00"))
    assert is_over(late, at("2026-01-02T00:00:00-05:00"))
    assert not is_over(hours(*WEEKDAYS, holidays=late.holidays), at("2026-06-01T00:00:00-05:00"))
    assert not is_over(hours(), at("2026-06-01T00:00:00-05:00"))  # those never opened


def test_a_rule_with_a_plus_means_the_number_in_full_too_and_one_without_only_what_the_carrier_sends():
    rules = plan(CallerRule("1", "1011", "+1555*", OTHER), CallerRule("2", "1011", "1666*", CLOSED))
    assert route(rules, "+15550100900", "5550100123", OPEN, "+15550100123").destination == OTHER
    assert route(rules, "+15550100900", "6660100123", OPEN, "+16660100123").destination == QUEUE
    assert route(rules, "+15550100900", "16660100123", OPEN, "+16660100123").destination == CLOSED
    assert route(rules, "+15550100900", "anonymous", OPEN, "anonymous").destination == QUEUE
