"""A campaign that runs halts by itself when what it stands on is gone or too old, says why, and goes on when it is mended."""

from dataclasses import replace

import pytest

from callside.dialer.laws.model import Mode, Purpose
from callside.dialer.leads.model import Lead, LeadNumber
from callside.dialer.model import DialRules
from callside.floor import events as ev
from callside.floor.dialing_desk import Grounds, Halt
from callside.kernel.zones import DAY_MS
from tests.fakes.dialing import CAMPAIGN, SAFE_MESSAGE, campaign, dial_stage, dialing_directory
from tests.fakes.stage import TENANT, TRUNK


def desk(stage):
    return stage.floor.ground.dialing.desks[CAMPAIGN]


def change(stage, grounds=None, **fields):
    stage.give(ev.DirectoryChanged(replace(stage.floor.ground.directory, **fields), grounds or {}))


def rules(stage):
    return [one.rule for one in desk(stage).broken]


def grounds(stage, age_days=1, lists=1):
    stage.give(ev.GroundsFound({CAMPAIGN: Grounds(stage.now.wall - age_days * DAY_MS, lists)}))


def american(**fields):
    """As the US's profile allows it; its numbers are in a zone where it is day."""
    return campaign(profile="us", **fields)


def test_a_message_that_is_gone_halts_it_and_the_message_s_return_lets_it_go_on():
    stage = dial_stage(american(), slow=True)
    stage.agent()
    assert desk(stage).halt is None
    prompts = stage.floor.ground.directory.prompts
    change(stage, prompts={one: prompt for one, prompt in prompts.items() if one != SAFE_MESSAGE})
    assert (desk(stage).halt, rules(stage)) == (Halt.FORBIDDEN, ["safe_message.required"])
    assert stage.told("campaign.halted")[-1].detail["rules"] == "safe_message.required"
    change(stage, prompts=prompts)
    assert desk(stage).halt is None
    assert stage.told("campaign.goes_on")


def test_calls_under_way_go_on_and_nothing_new_is_dialled_while_it_is_halted():
    stage = dial_stage()
    session = stage.agent()
    stage.rings(stage.leg())
    change(stage, trunks={})
    assert desk(stage).halt is Halt.NO_TRUNK
    stage.answers(stage.leg())
    stage.give(ev.LegJoined(stage.leg(), session))
    stage.gone(stage.leg())
    stage.wait(60_000)
    assert len(stage.dialled) == 1
    change(stage, trunks=dialing_directory().trunks)
    stage.wait(60_000)
    assert len(stage.dialled) == 2


def test_a_caller_id_that_its_trunk_does_not_show_any_more_halts_it():
    plain = replace(american(), caller_id="")
    stage = dial_stage(plain, slow=True)
    trunk = replace(stage.floor.ground.directory.trunks[TRUNK], caller_id="+15550100999")
    change(stage, trunks={TRUNK: trunk})
    assert desk(stage).halt is None
    change(stage, trunks={TRUNK: replace(trunk, caller_id="")})
    assert rules(stage) == ["caller_id.required"]


def test_a_scrub_that_grows_too_old_halts_it_without_anything_else_happening():
    stage = dial_stage(american(), slow=True)
    grounds(stage, age_days=30)
    assert desk(stage).halt is None
    stage.wait(DAY_MS + 1_000)
    assert (desk(stage).halt, rules(stage)) == (Halt.FORBIDDEN, ["scrub.max_age_d"])
    grounds(stage, age_days=0)
    assert desk(stage).halt is None


def test_a_scrub_that_was_taken_away_halts_it_and_one_of_which_nothing_is_known_does_not():
    stage = dial_stage(american(), slow=True)
    assert desk(stage).halt is None
    stage.give(ev.GroundsFound({CAMPAIGN: Grounds(None, 1)}))
    assert rules(stage) == ["scrub.max_age_d"]


