"""A campaign that runs, as `/v1` and the live feed tell it: status, figures, what predictive dialling would gain."""

from dataclasses import replace

import pytest

from callside.calls.model import Cause
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import DncList, Lead, LeadList, LeadNumber
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import Plan
from callside.floor import events as ev
from callside.sessions.model import LoginType
from tests.fakes.dialing import CAMPAIGN, campaign
from tests.fakes.live_centre import Board, LiveCentre
from tests.fakes.stage import AGENTS, TENANT, directory
from tests.fakes.telephony import FarSide

ANN = AGENTS[0]
PLAN = Plan(profile="none", effects={"sale": LeadEffect(EffectKind.SUCCESS)})
HOUR = {"from": "2026-09-22T09:00:00Z", "to": "2026-09-22T10:00:00Z"}


@pytest.fixture
async def centre():
    async with LiveCentre() as made:
        known = directory(wrap_up_s=0)
        one = replace(campaign(), name="Spring", plan=PLAN, wrap_up_s=30)
        made.store.directories.by_tenant[TENANT] = replace(known, campaigns=known.campaigns | {CAMPAIGN: one})
        await made.exchange.directory_changed(TENANT)
        yield made


async def leads(centre, count, first=0):
    kept = centre.store.leads
    one = await kept.add_list(LeadList("", TENANT, f"List {first}", CAMPAIGN))
    numbers = [(LeadNumber(f"+1555010{first + place:04d}", zone_key="America/New_York"),) for place in range(count)]
    await kept.add_leads(TENANT, one.id, [Lead("", TENANT, one.id, number) for number in numbers])


def line(centre):
    """The leg that was dialled last."""
    return [one for one in centre.engine.legs.values() if one.kind == "out"][-1].id


async def until_dialled(centre, count):
    """The engine has been asked for so many calls in all."""
    for _ in range(20):
        if len([one for one in centre.engine.commands if type(one).__name__ == "DialCustomer"]) >= count:
            return
        await centre.settle()
    raise AssertionError(f"{count} calls were not dialled")


async def a_morning(centre):
    """One call nobody answers after 20 s, one that is answered after 10 s and talked for 60 s: a sale. The third rings."""
    for place in range(10):
        centre.engine.far_sides[f"+1555010{place:04d}"] = FarSide.RINGS
    await leads(centre, 10)
    assert (await centre.post(f"/v1/campaigns/{CAMPAIGN}/start"))[0] == 200
    session = await centre.be_ready(ANN, LoginType.PROGRESSIVE, CAMPAIGN)
    await until_dialled(centre, 1)
    centre.clock.ms += 20_000
    centre.engine.hang_up(line(centre), Cause.NO_ANSWER)
    await until_dialled(centre, 2)
    centre.clock.ms += 10_000
    leg = line(centre)
    centre.engine.pick_up(leg)
    await centre.settle()
    centre.clock.ms += 60_000
    await centre.hang_up(leg)
    await centre.ask(ev.Dispose(session, "sale", finish=True))
    await until_dialled(centre, 3)
    return session


async def today(centre):
    status, reply, _ = await centre.get("/v1/figures/campaigns")
    assert status == 200
    return next(one for one in reply["items"] if one["campaign_id"] == CAMPAIGN)


async def test_a_campaign_s_day_so_far(centre):
    await a_morning(centre)
    told = await today(centre)
    counts = {name: told[name] for name in ("dials", "live", "connects", "handled", "failed", "in_flight", "successes")}
    assert counts == {"dials": 3, "live": 1, "connects": 1, "handled": 1, "failed": 1, "in_flight": 1, "successes": 1}
    assert told["contact_rate"] == {"value": 0.3333, "formula": "CONTACT"}
    assert told["conversion"] == {"value": 1.0, "formula": "CONVERSION"}
    assert (told["leads"]["fresh"], told["leads"]["done"], sum(told["leads"].values())) == (7, 1, 10)
    assert told["penetration"] == {"value": 0.3, "formula": "PENETRATION"}
    assert told["logged_in_ms"] == 90_000
    assert told["conversion_hour"] == {"value": 40.0, "formula": "CONVERSION_HOUR"}
    assert told["idle_p50"] == {"value": 30_000, "formula": "IDLE_P50"}
    assert (told["dispositions"], told["causes"]) == ({"sale": 1}, {"no_answer": 1})
    for window in ("abandonment", "abandonment_window"):
        assert (told[window]["connected"], told[window]["abandoned"], told[window]["rate"]) == (1, 0, 0.0)
        assert told[window]["formula"].startswith("(abandoned + f·machine) / (connected + abandoned")
        assert told[window]["profile"].startswith("none-")


