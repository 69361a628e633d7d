"""Callbacks in `/v1`: set up at a queue, listed while they are open, taken back, counted."""

import dataclasses

import aiohttp
import pytest

from callside.acd.model import CallbackOffer
from callside.exchange.dnc_port import EVERYWHERE
from callside.floor import events as ev
from callside.reception.model import OpeningHours, Prompt, PromptSource, WeekWindow
from tests.fakes.installation import furnish
from tests.fakes.live_centre import TOKEN, Board, LiveCentre
from tests.fakes.stage import AGENTS, SUPPORT, TENANT, TRUNK, directory, with_queue
from tests.fakes.telephony import FarSide


@pytest.fixture
async def motors(house):
    tenant = await house.tenant("Example Motors")
    tenant.ids = await furnish(tenant.client)
    mine = await house.store.directories.add_reception(
        Prompt("", tenant.id, "Press 1", PromptSource.SPEECH, "Press 1", "d" * 64, 2_000)
    )
    tenant.ids["prompt"] = mine.id
    return tenant


@pytest.fixture
async def centre():
    offer = CallbackOffer("903", TRUNK, "+15550100998", after_s=60)
    prompt = Prompt("903", TENANT, "Press 1", PromptSource.SPEECH, "", "d" * 64, 2_000)
    made = LiveCentre()
    base = dataclasses.replace(with_queue(directory(), callback=offer), prompts={"903": prompt})
    made.store.directories.by_tenant[TENANT] = base
    async with made:
        yield made


async def asks(centre, number="+15550100123"):
    leg = await centre.caller(number)
    await centre.pass_time(60_000)
    for key in "11":
        centre.engine.press(leg, key)
        await centre.settle()
    return leg


async def cancel(centre, callback_id):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as client,
        client.delete(f"{centre.origin}/v1/callbacks/{callback_id}", headers=headers) as reply,
    ):
        return reply.status


async def test_a_queue_s_callbacks_are_set_changed_and_switched_off(motors):
    client, place = motors.client, f"/v1/queues/{motors.ids['queue']}"
    assert (await client.get(place)).json()["callback"] is None
    given = {"prompt_id": motors.ids["prompt"], "trunk_id": motors.ids["trunk"], "caller_id": "+1 555-010-0155"}
    made = (await client.patch(place, json={"callback": given})).json()["callback"]
    assert (made["caller_id"], made["after_s"], made["key"], made["attempts"]) == ("+15550100155", 60, "1", 3)
    changed = (await client.patch(place, json={"callback": {"after_s": 0, "wait_over_s": 300}})).json()["callback"]
    assert (changed["wait_over_s"], changed["trunk_id"]) == (300, motors.ids["trunk"])
    office = {"name": "Office", "zone": "UTC", "weekly": [{"day": "mon", "opens": "09:00", "closes": "17:00"}]}
    hours = (await client.post("/v1/hours", json=office)).json()["id"]
    words = {"confirm": motors.ids["prompt"], "arranged": motors.ids["prompt"]}
    own = (await client.patch(place, json={"callback": {"hours_id": hours, "words": words}})).json()["callback"]
    assert own["hours_id"] == hours
    assert own["words"] == {"number": None, "enter": None, "not_valid": None, **words}
    fewer = (await client.patch(place, json={"callback": {"words": {"arranged": None}}})).json()["callback"]
    assert fewer["words"] == own["words"] | {"arranged": None}
    assert (await client.get(place)).json()["callback"] == fewer
    assert "Support 1 (callback)" in (await client.delete(f"/v1/hours/{hours}")).json()["error"]["message"]
    assert (await client.patch(place, json={"callback": {"hours_id": None}})).json()["callback"]["hours_id"] is None
    assert (await client.delete(f"/v1/hours/{hours}")).status_code == 204
    refused = await client.delete(f"/v1/prompts/{motors.ids['prompt']}")
    assert refused.status_code == 409
    assert "Support 1 (callback)" in refused.json()["error"]["message"]
    assert (await client.patch(place, json={"callback": None})).json()["callback"] is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "callback.prompt_id: give the prompt that offers it"),
        ({"prompt_id": "999999"}, "callback.prompt_id"),
        ({"prompt_id": "PROMPT"}, "callback.trunk_id: give the trunk to call back on"),
        ({"prompt_id": "PROMPT", "trunk_id": "999999"}, "callback.trunk_id"),
        ({"prompt_id": "PROMPT", "trunk_id": "TRUNK", "hours_id": "999999"}, "callback.hours_id"),
        ({"prompt_id": "PROMPT", "trunk_id": "TRUNK", "words": {"enter": "999999"}}, "callback.words.enter"),
        ({"words": {"hello": "1"}}, "callback.words.hello: there is no such field"),
        ({"prompt_id": "PROMPT", "trunk_id": "TRUNK"}, "callback.caller_id: the trunk has no number of its own"),
        ({"prompt_id": "PROMPT", "trunk_id": "TRUNK", "caller_id": "+1555", "after_s": 5}, "callback.caller_id"),
        (
            {"prompt_id": "PROMPT", "trunk_id": "TRUNK", "caller_id": "+15550100155", "after_s": 0},
            "callback.after_s: say when it is offered",
        ),
        ({"prompt_id": "PROMPT", "key": "12"}, "callback.key"),
        ({"prompt_id": "PROMPT", "countries": ["XX"]}, "callback.countries"),
        ({"prompt_id": "PROMPT", "often": 3}, "callback.often: there is no such field"),
    ],
)
async def test_callbacks_that_cannot_be_are_refused_with_the_field_and_the_remedy(motors, given, says):
    known = {"PROMPT": motors.ids["prompt"], "TRUNK": motors.ids["trunk"]}
    values = {name: known.get(value, value) if isinstance(value, str) else value for name, value in given.items()}
    refused = await motors.client.patch(f"/v1/queues/{motors.ids['queue']}", json={"callback": values})
    assert refused.status_code == 400
    assert refused.json()["error"]["message"].startswith(says)


