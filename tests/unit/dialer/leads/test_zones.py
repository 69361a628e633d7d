"""Zones of a number as one word."""

import pytest

from callside.dialer.leads.zones import zone_key, zones_in


def test_an_area_code_names_its_zone():
    assert zone_key("+12125550123") == "America/New_York"


def test_a_number_without_a_place_names_every_zone_of_its_country():
    zones = zones_in(zone_key("+18005550123"))
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones)
    assert list(zones) == sorted(zones)


def test_the_leads_own_zone_goes_before():
    assert zone_key("+12125550123", "America/Denver") == "America/Denver"


@pytest.mark.parametrize("text", ["", "not a number", "+999000000000"])
def test_what_cannot_be_placed_is_unknown(text):
    assert zones_in(zone_key(text)) == ()
