"""Voicemails in `/v1`: listed, listened to, removed, counted; of one's own tenant only, and as a harmless file."""

import dataclasses
import pathlib

import pytest

from callside.calls.model import VoiceMessage
from callside.floor.facts import Record
from callside.floor.voicemail_events import VoicemailRemoved
from callside.reception.model import Destination, Number, Target
from tests.fakes.installation import ROOT, furnish
from tests.fakes.live_centre import Board, LiveCentre
from tests.fakes.stage import SUPPORT, TENANT, TRUNK, directory

WAV = b"RIFF....WAVE-what was said"
NIGHT_NUMBER = "+15550100905"
NOW = 1_800_000_000_000


@pytest.fixture
async def motors(house):
    tenant = await house.tenant("Example Motors")
    tenant.ids = await furnish(tenant.client)
    return tenant


async def leave(house, tenant, number, sound=WAV):
    """A caller has said something."""
    message = VoiceMessage(f"{number:032x}", tenant.id, tenant.ids["queue"], "+15550100123", "Ada", NOW + number, 7_000)
    await house.store.recorder.write(Record(tenant.id, voicemails=[message]))
    if sound is not None:
        place = house.voicemail_folder / tenant.id / f"{message.id}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(sound)
    return message


async def test_they_are_listed_newest_first(house, motors):
    first, second = await leave(house, motors, 1), await leave(house, motors, 2)
    items = (await motors.client.get("/v1/voicemails")).json()["items"]
    assert [one["id"] for one in items] == [second.id, first.id]
    assert items[0] == {
        "id": second.id, "queue_id": motors.ids["queue"], "number": "+15550100123", "name": "Ada",
        "recorded_at": "2027-01-15T08:00:00.002000Z", "duration_ms": 7000,
    }  # fmt: skip
    assert (await motors.client.get(f"/v1/voicemails/{first.id}")).json() == items[1]


async def test_they_are_listed_page_by_page(house, motors):
    said = [await leave(house, motors, number) for number in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await motors.client.get("/v1/voicemails", params=query)).json()
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        await leave(house, motors, 100 + len(seen))  # who speaks meanwhile doubles and hides nothing
    assert seen == [one.id for one in said[::-1]]
    mine = (await motors.client.get("/v1/voicemails", params={"queue_id": motors.ids["queue"]})).json()
    assert len(mine["items"]) == 7
    assert (await motors.client.get("/v1/voicemails", params={"queue_id": "999999"})).json()["items"] == []


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "201"), ("cursor", "nothing"), ("queue_id", "x")]
)
async def test_a_page_that_cannot_be_is_refused(motors, name, value):
    refused = await motors.client.get("/v1/voicemails", params={name: value})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, name)


async def test_what_was_said_is_a_download_that_nothing_runs_or_keeps(house, motors):
    message = await leave(house, motors, 1)
    answer = await motors.client.get(f"/v1/voicemails/{message.id}/sound")
    assert (answer.status_code, answer.content) == (200, WAV)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-disposition"] == 'attachment; filename="voicemail.wav"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_file_that_is_gone_is_not_found(house, motors):
    message = await leave(house, motors, 1, sound=None)
    assert (await motors.client.get(f"/v1/voicemails/{message.id}/sound")).status_code == 404


async def test_removing_takes_the_sound_too(house, motors):
    message = await leave(house, motors, 1)
    assert (await motors.client.delete(f"/v1/voicemails/{message.id}")).status_code == 204
    assert not (house.voicemail_folder / motors.id / f"{message.id}.wav").exists()
    assert (await motors.client.get("/v1/voicemails")).json() == {"items": [], "next": None}
    assert (await motors.client.delete(f"/v1/voicemails/{message.id}")).status_code == 404
    assert house.floors.told == [(motors.id, VoicemailRemoved(motors.ids["queue"]))]


async def test_a_sound_that_cannot_be_removed_keeps_its_row_so_that_it_is_not_taken_for_a_lost_message(
    house, motors, monkeypatch
):
    message = await leave(house, motors, 1)

    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(pathlib.Path, "unlink", refused)
    assert (await motors.client.delete(f"/v1/voicemails/{message.id}")).status_code == 500
    assert (await motors.client.get(f"/v1/voicemails/{message.id}")).status_code == 200
    assert house.floors.told == []


