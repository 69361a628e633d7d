"""What keeps a campaign from being started, in administration's own words, and what is only warned of."""

from dataclasses import replace

import pytest

from callside.dialer.laws.model import Mode, Purpose, Said
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import Campaign, DialRules, MachineAction, PacePlan, Plan
from callside.dialer.starting import Footing, broken_rules, terms_of, warnings_of
from callside.exchange.profiles import load_profiles

NOW = 1_790_000_000_000
DAY = 86_400_000
SHELF = load_profiles()
TEAM = frozenset(str(number) for number in range(6))
PLAN = Plan(profile="us", safe_message="701", safe_message_says=frozenset(Said))
LAWFUL = Campaign(
    "280", "1011", "Spring", Mode.PROGRESSIVE, "3", TEAM, "+15550100199", DialRules(frozenset({"US"})), plan=PLAN
)
FOOTING = Footing(dnc_scrubbed_at=NOW - DAY, leads=3, callable_now=True, dispositions=frozenset({"sale"}))
SAYS_MACHINE = {"sale": LeadEffect(EffectKind.MACHINE)}


def with_plan(campaign=LAWFUL, **fields):
    return replace(campaign, plan=replace(campaign.plan, **fields))


def broken(campaign, footing=FOOTING, now=NOW):
    profile = SHELF.in_force(campaign.plan.profile, now) if campaign.plan.profile else None
    return {one.rule: one.field for one in broken_rules(campaign, profile, footing, now)}


PREDICTIVE = replace(LAWFUL, type=Mode.PREDICTIVE)


@pytest.mark.parametrize(
    ("campaign", "footing", "expected"),
    [
        (LAWFUL, FOOTING, {}),
        (replace(LAWFUL, ring_s=14), FOOTING, {"ring.min_s": "ring_s"}),
        (with_plan(safe_message=None), FOOTING, {"safe_message.required": "safe_message"}),
        (with_plan(safe_message_says=frozenset({Said.WHO})), FOOTING, {"safe_message.must_say": "safe_message_says"}),
        (LAWFUL, replace(FOOTING, dnc_scrubbed_at=None), {"scrub.max_age_d": "dnc"}),
        (replace(LAWFUL, caller_id=""), FOOTING, {"caller_id.required": "caller_ids"}),
        (replace(LAWFUL, caller_id=""), replace(FOOTING, trunk_caller_id="+15550100100"), {}),
        (with_plan(replace(LAWFUL, caller_id=""), caller_ids=("+15550100101",)), FOOTING, {}),
        (PREDICTIVE, FOOTING, {"modes.predictive_opt_in": "predictive_opt_in"}),
        (with_plan(PREDICTIVE, predictive_opt_in=True), FOOTING, {}),
        (
            with_plan(PREDICTIVE, predictive_opt_in=True, pace=PacePlan(target=0.04)),
            FOOTING,
            {"abandonment.target": "pace.target"},
        ),
        (replace(with_plan(profile="strict"), type=Mode.PREDICTIVE, agents=TEAM), FOOTING, None),
    ],
)
def test_a_campaign_is_held_against_its_profile(campaign, footing, expected):
    found = broken(campaign, footing)
    if expected is None:
        assert found["modes.allowed"] == "type"
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("campaign", "field"),
    [
        (replace(PREDICTIVE, agents=frozenset({"1", "2"})), "agents"),
        (with_plan(PREDICTIVE, pace=PacePlan(smallest_team=5)), "pace.smallest_team"),
    ],
)
def test_a_small_team_is_dialled_for_predictively_only_where_somebody_wants_it_and_answers_for_it(campaign, field):
    free = with_plan(campaign, profile="none")
    assert broken(free) == {"team.smallest": field}
    assert broken(with_plan(free, predictive_opt_in=True)) == {"team.smallest": field}
    assert broken(with_plan(free, predictive_opt_in=True, officer=" ")) == {"team.smallest": field}
    assert broken(with_plan(free, predictive_opt_in=True, officer="Asha Example")) == {}
    assert broken(replace(free, type=Mode.PROGRESSIVE)) == {}


