"""Jurisdiction profiles through `/v1`: any tenant reads them, nobody else does."""

import pytest

from callside.exchange.profiles import load_profiles
from tests.fakes.installation import Installation
from tests.fakes.live_centre import LiveCentre


@pytest.fixture
async def centre():
    async with LiveCentre() as made:
        yield made


async def test_all_profiles_are_listed_with_what_is_known_of_each_rule(centre):
    status, reply, _ = await centre.get("/v1/profiles")
    assert status == 200
    shelf = load_profiles()
    assert [one["key"] for one in reply["items"]] == [one.key for name in shelf.ids for one in shelf.versions[name]]
    uk = next(one for one in reply["items"] if one["id"] == "uk")
    assert (uk["in_force"], uk["effective_from"], uk["effective_until"]) == (True, "2017-03-01", None)
    ring = next(one for one in uk["rules"] if one["rule"] == "ring")
    assert (ring["evidence"], ring["verified"]) == ("secondary", False)
    assert ring["says"].startswith("A phone rings for 15 s")


async def test_one_profile_is_read_by_its_key(centre):
    status, reply, _ = await centre.get("/v1/profiles/us-1")
    assert (status, reply["title"]) == (200, "United States (federal)")
    status, reply, _ = await centre.get("/v1/profiles/us-99")
    assert (status, reply["error"]["code"], reply["error"]["field"]) == (404, "not_found", "profile")


async def test_without_a_token_nothing_is_said(tmp_path):
    async with Installation(tmp_path / "callside.db") as house:
        assert (await house.client().get("/v1/profiles")).status_code == 401
        assert (await house.client().get("/v1/profiles/uk-1")).status_code == 401
