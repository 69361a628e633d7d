"""Leads before an agent: shown by themselves or when asked for, called, passed over, called again."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import Cause
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import ConflictError, InvalidFieldError, NotAllowedError
from callside.sessions.model import EndCause, LoginType
from tests.fakes.dialing import AGENTS, campaign, dial_stage, number_of


def previewing(**plan):
    stage = dial_stage(campaign(Mode.PREVIEW, wrap_up_s=30, **plan), leads=3, numbers=2)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def by_hand(**plan):
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30, **plan), leads=3, numbers=2)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def test_a_ready_agent_is_shown_a_lead_that_nobody_else_gets():
    stage, session = previewing()
    other = stage.agent(AGENTS[1], LoginType.MANUAL)
    assert stage.session(session).state is AgentState.PREVIEW
    assert stage.session(session).lead_id == "9000"
    assert stage.session(other).lead_id == "9001"
    assert stage.book["9000"].state is LeadState.DIALLING
    assert stage.book["9000"].attempts == 0
    assert stage.dialled == []


def test_the_agent_calls_the_lead_and_hears_how_it_goes():
    stage, session = previewing()
    stage.give(ev.DialLead(session, 1))
    command = stage.last(cm.DialCustomer)
    assert (command.number, command.session_id) == (number_of(0, 1), session)
    assert stage.book["9000"].attempts == 1
    stage.join(command.leg_id, session)
    assert stage.session(session).state is AgentState.TALKING
    stage.gone(command.leg_id)
    stage.give(ev.Dispose(session, "sale"))
    assert stage.book["9000"].state is LeadState.DONE
    assert stage.session(session).lead_id == "9001"


def test_the_countdown_calls_by_itself():
    stage, session = previewing(preview_s=10)
    stage.wait(9_999)
    assert stage.dialled == []
    stage.wait(1)
    assert stage.last(cm.DialCustomer).session_id == session


def test_a_lead_that_is_skipped_comes_up_later_and_the_next_is_shown():
    stage, session = previewing()
    stage.give(ev.SkipLead(session, "called yesterday"))
    assert stage.session(session).lead_id == "9001"
    assert stage.book["9000"].last_outcome is Outcome.SKIPPED
    assert stage.book["9000"].due_at > stage.now.wall
    assert stage.book["9000"].attempts == 0
    assert stage.told("lead.skipped")[0].detail["reason"] == "called yesterday"


@pytest.mark.parametrize(
    "leaving",
    [
        lambda session: ev.GoOnBreak(session, "lunch"),
        lambda session: ev.EndSession(session, EndCause.LOGOUT),
        lambda session: ev.PhoneChanged(session, connected=False),
    ],
    ids=["on a break", "out", "out of sight"],
)
def test_whoever_leaves_leaves_the_lead_as_if_it_had_never_been_shown(leaving):
    stage, session = previewing()
    before = replace(stage.book["9000"], state=LeadState.DUE)
    stage.give(leaving(session))
    stage.wait(61_000)  # who is only out of sight may come back to it for a minute
    after = stage.book["9000"]
    assert (after.state, after.attempts, after.last_outcome) == (before.state, 0, None)


def test_the_same_lead_is_called_again_on_another_number_from_the_wrap_up():
    stage, session = previewing()
    stage.give(ev.DialLead(session, 0))
    leg = stage.last(cm.DialCustomer).leg_id
    stage.rings(leg)
    stage.gone(leg, Cause.NO_ANSWER)
    assert stage.session(session).state is AgentState.WRAP_UP
    stage.give(ev.DialLead(session, 1))
    assert stage.last(cm.DialCustomer).number == number_of(0, 1)
    assert stage.session(session).state is AgentState.DIALING
    assert stage.book["9000"].state is LeadState.DIALLING
    assert stage.book["9000"].attempts == 2
    assert len(stage.cdrs) == 1


def test_a_number_that_the_lead_does_not_have_is_refused_by_name():
    stage, session = previewing()
    with pytest.raises(InvalidFieldError, match="has 2 numbers"):
        stage.give(ev.DialLead(session, 2))
    assert stage.session(session).state is AgentState.PREVIEW


def test_by_hand_the_next_lead_is_shown_when_it_is_asked_for():
    stage, session = by_hand()
    assert stage.session(session).state is AgentState.READY
    stage.give(ev.NextLead(session))
    assert stage.session(session).state is AgentState.PREVIEW


def test_by_hand_a_lead_can_be_chosen_but_not_one_that_somebody_has():
    stage, session = by_hand()
    other = stage.agent(AGENTS[1], LoginType.MANUAL)
    stage.give(ev.ShowLead(session, stage.book["9002"]))
    assert stage.session(session).lead_id == "9002"
    with pytest.raises(ConflictError, match="somebody else"):
        stage.give(ev.ShowLead(other, replace(stage.book["9002"], state=LeadState.DUE)))


def test_a_number_typed_by_hand_obeys_the_law_of_the_campaign():
    stage, session = by_hand()
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        stage.give(ev.Dial(session, "+15550100123", NumberHistory(opted_out=True)))
    stage.give(ev.NumbersBlocked(("+15550100124",)))
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        stage.give(ev.Dial(session, "+15550100124"))
    stage.give(ev.Dial(session, "+15550100125"))
    assert stage.last(cm.DialCustomer).number == "+15550100125"


def test_a_number_that_is_in_a_call_is_not_called_again():
    stage, session = by_hand()
    other = stage.agent(AGENTS[1], LoginType.MANUAL)
    stage.give(ev.Dial(session, "+15550100123"))
    with pytest.raises(NotAllowedError, match="in a call already"):
        stage.give(ev.Dial(other, "+15550100123"))


def test_an_agent_of_a_dialers_campaign_opens_no_leads():
    stage = dial_stage()
    session = stage.agent()
    for asked in (ev.NextLead(session), ev.DialLead(session)):
        with pytest.raises(NotAllowedError, match="logged in as MANUAL"):
            stage.give(asked)


def test_a_lead_shown_when_we_restart_waits_a_minute_for_its_agent_and_then_comes_up_again():
    stage, _ = previewing()
    ground = stage.floor.ground
    sessions = list(ground.sessions.values())
    begun = [one for one in stage.book.values() if one.state is LeadState.DIALLING]
    after = dial_stage(campaign(Mode.PREVIEW), leads=0)
    after.book = stage.book
    after.take(after.floor.restore(sessions, [], after.now, begun))
    assert sessions[0].state is AgentState.LOST
    assert after.book["9000"].state is LeadState.DIALLING
    after.wait(61_000)
    assert after.book["9000"].state is LeadState.DUE


def test_a_callback_that_is_shown_and_left_is_a_callback_still():
    stage = dial_stage(campaign(Mode.PREVIEW), leads=1)
    stage.book["9000"] = replace(stage.book["9000"], state=LeadState.CALLBACK)
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    assert stage.session(session).state is AgentState.PREVIEW
    stage.give(ev.GoOnBreak(session, "lunch"))
    assert stage.book["9000"].state is LeadState.CALLBACK


def test_a_lead_shown_as_the_engine_is_lost_is_passed_over_by_nobody_and_shown_again_when_it_is_back():
    stage, session = previewing(preview_s=10)
    line = stage.session(session).line_leg
    stage.give(ev.EngineLost())
    assert stage.session(session).state is AgentState.LOST
    stage.wait(20_000)
    assert stage.told("lead.skipped") == []
    stage.give(ev.EngineFound((ev.LegSeen(line, answered=True, session_id=session),)))
    assert (stage.session(session).state, stage.session(session).lead_id) == (AgentState.PREVIEW, "9000")
    stage.wait(10_000)
    assert stage.last(cm.DialCustomer).number == number_of(0)
