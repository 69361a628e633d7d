"""Campaigns through `/v1`: set up, started only as the law allows, paused, stopped, and how they stand."""

import dataclasses

import pytest

from callside.dialer.model import Campaign
from tests.fakes.installation import furnish
from tests.fakes.v1_campaigns import a_list, a_prompt, add, lawful, move, patch, read, scrub, some_hours


@pytest.fixture
async def motors(house):
    made = await house.tenant("Example Motors")
    made.ids = await furnish(made.client)
    made.house = house
    return made


@pytest.mark.parametrize(
    ("kind", "profile"),
    [("MANUAL", None), ("PREVIEW", "strict"), ("PROGRESSIVE", "strict"), ("PREDICTIVE", "strict")],
)
async def test_a_new_campaign_is_stopped_and_under_the_strictest_profile_unless_agents_dial_by_hand(
    motors, kind, profile
):
    made = await add(motors, type=kind)
    assert (made["run"], made["profile"], made["predictive_opt_in"], made["detect_machines"]) == (
        "stopped", profile, False, False,
    )  # fmt: skip


async def test_what_a_campaign_is_by_default_is_what_the_model_says(motors):
    made = await add(motors)
    kept = (await motors.house.store.directories.directory(motors.id)).campaigns[made["id"]]
    own = (motors.id, "Spring", kept.type, kept.trunk_id)
    blank = Campaign(kept.id, *own, agents=kept.agents, dial_rules=kept.dial_rules)
    assert kept == dataclasses.replace(blank, plan=dataclasses.replace(blank.plan, profile="strict"))


async def test_everything_can_be_set_and_is_read_back(motors):
    prompt = await a_prompt(motors)
    hours = await some_hours(motors)
    everything = {
        "caller_ids": ["+15550100123", "+15550100124"],
        "caller_id_choice": "local",
        "dial_rules": {
            "countries": ["CA", "US"],
            "blocked_prefixes": ["+1900"],
            "allow_premium": False,
            "prices": {"+1": 12},
            "dearest": 20,
        },
        "profile": "us",
        "purpose": "promotional",
        "regulated": True,
        "scrub_token": "DLT-0001",
        "scrub_token_expires_at": "2027-02-28T18:30:00Z",
        "hours_id": hours,
        "starts_at": "2027-02-01T09:00:00Z",
        "ends_at": "2027-02-28T18:00:00Z",
        "pace": {
            "target": 0.02,
            "smallest_team": 8,
            "lines_per_agent": 3.0,
            "calls_per_second": 2,
            "calls_per_minute": 60,
            "max_lines": 30,
        },
        "safe_message": prompt,
        "safe_message_says": ["who", "opt_out"],
        "detect_machines": True,
        "machine_action": "message",
        "machine_message": prompt,
        "machine_sample_every": 20,
        "predictive_opt_in": True,
        "officer": "Asha Example",
        "autodialer_notified_at": "2027-01-01T00:00:00Z",
        "effects": {
            "sale": {"kind": "success", "after_s": 86400, "personal": False},
            "follow_up": {"kind": "callback", "after_s": 3600, "personal": True},
            "no_contact": {"kind": "machine", "after_s": 86400, "personal": False},
        },
        "preview_s": 20,
        "script": "Good morning.",
    }
    made = await add(motors, type="PREDICTIVE", **everything, recycling={"outcomes": {"busy": {"after_s": 600}}})
    assert {name: made[name] for name in everything} == everything
    busy = {"after_s": 600, "most": 6, "then": "same", "apart_s": 0}
    assert made["recycling"]["outcomes"] == {"busy": busy}
    assert await read(motors, made) == made


