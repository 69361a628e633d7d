"""What counts where for campaigns, on a real floor with a clock by hand."""

from collections import Counter
from dataclasses import replace

import pytest

from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.model import Mode
from callside.dialer.laws.sampling import Sampled
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import MachineAction
from callside.exchange.profiles import load_profiles
from callside.floor import events as ev
from callside.reporting.dialing import CampaignFigures, CampaignFold
from callside.reporting.dialing_sheets import abandonment, campaign_sheet, penetration, progressive_idle_ms
from callside.reporting.figures import DAY_MS, Figures
from callside.reporting.formulas import Figure
from callside.reporting.local_days import EvenSteps
from callside.sessions.model import EndCause, LoginType
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage

QUARTER = 900_000
SALE = {"sale": LeadEffect(EffectKind.SUCCESS), "follow_up": LeadEffect(EffectKind.RETRY)}


def figures_of(stage, *limits):
    counted = Figures(*(limits or (stage.now.wall - stage.now.wall % DAY_MS,)))
    for fact in stage.facts:
        counted.take(fact)
    return counted.dialing


def figures(stage):
    return figures_of(stage).campaign(CAMPAIGN)


def talk(stage, session, *, after_ms=0, talk_ms=60_000, disposition=None, wrap_ms=0):
    leg = stage.leg()
    stage.rings(leg)
    stage.wait(after_ms)
    stage.answers(leg)
    stage.join(leg, session)
    stage.wait(talk_ms)
    stage.gone(leg)
    stage.wait(wrap_ms)
    if disposition is not None:
        stage.give(ev.Dispose(session, disposition, finish=True))


def test_a_call_has_its_time_to_answer_talk_wrap_up_and_disposition():
    stage = dial_stage(campaign(wrap_up_s=30, effects=SALE))
    session = stage.agent()
    talk(stage, session, after_ms=8_000, talk_ms=60_000, wrap_ms=5_000, disposition="sale")
    counted = figures(stage)
    assert (counted.dials, counted.rang, counted.live, counted.connects, counted.handled) == (2, 1, 1, 1, 1)
    assert (counted.answer_ms, counted.talk_ms, counted.wrap_ms) == (8_000, 60_000, 5_000)
    assert (counted.dispositions, counted.outcomes) == ({"sale": 1}, {"connected": 1})
    assert counted.idle.mean_ms() == 8_000


def test_rates_say_what_they_are_of():
    one = campaign(wrap_up_s=30, effects=SALE)
    stage = dial_stage(one)
    session = stage.agent()
    stage.fails(stage.leg())
    stage.fails(stage.leg(), Cause.BUSY)
    talk(stage, session, disposition="sale")
    talk(stage, session, disposition="follow_up")
    sheet = campaign_sheet(figures(stage), one)
    assert (sheet.dials, sheet.live, sheet.failed, sheet.in_flight, sheet.successes) == (5, 2, 2, 1, 1)
    assert sheet.causes == {"no_answer": 1, "busy": 1}
    named = {one.formula: one.value for one in (sheet.contact_rate, sheet.connect_rate, sheet.conversion)}
    assert named == {"CONTACT": 0.4, "CONNECT": 0.4, "CONVERSION": 0.5}
    assert (sheet.conversion_live.value, sheet.conversion_dials.value) == (0.5, 0.2)
    assert campaign_sheet(figures(stage), None).successes == 0


def test_nothing_to_divide_by_is_no_figure():
    sheet = campaign_sheet(figures(dial_stage()), campaign())
    shown = (
        sheet.contact_rate,
        sheet.conversion,
        sheet.aht,
        sheet.idle,
        sheet.busy,
        sheet.busy_progressive,
        sheet.gain,
    )
    assert [one.value for one in shown] == [None] * 7
    assert penetration(None).value is penetration({}).value is None
    assert penetration({"fresh": 1, "due": 2, "done": 1}).value == 0.75


def test_leads_that_nobody_may_call_are_no_part_of_how_far_the_lists_are_through():
    assert penetration({"fresh": 3, "done": 1, "blocked": 6}).value == 0.25
    assert penetration({"blocked": 6}).value is None


def test_an_agent_s_waiting_runs_through_lines_that_nobody_answers_and_begins_anew_after_a_break():
    stage = dial_stage()
    session = stage.agent()
    stage.wait(20_000)
    stage.fails(stage.leg())
    talk(stage, session, after_ms=10_000)
    assert figures(stage).idle.quantile_ms(0.5) == 30_000
    stage.wait(5_000)
    stage.give(ev.GoOnBreak(session, "lunch"))
    stage.fails(stage.leg())
    stage.wait(600_000)
    stage.give(ev.GoReady(session))
    talk(stage, session, after_ms=3_000)
    counted = figures(stage)
    assert (counted.idle.count, counted.idle.total_ms) == (2, 33_000)
    assert (counted.idle.quantile_ms(0.5), counted.idle.quantile_ms(0.9)) == (3_000, 30_000)


