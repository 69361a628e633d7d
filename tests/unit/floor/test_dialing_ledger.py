"""Samples of what was taken for a machine: who is given them, what their agents say, and what the ledger makes of it."""

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.ledger import Detected
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.sampling import Sampled
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import MachineAction
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory, number_of
from tests.fakes.stage import Counter

SAYS = {"no_contact": LeadEffect(EffectKind.MACHINE)}


def sampling(every=1, *, wrap_up_s=30, effects=SAYS, leads=20, **fields):
    made = campaign(detect_machines=True, machine_sample_every=every, wrap_up_s=wrap_up_s, effects=effects, **fields)
    return dial_stage(made, leads=leads)


def machine_answers(stage):
    leg = stage.leg()
    stage.answers(leg)
    stage.is_judged(leg, AnsweredBy.MACHINE)
    return leg


def sampled_call(stage, session, code=None):
    """A sample from the answer to the end of wrap-up."""
    leg = machine_answers(stage)
    stage.join(leg, session)
    stage.gone(leg)
    if code is not None:
        stage.give(ev.Dispose(session, code))
    stage.wait(30_000)
    return leg


def known(stage):
    return stage.floor.ground.dialing.samples_of(CAMPAIGN).at(stage.now.wall)


def outcomes(stage):
    return [(one.answered.detected, one.outcome) for one in stage.ledger]


# ── who is given them ──
def test_every_third_machine_is_given_to_the_agent():
    stage = sampling(3)
    session = stage.agent()
    for _ in range(2):
        leg = machine_answers(stage)
        assert stage.last(cm.HangUpLeg).leg_id == leg
        stage.gone(leg)
    assert not stage.sent(cm.JoinAgent)
    leg = machine_answers(stage)
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(leg, session)
    assert [one.detail["sampled"] for one in stage.told("call.judged")] == [False, False, True]


@pytest.mark.parametrize(("every", "effects"), [(0, SAYS), (1, {}), (1, {"wrong_number": LeadEffect(EffectKind.DNC)})])
def test_none_is_sampled_unless_it_was_asked_for_and_can_be_answered(every, effects):
    stage = sampling(every, effects=effects)
    stage.agent()
    machine_answers(stage)
    assert not stage.sent(cm.JoinAgent)


# ── what they say ──
def test_a_disposition_that_means_machine_confirms_the_verdict():
    stage = sampling()
    sampled_call(stage, stage.agent(), "no_contact")
    assert [one.was_person for one in stage.samples] == [False]
    assert [one.detail for one in stage.told("machine.sampled")] == [{"was_person": False}]
    assert outcomes(stage) == [(Detected.MACHINE, Verdict.MACHINE)]
    assert known(stage) == Sampled(0, 1)


def test_any_other_disposition_means_that_it_was_a_person_who_was_reached():
    stage = sampling()
    sampled_call(stage, stage.agent(), "follow_up")
    [sample] = stage.samples
    assert sample.was_person
    assert sample.campaign_id == CAMPAIGN
    assert [one.call_id for one in stage.told("machine.sampled")] == [sample.call_id]
    assert outcomes(stage) == [(Detected.MISTAKEN, Verdict.CONNECTED)]
    assert known(stage) == Sampled(1, 1)


def test_a_sample_of_which_nothing_is_said_counts_for_nothing_and_stays_a_machine():
    stage = sampling()
    sampled_call(stage, stage.agent())
    assert stage.samples == []
    assert not stage.told("machine.sampled")
    assert outcomes(stage) == [(Detected.MACHINE, Verdict.MACHINE)]
    assert known(stage) == Sampled()


def test_the_entry_waits_for_the_agents_word_and_is_written_once():
    stage = sampling()
    session = stage.agent()
    leg = machine_answers(stage)
    stage.join(leg, session)
    stage.gone(leg)
    assert stage.session(session).state is AgentState.WRAP_UP
    assert stage.ledger == []
    stage.give(ev.Dispose(session, "follow_up"))
    stage.wait(30_000)
    assert len(stage.ledger) == 1


