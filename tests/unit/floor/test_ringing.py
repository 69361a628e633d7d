"""Ring-all: several agents are rung, one has the call. Named after what app_queue got wrong where it did."""

import copy

import pytest

from callside.acd.model import Relaxation, Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.floor.view import view_of
from callside.kernel.errors import ConflictError
from callside.sessions.model import EndCause
from tests.fakes.stage import AGENTS, SALES_NUMBER, directory, ringing_all, stage, with_queue, with_skills


def all_of(ring_count=0, **fields):
    return with_queue(directory(), strategy=Strategy.RING_ALL, ring_count=ring_count, **fields)


def ready(floor, count):
    sessions = []
    for agent in AGENTS[:count]:
        sessions.append(floor.be_ready(agent))
        floor.wait(1_000)
    return sessions


def states(floor, sessions):
    return [floor.session(one).state for one in sessions]


def test_a_call_rings_at_all_who_are_idle_and_each_page_shows_it():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 3)
    leg = floor.call_in("Ada")
    assert states(floor, sessions) == [AgentState.RINGING] * 3
    call = floor.call_on(leg)
    assert call.rung == tuple(sessions)
    for one in sessions:
        shown = view_of(floor.floor.ground, floor.session(one), floor.now, 1).call
        assert (shown.id, shown.state, shown.name) == (call.id, "offered", "Ada")


def test_no_more_are_rung_than_the_queue_asks_for_and_those_idle_longest_are():
    floor = stage(set_up=all_of(2))
    sessions = ready(floor, 3)
    floor.call_in("Ada")
    assert states(floor, sessions) == [AgentState.RINGING, AgentState.RINGING, AgentState.READY]


def test_two_who_answer_are_one_who_has_the_call():
    """Asterisk 176: with ringall two agents both answered."""
    floor = stage(set_up=all_of())
    first, second = ready(floor, 2)
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(second))
    with pytest.raises(ConflictError):
        floor.give(ev.Answer(first))
    floor.join(leg, second)
    assert [one.session_id for one in floor.sent(cm.JoinAgent)] == [second]
    assert states(floor, [first, second]) == [AgentState.READY, AgentState.TALKING]
    assert floor.call_on(leg).session_id == second


def test_those_who_lose_stand_where_they_stood():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 3)
    before = [(floor.session(one).idle_since, floor.session(one).last_offer) for one in sessions]
    leg = floor.call_in("Ada")
    floor.wait(3_000)
    floor.give(ev.Answer(sessions[1]))
    floor.join(leg, sessions[1])
    after = [(floor.session(one).idle_since, floor.session(one).last_offer) for one in sessions]
    assert (after[0], after[2]) == (before[0], before[2])
    assert floor.session(sessions[0]).last_call.cause is Cause.CANCELLED
    floor.call_in("Sales", SALES_NUMBER)
    assert states(floor, sessions) == [AgentState.RINGING, AgentState.TALKING, AgentState.READY]
    assert not [fact for fact in floor.facts if fact.kind == "call.offer_missed"]


def test_an_agent_who_answers_and_is_gone_loses_neither_the_caller_nor_the_others():
    """Asterisk 1557: one answers and hangs up, and the rest is dropped."""
    floor = stage(set_up=all_of())
    first, second = ready(floor, 2)
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(first))
    floor.gone(floor.session(first).line_leg)
    assert states(floor, [first, second]) == [AgentState.LOST, AgentState.RINGING]
    floor.give(ev.Answer(second))
    floor.join(leg, second)
    assert floor.call_on(leg).state is CallState.TALKING
    assert floor.cdrs == []


def test_when_nobody_answers_all_are_not_responding_and_the_call_has_its_own_place_again():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 2)
    leg = floor.call_in("Ada")
    floor.wait(1_000)
    later = floor.call_in("Grace")
    floor.wait(19_000)
    assert states(floor, sessions) == [AgentState.NOT_RESPONDING] * 2
    assert floor.call_on(leg).state is CallState.QUEUED
    third = floor.be_ready(AGENTS[2])
    assert floor.session(third).call_id == floor.call_on(leg).id
    assert floor.call_on(later).state is CallState.QUEUED
    assert [fact.detail["why"] for fact in floor.facts if fact.kind == "call.offer_missed"] == ["no_answer"] * 2


def test_who_declines_is_out_and_the_others_ring_on():
    floor = stage(set_up=all_of())
    first, second = ready(floor, 2)
    leg = floor.call_in("Ada")
    floor.give(ev.Decline(first))
    assert states(floor, [first, second]) == [AgentState.NOT_RESPONDING, AgentState.RINGING]
    floor.give(ev.Decline(second))
    assert floor.call_on(leg).state is CallState.QUEUED


def test_the_next_is_rung_in_the_place_of_one_who_declines():
    floor = stage(set_up=all_of(2))
    sessions = ready(floor, 3)
    floor.call_in("Ada")
    floor.give(ev.Decline(sessions[0]))
    assert states(floor, sessions) == [AgentState.NOT_RESPONDING, AgentState.RINGING, AgentState.RINGING]