@pytest.mark.parametrize("action", [MachineAction.HANG_UP, MachineAction.MESSAGE])
def test_a_machine_is_no_live_answer_and_its_time_ends_when_it_was_told(action):
    stage = dial_stage(campaign(detect_machines=True, machine_action=action, machine_message="702"))
    stage.agent()
    leg = stage.leg()
    stage.wait(10_000)
    stage.answers(leg)
    stage.wait(2_000)
    stage.is_judged(leg, AnsweredBy.MACHINE)
    stage.wait(20_000)
    stage.gone(leg)
    counted = figures(stage)
    assert (counted.live, counted.machines, counted.fails, counted.fail_ms) == (0, 1, 1, 12_000)
    assert (counted.outcomes, counted.causes) == ({"machine": 1}, {"machine": 1})


def test_a_machine_that_an_agent_is_given_counts_as_the_ledger_counts_it():
    stage = dial_stage(campaign(detect_machines=True, machine_action=MachineAction.AGENT))
    session = stage.agent()
    leg = stage.leg()
    stage.answers(leg)
    stage.is_judged(leg, AnsweredBy.MACHINE)
    stage.join(leg, session)
    stage.gone(leg)
    counted = figures(stage)
    assert (counted.live, counted.connects, counted.machines, counted.outcomes) == (1, 1, 0, {"connected": 1})


def test_a_sample_counts_as_its_agent_says_though_other_calls_have_ended_meanwhile():
    says = {"no_contact": LeadEffect(EffectKind.MACHINE)}
    stage = dial_stage(campaign(detect_machines=True, machine_sample_every=1, wrap_up_s=60, effects=says))
    session, other = stage.agent(AGENTS[0]), stage.agent(AGENTS[1])
    mine, theirs = stage.leg(0), stage.leg(1)
    stage.answers(mine)
    stage.is_judged(mine, AnsweredBy.MACHINE)
    stage.join(mine, session)
    stage.gone(mine)
    stage.rings(theirs)
    stage.fails(theirs, Cause.BUSY)
    assert figures(stage).outcomes == {}
    stage.give(ev.Dispose(session, "no_contact", finish=True))
    assert figures(stage).outcomes == {"machine": 1}
    assert stage.session(other).call_id is not None


def test_a_rate_reckons_with_what_was_sampled():
    profile = load_profiles().version("uk-1")
    report = abandonment({"connected": 9, "machine": 10}, profile, 0, 1, opted_in=False, sampled=Sampled(10, 100))
    assert (report.measured, report.false_positive_rate) == (True, Sampled(10, 100).upper)


def test_a_person_for_whom_nobody_was_free_is_live_and_abandoned():
    stage = dial_stage(campaign(Mode.PREDICTIVE, pace=replace(campaign().plan.pace, smallest_team=0)))
    stage.agent()
    leg = stage.leg()
    session = next(iter(stage.floor.ground.sessions))
    stage.give(ev.GoOnBreak(session, "lunch"))
    stage.answers(leg)
    stage.wait(3_000)
    stage.gone(leg)
    counted = figures(stage)
    assert (counted.live, counted.connects) == (1, 0)
    assert counted.outcomes == {"abandoned": 1}
    profile = load_profiles().versions["none"][-1]  # the one in force
    report = abandonment(counted.outcomes, profile, 0, 1, opted_in=False)
    assert (report.rate, report.over) == (1.0, True)
    assert abandonment(counted.outcomes, None, 0, 1, opted_in=False) is None


def test_who_hangs_up_before_an_agent_comes_is_live_and_left():
    stage = dial_stage(campaign(Mode.PREDICTIVE))
    stage.agent()
    leg = stage.leg()
    session = next(iter(stage.floor.ground.sessions))
    stage.give(ev.GoOnBreak(session, "lunch"))
    stage.answers(leg)
    stage.wait(500)
    stage.gone(leg)
    counted = figures(stage)
    assert (counted.live, counted.fails, counted.outcomes) == (1, 0, {"left": 1})


def test_calls_by_hand_count_without_a_ledger():
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30, effects=SALE))
    session = stage.agent(kind=LoginType.MANUAL)
    stage.wait(4_000)
    leg = stage.dial(session, "+15550107777")
    stage.wait(6_000)
    stage.join(leg, session)
    stage.wait(30_000)
    stage.gone(leg)
    stage.give(ev.Dispose(session, "sale", finish=True))
    stage.gone(stage.dial(session, "+15550107778"), Cause.BUSY)
    counted = figures(stage)
    assert (counted.dials, counted.live, counted.connects, counted.fails) == (2, 1, 1, 1)
    assert (counted.answer_ms, counted.idle.total_ms, counted.outcomes) == (6_000, 10_000, {})
    assert counted.dispositions == {"sale": 1}