async def test_the_status_of_a_campaign_that_runs(centre):
    await a_morning(centre)
    status, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/status")
    assert status == 200
    assert (told["run"], told["halt"], told["lines"], told["waiting"]) == ("running", None, 1, 0)
    assert told["agents"] == {"ready": 1, "talking": 0, "wrapping": 0, "away": 0}
    assert (told["dials"], told["live"], told["connects"]) == (3, 1, 1)
    assert (told["leads"]["fresh"], told["leads"]["done"], sum(told["leads"].values())) == (7, 1, 10)
    assert told["penetration"] == {"value": 0.3, "formula": "PENETRATION"}
    assert told["abandonment"]["connected"] == 1
    assert told["warnings"] == []


async def test_a_campaign_without_leads_says_why_it_dials_nothing_and_until_when(centre):
    assert (await centre.post(f"/v1/campaigns/{CAMPAIGN}/start"))[0] == 200
    await centre.be_ready(ANN, LoginType.PROGRESSIVE, CAMPAIGN)
    _, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/status")
    assert (told["halt"], told["halt_reasons"]) == ("no_lists", [])
    await leads(centre, 0)
    await centre.exchange.leads_changed(TENANT, CAMPAIGN)
    for _ in range(3):
        await centre.settle()
    _, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/status")
    assert (told["halt"], told["halt_until"]) == ("no_leads", "2026-09-22T09:00:10Z")
    assert told["halt_message"].startswith("no lead may be called now")
    assert told["warnings"] == [
        "lists: no enabled list has a lead, so nobody is called; import one and give it to this campaign"
    ]


async def test_a_running_campaign_whose_scrub_is_taken_away_halts_with_its_rules_and_goes_on_when_it_is_back(centre):
    await leads(centre, 3)
    scrubbed = DncList("", TENANT, "Register", None, centre.clock.now().wall)
    kept = await centre.store.dnc.add_dnc_list(scrubbed)
    known = centre.store.directories.by_tenant[TENANT]
    one = known.campaigns[CAMPAIGN]
    lawful = replace(one, type=Mode.PREVIEW, plan=replace(one.plan, profile="us"))
    centre.store.directories.by_tenant[TENANT] = replace(known, campaigns=known.campaigns | {CAMPAIGN: lawful})
    assert (await centre.post(f"/v1/campaigns/{CAMPAIGN}/start"))[0] == 200
    for at, halt, rules in ((None, "forbidden", ["scrub.max_age_d"]), (kept.scrubbed_at, None, [])):
        await centre.store.dnc.change_dnc_list(replace(kept, scrubbed_at=at))
        await centre.exchange.leads_changed(TENANT, None)
        _, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/status")
        assert (told["run"], told["halt"], [one["rule"] for one in told["halt_reasons"]]) == ("running", halt, rules)


async def test_a_pause_dials_nothing_new_and_a_start_goes_on(centre):
    session = await a_morning(centre)
    await centre.post(f"/v1/campaigns/{CAMPAIGN}/pause")
    await centre.settle()
    centre.engine.hang_up(line(centre), Cause.BUSY)
    for _ in range(3):
        await centre.settle()
    told = await today(centre)
    assert (told["dials"], told["in_flight"]) == (3, 0)
    await centre.post(f"/v1/campaigns/{CAMPAIGN}/start")
    await until_dialled(centre, 4)
    assert (await today(centre))["dials"] == 4
    assert session


