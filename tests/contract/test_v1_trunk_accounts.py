"""Trunks whose far side registers with us, in `/v1`: made with a password that is shown once, and by their digest alone."""

import pytest

from callside.agents.rules import sip_digest
from callside.calls.model import Registration, RegistrationState


@pytest.fixture
async def motors(house):
    return await house.tenant("Example Motors")


PBX = {"name": "PBX", "registers_with_us": True}


async def test_its_password_is_made_shown_once_and_kept_as_a_digest(house, motors):
    made = (await motors.client.post("/v1/trunks", json=PBX)).json()
    user = f"trunk-{motors.id}-{made['id']}"
    assert (made["sip_user"], made["sip_realm"], made["host"]) == (user, "callside", "")
    assert len(made["sip_password"]) >= 24
    shown = (await motors.client.get(f"/v1/trunks/{made['id']}")).json()
    assert "sip_password" not in shown
    assert shown["registration"]["state"] == "unknown"
    kept = (await house.store.directories.directory(motors.id)).trunks[made["id"]]
    assert kept.account_digest == sip_digest(user, made["sip_password"])
    assert made["sip_password"] not in str(kept)


async def test_a_new_password_is_made_when_it_is_asked_for_and_only_then(motors):
    made = (await motors.client.post("/v1/trunks", json=PBX)).json()
    place = f"/v1/trunks/{made['id']}"
    renamed = (await motors.client.patch(place, json={"name": "Exchange", "caller_id": "+1 555-010-0155"})).json()
    assert (renamed["sip_password"], renamed["caller_id"]) == (None, "+15550100155")
    renewed = (await motors.client.patch(place, json={"renew_password": True})).json()
    assert renewed["sip_password"] not in {None, made["sip_password"]}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"host": "sip.carrier.example"}, "host"),
        ({"username": "us"}, "username"),
        ({"addresses": ["192.0.2.7"]}, "addresses"),
        ({"transport": "tcp"}, "transport"),
        ({"registers": True, "username": "us"}, "username"),
    ],
)
async def test_it_has_nothing_of_a_carrier_whose_place_is_known(motors, more, field):
    refused = await motors.client.post("/v1/trunks", json=PBX | more)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)


async def test_a_trunk_without_a_place_or_that_changes_its_kind_is_refused(motors):
    refused = await motors.client.post("/v1/trunks", json={"name": "Nowhere"})
    assert refused.json()["error"]["message"].startswith("host: say where the carrier is")
    pbx = (await motors.client.post("/v1/trunks", json=PBX)).json()["id"]
    carrier = (await motors.client.post("/v1/trunks", json={"name": "Carrier", "host": "sip.carrier.example"})).json()
    for place, change, field in (
        (pbx, {"registers_with_us": False}, "registers_with_us"),
        (pbx, {"host": "sip.carrier.example"}, "host"),
        (carrier["id"], {"registers_with_us": True}, "registers_with_us"),
        (carrier["id"], {"renew_password": True}, "renew_password"),
    ):
        refused = await motors.client.patch(f"/v1/trunks/{place}", json=change)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)
    assert (carrier["sip_user"], carrier["sip_password"]) == ("", None)


async def test_several_of_several_tenants_are_told_apart_by_their_accounts(house, motors):
    twin = await house.tenant("Twin Motors")
    first, second = [(await one.client.post("/v1/trunks", json=PBX)) for one in (motors, twin)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["sip_user"] != second.json()["sip_user"]
    assert (await motors.client.post("/v1/trunks", json=PBX | {"name": "Another"})).status_code == 201


async def test_its_state_is_shown(house, motors):
    made = (await motors.client.post("/v1/trunks", json=PBX)).json()
    awaited = Registration(RegistrationState.AWAITED, "the far side has not registered")
    house.floors.registered[motors.id] = {made["id"]: awaited}
    shown = (await motors.client.get(f"/v1/trunks/{made['id']}")).json()
    assert shown["registration"] == {"state": "awaited", "reason": awaited.reason, "expires_s": None}