async def test_a_part_that_is_changed_leaves_the_rest_and_null_clears(motors):
    made = await add(motors, pace={"target": 0.02, "max_lines": 9}, starts_at="2027-02-01T09:00:00Z", profile="us")
    changed = await patch(
        motors, made, pace={"max_lines": 4}, recycling={"most_attempts": 2}, starts_at=None, profile=None
    )
    assert (changed["pace"]["target"], changed["pace"]["max_lines"]) == (0.02, 4)
    assert (changed["recycling"]["most_attempts"], changed["recycling"]["most_per_number"]) == (2, 4)
    assert (changed["starts_at"], changed["profile"]) == (None, "strict")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type": "RATIO"}, "type"),
        ({"profile": "atlantis"}, "profile"),
        ({"profile": "../etc"}, "profile"),
        ({"purpose": "war"}, "purpose"),
        ({"hours_id": "999999"}, "hours_id"),
        ({"safe_message": "999999"}, "safe_message"),
        ({"safe_message_says": ["marketing"]}, "safe_message_says.0"),
        ({"scrub_token": "DLT-0001"}, "scrub_token_expires_at"),
        ({"scrub_token_expires_at": "2027-02-01T09:00:00Z"}, "scrub_token"),
        ({"scrub_token": "a\u202eb"}, "scrub_token"),
        ({"machine_message": "999999"}, "machine_message"),
        ({"machine_action": "message"}, "machine_message"),
        ({"caller_ids": ["nobody"]}, "caller_ids"),
        ({"effects": {"astonished": {"kind": "success"}}}, "effects"),
        ({"effects": {"sale": {"kind": "joy"}}}, "effects.sale.kind"),
        ({"recycling": {"outcomes": {"connected": {"after_s": 1}}}}, "recycling.outcomes.connected.[key]"),
        ({"recycling": {"outcomes": {"busy": {"most": 0}}}}, "recycling.outcomes.busy.most"),
        ({"recycling": {"most_attempts": 10**9}}, "recycling.most_attempts"),
        ({"pace": {"target": 0.9}}, "pace.target"),
        ({"pace": {"lines_per_agent": 0.5}}, "pace.lines_per_agent"),
        ({"dial_rules": {"prices": {"1": 5}}}, "dial_rules.prices.1.[key]"),
        ({"dial_rules": {"dearest": -1}}, "dial_rules.dearest"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2027-02-01T09:00:00"}, "starts_at"),
        ({"starts_at": "2027-02-02T09:00:00Z", "ends_at": "2027-02-01T09:00:00Z"}, "ends_at"),
        ({"officer": "a\u202eb"}, "officer"),
        ({"preview_s": 9999}, "preview_s"),
        ({"script": "x" * 8001}, "script"),
        ({"run": "running"}, "run"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_changed(motors, values, field):
    made = await add(motors)
    refused = await patch(motors, made, 400, **values)
    assert refused["error"]["field"] == field, refused
    assert refused["error"]["message"].startswith(f"{field}: ")
    assert await read(motors, made) == made


async def test_a_profile_s_error_names_those_there_are(motors):
    refused = await patch(motors, await add(motors), 400, profile="atlantis")
    assert refused["error"]["message"] == (
        "profile: there is no profile atlantis; choose one of ca, in, none, strict, uk, us"
    )


async def test_a_lawful_campaign_starts_pauses_goes_on_and_stops_and_the_floor_is_told(motors):
    made = await lawful(motors)
    motors.house.floors.changed.clear()
    for verb, run in (("start", "running"), ("pause", "paused"), ("start", "running"), ("stop", "stopped")):
        assert (await move(motors, made, verb))["run"] == run
        assert (await read(motors, made))["run"] == run
    assert motors.house.floors.changed == [motors.id] * 4


async def test_the_kind_of_login_does_not_change_under_agents(motors):
    made = await lawful(motors)
    await move(motors, made, "start")
    await move(motors, made, "pause")
    refused = await patch(motors, made, 409, type="PREVIEW")
    assert refused["error"]["message"].startswith("type: stop the campaign first")
    await move(motors, made, "stop")
    assert (await patch(motors, made, type="PREVIEW"))["type"] == "PREVIEW"


@pytest.mark.parametrize("kind", ["MANUAL", "PREVIEW"])
async def test_who_cannot_abandon_anybody_needs_no_message(motors, kind):
    await scrub(motors)
    made = await add(motors, type=kind, caller_id="+15550100199")
    assert (await move(motors, made, "start"))["run"] == "running"


async def test_what_hardly_works_is_warned_of_and_does_not_forbid(motors):
    made = await add(motors, profile="none", agents=[], dial_rules={"countries": []}, ends_at="2026-01-01T00:00:00Z")
    warnings = (await move(motors, made, "start"))["warnings"]
    assert [one.partition(":")[0] for one in warnings] == ["agents", "dial_rules.countries", "ends_at", "lists"]
    await a_list(motors, made)
    await patch(motors, made, agents=[motors.ids["agent"]], dial_rules={"countries": ["US"]}, ends_at=None)
    assert (await move(motors, made, "start"))["warnings"] == []


async def test_leads_who_are_all_out_of_calling_hours_are_warned_of(motors):
    """It is eight in the morning, UTC."""
    made = await lawful(motors)
    await a_list(motors, made, "America/New_York")
    [warning] = (await move(motors, made, "start"))["warnings"]
    assert warning.startswith("lists: all its leads are out of calling hours now")
    await a_list(motors, await add(motors, name="Other"), "Asia/Kolkata")
    [warning] = (await move(motors, made, "start"))["warnings"]
    assert warning.startswith("lists: all its leads")


async def test_prompts_and_hours_that_a_campaign_needs_stay(motors):
    prompt = await a_prompt(motors)
    hours = await some_hours(motors)
    made = await add(motors, safe_message=prompt, hours_id=hours)
    for place in (f"/v1/prompts/{prompt}", f"/v1/hours/{hours}"):
        refused = await motors.client.delete(place)
        assert refused.status_code == 409
        assert "the campaign Spring" in refused.json()["error"]["message"]
    await patch(motors, made, safe_message=None, hours_id=None)
    assert (await motors.client.delete(f"/v1/hours/{hours}")).status_code == 204


async def test_the_status_says_how_it_stands(motors):
    made = await lawful(motors)
    await a_list(motors, made, leads=4)
    await move(motors, made, "start")
    told = (await motors.client.get(f"/v1/campaigns/{made['id']}/status")).json()
    assert (told["run"], told["lines"], told["waiting"], told["abandonment"]) == ("running", 0, 0, None)
    assert told["agents"] == {"ready": 0, "talking": 0, "wrapping": 0, "away": 0}
    assert told["leads"]["fresh"] == 4
    assert sum(told["leads"].values()) == 4
    assert told["penetration"] == {"value": 0.0, "formula": "PENETRATION"}
    assert told["warnings"]


async def test_campaigns_of_nobody_s_are_not_found(motors):
    for verb in ("start", "pause", "stop"):
        await move(motors, {"id": "999999"}, verb, 404)
    assert (await motors.client.get("/v1/campaigns/999999/status")).status_code == 404


async def test_the_installation_s_token_moves_any_tenant_s_campaigns(motors):
    made = await add(motors, type="MANUAL")
    place = f"/v1/admin/tenants/{motors.id}/campaigns/{made['id']}"
    root = motors.house.root
    assert (await root.post(f"{place}/start")).json()["run"] == "running"
    assert (await root.get(f"{place}/status")).json()["run"] == "running"
    assert (await root.post(f"{place}/stop")).json()["run"] == "stopped"