INDIAN = replace(
    with_plan(profile="in", purpose=Purpose.PROMOTIONAL, scrub_token="DLT-0001", scrub_token_expires_at=NOW + DAY),
    caller_id="+911400000000",
)
BANK = replace(with_plan(INDIAN, purpose=Purpose.SERVICE, regulated=True), caller_id="+911600000000")


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (INDIAN, {}),
        (with_plan(INDIAN, scrub_token="", scrub_token_expires_at=0), {"scrub.token": "scrub_token"}),
        (with_plan(INDIAN, scrub_token_expires_at=NOW), {"scrub.token": "scrub_token"}),
        (BANK, {}),
        (replace(BANK, caller_id="+911100000000"), {"caller_id.series": "caller_ids"}),
        (replace(with_plan(BANK, regulated=False), caller_id="+911100000000"), {}),
        (replace(with_plan(BANK, regulated=False), caller_id="+911400000000"), {"caller_id.series": "caller_ids"}),
    ],
)
def test_an_indian_campaign_has_a_token_that_holds_and_shows_numbers_of_the_series_of_its_calls(campaign, expected):
    assert broken(campaign) == expected


def test_only_what_is_dialled_by_hand_needs_no_profile():
    assert broken(replace(with_plan(profile=""), type=Mode.MANUAL)) == {}
    assert broken(with_plan(profile="")) == {"profile.effective": "profile"}


def test_a_profile_that_is_not_in_force_is_none():
    [found] = broken_rules(with_plan(profile="atlantis"), None, FOOTING, NOW)
    assert found.message == "profile: no version of 'atlantis' is in force today; choose another profile"


def test_every_message_begins_with_its_field_and_says_what_to_do():
    bad = replace(with_plan(safe_message=None, pace=PacePlan(target=0.4)), type=Mode.PREDICTIVE, ring_s=5, caller_id="")
    found = broken_rules(bad, SHELF.in_force("uk", NOW), Footing(), NOW)
    assert len(found) >= 6
    assert all(one.message.startswith(f"{one.field}: ") for one in found)


def test_the_target_counts_for_predictive_dialling_only():
    assert terms_of(LAWFUL, FOOTING).abandon_target == 0.0
    assert terms_of(PREDICTIVE, FOOTING).abandon_target == 0.025


@pytest.mark.parametrize(
    ("campaign", "footing", "about"),
    [
        (LAWFUL, FOOTING, []),
        (replace(LAWFUL, agents=frozenset()), FOOTING, ["agents"]),
        (replace(LAWFUL, dial_rules=DialRules()), FOOTING, ["dial_rules.countries"]),
        (replace(LAWFUL, dial_rules=DialRules(frozenset({"US"}), dearest=5)), FOOTING, ["dial_rules.prices"]),
        (with_plan(ends_at=NOW), FOOTING, ["ends_at"]),
        (with_plan(ends_at=NOW + 1), FOOTING, []),
        (with_plan(machine_action=MachineAction.AGENT), FOOTING, ["machine_action"]),
        (with_plan(effects={"gone": LeadEffect(EffectKind.SUCCESS)}), FOOTING, ["effects"]),
        (with_plan(machine_sample_every=20), FOOTING, ["machine_sample_every"]),
        (with_plan(machine_sample_every=20, detect_machines=True), FOOTING, ["machine_sample_every"]),
        (with_plan(machine_sample_every=20, detect_machines=True, effects=SAYS_MACHINE), FOOTING, []),
        (LAWFUL, replace(FOOTING, leads=0, callable_now=False), ["lists"]),
        (LAWFUL, replace(FOOTING, callable_now=False), ["lists"]),
        (LAWFUL, replace(FOOTING, leads=None, callable_now=None), []),
        (replace(LAWFUL, type=Mode.MANUAL), replace(FOOTING, leads=0), []),
    ],
)
def test_what_hardly_works_is_told(campaign, footing, about):
    assert [one.partition(":")[0] for one in warnings_of(campaign, footing, NOW)] == about
