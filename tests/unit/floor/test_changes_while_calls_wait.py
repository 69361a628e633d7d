"""Administration changes what holds while callers wait and phones ring: it takes effect at once, and nobody is forgotten."""

from dataclasses import replace

from callside.acd.model import Overflow, OverflowWhen, Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor import commands as cm
from callside.floor import events as ev
from tests.fakes.called_back import GRACE, ask, calling_back, kept
from tests.fakes.stage import AGENTS, SALES, SUPPORT, directory, stage, with_queue, with_skills

TO_SALES = Overflow(OverflowWhen.UNSTAFFED, SALES)


def change(floor, **fields):
    floor.give(ev.DirectoryChanged(with_queue(floor.floor.ground.directory, **fields)))


def test_a_queue_that_stops_ringing_at_several_while_one_call_does_has_no_agent_stuck():
    floor = stage(set_up=with_queue(directory(), strategy=Strategy.RING_ALL))
    first = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    change(floor, strategy=Strategy.LONGEST_IDLE)
    second = floor.be_ready(AGENTS[1])
    assert floor.session(second).state is AgentState.READY  # the call rings at the first one only
    floor.give(ev.Decline(first))
    assert floor.session(second).call_id == floor.call_on(leg).id
    floor.give(ev.Answer(second))
    floor.join(leg, second)
    assert floor.call_on(leg).state is CallState.TALKING


def test_a_smaller_ring_count_rings_at_no_more_and_a_larger_one_at_once_at_more():
    floor = stage(set_up=with_queue(directory(), strategy=Strategy.RING_ALL, ring_count=1))
    sessions = [floor.be_ready(one) for one in AGENTS[:3]]
    floor.call_in("Ada")
    change(floor, ring_count=2)
    assert [floor.session(one).state for one in sessions] == [AgentState.RINGING, AgentState.RINGING, AgentState.READY]


def test_callers_wait_no_longer_for_a_queue_whose_last_agent_was_taken_away():
    floor = stage(set_up=with_queue(directory(), overflow=(TO_SALES,)))
    session = floor.be_ready(AGENTS[3])  # of Support only
    floor.give(ev.GoOnBreak(session, "lunch"))
    leg = floor.call_in("Ada")
    assert floor.call_on(leg).queue_id == SUPPORT
    change(floor, agents=frozenset(AGENTS[:3]))
    assert floor.call_on(leg).queue_id == SALES


def test_a_rule_for_an_unstaffed_queue_holds_for_those_who_wait_already():
    floor = stage()
    leg = floor.call_in("Ada")
    change(floor, overflow=(TO_SALES,))
    assert floor.call_on(leg).queue_id == SALES


def test_a_caller_who_rang_at_an_agent_taken_off_the_queue_is_sent_on_when_that_agent_declines():
    floor = stage(set_up=with_queue(directory(), overflow=(TO_SALES,)))
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    change(floor, agents=frozenset())
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.Decline(session))
    assert floor.call_on(leg).queue_id == SALES


def test_the_caller_of_the_last_agent_whose_line_never_came_back_is_sent_on():
    floor = stage(set_up=with_queue(directory(), overflow=(TO_SALES,)))
    session = floor.be_ready(AGENTS[3])
    leg = floor.take_call("Ada", session)
    floor.gone(floor.session(session).line_leg)
    floor.wait(61_000)
    assert session not in floor.floor.ground.sessions
    assert floor.call_on(leg).queue_id == SALES


def test_nobody_waits_for_an_agent_who_does_not_serve_the_queue_any_more():
    floor = stage(set_up=with_queue(directory(wrap_up_s=0), sticky_s=3600))
    first = floor.be_ready(AGENTS[0])
    floor.gone(floor.take_call("Ada", first))
    floor.take_call("Grace", first)
    again = floor.call_in("Ada again")
    assert floor.call_on(again).owner_id == first
    change(floor, agents=floor.floor.ground.directory.queues[SUPPORT].agents - {AGENTS[0]})
    second = floor.be_ready(AGENTS[1])
    assert floor.session(second).call_id == floor.call_on(again).id


def test_who_is_idle_and_can_do_what_is_asked_for_since_a_moment_ago_is_no_long_wait():
    able = with_skills(directory(wrap_up_s=0), {AGENTS[0]: {"spanish": 2}, AGENTS[1]: {"spanish": 2}})
    floor = stage(set_up=with_queue(able, overflow=(Overflow(OverflowWhen.ESTIMATE, SALES, 60),)))
    session = floor.be_ready(AGENTS[0])
    for name in "abcde":
        leg = floor.take_call(name, session)
        floor.wait(200_000)
        floor.gone(leg)
    change(floor, skills={"spanish": 2})
    leg = floor.call_in("Ada")
    assert floor.call_on(leg).state is CallState.OFFERED
    assert floor.call_on(leg).queue_id == SUPPORT


def test_who_is_to_be_called_back_takes_no_waiting_caller_s_room():
    floor = stage(set_up=with_queue(calling_back(), max_waiting=1))
    floor.gone(ask(floor, "Ada"))
    assert len(kept(floor)) == 1
    grace = floor.call_in("Grace", caller=GRACE)
    assert floor.call_on(grace).state is CallState.QUEUED
    assert floor.call_on(grace).cause is None
    one_too_many = floor.call_in("Joan", caller="+15550100125")
    assert floor.commands[-1] == cm.SayAndHangUp(one_too_many, cm.Message.NOBODY_AVAILABLE)


def test_a_customer_who_calls_in_while_the_queue_is_full_is_still_called_back():
    floor = stage(set_up=with_queue(calling_back(), max_waiting=1))
    floor.gone(ask(floor, "Ada"))
    floor.call_in("Grace", caller=GRACE)
    again = floor.call_in("Ada again")
    assert floor.commands[-1] == cm.SayAndHangUp(again, cm.Message.NOBODY_AVAILABLE)
    assert len(kept(floor)) == 1


def test_the_oldest_of_a_queue_is_who_has_waited_longest_whatever_queue_they_came_from():
    floor = stage(set_up=with_queue(directory(), overflow=(Overflow(OverflowWhen.WAITED, SALES, 60),)))
    longest = floor.call_in("Ada")
    floor.wait(30_000)
    floor.give(ev.CallerArrived("in-Grace", "11", "+15550100901", "+15550100124", "Grace"))
    floor.wait(31_000)
    assert floor.call_on(longest).queue_id == SALES
    oldest = floor.floor.ground.waiting.oldest(SALES)
    assert oldest == floor.call_on(longest).queued
    floor.gone(longest)
    assert floor.floor.ground.waiting.oldest(SALES) == floor.call_on("in-Grace").queued
    floor.gone("in-Grace")
    assert floor.floor.ground.waiting.oldest(SALES) is None


def test_a_removed_agent_s_ringing_call_goes_to_the_next():
    floor = stage()
    first, second = floor.be_ready(AGENTS[0]), floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada")
    assert floor.session(first).state is AgentState.RINGING
    base = floor.floor.ground.directory
    floor.give(
        ev.DirectoryChanged(replace(base, agents={one: what for one, what in base.agents.items() if one != AGENTS[0]}))
    )
    assert first not in floor.floor.ground.sessions
    assert floor.session(second).call_id == floor.call_on(leg).id
