"""Zones of a number as one word."""

import pytest

from callside.dialer.laws.zones import zones_of
from callside.dialer.leads.zones import is_zone, zone_key, zones_in


@pytest.mark.parametrize(
    ("number", "zone"),
    [("+12125550123", ""), ("+18005550123", ""), ("+442071838750", ""), ("+12125550123", "America/Denver")],
)
def test_a_key_is_the_zones_of_the_laws_and_gives_them_back(number, zone):
    assert zones_in(zone_key(number, zone)) == zones_of(number, zone)


def test_an_area_code_names_one_zone_and_a_free_number_all_of_its_country():
    assert zone_key("+12125550123") == "America/New_York"
    assert len(zones_in(zone_key("+18005550123"))) > 3


@pytest.mark.parametrize("text", ["", "not a number", "+999000000000"])
def test_what_cannot_be_placed_may_be_anywhere(text):
    assert zones_in(zone_key(text)) == ()


def test_zones_are_known_by_their_iana_names():
    assert is_zone("Europe/London")
    assert not any(map(is_zone, ("", "London", "../etc/passwd", "Mars/Base", "x" * 500, "a\0b")))
