"""Calling somebody again from the wrap-up of a dialer's call: by hand, on any of their numbers."""

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import Cause
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState
from callside.dialer.pacing.model import AgentMode
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import NotAllowedError
from callside.sessions.model import LoginType
from tests.fakes.dialing import CAMPAIGN, campaign, dial_stage, number_of


def wrapped_up(mode=Mode.PROGRESSIVE):
    """An agent who has talked with the first lead, which has two numbers."""
    stage = dial_stage(campaign(mode, wrap_up_s=60), numbers=2)
    session = stage.agent()
    leg = stage.leg(0)
    stage.answers(leg)
    stage.join(leg, session)
    stage.gone(leg, Cause.NORMAL)
    assert stage.session(session).state is AgentState.WRAP_UP
    return stage, session


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_whoever_is_wrapped_up_is_called_again_on_another_number_and_then_the_dialer_goes_on(mode):
    stage, session = wrapped_up(mode)
    before = len(stage.dialled)
    stage.give(ev.DialLead(session, 1))
    again = stage.last(cm.DialCustomer)
    assert (again.number, again.session_id) == (number_of(0, 1), session)
    assert stage.session(session).state is AgentState.DIALING
    assert (stage.book["9000"].state, stage.book["9000"].attempts) == (LeadState.DIALLING, 2)
    stage.answers(again.leg_id)
    stage.join(again.leg_id, session)
    assert stage.session(session).state is AgentState.TALKING
    stage.gone(again.leg_id, Cause.NORMAL)
    assert stage.session(session).state is AgentState.WRAP_UP
    assert len(stage.dialled) == before + 1
    stage.wait(61_000)
    assert len(stage.dialled) > before + 1
    assert [one.cause for one in stage.cdrs[:2]] == [Cause.NORMAL, Cause.NORMAL]
    assert [one.outcome for one in stage.ledger] == [
        Verdict.CONNECTED
    ]  # of the dialer's call; the agent was there for the other


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_pacing_dials_for_nobody_who_calls_by_hand(mode):
    stage, session = wrapped_up(mode)
    stage.give(ev.DialLead(session, 1))
    again = stage.last(cm.DialCustomer)
    desk = stage.floor.ground.dialing.desk(CAMPAIGN)
    assert desk.told[session][0] is AgentMode.AWAY
    before = len(stage.dialled)
    stage.rings(again.leg_id)
    stage.wait(30_000)
    assert len(stage.dialled) == before


def test_nobody_answers_the_second_call_and_the_agent_wraps_up_again():
    stage, session = wrapped_up()
    stage.give(ev.DialLead(session, 1))
    stage.fails(stage.last(cm.DialCustomer).leg_id)
    assert stage.session(session).state is AgentState.WRAP_UP
    assert stage.book["9000"].state is not LeadState.DIALLING


def test_by_hand_nobody_else_is_called_in_a_dialers_campaign():
    stage = dial_stage()
    session = stage.agent()
    with pytest.raises(NotAllowedError, match="MANUAL"):
        stage.give(ev.DialLead(session, 0))


def test_a_lead_whose_number_an_agent_dials_by_hand_stays_in_the_lists():
    stage = dial_stage(campaign(Mode.MANUAL))
    session = stage.agent(kind=LoginType.MANUAL)
    before = stage.book["9000"]
    stage.give(ev.Dial(session, number_of(0)))
    stage.wait(30_000)
    assert stage.session(session).state is AgentState.DIALING
    assert stage.book["9000"] == before
    assert not stage.told("lead.put_off")
