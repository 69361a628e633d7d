"""What becomes of lines that were answered: machines, people for whom nobody is free, and what the agent says afterwards."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy, Cause, Party
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.laws.windows import CallingBook
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import MachineAction
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import InvalidFieldError
from callside.sessions.model import LoginType
from tests.fakes.dialing import AGENTS, CAMPAIGN, PROFILES, campaign, dial_stage, number_of


def in_call(stage, session):
    """The agent's line has been answered and they talk."""
    leg = next(one.leg_id for one in stage.dialled if stage.call_on(one.leg_id).session_id == session)
    stage.answers(leg)
    stage.join(leg, session)
    return leg


# ── machines ──
def test_a_machine_is_hung_up_on_and_the_agent_gets_the_next_line():
    stage = dial_stage(campaign(detect_machines=True))
    session = stage.agent()
    leg = stage.leg()
    stage.answers(leg)
    assert stage.last(cm.DetectMachine).leg_id == leg
    stage.is_judged(leg, AnsweredBy.MACHINE)
    assert stage.last(cm.HangUpLeg).leg_id == leg
    stage.gone(leg)
    assert stage.book["9000"].last_outcome is Outcome.MACHINE
    assert [one.outcome for one in stage.ledger] == [Verdict.MACHINE]
    assert stage.session(session).state is AgentState.DIALING
    assert len(stage.dialled) == 2


def test_a_message_is_left_after_the_beep_while_the_agent_is_free():
    stage = dial_stage(campaign(detect_machines=True, machine_action=MachineAction.MESSAGE, machine_message="702"))
    stage.agent()
    leg = stage.leg()
    stage.answers(leg)
    stage.is_judged(leg, AnsweredBy.MACHINE)
    assert stage.last(cm.AwaitBeep).leg_id == leg
    assert len(stage.dialled) == 2
    stage.give(ev.BeepOver(leg))
    assert stage.last(cm.SayAndHangUp).prompt_id == "702"


@pytest.mark.parametrize("by", [AnsweredBy.PERSON, AnsweredBy.UNSURE])
def test_a_person_or_a_doubt_goes_to_the_agent(by):
    stage = dial_stage(campaign(detect_machines=True))
    session = stage.agent()
    stage.answers(stage.leg())
    assert not stage.sent(cm.JoinAgent)
    stage.is_judged(stage.leg(), by)
    assert stage.last(cm.JoinAgent).session_id == session


@pytest.mark.parametrize(("profile", "at_most_ms"), [("uk", 1600), ("in", 1600), ("ca", 1600), ("us", 0), ("none", 0)])
def test_it_is_listened_within_the_laws_time_where_that_begins_with_the_answer(profile, at_most_ms):
    stage = dial_stage(campaign(detect_machines=True), leads=1)
    stage.agent()
    law = PROFILES[profile][0]
    stage.floor.ground.dialing.desk(CAMPAIGN).book = CallingBook(law, None)
    stage.answers(stage.leg())
    assert stage.last(cm.DetectMachine).at_most_ms == at_most_ms


def test_an_engine_that_never_says_who_answered_counts_as_a_person():
    stage = dial_stage(campaign(detect_machines=True))
    session = stage.agent()
    stage.answers(stage.leg())
    stage.wait(8_000)
    assert stage.last(cm.JoinAgent).session_id == session


# ── dispositions ──
def with_effects(**effects):
    return campaign(wrap_up_s=30, effects=dict(effects))


def disposed(stage, session, code, **more):
    leg = in_call(stage, session)
    stage.gone(leg)
    assert stage.session(session).state is AgentState.WRAP_UP
    stage.give(ev.Dispose(session, code, **more))


def test_a_callback_comes_up_at_its_time_for_its_agent():
    stage = dial_stage(with_effects(), leads=1)
    session = stage.agent()
    at = stage.now.wall + 3_600_000
    disposed(stage, session, "follow_up", callback_at=at, callback_mine=True)
    kept = stage.book["9000"]
    assert (kept.state, kept.due_at, kept.callback_agent_id) == (LeadState.CALLBACK, at, AGENTS[0])
    assert len(stage.dialled) == 1
    stage.wait(3_600_000 + 60_000)
    assert len(stage.dialled) == 2