@pytest.mark.parametrize("path", ["", "/sound"])
async def test_another_tenant_s_are_not_there(house, motors, path):
    message = await leave(house, motors, 1)
    twin = await house.tenant("Twin Motors")
    assert (await twin.client.get(f"/v1/voicemails/{message.id}{path}")).status_code == 404
    assert (await twin.client.get("/v1/voicemails")).json() == {"items": [], "next": None}
    mine = f"/v1/admin/tenants/{motors.id}/voicemails/{message.id}{path}"
    assert (await twin.client.get(mine)).status_code == 401
    assert (await house.client(ROOT).get(mine)).status_code == 200


@pytest.mark.parametrize("wanted", ["..", "%2e%2e%2fcallside.db", "a%00b", "x" * 65])
async def test_an_id_cannot_lead_out_of_the_folder(house, motors, wanted):
    answer = await motors.client.get(f"/v1/voicemails/{wanted}/sound")
    assert answer.status_code in {400, 404}
    assert WAV not in answer.content


async def test_none_can_be_added_or_changed(motors):
    assert (await motors.client.post("/v1/voicemails", json={})).status_code == 405
    assert (await motors.client.patch("/v1/voicemails/1", json={})).status_code == 405


async def test_a_number_may_lead_to_one_but_to_none_that_is_not_there(motors):
    to = {"kind": "voicemail", "id": motors.ids["queue"]}
    made = await motors.client.post("/v1/numbers", json={"number": NIGHT_NUMBER, "destination": to})
    assert made.status_code == 201, made.text
    assert made.json()["destination"]["kind"] == "voicemail"
    for wrong in ({"kind": "voicemail"}, {"kind": "voicemail", "id": "999999"}):
        refused = await motors.client.post("/v1/numbers", json={"number": "+15550100906", "destination": wrong})
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, "destination")
    refused = await motors.client.delete(f"/v1/queues/{motors.ids['queue']}")
    assert refused.status_code == 409


async def test_overflow_may_end_in_the_queue_s_own(motors):
    place = f"/v1/queues/{motors.ids['queue']}"
    rule = {"when": "waited", "seconds": 60, "voicemail": True}
    changed = await motors.client.patch(place, json={"overflow": [rule]})
    assert changed.json()["overflow"] == [{**rule, "to": None}]
    refused = await motors.client.patch(place, json={"overflow": [{**rule, "to": motors.ids["queue"]}]})
    assert refused.json()["error"]["message"].startswith("overflow: voicemail is this queue's own")


async def test_greeting_and_limits_are_set_with_the_announcements(motors):
    made = await motors.client.post(
        "/v1/announcements", json={"queue_id": motors.ids["queue"], "voicemail_max_s": 60, "voicemail_silence_s": 4}
    )
    assert made.status_code == 201, made.text
    assert (made.json()["voicemail_greeting"], made.json()["voicemail_max_s"]) == ("", 60)
    for wrong in ({"voicemail_greeting": "999999"}, {"voicemail_max_s": 3}, {"voicemail_silence_s": 0}):
        refused = await motors.client.patch(f"/v1/announcements/{motors.ids['queue']}", json=wrong)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, next(iter(wrong)))


async def test_the_board_counts_them_from_the_first_frame_on():
    centre = LiveCentre()
    night = Number("6", TENANT, NIGHT_NUMBER, Destination(Target.VOICEMAIL, SUPPORT))
    centre.store.directories.by_tenant[TENANT] = dataclasses.replace(directory(), numbers={"6": night})
    old = VoiceMessage("f" * 32, TENANT, SUPPORT, "", "", NOW, 5_000)
    centre.store.recorder.voicemails[TENANT, old.id] = old
    async with centre, centre.board() as ws:
        board = await Board().read_until(ws, lambda board: board.rows["queues", SUPPORT]["voicemails"] == 1)
        leg = centre.engine.call_in(TENANT, TRUNK, NIGHT_NUMBER, "+15550100123")
        await centre.settle()
        centre.engine.speak(leg, 6_000)
        await centre.settle()
        await board.read_until(ws, lambda board: board.rows["queues", SUPPORT]["voicemails"] == 2)
        await centre.exchange.store.voicemails.remove(TENANT, old.id)
        centre.exchange.tell(TENANT, VoicemailRemoved(SUPPORT))
        await board.read_until(ws, lambda board: board.rows["queues", SUPPORT]["voicemails"] == 1)
