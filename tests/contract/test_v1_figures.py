"""Figures through `/v1`: from a real floor, of today and of quarters of an hour, each with its formula's name."""

import dataclasses

import pytest

from callside.floor import events as ev
from callside.reporting.formulas import FORMULAS
from tests.fakes.installation import Installation
from tests.fakes.live_centre import LiveCentre
from tests.fakes.stage import AGENTS, SUPPORT, TENANT

ANN = AGENTS[0]


@pytest.fixture
async def centre():
    async with LiveCentre() as made:
        yield made


async def a_morning(centre):
    """One call answered after 10 s and talked for 60 s, with 5 s of wrap-up; one caller who gave up; one who waits."""
    first = await centre.caller()
    centre.clock.ms += 10_000
    session = await centre.be_ready(ANN)
    await centre.ask(ev.Answer(session))
    centre.clock.ms += 60_000
    await centre.hang_up(first)
    second = await centre.caller("+15550100124")
    centre.clock.ms += 5_000
    await centre.ask(ev.GoOnBreak(session, "lunch"))
    await centre.ask(ev.GoReady(session))
    centre.clock.ms += 7_000
    await centre.hang_up(second)
    await centre.caller("+15550100125")
    centre.clock.ms += 21_000
    return session


def support(reply):
    return next(one for one in reply["items"] if one["queue_id"] == SUPPORT)


async def test_a_queue_s_day_so_far(centre):
    await a_morning(centre)
    status, reply, _ = await centre.get("/v1/figures/queues")
    assert (status, reply["complete"], reply["since"]) == (200, True, "2026-09-22T00:00:00Z")
    queue = support(reply)
    counts = {name: queue[name] for name in ("offered", "answered", "abandoned", "let_go", "waiting", "handled")}
    assert counts == {"offered": 3, "answered": 1, "abandoned": 1, "let_go": 0, "waiting": 1, "handled": 1}
    assert queue["longest_waiting_ms"] == 21_000
    assert queue["asa"] == {"value": 10_000, "formula": "ASA"}
    assert queue["aht"] == {"value": 65_000, "formula": "AHT"}
    assert queue["service_level"] == {"value": 0.3333, "formula": "SL_B"}
    _, reply, _ = await centre.get("/v1/figures/queues", service_level="SL_A")
    assert support(reply)["service_level"] == {"value": 1.0, "formula": "SL_A"}


async def test_an_agent_s_day_so_far_with_the_running_state(centre):
    await a_morning(centre)
    _, reply, _ = await centre.get("/v1/figures/agents")
    [agent] = reply["items"]
    assert (agent["agent_id"], agent["logged_in"], agent["answered"]) == (ANN, True, 1)
    assert (agent["talk_ms"], agent["wrap_ms"]) == (60_000, 5_000)
    assert agent["logged_in_ms"] == 60_000 + 5_000 + 7_000 + 21_000
    assert agent["utilisation"] == {"value": round(65 / 93, 4), "formula": "UTILISATION"}


async def test_a_restart_counts_the_day_again(centre):
    await a_morning(centre)
    _, before, _ = await centre.get("/v1/figures/queues")
    await centre.exchange.stop()
    async with LiveCentre(centre.store) as again:
        again.clock.ms, again.engine.legs = centre.clock.ms, centre.engine.legs
        _, after, _ = await again.get("/v1/figures/queues")
        await centre.start()
    assert after["complete"] is True
    ours, theirs = support(before), support(after)
    kept = ("offered", "answered", "abandoned", "handled", "asa", "aht", "talk", "wrap_up")
    assert {name: ours[name] for name in kept} == {name: theirs[name] for name in kept}


async def test_quarters_of_an_hour_hold_the_calls_that_came_in_them(centre):
    await a_morning(centre)
    centre.clock.ms += 15 * 60_000
    await centre.caller("+15550100126")
    day = {"from": "2026-09-22T09:00:00Z", "to": "2026-09-22T10:00:00Z"}
    status, reply, _ = await centre.get("/v1/figures/intervals", **day)
    assert status == 200, reply
    rows = {one["begin"]: one for one in reply["items"] if one["queue_id"] == SUPPORT}
    assert list(rows) == ["2026-09-22T09:00:00Z", "2026-09-22T09:15:00Z"]
    assert [one["offered"] for one in rows.values()] == [3, 1]
    assert rows["2026-09-22T09:00:00Z"]["aht"] == {"value": 65_000, "formula": "AHT"}
    _, none, _ = await centre.get("/v1/figures/intervals", queue="280", **day)
    assert none == {"items": []}