def test_a_call_counts_in_the_quarter_of_an_hour_it_was_dialled_in():
    stage = dial_stage(campaign(wrap_up_s=30))
    begin = stage.now.wall - stage.now.wall % QUARTER
    stage.wait(begin + QUARTER - stage.now.wall - 5_000)
    session = stage.agent()
    talk(stage, session, after_ms=10_000, talk_ms=2 * QUARTER, wrap_ms=1_000, disposition="sale")
    folded = figures_of(stage, begin, begin + 4 * QUARTER, QUARTER)
    first = folded.campaign(CAMPAIGN, begin)
    assert (first.dials, first.talk_ms, first.wrap_ms, first.dispositions) == (1, 2 * QUARTER, 1_000, {"sale": 1})
    later = [at for (_, at), one in folded.campaigns.items() if at != begin and one.dials]
    assert later == [begin + 3 * QUARTER]
    after = figures_of(stage, begin + QUARTER, begin + 3 * QUARTER, QUARTER)
    assert [one for one in after.campaigns.values() if one.dials or one.talk_ms] == []


def test_the_closed_form_of_progressive_is_that_of_the_lines_own_times():
    fold = CampaignFold(0, None, EvenSteps(0, DAY_MS))
    counted = fold.campaign(CAMPAIGN)
    counted.live, counted.answer_ms, counted.fails, counted.fail_ms = 25, 25 * 10_200, 75, 75 * 20_600
    counted.handled, counted.talk_ms, counted.wrap_ms = 25, 25 * 120_000, 25 * 20_000
    for _ in range(25):
        counted.idle.add(20_000)
    assert progressive_idle_ms(counted) == 10_200 + 3 * 20_600
    sheet = campaign_sheet(counted, None)
    assert sheet.busy_progressive.value == 0.6604
    assert sheet.busy.value == 0.875
    assert sheet.gain.value == round(0.875 / (140 / 212), 4)


def test_progressive_gains_nothing_over_its_own_closed_form():
    """One agent whose lines fail twice for each that is answered: the waiting is what the formula says."""
    stage = dial_stage(leads=60)
    session = stage.agent()
    for _ in range(10):
        for _ in range(2):
            stage.wait(20_000)
            stage.fails(stage.leg())
        talk(stage, session, after_ms=9_000, talk_ms=100_000)
    sheet = campaign_sheet(figures(stage), campaign())
    assert sheet.gain.value == 1.0
    assert sheet.busy.value == sheet.busy_progressive.value == round(100 / 149, 4)


def test_what_came_before_and_a_restart_in_between_change_nothing_that_was_counted():
    stage = dial_stage(campaign(wrap_up_s=30))
    session = stage.agent()
    talk(stage, session, wrap_ms=1_000, disposition="sale")
    whole = figures(stage)
    midnight = stage.now.wall - stage.now.wall % DAY_MS
    late = CampaignFold(midnight, None, EvenSteps(midnight, DAY_MS))
    started = next(place for place, one in enumerate(stage.facts) if one.kind == "call.started")
    for fact in stage.facts[started + 1 :]:
        late.take(fact)
    assert late.campaign(CAMPAIGN).dials == whole.dials - 1
    assert (late.campaign(CAMPAIGN).connects, late.campaign(CAMPAIGN).dispositions) == (0, {})


# ── time logged in ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_time_logged_in_counts_for_the_campaign_of_the_login_breaks_included_in_the_interval_it_was_spent_in():
    stage = dial_stage(campaign(wrap_up_s=30), leads=0)
    begin = stage.now.wall - stage.now.wall % QUARTER
    stage.wait(begin + QUARTER - stage.now.wall - 60_000)
    session, other = stage.agent(), stage.be_ready(AGENTS[1])
    stage.wait(240_000)
    stage.give(ev.GoOnBreak(session, "lunch"))
    stage.wait(600_000)
    stage.give(ev.EndSession(session, EndCause.LOGOUT))
    stage.give(ev.EndSession(other, EndCause.LOGOUT))
    folded = figures_of(stage, begin, begin + 2 * QUARTER, QUARTER)
    first, second = (folded.campaign(CAMPAIGN, at).logged_in_ms for at in (begin, begin + QUARTER))
    assert (first, second) == (60_000, 780_000)
    assert (
        figures_of(stage, begin + QUARTER + 1_000, begin + 2 * QUARTER, QUARTER)
        .campaign(CAMPAIGN, begin + QUARTER + 1_000)
        .logged_in_ms
        == 779_000
    )


def test_conversion_by_hour_logged_in_has_the_running_state_in_its_denominator():
    figures = CampaignFigures(connects=4, dispositions=Counter({"sale": 3}), logged_in_ms=3_600_000)
    sold = campaign(effects={"sale": LeadEffect(EffectKind.SUCCESS)})
    assert campaign_sheet(figures, sold).conversion_hour == Figure(3.0, "CONVERSION_HOUR")
    told = campaign_sheet(figures, sold, 1_800_000)
    assert (told.logged_in_ms, told.conversion_hour.value) == (5_400_000, 2.0)
    assert campaign_sheet(CampaignFigures(), sold).conversion_hour.value is None
