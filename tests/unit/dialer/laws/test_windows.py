from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callside.dialer.laws.model import Profile
from callside.dialer.laws.windows import CallingBook, may_call, next_open
from callside.dialer.laws.zones import zones_of
from callside.exchange.profiles import load_profiles
from callside.reception.model import OpeningHours, WeekWindow
from tests.examples import examples

SHELF = load_profiles()
PROFILES = {name: SHELF.versions[name][-1] for name in SHELF.ids}
OFFICE = OpeningHours(
    "5", "1011", "Office", "Europe/Berlin", tuple(WeekWindow(day, 9 * 60, 17 * 60) for day in range(5))
)
MINUTE = 60_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def golden():
    for path in sorted((Path(__file__).parent / "golden").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                number, lead_zone, local, verdict, opens, why = line.split(maxsplit=5)
                row = (path.stem, number, lead_zone.strip("-"), at(local), verdict, None if opens == "-" else at(opens))
                yield pytest.param(*row, id=f"{path.stem}: {why}")


@pytest.mark.parametrize(("profile", "number", "lead_zone", "now", "verdict", "opens"), list(golden()))
def test_whether_a_number_may_be_called_is_as_in_the_golden_table(profile, number, lead_zone, now, verdict, opens):
    said = may_call(PROFILES[profile], zones_of(number, lead_zone), now)
    assert said.allowed is (verdict == "yes")
    if verdict == "never":
        assert (said.rule, said.next_allowed_at) == ("zone", None)
    else:
        assert said.next_allowed_at == (now if verdict == "yes" else opens)


def test_every_profile_has_a_golden_table():
    assert {path.stem for path in (Path(__file__).parent / "golden").glob("*.txt")} == set(PROFILES)


def test_the_verdict_names_the_rule_and_whose_clock_said_no():
    said = may_call(PROFILES["us"], ("America/Los_Angeles", "America/New_York"), at("2026-06-01T09:00-04:00"))
    assert (said.rule, said.zone) == ("windows", "America/Los_Angeles")
    closed = may_call(PROFILES["us"], ("America/New_York",), at("2026-06-01T12:00-04:00"), OFFICE)
    assert (closed.rule, closed.zone) == ("hours", "Europe/Berlin")
    assert closed.next_allowed_at == at("2026-06-02T08:00-04:00")


def test_the_campaigns_own_hours_are_laid_over_the_laws():
    assert may_call(PROFILES["us"], ("America/New_York",), at("2026-06-01T08:00-04:00"), OFFICE).allowed
    assert not may_call(PROFILES["us"], ("America/New_York",), at("2026-06-01T11:00-04:00"), OFFICE).allowed
    never = next_open(PROFILES["us"], ("Pacific/Auckland",), at("2026-06-01T00:00+00:00"), OFFICE)
    assert never == at("2026-06-01T07:00+00:00")  # 19:00 in Auckland, 09:00 in Berlin


def test_zones_on_both_sides_of_the_date_line_share_the_hours_that_both_have():
    kiritimati_and_honolulu = ("Pacific/Honolulu", "Pacific/Kiritimati")  # the same time of day, a day apart
    assert may_call(PROFILES["us"], kiritimati_and_honolulu, at("2026-06-01T08:00-10:00")).allowed
    strict = may_call(PROFILES["strict"], kiritimati_and_honolulu, at("2026-12-24T12:00-10:00"))
    assert strict.zone == "Pacific/Kiritimati"  # there it is Christmas Day
    assert strict.next_allowed_at == at("2026-12-26T10:00-10:00")


def test_a_profile_that_never_closes_does_not_ask_where_a_number_is():
    night = at("2026-12-25T03:00+00:00")
    assert may_call(PROFILES["none"], (), night).allowed
    assert may_call(PROFILES["none"], (), night, OFFICE).next_allowed_at == at("2026-12-25T08:00+00:00")
    assert not may_call(PROFILES["us"], (), night).allowed


ZONES = st.sampled_from(
    ["UTC", "America/New_York", "America/St_Johns", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu",
     "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Havana", "Africa/Casablanca"]
)  # fmt: skip
SOME_ZONES = st.lists(ZONES, min_size=1, max_size=3, unique=True).map(lambda zones: tuple(sorted(zones)))
NAMES = st.sampled_from(sorted(PROFILES))
CAMPAIGN = st.sampled_from([None, OFFICE])
EDGES = [
    at(f"{day}T00:00+00:00")
    for day in ("2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-12-25", "2027-04-04")
]
INSTANTS = st.one_of(
    st.integers(at("2026-01-01T00:00+00:00"), at("2029-12-31T00:00+00:00")),
    st.builds(lambda edge, minutes: edge + minutes * MINUTE, st.sampled_from(EDGES), st.integers(-2000, 3000)),
)


def naively_allowed(profile: Profile, zone: str, instant: int) -> bool:
    """Apart from the code under test: what hangs on the wall in that zone."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(ZoneInfo(zone))
    own = {each.date: each.windows for each in profile.windows.holidays}.get(f"{local:%Y-%m-%d}")
    spans = own if own is not None else [each for each in profile.windows.weekly if each.day == local.weekday()]
    return any(each.start <= local.hour * 60 + local.minute < each.end for each in spans)


def naively_all(profile: Profile, zones, hours, instant: int) -> bool:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(ZoneInfo("Europe/Berlin"))
    office = hours is None or (local.weekday() < 5 and 9 <= local.hour < 17)
    return office and all(naively_allowed(profile, zone, instant) for zone in zones)


@settings(max_examples=examples(150), deadline=None)
@given(name=NAMES, zones=SOME_ZONES, hours=CAMPAIGN, now=INSTANTS)
def test_it_is_allowed_exactly_when_every_zone_and_the_campaign_allow_it(name, zones, hours, now):
    profile = PROFILES[name]
    assert may_call(profile, zones, now, hours).allowed is naively_all(profile, zones, hours, now)


@settings(max_examples=examples(60), deadline=None)
@given(name=NAMES, zones=SOME_ZONES, hours=CAMPAIGN, now=INSTANTS)
def test_it_is_allowed_at_the_next_opening_and_at_no_minute_before(name, zones, hours, now):
    profile = PROFILES[name]
    opens = next_open(profile, zones, now, hours)
    end = opens if opens is not None else now + 10 * 24 * 60 * MINUTE
    if opens is not None:
        assert naively_all(profile, zones, hours, opens)
    before = now
    while before < end and before < now + 6 * 24 * 60 * MINUTE:
        assert not naively_all(profile, zones, hours, before)
        before = before // MINUTE * MINUTE + MINUTE


@settings(max_examples=examples(40), deadline=None)
@given(
    name=NAMES, zones=SOME_ZONES, hours=CAMPAIGN, start=INSTANTS, steps=st.lists(st.integers(-300, 900), max_size=12)
)
def test_the_book_never_answers_differently_even_when_the_clock_is_set(name, zones, hours, start, steps):
    book, now = CallingBook(PROFILES[name], hours), start
    for step in steps:
        now += step * MINUTE
        assert book.may_call(zones, now) == may_call(PROFILES[name], zones, now, hours)


def test_the_book_changes_its_mind_on_the_minute():
    book, zones = CallingBook(PROFILES["us"]), ("America/New_York",)
    opens, closes = at("2026-06-01T08:00-04:00"), at("2026-06-01T21:00-04:00")
    for now in (opens - 1, opens, opens + 1, closes - 1, closes, opens - 1):
        assert book.may_call(zones, now).allowed is (opens <= now < closes)


@settings(max_examples=examples(150), deadline=None)
@given(zones=SOME_ZONES, now=INSTANTS)
def test_what_strict_allows_every_profile_allows(zones, now):
    if may_call(PROFILES["strict"], zones, now).allowed:
        assert all(may_call(profile, zones, now).allowed for profile in PROFILES.values())
