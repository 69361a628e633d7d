"""Who asked to be called back and says later that they do not want to be called: the later word holds."""

from callside.agents.machine import AgentState
from callside.calls.model import Cause, Party
from callside.floor import commands as cm
from callside.floor import events as ev
from tests.fakes.called_back import ADA, GRACE, OFFER, ask, calling_back, facts, kept, last_dialled
from tests.fakes.stage import AGENTS, MANUAL, stage


def test_who_says_later_not_to_be_called_has_taken_it_back():
    floor = stage(set_up=calling_back())
    ask(floor)
    ask(floor, "Grace", GRACE)
    floor.give(ev.NumbersBlocked((ADA,)))
    assert [one.customer_number for one in kept(floor)] == [GRACE]
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["do_not_call"]
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    assert [one.number for one in floor.sent(cm.DialCustomer)] == [GRACE]


def test_a_campaigns_own_list_takes_no_callback_of_a_queue_back():
    floor = stage(set_up=calling_back())
    ask(floor)
    floor.give(ev.NumbersBlocked((ADA,), MANUAL))
    assert len(kept(floor)) == 1


def test_an_agent_who_is_asked_is_ready_again_when_the_customer_takes_it_back():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.NumbersBlocked((ADA,)))
    assert floor.session(session).state is AgentState.READY


def test_the_phone_of_who_takes_it_back_while_it_rings_rings_no_more_and_is_not_called_again():
    floor = stage(set_up=calling_back(wrap_up_s=0))
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    leg = last_dialled(floor).leg_id
    floor.give(ev.NumbersBlocked((ADA,)))
    assert kept(floor) == []
    assert floor.last(cm.HangUpLeg).leg_id == leg
    floor.gone(leg, Cause.CANCELLED)
    assert (floor.cdrs[-1].cause, floor.cdrs[-1].hung_up_by) == (Cause.CANCELLED, Party.SYSTEM)
    floor.wait(OFFER.retry_s * 1000)
    assert len(floor.sent(cm.DialCustomer)) == 1


def test_a_call_that_was_answered_goes_on_and_who_asks_again_later_is_called_back():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    leg = last_dialled(floor).leg_id
    floor.join(leg, session)
    floor.give(ev.NumbersBlocked((ADA,)))
    assert floor.sent(cm.HangUpLeg) == []
    floor.gone(leg)
    ask(floor)
    assert [one.customer_number for one in kept(floor)] == [ADA]
