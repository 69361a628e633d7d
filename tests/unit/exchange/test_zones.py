import zoneinfo
from pathlib import Path

import pytest

from callside.exchange.administration.zones import only_zone_of

needs_table = pytest.mark.skipif(
    not any((Path(one) / "zone.tab").is_file() for one in zoneinfo.TZPATH), reason="this machine has no zone.tab"
)


@needs_table
def test_a_country_with_one_zone_has_it_and_one_with_several_has_utc():
    assert only_zone_of("IN") == "Asia/Kolkata"
    assert only_zone_of("nl") == "Europe/Amsterdam"
    assert only_zone_of("US") == "UTC"


def test_what_is_no_country_has_utc():
    assert only_zone_of("XX") == "UTC"