def test_a_token_that_expires_halts_it_at_that_moment():
    start = dial_stage().now.wall
    indian = campaign(
        profile="in",
        purpose=Purpose.PROMOTIONAL,
        scrub_token="DLT-0001",
        scrub_token_expires_at=start + 3_600_000,
        dial_rules=DialRules(frozenset({"IN"})),
    )
    stage = dial_stage(replace(indian, caller_id="+911400000000"), slow=True)
    stage.agent()
    stage.wait(3_590_000)
    assert desk(stage).halt is None
    stage.wait(11_000)
    assert rules(stage) == ["scrub.token"]


def indian(**fields):
    made = campaign(profile="in", purpose=Purpose.PROMOTIONAL, dial_rules=DialRules(frozenset({"IN"})), **fields)
    return replace(made, caller_id="+911400000000")


def someone_in_india(stage):
    numbers = (LeadNumber("+912079460100"), LeadNumber("+912079460101"))
    every = [Lead(f"91{n}", TENANT, f"8{n}", (one,), zone="Asia/Kolkata") for n, one in enumerate(numbers)]
    stage.book = {one.id: one for one in every}


def scrubbed(stage, **tokens):
    held = {f"8{name[-1]}": until for name, until in tokens.items()}
    stage.give(ev.GroundsFound({CAMPAIGN: Grounds(None, 2, held)}))


def test_each_list_may_have_a_token_of_its_own_and_only_who_is_covered_is_called():
    stage = dial_stage(indian(), leads=0, slow=True)
    someone_in_india(stage)
    stage.agent()
    assert rules(stage) == ["scrub.token"]
    scrubbed(stage, list1=stage.now.wall + DAY_MS)
    assert desk(stage).halt is None
    stage.give(ev.LeadsFetched(CAMPAIGN, tuple(stage.book.values())))
    assert [one.number for one in stage.dialled] == ["+912079460101"]
    assert stage.told("lead.put_off")[-1].detail["rule"] == "scrub.token"


def test_a_lists_own_token_goes_before_its_campaigns():
    stage = dial_stage(dial_stage_token(), leads=0, slow=True)
    someone_in_india(stage)
    scrubbed(stage, list0=stage.now.wall - 1)
    stage.agent()
    stage.give(ev.LeadsFetched(CAMPAIGN, tuple(stage.book.values())))
    assert [one.number for one in stage.dialled] == ["+912079460101"]


def dial_stage_token():
    return indian(scrub_token="DLT-0001", scrub_token_expires_at=dial_stage().now.wall + DAY_MS)


def test_the_last_lists_token_that_expires_halts_it_at_that_moment():
    stage = dial_stage(indian(), leads=0, slow=True)
    stage.agent()
    scrubbed(stage, list0=stage.now.wall + 60_000, list1=stage.now.wall + 3_600_000)
    stage.wait(3_590_000)
    assert desk(stage).halt is None
    stage.wait(11_000)
    assert rules(stage) == ["scrub.token"]


def test_without_agents_or_lists_it_says_so():
    stage = dial_stage()
    grounds(stage, lists=0)
    assert desk(stage).halt is Halt.NO_LISTS
    stage.agent()
    assert stage.dialled == []
    grounds(stage, lists=1)
    assert len(stage.dialled) == 1
    directory = stage.floor.ground.directory
    change(stage, agents={one: replace(agent, enabled=False) for one, agent in directory.agents.items()})
    assert desk(stage).halt is Halt.NO_AGENTS
    change(stage, agents=directory.agents)
    assert desk(stage).halt is None


def test_by_hand_no_list_is_needed():
    stage = dial_stage(campaign(Mode.MANUAL, profile=""))
    grounds(stage, lists=0)
    assert desk(stage).halt is None


@pytest.mark.parametrize("run", ["paused", "stopped"])
def test_what_does_not_run_is_not_halted(run):
    stage = dial_stage(campaign(run=run))
    change(stage, trunks={})
    assert desk(stage).halt is None


def test_grounds_may_come_with_the_change_that_starts_a_campaign():
    stage = dial_stage(american(), slow=True)
    change(stage, {CAMPAIGN: Grounds(None, 1)})
    assert rules(stage) == ["scrub.max_age_d"]
