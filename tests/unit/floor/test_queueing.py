"""Who gets which caller, when queues ask for more than the longest idle agent."""

from dataclasses import replace

import pytest

from callside.acd.model import Overflow, OverflowWhen, Relaxation, Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.sessions.model import EndCause
from tests.fakes.stage import AGENTS, SALES, SALES_NUMBER, SUPPORT, directory, stage, with_queue, with_skills

FIRST, SECOND, THIRD, SUPPORT_ONLY = AGENTS


def ringing_at(floor, leg):
    call = floor.call_on(leg)
    return call.agent_id if call.state is CallState.OFFERED else None


def talk(floor, name, session, ms, **more):
    """A call of the agent, of that length, wrapped up at once."""
    leg = floor.call_in(name, **more)
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    floor.wait(ms)
    floor.gone(leg)
    floor.give(ev.GoReady(session))


def only_support(**fields):
    return stage(set_up=with_queue(directory(), **fields))


def test_fewest_calls_prefers_who_had_fewer_calls_though_they_became_idle_later():
    floor = only_support(strategy=Strategy.FEWEST_CALLS)
    busy = floor.be_ready(FIRST)
    talk(floor, "a", busy, 1_000)
    talk(floor, "b", busy, 1_000)
    fresh = floor.be_ready(SECOND)
    talk(floor, "c", fresh, 50_000)
    assert ringing_at(floor, floor.call_in("d")) == SECOND


def test_calls_older_than_the_window_do_not_count():
    floor = only_support(strategy=Strategy.FEWEST_CALLS)
    early = floor.be_ready(FIRST)
    for name in "abc":
        talk(floor, name, early, 1_000)
    floor.wait(65 * 60_000)
    late = floor.be_ready(SECOND)
    talk(floor, "d", early, 1_000)
    assert floor.session(late).state is AgentState.READY
    assert ringing_at(floor, floor.call_in("e")) == SECOND


def test_least_talk_prefers_who_talked_less_though_in_more_calls():
    floor = only_support(strategy=Strategy.LEAST_TALK)
    first = floor.be_ready(FIRST)
    for name in "abc":
        talk(floor, name, first, 1_000)
    floor.give(ev.GoOnBreak(first, "lunch"))
    second = floor.be_ready(SECOND)
    talk(floor, "d", second, 60_000)
    floor.give(ev.GoReady(first))
    assert ringing_at(floor, floor.call_in("e")) == FIRST


def test_round_robin_goes_by_the_last_offer_taken_or_not():
    floor = only_support(strategy=Strategy.ROUND_ROBIN)
    sessions = {agent: floor.be_ready(agent) for agent in AGENTS[:3]}
    order = []
    for name in "abcdef":
        leg = floor.call_in(name)
        order.append(ringing_at(floor, leg))
        floor.gone(leg)
        floor.wait(1)
    assert order == [*AGENTS[:3], *AGENTS[:3]]
    assert all(floor.session(one).state is AgentState.READY for one in sessions.values())


def test_occupancy_prefers_the_smaller_busy_share():
    floor = only_support(strategy=Strategy.OCCUPANCY)
    first = floor.be_ready(FIRST)
    floor.wait(600_000)
    talk(floor, "a", first, 60_000)
    second = floor.be_ready(SECOND)
    talk_second = floor.call_in("b")
    assert ringing_at(floor, talk_second) == SECOND  # has done nothing yet
    floor.give(ev.Answer(second))
    floor.join(talk_second, second)
    floor.wait(30_000)
    floor.gone(talk_second)
    floor.give(ev.GoReady(second))
    assert ringing_at(floor, floor.call_in("c")) == FIRST  # 60 s of 660 against 30 s of 30


def test_the_busy_share_of_an_idle_agent_is_taken_anew_while_they_wait():
    floor = only_support(strategy=Strategy.OCCUPANCY)
    first, second = floor.be_ready(FIRST), floor.be_ready(SECOND)
    talk(floor, "a", first, 10_000)
    talk(floor, "b", second, 10_000)
    floor.give(ev.GoOnBreak(second, "lunch"))
    floor.wait(31_000)
    floor.give(ev.GoReady(second))  # both were busy for 10 s; the first has been idle since
    assert ringing_at(floor, floor.call_in("c")) == FIRST


