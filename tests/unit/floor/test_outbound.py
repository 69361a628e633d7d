import pytest

from callside.agents.machine import AgentState
from callside.calls.model import Cause, Direction, Party
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import ConflictError, InvalidFieldError, NotAllowedError
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, MANUAL, TRUNK, stage


def manual():
    floor = stage()
    return floor, floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)


def test_a_dialled_number_goes_out_as_e164_under_the_campaign_s_caller_id():
    floor, session = manual()
    floor.give(ev.Dial(session, "(555) 010-0123"))
    dialled = floor.last(cm.DialCustomer)
    assert (dialled.number, dialled.caller_id, dialled.trunk_id) == ("+15550100123", "+15550100999", TRUNK)
    assert floor.session(session).state is AgentState.DIALING


def test_the_call_is_on_record_in_the_same_step_as_the_command_to_dial():
    floor, session = manual()
    outcome = floor.give(ev.Dial(session, "+15550100123"))
    assert [fact.kind for fact in outcome.record.facts][0] == "call.started"
    assert any(isinstance(one, cm.DialCustomer) for one in outcome.commands)


def test_the_agent_hears_ringing_until_the_customer_answers():
    floor, session = manual()
    leg = floor.dial(session)
    floor.give(ev.LegRinging(leg))
    assert floor.last(cm.StartRinging) == cm.StartRinging(session)
    floor.join(leg, session)
    assert floor.commands[-1] == cm.StopRinging(session)
    assert floor.session(session).state is AgentState.TALKING


def test_a_carrier_that_sends_its_own_tone_is_not_talked_over():
    floor, session = manual()
    leg = floor.dial(session)
    floor.give(ev.LegRinging(leg, early_media=True))
    assert not floor.sent(cm.StartRinging)


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.NO_ANSWER, Cause.REJECTED])
def test_an_unreached_customer_leaves_a_record_and_a_wrap_up(cause):
    floor, session = manual()
    leg = floor.dial(session)
    floor.gone(leg, cause)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.direction, cdr.talk_ms) == (cause, Direction.OUTBOUND, 0)
    assert floor.session(session).state is AgentState.WRAP_UP


def test_an_agent_can_give_up_before_the_answer():
    floor, session = manual()
    leg = floor.dial(session)
    floor.give(ev.HangUp(session))
    assert floor.last(cm.HangUpLeg) == cm.HangUpLeg(leg)
    floor.gone(leg, Cause.CANCELLED)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.hung_up_by) == (Cause.CANCELLED, Party.AGENT)


@pytest.mark.parametrize("number", ["", "hello", "12", "+1555010012345678", "+15550100123;evil=1 or"])
def test_what_is_no_number_is_refused_and_nothing_changes(number):
    floor, session = manual()
    before = len(floor.commands)
    with pytest.raises(InvalidFieldError):
        floor.give(ev.Dial(session, number))
    assert len(floor.commands) == before
    assert floor.session(session).state is AgentState.READY


@pytest.mark.parametrize("number", ["+442079460000", "+19005550100"])
def test_numbers_outside_the_dial_rules_are_refused(number):
    floor, session = manual()
    with pytest.raises(NotAllowedError):
        floor.give(ev.Dial(session, number))


def test_only_a_manual_login_may_dial():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    with pytest.raises(NotAllowedError):
        floor.give(ev.Dial(session, "+15550100123"))


def test_nobody_dials_twice_at_once():
    floor, session = manual()
    floor.dial(session)
    with pytest.raises(ConflictError):
        floor.give(ev.Dial(session, "+15550100124"))


def test_a_call_that_the_engine_forgets_to_end_is_ended():
    floor, session = manual()
    leg = floor.dial(session)
    floor.wait(61_000)
    assert floor.last(cm.HangUpLeg) == cm.HangUpLeg(leg)
    floor.gone(leg, Cause.CANCELLED)
    assert floor.cdrs[0].cause is Cause.NO_ANSWER
