"""No campaign runs that its jurisdiction forbids: every rule that is against it is told with its remedy."""

import shutil

import pytest

from tests.fakes.installation import furnish
from tests.fakes.v1_campaigns import SAYS, a_prompt, add, lawful, move, patch, read, scrub


@pytest.fixture
async def motors(house):
    made = await house.tenant("Example Motors")
    made.ids = await furnish(made.client)
    made.house = house
    return made


async def test_what_the_safe_message_says_is_confirmed_of_the_recording_and_asked_again_of_another(motors):
    made = await lawful(motors, safe_message_says=["who"])
    refused = (await move(motors, made, "start", 422))["error"]
    assert [(one["rule"], one["field"]) for one in refused["reasons"]] == [
        ("safe_message.must_say", "safe_message_says")
    ]
    assert "the message has to say: opt_out, why; listen to it" in refused["message"]
    assert (await patch(motors, made, safe_message_says=SAYS))["safe_message_says"] == SAYS
    other = await a_prompt(motors, "Nobody free, new")
    assert (await patch(motors, made, ring_s=20, safe_message=made["safe_message"]))["safe_message_says"] == SAYS
    assert (await patch(motors, made, safe_message=other))["safe_message_says"] == []
    assert (await patch(motors, made, safe_message=made["safe_message"], safe_message_says=SAYS))[
        "safe_message_says"
    ] == SAYS
    assert (await move(motors, made, "start"))["run"] == "running"


async def test_a_safe_message_that_is_spoken_anew_has_to_be_heard_and_confirmed_again(motors):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    spoken = {"name": "Nobody free", "text": "This is Example Motors about your renewal. Press 9."}
    prompt = (await motors.client.post("/v1/prompts", json=spoken)).json()["id"]
    made = await add(motors, safe_message=prompt, safe_message_says=SAYS)
    other = await add(motors, name="Other", safe_message=await a_prompt(motors, "Another"), safe_message_says=SAYS)
    assert (await motors.client.patch(f"/v1/prompts/{prompt}", json={"name": "Nobody"})).status_code == 200
    assert (await read(motors, made))["safe_message_says"] == SAYS
    assert (await motors.client.patch(f"/v1/prompts/{prompt}", json={"text": "Sorry."})).status_code == 200
    assert (await read(motors, made))["safe_message_says"] == []
    assert (await read(motors, other))["safe_message_says"] == SAYS


async def test_an_indian_campaign_needs_its_scrub_token_and_a_regulated_one_its_series(motors):
    base = {"profile": "in", "type": "PREVIEW", "dial_rules": {"countries": ["IN"]}, "regulated": True}
    made = await add(motors, caller_id="+911100000000", **base)
    refused = (await move(motors, made, "start", 422))["error"]
    assert {one["rule"]: one["field"] for one in refused["reasons"]} == {
        "caller_id.series": "caller_ids",
        "scrub.token": "scrub_token",
    }
    until = {"scrub_token": "DLT-0001", "scrub_token_expires_at": "2036-01-01T00:00:00+05:30"}
    changed = await patch(motors, made, caller_id="+911600000000", **until)
    assert changed["scrub_token_expires_at"] == "2035-12-31T18:30:00Z"
    assert (await move(motors, made, "start"))["run"] == "running"
    refused = (await patch(motors, made, 422, scrub_token="", scrub_token_expires_at=None))["error"]
    assert refused["reasons"][0]["rule"] == "scrub.token"


async def test_a_list_may_have_a_scrub_token_of_its_own(motors):
    base = {"profile": "in", "type": "PREVIEW", "dial_rules": {"countries": ["IN"]}, "caller_id": "+911400000000"}
    made = await add(motors, purpose="promotional", **base)
    await move(motors, made, "start", 422)
    until = {"scrub_token": "DLT-0002", "scrub_token_expires_at": "2036-01-01T00:00:00+05:30"}
    form = {"name": "Pune", "campaign_id": made["id"], **until}
    answer = await motors.client.post("/v1/lead-lists", json=form)
    assert answer.status_code == 201, answer.text
    assert answer.json()["scrub_token_expires_at"] == "2035-12-31T18:30:00Z"
    assert (await move(motors, made, "start"))["run"] == "running"
    where = f"/v1/lead-lists/{answer.json()['id']}"
    half = await motors.client.patch(where, json={"scrub_token": ""})
    assert (half.status_code, half.json()["error"]["field"]) == (400, "scrub_token")
    assert "set both, or neither" in half.json()["error"]["message"]
    gone = await motors.client.patch(where, json={"scrub_token": "", "scrub_token_expires_at": None})
    assert (gone.json()["scrub_token"], gone.json()["scrub_token_expires_at"]) == ("", None)
    old = {"scrub_token": "DLT-0003", "scrub_token_expires_at": "2020-01-01T00:00:00Z"}
    assert (await motors.client.patch(where, json=old)).status_code == 200
    await move(motors, made, "pause")
    refused = (await move(motors, made, "start", 422))["error"]
    assert [one["rule"] for one in refused["reasons"]] == ["scrub.token"]