async def test_an_agents_quarters_of_an_hour_hold_what_was_done_in_them_the_running_state_included(centre):
    await a_morning(centre)
    centre.clock.ms += 15 * 60_000
    hour = {"from": "2026-09-22T09:00:00Z", "to": "2026-09-22T10:00:00Z"}
    status, reply, _ = await centre.get("/v1/figures/agents/intervals", **hour)
    assert status == 200, reply
    assert [one["begin"] for one in reply["items"]] == ["2026-09-22T09:00:00Z", "2026-09-22T09:15:00Z"]
    first = reply["items"][0]
    assert (first["agent_id"], first["answered"], first["talk_ms"], first["wrap_ms"]) == (ANN, 1, 60_000, 5_000)
    assert first["occupancy"]["formula"] == "OCCUPANCY"
    _, day, _ = await centre.get("/v1/figures/agents")
    [whole] = day["items"]
    for name in ("answered", "talk_ms", "wrap_ms", "ready_ms", "break_ms", "ringing_ms", "logged_in_ms"):
        assert sum(one[name] for one in reply["items"]) == whole[name], name
    _, none, _ = await centre.get("/v1/figures/agents/intervals", agent="999", **hour)
    assert none == {"items": []}


async def test_days_are_those_of_the_tenants_clocks_also_when_they_are_moved(centre):
    await a_morning(centre)
    directories = centre.store.directories
    tenant = await directories.tenant(TENANT)
    await directories.change_tenant(dataclasses.replace(tenant, time_zone="America/New_York"))
    await centre.exchange.directory_changed(TENANT)
    status, reply, _ = await centre.get("/v1/figures/queues")
    assert (status, reply["since"]) == (200, "2026-09-22T00:00:00-04:00")
    while not (reply := (await centre.get("/v1/figures/queues"))[1])["complete"]:
        pass
    assert support(reply)["offered"] == 3
    days = {"from": "2026-09-22T00:00:00-04:00", "to": "2026-09-23T00:00:00-04:00", "step": "day"}
    _, reply, _ = await centre.get("/v1/figures/intervals", **days)
    assert [(one["begin"], one["offered"]) for one in reply["items"]] == [("2026-09-22T00:00:00-04:00", 3)]
    status, refused, _ = await centre.get("/v1/figures/intervals", **(days | {"from": "2026-09-22T00:00:00Z"}))
    assert (status, refused["error"]["field"]) == (400, "from")
    assert "2026-09-21T00:00:00-04:00" in refused["error"]["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-09-22T09:05:00Z", "to": "2026-09-22T10:00:00Z"}, "from"),
        ({"from": "2026-09-22T10:00:00Z", "to": "2026-09-22T10:00:00Z"}, "to"),
        ({"from": "2026-09-01T10:00:00Z", "to": "2026-09-22T10:00:00Z"}, "to"),
        ({"from": "2026-09-22T09:00:00Z", "to": "2026-09-22T10:00:00Z", "queue": "x"}, "queue"),
        ({"to": "2026-09-22T10:00:00Z"}, "from"),
    ],
)
async def test_a_time_that_means_nothing_is_refused(centre, query, field):
    status, reply, _ = await centre.get("/v1/figures/intervals", **query)
    assert (status, reply["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    "path",
    [
        "queues",
        "agents",
        "agents/intervals?from=2026-09-22T09:00:00Z&to=2026-09-22T10:00:00Z",
        "intervals?from=2026-09-22T09:00:00Z&to=2026-09-22T10:00:00Z",
    ],
)
async def test_figures_are_for_the_tenant_s_token(centre, path):
    assert (await centre.get(f"/v1/figures/{path}", token=None))[0] == 401
    assert (await centre.get(f"/v1/figures/{path}", token="somebody's"))[0] == 401


async def test_the_document_says_every_formula(tmp_path):
    async with Installation(tmp_path / "callside.db") as house:
        document = house.document
    [tag] = [one for one in document["tags"] if one["name"] == "figures"]
    assert all(f"`{name}`: {text}" in tag["description"] for name, text in FORMULAS.items())
