import random
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from callside.dialer.laws.zones import zones_of
from callside.kernel.errors import InvalidFieldError
from callside.kernel.zones import offset_s
from tests.examples import examples

DAY = 86_400_000
SAMPLES = range(1_735_689_600_000, 2_082_758_400_000, 5 * DAY)


@cache
def clock(zone: str) -> tuple[int, ...]:
    return tuple(offset_s(ZoneInfo(zone), at) for at in SAMPLES)


def clocks(zones) -> set[tuple[int, ...]]:
    return {clock(zone) for zone in zones}


@pytest.mark.parametrize(
    ("number", "lead_zone", "zones"),
    [
        ("+12125550100", "", ("America/New_York",)),
        ("+12125550100", "America/Detroit", ("America/New_York",)),  # the same clocks: one of them
        ("+12125550100", "America/Los_Angeles", ("America/Los_Angeles", "America/New_York")),  # the phone has moved
        ("+442079460123", "", ("Europe/London",)),
        ("+447700900123", "", ("Europe/London",)),  # a mobile phone of a country with one zone
        ("+911400000000", "", ("Asia/Calcutta",)),
        ("+911400000000", "Asia/Kolkata", ("Asia/Calcutta",)),
        ("+61255500123", "", ("Australia/Sydney",)),
        ("+61491570156", "Australia/Perth", ("Australia/Perth",)),  # a mobile phone: the lead's zone is the better word
        ("+61491570156", "Europe/London", None),
        ("+88213000000", "", ()),
        ("+88213000000", "Europe/London", ("Europe/London",)),
        ("+80000000000", "", ()),
        ("", "", ()),
        ("rubbish", "", ()),
        ("+٤٤٢٠", "", ()),
    ],
)
def test_where_a_number_may_be(number, lead_zone, zones):
    found = zones_of(number, lead_zone)
    if zones is None:
        assert lead_zone in found
        assert len(found) > 5
    else:
        assert found == zones


def test_a_mobile_phone_that_may_be_anywhere_in_the_country_has_all_its_zones():
    assert {"Australia/Perth", "Australia/Sydney"} <= set(zones_of("+61491570156"))
    assert {"Europe/Moscow", "Asia/Vladivostok"} <= set(zones_of("+79160000000"))


def test_an_area_code_that_is_none_may_be_anywhere_in_north_america_until_the_lead_says_where():
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones_of("+15550100123"))
    assert zones_of("+15550100123", "America/Chicago") == ("America/Chicago",)


def test_a_lead_zone_that_is_none_is_refused():
    with pytest.raises(InvalidFieldError, match="zone:"):
        zones_of("+12125550100", "America/Gotham")


def test_every_zone_of_the_table_is_one_the_machine_knows():
    assert {zone for zones in TIMEZONE_DATA.values() for zone in zones} <= available_timezones()


@pytest.mark.parametrize("prefix", sorted(TIMEZONE_DATA, key=len)[:150])
def test_what_stands_for_a_prefix_has_the_clocks_of_all_its_zones(prefix):
    found = zones_of(f"+{prefix}")
    assert list(found) == sorted(found)
    if found:
        assert len(clocks(found)) == len(found)


def numbers_of(region: str, count: int):
    dice = random.Random(region)
    code = phonenumbers.country_code_for_region(region)
    lengths = phonenumbers.PhoneMetadata.metadata_for_region(region).general_desc.possible_length
    for _ in range(count):
        yield f"+{code}" + "".join(dice.choice("0123456789") for _ in range(dice.choice(lengths)))


@pytest.mark.parametrize(
    "region", ["US", "CA", "GB", "IN", "AU", "RU", "KZ", "BR", "MX", "ES", "NZ", "ID", "MN", "GL", "RE", "FR", "DE"]
)
def test_no_zone_that_the_library_names_is_left_out(region):
    left_out = []
    for number in numbers_of(region, 400):
        parsed = phonenumbers.parse(number)
        named = timezone.time_zones_for_number(parsed)
        if named == ("Etc/Unknown",) or (
            region in {"US", "CA"} and phonenumbers.region_code_for_number(parsed) not in {"US", "CA"}
        ):
            continue  # an area code of the Caribbean is its island's, whatever kind of number it is
        if not clocks(named) <= clocks(zones_of(number)):
            left_out.append((number, named))
    assert not left_out


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=20), st.sampled_from(["", "Europe/London", "Asia/Kolkata"]))
def test_whatever_a_number_looks_like_there_is_an_answer(text, lead_zone):
    assert zones_of(text, lead_zone) == zones_of(text, lead_zone)


def test_a_million_american_numbers_have_few_keys():
    dice = random.Random(7)
    keys = {zones_of(f"+1{dice.randrange(2_000_000_000, 9_999_999_999)}") for _ in range(20_000)}
    assert len(keys) < 60