async def test_predictive_dialling_needs_a_team_or_somebody_who_answers_for_it(motors):
    """Under the profile that asks for nothing else, so that this is the house's own rule."""
    made = await add(motors, type="PREDICTIVE", profile="none")
    refused = (await move(motors, made, "start", 422))["error"]
    assert [one["rule"] for one in refused["reasons"]] == ["team.smallest"]
    assert "predictive dialling with 1 agents" in refused["message"]
    for half in ({"predictive_opt_in": True, "officer": ""}, {"predictive_opt_in": False, "officer": "Asha Example"}):
        await patch(motors, made, **half)
        await move(motors, made, "start", 422)
    await patch(motors, made, predictive_opt_in=True, officer="Asha Example")
    assert (await move(motors, made, "start"))["run"] == "running"
    refused = (await patch(motors, made, 422, officer=""))["error"]
    assert refused["reasons"][0]["rule"] == "team.smallest"


async def test_the_uk_s_target_is_nobody_abandoned_until_it_was_opted_in(motors):
    await scrub(motors)
    prompt = await a_prompt(motors)
    made = await add(
        motors,
        type="PREDICTIVE",
        profile="uk",
        safe_message=prompt,
        safe_message_says=SAYS,
        caller_id="+442079460123",
        pace={"target": 0.02},
    )
    refused = (await move(motors, made, "start", 422))["error"]
    rules = {one["rule"] for one in refused["reasons"]}
    assert {"modes.predictive_opt_in", "modes.predictive_officer", "abandonment.target", "team.smallest"} <= rules
    fields = {one["rule"]: one["field"] for one in refused["reasons"]}
    assert fields["abandonment.target"] == "pace.target"
    assert fields["modes.predictive_opt_in"] == "predictive_opt_in"
    await patch(motors, made, predictive_opt_in=True, officer="Asha Example")
    assert (await move(motors, made, "start"))["run"] == "running"


async def test_a_forbidden_campaign_cannot_start_and_every_rule_is_told_with_its_remedy(motors):
    made = await add(motors, ring_s=10)
    refused = (await move(motors, made, "start", 422))["error"]
    assert (refused["code"], refused["field"]) == ("forbidden_by_rules", "ring_s")
    rules = {one["rule"]: one["field"] for one in refused["reasons"]}
    assert rules == {
        "ring.min_s": "ring_s",
        "safe_message.required": "safe_message",
        "caller_id.required": "caller_ids",
        "scrub.max_age_d": "dnc",
    }
    assert all(f"{one['message']} [{one['rule']}]" in refused["message"] for one in refused["reasons"])
    assert all(one["message"].startswith(f"{one['field']}: ") for one in refused["reasons"])
    assert (await read(motors, made))["run"] == "stopped"


async def test_a_change_of_a_running_campaign_that_would_break_its_profile_is_refused(motors):
    made = await lawful(motors)
    await move(motors, made, "start")
    for broken, rule in (
        ({"ring_s": 10}, "ring.min_s"),
        ({"safe_message": None}, "safe_message.required"),
        ({"type": "PREDICTIVE"}, "modes.allowed"),
    ):
        refused = (await patch(motors, made, 422, **broken))["error"]
        assert rule in {one["rule"] for one in refused["reasons"]}
        assert "pause it first" in refused["message"]
    assert (await patch(motors, made, ring_s=20, name="Summer"))["name"] == "Summer"
    await move(motors, made, "pause")
    assert (await patch(motors, made, ring_s=10))["ring_s"] == 10
    await move(motors, made, "start", 422)