async def test_a_trunk_that_is_called_back_on_stays(motors):
    other = await motors.client.post(
        "/v1/trunks", json={"name": "Other", "host": "o.example", "caller_id": "+15550100155"}
    )
    trunk = other.json()["id"]
    given = {"prompt_id": motors.ids["prompt"], "trunk_id": trunk}
    assert (await motors.client.patch(f"/v1/queues/{motors.ids['queue']}", json={"callback": given})).status_code == 200
    refused = await motors.client.delete(f"/v1/trunks/{trunk}")
    assert refused.json()["error"]["message"].startswith("trunk: these queues call back on it")


async def test_open_ones_are_listed_shown_on_the_board_and_taken_back(centre):
    leg = await asks(centre)
    status, told, _ = await centre.get("/v1/callbacks")
    [item] = told["items"]
    assert (status, item["number"], item["queue_id"], item["state"], item["attempts"]) == (
        200, "+15550100123", SUPPORT, "queued", 0,
    )  # fmt: skip
    assert (await centre.get("/v1/callbacks", queue="999"))[1] == {"items": []}
    async with centre.board() as ws:
        board = await Board().read_until(ws, lambda board: board.rows["queues", SUPPORT]["callbacks"] == 1)
        assert board.rows["queues", SUPPORT]["waiting"] == 0
    assert leg not in centre.engine.legs
    assert await cancel(centre, "unknown") == 404
    assert await cancel(centre, item["id"]) == 204
    assert (await centre.get("/v1/callbacks"))[1] == {"items": []}
    assert await cancel(centre, item["id"]) == 404


@pytest.mark.parametrize("others", [0, 200])
@pytest.mark.parametrize("of", [TENANT, EVERYWHERE])
async def test_who_is_put_on_a_do_not_call_list_later_is_not_called_back(centre, of, others):
    await asks(centre)
    numbers = ["+15550100123", *(f"+1555020{one:04d}" for one in range(others))]
    await centre.exchange.leads_changed(of, None, numbers)
    assert (await centre.get("/v1/callbacks"))[1] == {"items": []}
    await centre.be_ready(AGENTS[0])
    assert centre.exchange.live(TENANT)[0][0].state == "ready"
    _, told, _ = await centre.get("/v1/figures/queues")
    [queue] = [one for one in told["items"] if one["queue_id"] == SUPPORT]
    assert (queue["callbacks"]["opened"], queue["callbacks"]["dropped"], queue["callbacks"]["attempts"]) == (1, 1, 0)


async def test_one_that_waits_for_its_hours_says_until_when(centre):
    base = centre.store.directories.by_tenant[TENANT]
    late = tuple(WeekWindow(day, 23 * 60, 24 * 60 - 1) for day in range(7))
    offer = dataclasses.replace(base.queues[SUPPORT].callback, hours_id="501")
    night = dataclasses.replace(
        with_queue(base, callback=offer), hours={"501": OpeningHours("501", TENANT, "Late", "UTC", late)}
    )
    centre.store.directories.by_tenant[TENANT] = night
    await centre.exchange.directory_changed(TENANT)
    await asks(centre)
    await centre.be_ready(AGENTS[0])
    [item] = (await centre.get("/v1/callbacks"))[1]["items"]
    assert (item["state"], item["not_before"][10:]) == ("queued", "T23:00:00Z")
    assert centre.exchange.live(TENANT)[0][0].state == "ready"
    await centre.pass_time(14 * 3_600_000)
    [item] = (await centre.get("/v1/callbacks"))[1]["items"]
    assert (item["not_before"], item["attempts"]) == (None, 0)


async def test_one_whose_customer_is_being_called_is_not_taken_back(centre):
    await asks(centre)
    centre.engine.far_sides["+15550100123"] = FarSide.RINGS
    session = await centre.be_ready(AGENTS[0])
    await centre.ask(ev.Answer(session))
    [item] = (await centre.get("/v1/callbacks"))[1]["items"]
    assert (item["state"], item["attempts"]) == ("planned", 1)
    assert await cancel(centre, item["id"]) == 409


async def test_figures_of_callbacks_are_of_their_own_and_nobody_counts_as_having_given_up(centre):
    await asks(centre)
    session = await centre.be_ready(AGENTS[0])
    await centre.ask(ev.Answer(session))
    _, told, _ = await centre.get("/v1/figures/queues")
    [queue] = [one for one in told["items"] if one["queue_id"] == SUPPORT]
    assert (queue["offered"], queue["called_back"], queue["abandoned"], queue["let_go"]) == (1, 1, 0, 0)
    done = queue["callbacks"]
    assert (done["opened"], done["answered"], done["attempts"], done["first_attempt_mean_ms"]) == (1, 1, 1, 60_000)
    assert done["service_level"] == {"value": 1.0, "formula": "CALLBACK_SL"}


async def test_nobody_waits_on_the_line_for_a_place_that_is_kept(centre):
    leg = await asks(centre)
    await centre.hang_up(leg)
    centre.clock.ms += 3_600_000
    _, reply, _ = await centre.get("/v1/figures/queues")
    assert next(one for one in reply["items"] if one["queue_id"] == SUPPORT)["longest_waiting_ms"] is None
    await centre.caller()  # they call in again
    centre.clock.ms += 7_000
    _, reply, _ = await centre.get("/v1/figures/queues")
    assert next(one for one in reply["items"] if one["queue_id"] == SUPPORT)["longest_waiting_ms"] == 7_000
