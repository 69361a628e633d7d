from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.kernel.errors import InvalidFieldError
from callside.kernel.zones import offset_changes, offset_s, read_zone


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Nowhere", "../etc/passwd", "/etc/localtime", "x" * 5000, "a\0b", "Europe/London "]
)
def test_what_is_no_zone_is_refused_with_the_field_and_the_remedy(name):
    with pytest.raises(InvalidFieldError, match=r"zone: .* IANA name like Europe/London") as refused:
        read_zone(name)
    assert refused.value.field == "zone"


def test_a_zone_is_read_by_its_name():
    assert read_zone("Asia/Kathmandu") == ZoneInfo("Asia/Kathmandu")


def test_the_changes_of_a_year_are_found_to_the_second():
    zone = ZoneInfo("America/New_York")
    start, end = at("2026-01-01T00:00:00+00:00"), at("2027-01-01T00:00:00+00:00")
    assert offset_changes(zone, start, end) == [at("2026-03-08T07:00:00+00:00"), at("2026-11-01T06:00:00+00:00")]
    assert offset_changes(ZoneInfo("Asia/Kolkata"), start, end) == []


def test_a_change_is_after_the_start_and_may_be_at_the_end():
    zone, change = ZoneInfo("Europe/London"), at("2026-03-29T01:00:00+00:00")
    assert offset_changes(zone, change - 1000, change) == [change]
    assert offset_changes(zone, change, change + 1000) == []


def test_a_day_that_was_left_out_at_the_date_line_is_one_change():
    zone, change = ZoneInfo("Pacific/Apia"), at("2011-12-30T10:00:00+00:00")
    assert offset_changes(zone, change - 3_600_000, change + 3_600_000) == [change]
    assert offset_s(zone, change) - offset_s(zone, change - 1000) == 24 * 3600


@given(
    st.sampled_from(sorted(available_timezones())),
    st.integers(at("2020-01-01T00:00:00+00:00"), at("2036-01-01T00:00:00+00:00")),
)
def test_between_the_changes_the_offset_stays(name, start):
    zone, end = ZoneInfo(name), start + 40 * 24 * 3_600_000
    edges = [start, *offset_changes(zone, start, end), end]
    for low, high in pairwise(edges):
        assert len({offset_s(zone, low + (high - low) * part // 8) for part in range(8)}) == 1