def test_a_disposition_that_means_never_again_blocks_the_number():
    stage = dial_stage(with_effects(wrong_number=LeadEffect(EffectKind.DNC)), leads=1)
    session = stage.agent()
    disposed(stage, session, "wrong_number")
    assert stage.dnc == {number_of(0)}
    assert stage.book["9000"].state is LeadState.BLOCKED


def test_a_disposition_may_bring_the_lead_back():
    stage = dial_stage(with_effects(no_contact=LeadEffect(EffectKind.RETRY, after_s=600)), leads=1)
    session = stage.agent()
    disposed(stage, session, "no_contact")
    assert stage.book["9000"].state is LeadState.DUE
    assert stage.book["9000"].due_at == stage.now.wall + 600_000


# ── predictive ──
def test_predictive_opens_more_lines_than_idle_agents_and_the_first_answer_gets_the_longest_idle():
    stage = dial_stage(campaign(Mode.PREDICTIVE, pace=replace(campaign().plan.pace, smallest_team=0)), leads=60)
    first = stage.agent(AGENTS[0])
    stage.wait(100)
    second = stage.agent(AGENTS[1])
    assert stage.dialled
    assert stage.session(first).state is AgentState.READY
    stage.answers(stage.leg(0))
    assert stage.last(cm.JoinAgent).session_id == first
    assert stage.session(first).state is AgentState.RESERVED
    stage.join(stage.leg(0), first)
    assert stage.session(first).state is AgentState.TALKING
    assert stage.session(second).state is AgentState.READY
    stage.gone(stage.leg(0))
    assert stage.session(first).state is AgentState.READY


def test_somebody_who_waits_gets_the_next_free_agent_within_the_time():
    stage = dial_stage(campaign(Mode.PREDICTIVE, pace=replace(campaign().plan.pace, smallest_team=0)), leads=60)
    session, other = stage.agent(AGENTS[0]), stage.agent(AGENTS[1])
    first, second = stage.leg(0), stage.leg(1)
    stage.answers(first)
    stage.join(first, session)
    stage.give(ev.GoOnBreak(other, "lunch"))
    stage.answers(second)
    assert stage.call_on(second).session_id is None
    stage.wait(1_000)
    stage.gone(first)
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(second, session)


def test_what_the_agent_writes_is_added_to_the_leads_notes_and_stands_alone_on_the_call():
    stage = dial_stage(with_effects(), leads=1)
    stage.book["9000"] = replace(stage.book["9000"], notes="Prefers mornings")
    session = stage.agent()
    leg = in_call(stage, session)
    stage.give(ev.WriteNotes(session, "Wants a quote"))
    stage.gone(leg)
    stage.give(ev.Dispose(session, "sale"))
    assert stage.book["9000"].notes == "Prefers mornings\nWants a quote"
    assert [one.notes for one in stage.wrapped_up] == ["Wants a quote"]


def test_a_date_for_somebody_who_is_on_no_list_is_refused_as_nobody_would_be_reminded():
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30), leads=0)
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    stage.give(ev.Dial(session, "+15550100123"))
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    with pytest.raises(InvalidFieldError, match="on no list") as refused:
        stage.give(ev.Dispose(session, "follow_up", callback_at=stage.now.wall + 3_600_000))
    assert refused.value.field == "callbackAt"
    assert stage.session(session).state is AgentState.WRAP_UP
    stage.give(ev.Dispose(session, "follow_up"))
    assert stage.session(session).state is AgentState.READY


@pytest.mark.parametrize("listening", [True, False])
def test_a_person_whom_the_agent_hangs_up_on_before_they_were_joined_was_abandoned(listening):
    stage = dial_stage(with_effects() if not listening else campaign(wrap_up_s=30, detect_machines=True), leads=1)
    session = stage.agent()
    stage.answers(stage.leg())
    stage.give(ev.HangUp(session))
    stage.gone(stage.leg())
    assert [one.outcome for one in stage.ledger] == [Verdict.ABANDONED]
    assert (stage.cdrs[0].cause, stage.cdrs[0].hung_up_by) == (Cause.ABANDONED, Party.AGENT)
    assert stage.book["9000"].last_outcome is Outcome.ABANDONED
    assert stage.floor.ground.dialing.history(number_of(0)).last_abandoned_at == stage.now.wall
    assert stage.floor.ground.dialing.desks[CAMPAIGN].pacer.known().abandoned == 1