def test_without_wrap_up_the_word_is_said_during_the_call():
    stage = sampling(wrap_up_s=0)
    session = stage.agent()
    leg = machine_answers(stage)
    stage.join(leg, session)
    stage.give(ev.Dispose(session, "no_contact"))
    stage.gone(leg)
    assert outcomes(stage) == [(Detected.MACHINE, Verdict.MACHINE)]
    assert known(stage) == Sampled(0, 1)


def test_a_person_who_was_taken_for_a_machine_and_for_whom_nobody_was_free_is_abandoned():
    stage = sampling()
    session = stage.agent()
    leg = stage.leg()
    stage.answers(leg)
    stage.give(ev.LegGone(stage.session(session).line_leg, Cause.NORMAL))
    stage.is_judged(leg, AnsweredBy.MACHINE)
    stage.wait(3_000)
    stage.gone(leg)
    assert outcomes(stage) == [(Detected.UNSURE, Verdict.ABANDONED)]
    assert stage.samples == []


def test_a_machine_meant_for_an_agent_of_whom_none_was_free_is_abandoned_too():
    stage = sampling(0, machine_action=MachineAction.AGENT)
    session = stage.agent()
    leg = stage.leg()
    stage.answers(leg)
    stage.give(ev.LegGone(stage.session(session).line_leg, Cause.NORMAL))
    stage.is_judged(leg, AnsweredBy.MACHINE)
    stage.wait(3_000)
    stage.gone(leg)
    assert outcomes(stage) == [(Detected.UNSURE, Verdict.ABANDONED)]


# ── the lead ──
def test_the_lead_of_a_machine_comes_up_again_as_after_one_that_was_hung_up_on():
    sampled, plain = sampling(leads=1), sampling(0, leads=1)
    sampled_call(sampled, sampled.agent(), "no_contact")
    plain.agent()
    plain.gone(machine_answers(plain))
    mine, other = sampled.book["9000"], plain.book["9000"]
    assert mine.state is other.state is LeadState.DUE
    assert mine.last_outcome is other.last_outcome is Outcome.MACHINE
    assert (mine.attempts, mine.next_index) == (other.attempts, other.next_index)
    assert mine.due_at == other.due_at


def test_the_number_of_a_machine_is_held_like_any_other_machines():
    stage = sampling()
    sampled_call(stage, stage.agent(), "no_contact")
    assert stage.floor.ground.dialing.history(number_of(0)).last_machine_at is not None


# ── restarts ──
def test_a_restart_between_the_call_and_the_agents_word_forgets_neither():
    stage = sampling(leads=1)
    session = stage.agent()
    leg = machine_answers(stage)
    stage.join(leg, session)
    stage.give(ev.Dispose(session, "follow_up"))
    stage.gone(leg)
    rows = list(stage.floor.ground.sessions.values()), list(stage.floor.ground.calls.values())
    assert [one.sampled for one in rows[1]] == [True]
    stage.floor = Floor(dialing_directory(stage.floor.ground.directory.campaigns[CAMPAIGN]), Counter())
    stage.take(stage.floor.restore(*rows, stage.now, [stage.book["9000"]]))
    stage.wait(30_000)
    assert outcomes(stage) == [(Detected.MISTAKEN, Verdict.CONNECTED)]
    assert known(stage) == Sampled(1, 1)


def test_what_a_restart_reads_back_is_what_the_report_reckons_with():
    stage = sampling()
    session = stage.agent(AGENTS[0])
    for code in ("no_contact", "follow_up", "no_contact"):
        sampled_call(stage, session, code)
    dialing = stage.floor.ground.dialing
    profile = stage.floor.ground.directory.profile_at("none", stage.now.wall)
    before = dialing.tally(CAMPAIGN, profile).report(stage.now.wall)
    assert before.sampled == Sampled(1, 3)
    dialing.recount(CAMPAIGN, profile, stage.ledger, 0, stage.samples)
    assert dialing.tally(CAMPAIGN, profile).report(stage.now.wall) == before