async def test_the_live_feed_has_a_row_for_each_campaign_and_sends_it_when_it_changes(centre):
    async with centre.board() as ws:
        board = await Board().read_until(ws, lambda board: True)
        assert board.rows["campaigns", CAMPAIGN]["run"] == "stopped"
        await a_morning(centre)
        await board.read_until(ws, lambda board: board.rows["campaigns", CAMPAIGN]["dials"] == 3)
        row = board.rows["campaigns", CAMPAIGN]
        assert (row["run"], row["halt"], row["lines"], row["ready"], row["connects"]) == ("running", "", 1, 1, 1)
        assert row["abandonment"]["value"] == 0.0
        assert row["abandonment_target"] == 0.03


async def test_quarters_of_an_hour_and_today_are_the_same_fold(centre):
    await a_morning(centre)
    status, reply, _ = await centre.get("/v1/figures/campaigns/intervals", **HOUR)
    assert status == 200, reply
    [row] = reply["items"]
    whole = await today(centre)
    same = set(row) - {"begin", "abandonment"}
    assert {name: row[name] for name in same} == {name: whole[name] for name in same}
    assert row["begin"] == "2026-09-22T09:00:00Z"
    _, none, _ = await centre.get("/v1/figures/campaigns/intervals", campaign="1", **HOUR)
    assert none == {"items": []}


async def test_a_restart_counts_the_day_again(centre):
    await a_morning(centre)
    before = await today(centre)
    await centre.exchange.stop()
    async with LiveCentre(centre.store) as again:
        again.clock.ms, again.engine.legs = centre.clock.ms, centre.engine.legs
        after = await today(again)
        await centre.start()
    kept = ("dials", "live", "connects", "handled", "dispositions", "idle", "aht", "abandonment_window")
    drop = {"until"}
    assert {name: _without(before[name], drop) for name in kept} == {name: _without(after[name], drop) for name in kept}


def _without(value, names):
    return {key: one for key, one in value.items() if key not in names} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-09-22T09:05:00Z", "to": "2026-09-22T10:00:00Z"}, "from"),
        ({"from": "2026-09-01T10:00:00Z", "to": "2026-09-22T10:00:00Z"}, "to"),
        (HOUR | {"campaign": "x"}, "campaign"),
        ({"to": "2026-09-22T10:00:00Z"}, "from"),
    ],
)
async def test_a_time_that_means_nothing_is_refused(centre, query, field):
    status, reply, _ = await centre.get("/v1/figures/campaigns/intervals", **query)
    assert (status, reply["error"]["field"]) == (400, field)


@pytest.mark.parametrize("path", ["figures/campaigns", f"campaigns/{CAMPAIGN}/status", f"campaigns/{CAMPAIGN}/pacing"])
async def test_figures_are_for_the_tenant_s_token(centre, path):
    assert (await centre.get(f"/v1/{path}", token=None))[0] == 401
    assert (await centre.get(f"/v1/{path}", token="somebody's"))[0] == 401


async def test_without_calls_nothing_is_said_of_predictive_dialling(centre):
    status, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/pacing")
    assert (status, told["basis"], told["gain"], told["live"]) == (200, None, None, 0)
    assert told["message"].startswith("Nothing can be said yet")


async def test_what_predictive_dialling_would_gain_comes_from_the_tenant_s_own_calls(centre):
    session = await a_morning(centre)
    for count in range(3, 24):
        if count == 9:
            await leads(centre, 60, 100)
        centre.clock.ms += 10_000
        leg = line(centre)
        if leg in centre.engine.legs and not centre.engine.legs[leg].answered:
            centre.engine.pick_up(leg)
        await centre.settle()
        centre.clock.ms += 100_000
        await centre.hang_up(leg)
        await centre.ask(ev.Dispose(session, "sale", finish=True))
        await until_dialled(centre, count + 1)
    status, told, _ = await centre.get(f"/v1/campaigns/{CAMPAIGN}/pacing", days=1)
    assert status == 200, told
    assert (told["basis"], told["agents"], told["target"]) == ("campaign", 4, 0.025)
    assert told["live"] >= 20
    assert 0 < told["busy_progressive"] <= 1
    assert told["gain"] == pytest.approx(told["busy_predictive"] / told["busy_progressive"], abs=0.001)
    assert "progressive dialling fills" in told["message"]
    assert "PROGRESSIVE is the better choice" in told["message"]