def test_an_agent_who_becomes_ready_is_rung_too_and_has_the_whole_time_to_answer():
    floor = stage(set_up=all_of())
    first = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.wait(15_000)
    second = floor.be_ready(AGENTS[1])
    assert floor.session(second).state is AgentState.RINGING
    floor.wait(5_000)
    assert states(floor, [first, second]) == [AgentState.NOT_RESPONDING, AgentState.RINGING]
    floor.wait(14_999)
    floor.give(ev.Answer(second))
    floor.wait(5_000)
    floor.join(leg, second)
    assert floor.call_on(leg).state is CallState.TALKING


def test_who_can_do_less_is_rung_too_when_less_is_enough():
    base = with_skills(all_of(skills={"latin": 2}, relaxation=(Relaxation(10),)), {AGENTS[0]: {"latin": 2}})
    floor = stage(set_up=base)
    sessions = ready(floor, 2)
    floor.call_in("Ada")
    assert states(floor, sessions) == [AgentState.RINGING, AgentState.READY]
    floor.wait(10_000)
    assert states(floor, sessions) == [AgentState.RINGING, AgentState.RINGING]


def test_an_agent_who_answers_by_themselves_has_the_call_at_once():
    floor = stage(set_up=ringing_all())
    sessions = ready(floor, 3)
    leg = floor.call_in("Ada", SALES_NUMBER)
    assert states(floor, sessions) == [AgentState.READY, AgentState.READY, AgentState.RESERVED]
    assert floor.sent(cm.JoinAgent) == [cm.JoinAgent(leg, sessions[2], "tone")]


def test_a_caller_who_gives_up_leaves_nobody_ringing():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 3)
    leg = floor.call_in("Ada")
    floor.wait(4_000)
    floor.gone(leg)
    assert states(floor, sessions) == [AgentState.READY] * 3
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.ring_ms, cdr.duration_ms, cdr.agent_id) == (Cause.ABANDONED, 4_000, 4_000, None)
    floor.wait(60_000)
    assert states(floor, sessions) == [AgentState.READY] * 3


def test_who_logs_out_while_it_rings_takes_nothing_from_the_others():
    floor = stage(set_up=all_of())
    first, second = ready(floor, 2)
    leg = floor.call_in("Ada")
    floor.give(ev.EndSession(first, EndCause.LOGOUT))
    assert floor.session(second).state is AgentState.RINGING
    floor.give(ev.EndSession(second, EndCause.LOGOUT))
    assert floor.call_on(leg).state is CallState.QUEUED


def test_a_break_asked_for_while_it_rings_begins_when_another_has_answered():
    floor = stage(set_up=all_of())
    first, second = ready(floor, 2)
    floor.call_in("Ada")
    floor.give(ev.GoOnBreak(first, "lunch"))
    floor.give(ev.Answer(second))
    assert floor.session(first).state is AgentState.BREAK


def test_the_engine_s_loss_takes_the_call_from_all_and_its_return_rings_again():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 2)
    leg = floor.call_in("Ada")
    lines = [ev.LegSeen(floor.session(one).line_leg, True, one) for one in sessions]
    floor.give(ev.EngineLost())
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.give(ev.EngineFound((ev.LegSeen(leg, True), *lines)))
    assert states(floor, sessions) == [AgentState.RINGING] * 2


def test_a_restart_while_several_are_rung_keeps_the_caller_s_place():
    floor = stage(set_up=all_of())
    sessions = ready(floor, 2)
    leg, later = floor.call_in("Ada"), None
    later = floor.call_in("Grace")
    old = floor.floor.ground
    rows = copy.deepcopy(list(old.sessions.values())), copy.deepcopy(list(old.calls.values()))
    floor.floor = Floor(all_of(), old.ids)
    floor.take(floor.floor.restore(*rows, floor.now))
    assert floor.call_on(leg).state is CallState.QUEUED
    assert floor.call_on(leg).rung == ()
    lines = [ev.LegSeen(floor.session(one).line_leg, True, one) for one in sessions]
    floor.give(ev.EngineFound((ev.LegSeen(leg, True), ev.LegSeen(later, True), *lines)))
    for one in sessions:
        floor.give(ev.PhoneChanged(one, connected=True))
    assert {floor.session(one).call_id for one in sessions} == {floor.call_on(leg).id}


# ── nobody speaks of a call that is not theirs ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("strategy", [Strategy.LONGEST_IDLE, Strategy.RING_ALL])
@pytest.mark.parametrize("say", [ev.WriteNotes, ev.Dispose], ids=["notes", "disposition"])
def test_who_is_only_rung_says_nothing_of_the_call_and_it_has_no_words_of_theirs(strategy, say):
    floor = stage(set_up=with_queue(directory(), strategy=strategy))
    (session,) = ready(floor, 1)
    leg = floor.call_in("Ada")
    with pytest.raises(ConflictError, match="answer it, then"):
        floor.give(say(session, "sale"))
    assert (floor.call_on(leg).notes, floor.call_on(leg).disposition) == ("", None)
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    floor.give(say(session, "sale"))
    assert "sale" in {floor.call_on(leg).notes, floor.call_on(leg).disposition}