def test_only_an_agent_with_the_skill_at_its_level_gets_the_call():
    base = with_queue(directory(), skills={"spanish": 2})
    floor = stage(set_up=with_skills(base, {FIRST: {"spanish": 1}, SECOND: {"french": 5}}))
    unskilled = [floor.be_ready(FIRST), floor.be_ready(SECOND)]
    leg = floor.call_in("Ada")
    assert all(floor.session(one).state is AgentState.READY for one in unskilled)
    floor.give(ev.DirectoryChanged(with_skills(base, {FIRST: {"spanish": 2}})))
    assert ringing_at(floor, leg) == FIRST


def test_demands_are_relaxed_after_their_time_and_not_before():
    base = with_queue(directory(), skills={"spanish": 3}, relaxation=(Relaxation(30, {"spanish": 1}), Relaxation(60)))
    floor = stage(set_up=with_skills(base, {SECOND: {"spanish": 1}}))
    floor.be_ready(FIRST)
    leg = floor.call_in("Ada")
    floor.wait(29_999)
    second = floor.be_ready(SECOND)
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.wait(1)
    assert ringing_at(floor, leg) == SECOND
    floor.give(ev.Decline(second))
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.wait(30_000)
    assert ringing_at(floor, leg) == FIRST


def test_a_call_that_is_relaxed_keeps_its_place():
    base = with_queue(directory(), skills={"spanish": 1}, relaxation=(Relaxation(10),))
    floor = stage(set_up=base)
    leg = floor.call_in("First")
    floor.wait(10_000)
    floor.call_in("Second")
    floor.be_ready(FIRST)
    assert ringing_at(floor, leg) == FIRST


def test_a_queue_of_higher_priority_comes_first_but_not_for_ever():
    floor = stage(set_up=with_queue(directory(), SALES, priority=2))  # two minutes' worth
    old = floor.call_in("waits long")
    floor.wait(119_000)
    favoured = floor.call_in("favoured", SALES_NUMBER)
    floor.wait(1_500)
    late = floor.call_in("favoured, but late", SALES_NUMBER)
    sessions = [floor.be_ready(one) for one in AGENTS[:3]]
    assert [floor.session(one).call_id for one in sessions] == [floor.call_on(one).id for one in (favoured, old, late)]


def test_a_caller_waits_a_while_for_the_agent_they_talked_with_last():
    floor = only_support(sticky_s=15)
    first = floor.be_ready(FIRST)
    talk(floor, "before", first, 60_000, caller="+15550100177")
    floor.give(ev.Answer(first)) if floor.session(first).state is AgentState.RINGING else None
    other = floor.take_call("other", first)
    floor.be_ready(SECOND)
    again = floor.call_in("again", caller="+15550100177")
    assert floor.call_on(again).state is CallState.QUEUED
    floor.gone(other)
    floor.give(ev.GoReady(first))
    assert ringing_at(floor, again) == FIRST
    [why] = [one.detail["rule"] for one in floor.facts if one.kind == "call.offered" and one.agent_id == FIRST][-1:]
    assert why == "last_agent"


def test_the_last_agent_is_waited_for_only_until_the_deadline():
    floor = only_support(sticky_s=15)
    first = floor.be_ready(FIRST)
    talk(floor, "before", first, 60_000, caller="+15550100177")
    floor.take_call("other", first)
    floor.be_ready(SECOND)
    again = floor.call_in("again", caller="+15550100177")
    floor.wait(14_999)
    assert floor.call_on(again).state is CallState.QUEUED
    floor.wait(1)
    assert ringing_at(floor, again) == SECOND


def test_nobody_is_waited_for_who_goes_on_a_break():
    floor = only_support(sticky_s=600)
    first = floor.be_ready(FIRST)
    talk(floor, "before", first, 60_000, caller="+15550100177")
    other = floor.take_call("other", first)
    floor.be_ready(SECOND)
    again = floor.call_in("again", caller="+15550100177")
    floor.give(ev.GoOnBreak(first, "lunch"))
    floor.gone(other)
    floor.give(ev.GoReady(first))  # ends the wrap-up; the break was asked for
    assert floor.session(first).state is AgentState.BREAK
    assert ringing_at(floor, again) == SECOND


