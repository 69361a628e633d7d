from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from callside.exchange.profiles import DEFAULT, load_profiles, shelve
from callside.kernel.errors import NotFoundError

SHELF = load_profiles()
UK = SHELF.version("uk-1")
NOW = int(datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp() * 1000)


def test_the_profiles_come_with_the_package_and_are_in_force():
    assert SHELF.ids == ("ca", "in", "none", "strict", "uk", "us")
    assert [SHELF.in_force(name, NOW).id for name in SHELF.ids] == list(SHELF.ids)
    assert DEFAULT in SHELF.ids


def test_the_newest_version_in_force_on_a_day_is_used_and_older_ones_stay():
    newer = replace(UK, version=2, effective_from=date(2027, 1, 1))
    shelf = shelve([newer, UK])
    assert shelf.in_force("uk", NOW) is UK
    assert shelf.in_force("uk", NOW + 60 * 86_400_000) is newer
    assert shelf.version("uk-1") is UK


def test_a_version_that_has_run_out_is_not_used():
    shelf = shelve([replace(UK, effective_until=date(2026, 11, 26))])
    with pytest.raises(NotFoundError, match="no version of 'uk' is in force on 2026-11-27"):
        shelf.in_force("uk", NOW)


def test_a_profile_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(NotFoundError, match="choose one of ca, in, none, strict, uk, us"):
        SHELF.in_force("atlantis", NOW)
    with pytest.raises(NotFoundError, match="choose one of ca-1, in-1"):
        SHELF.version("uk-99")
    with pytest.raises(NotFoundError):
        SHELF.version("")


def test_a_version_that_is_there_twice_is_a_mistake():
    with pytest.raises(ValueError, match="uk-1 is there twice"):
        shelve([UK, UK])