def test_one_caller_too_many_is_told_so():
    floor = only_support(max_waiting=1)
    floor.call_in("First")
    leg = floor.call_in("Second")
    assert floor.commands[-1] == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)
    floor.gone(leg)
    assert floor.cdrs[-1].cause is Cause.NOBODY_THERE


def test_one_caller_too_many_goes_to_the_other_queue_with_their_place():
    full = with_queue(directory(), max_waiting=1, overflow=(Overflow(OverflowWhen.FULL, SALES),))
    floor = stage(set_up=full)
    floor.call_in("First")
    second = floor.call_in("Second")
    floor.wait(1_000)
    third = floor.call_in("Third", SALES_NUMBER)
    sessions = [floor.be_ready(one, assignment=SALES) for one in AGENTS[:2]]
    assert [floor.session(one).call_id for one in sessions] == [floor.call_on(one).id for one in (second, third)]
    assert floor.call_on(second).queue_id == SALES


def test_a_caller_who_has_waited_goes_on_and_never_back():
    both = with_queue(directory(), overflow=(Overflow(OverflowWhen.WAITED, SALES, 30),))
    both = with_queue(both, SALES, overflow=(Overflow(OverflowWhen.WAITED, SUPPORT, 60),))
    floor = stage(set_up=both)
    leg = floor.call_in("Ada")
    floor.wait(30_000)
    assert floor.call_on(leg).queue_id == SALES
    floor.wait(600_000)
    assert floor.call_on(leg).queue_id == SALES
    assert floor.call_on(leg).state is CallState.QUEUED
    assert not floor.sent(cm.SayAndHangUp)


def test_a_queue_nobody_is_logged_in_for_sends_its_callers_on():
    floor = stage(set_up=with_queue(directory(), overflow=(Overflow(OverflowWhen.UNSTAFFED, SALES),)))
    session = floor.be_ready(SUPPORT_ONLY)
    floor.give(ev.GoOnBreak(session, "lunch"))
    stays = floor.call_in("stays")
    assert floor.call_on(stays).queue_id == SUPPORT  # a break is no absence
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    assert floor.call_on(stays).queue_id == SALES
    assert floor.call_on(floor.call_in("comes later")).queue_id == SALES


def test_a_caller_whose_wait_would_be_too_long_is_sent_on():
    floor = stage(set_up=with_queue(directory(wrap_up_s=0), overflow=(Overflow(OverflowWhen.ESTIMATE, SALES, 60),)))
    session = floor.be_ready(FIRST)
    for name in "abcde":
        leg = floor.take_call(name, session)
        floor.wait(100_000)
        floor.gone(leg)
    floor.take_call("long", session)
    leg = floor.call_in("Ada")
    assert floor.call_on(leg).queue_id == SALES
    [fact] = [one for one in floor.facts if one.kind == "call.overflowed"]
    assert (fact.detail["rule"], fact.detail["queue_id"], fact.detail["to"]) == ("estimate", SUPPORT, SALES)


def test_a_caller_is_let_go_at_the_longest_wait_though_it_came_during_an_offer():
    floor = only_support(max_wait_s=30)
    leg = floor.call_in("Ada")
    floor.wait(20_000)
    floor.be_ready(FIRST)
    floor.wait(20_001)  # not answered: the longest wait was over on the way
    assert floor.commands[-1] == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)


def test_an_offer_says_why_this_agent():
    floor = stage()
    floor.be_ready(FIRST)
    floor.wait(5)
    floor.be_ready(SECOND)
    floor.call_in("Ada")
    [why] = [one.detail for one in floor.facts if one.kind == "call.offered"]
    assert (why["rule"], why["candidates"], why["others"], why["waiting_on"]) == ("longest_idle", 2, SECOND, 0)
    assert all(isinstance(value, str | int) for value in why.values())


def test_waiting_callers_of_a_queue_that_is_removed_are_let_go():
    floor = stage()
    leg = floor.call_in("Ada")
    base = directory()
    floor.give(ev.DirectoryChanged(replace(base, queues={SALES: base.queues[SALES]})))
    assert floor.commands[-1] == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)


def test_a_caller_whose_longest_wait_ends_with_a_missed_offer_is_offered_to_who_is_idle_before_they_are_let_go():
    floor = only_support(max_wait_s=30)
    leg = floor.call_in("Ada")
    floor.wait(20_000)
    floor.be_ready(FIRST)
    floor.wait(5_000)
    second = floor.be_ready(SECOND)
    floor.wait(20_000)
    assert floor.session(second).call_id == floor.call_on(leg).id
    assert not floor.sent(cm.SayAndHangUp)


def test_a_caller_sent_on_after_a_long_wait_is_offered_to_the_other_queues_idle_agents_before_its_own_limits_hold():
    both = with_queue(directory(), overflow=(Overflow(OverflowWhen.WAITED, SALES, 60),))
    floor = stage(set_up=with_queue(both, SALES, max_wait_s=30))
    session = floor.be_ready(FIRST, assignment=SALES)
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    assert floor.session(session).call_id == floor.call_on(leg).id
    assert not floor.sent(cm.SayAndHangUp)


def test_who_has_talked_and_waits_again_since_the_agent_was_lost_has_not_waited_while_they_talked():
    floor = only_support(max_wait_s=30)
    session = floor.be_ready(FIRST)
    leg = floor.take_call("Ada", session)
    floor.wait(600_000)
    floor.gone(floor.session(session).line_leg)
    floor.wait(60_000)  # the line has not come back
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.wait(29_000)
    assert not floor.sent(cm.SayAndHangUp)
    floor.wait(1_000)
    assert floor.sent(cm.SayAndHangUp)


def test_callers_who_withhold_their_numbers_are_not_taken_for_one_and_the_same():
    floor = only_support(sticky_s=60)
    first = floor.be_ready(FIRST)
    leg = floor.call_in("Ada", caller="anonymous")
    floor.give(ev.Answer(first))
    floor.join(leg, first)
    second = floor.be_ready(SECOND)
    other = floor.call_in("Ben", caller="anonymous")
    assert floor.session(second).call_id == floor.call_on(other).id


@pytest.mark.parametrize("limit", ["max_wait_s", "overflow"])
def test_a_limit_of_waiting_that_passes_while_the_engine_is_away_holds_when_it_is_back(limit):
    held = {"max_wait_s": 60} if limit == "max_wait_s" else {"overflow": (Overflow(OverflowWhen.WAITED, None, 60),)}
    floor = only_support(**held)
    session = floor.be_ready(FIRST)
    line = floor.session(session).line_leg
    floor.give(ev.GoOnBreak(session, "lunch"))
    legs = [floor.call_in(one) for one in "ab"]
    floor.wait(50_000)
    floor.give(ev.EngineLost())
    floor.give(ev.GoReady(session))
    floor.wait(20_000)
    assert not floor.sent(cm.SayAndHangUp)  # nobody would hear it
    seen = ev.LegSeen(line, answered=True, session_id=session), *(ev.LegSeen(one, answered=True) for one in legs)
    floor.give(ev.EngineFound(seen))
    assert floor.session(session).call_id == floor.call_on(legs[0]).id
    floor.wait(5_000)
    assert [one.leg_id for one in floor.sent(cm.SayAndHangUp)] == [legs[1]]


def test_a_caller_waits_on_where_they_are_while_the_queue_they_would_be_sent_to_is_full():
    both = with_queue(directory(), overflow=(Overflow(OverflowWhen.WAITED, SALES, 30),))
    floor = stage(set_up=with_queue(both, SALES, max_waiting=1))
    there = floor.call_in("Ben", SALES_NUMBER)
    leg = floor.call_in("Ada")
    floor.wait(40_000)
    assert floor.call_on(leg).queue_id == SUPPORT
    assert not floor.sent(cm.SayAndHangUp)
    assert not [one for one in floor.facts if one.kind == "call.overflowed"]
    floor.gone(there)
    floor.wait(5_000)
    assert floor.call_on(leg).queue_id == SALES


def test_a_caller_beyond_the_longest_wait_is_not_handed_about_for_ever_by_agents_who_do_not_answer():
    floor = only_support(max_wait_s=30)
    leg = floor.call_in("Ada")
    floor.wait(20_000)
    sessions = [floor.be_ready(one) for one in (FIRST, SECOND)]
    for _ in range(6):  # whoever has missed it is ready again before the other has
        floor.wait(19_000)
        for one in sessions:
            if floor.session(one).state is AgentState.NOT_RESPONDING:
                floor.give(ev.GoReady(one))
        floor.wait(1_001)
    assert [one.leg_id for one in floor.sent(cm.SayAndHangUp)] == [leg]
