"""Called back in turn: the place is kept, the agent comes first, what is dialled is on record, nothing outlives its reason."""

import copy
from dataclasses import replace

from callside.acd.model import Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Direction
from callside.floor import callbacks
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.floor.live import CallbackStep
from callside.floor.view import view_of
from callside.kernel.ids import SessionId
from callside.sessions.model import EndCause, LoginType
from tests.fakes.called_back import ADA, GRACE, OFFER, ask, calling_back, facts, kept, last_dialled, press
from tests.fakes.stage import AGENTS, MANUAL, SALES_NUMBER, SUPPORT, Stage, directory, stage


def restarted(floor: Stage) -> Stage:
    ground = floor.floor.ground
    rows = copy.deepcopy(list(ground.sessions.values())), copy.deepcopy(list(ground.calls.values()))
    floor.floor = Floor(ground.directory, ground.ids, ground.policy)
    floor.take(floor.floor.restore(*rows, floor.now))
    return floor


# ── being called ──
def test_the_place_is_that_of_the_call_and_whoever_takes_it_calls_the_customer_on_their_line():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(30_000)
    later = floor.call_in("Grace", caller=GRACE)
    floor.wait(30_000)
    press(floor, leg, "11")
    floor.gone(leg)
    session = floor.be_ready(AGENTS[0])
    shown = view_of(floor.floor.ground, floor.session(session), floor.now, 1).call
    assert (shown.callback, shown.state, shown.number, shown.via) == (True, "offered", ADA, "Support")
    assert floor.sent(cm.DialCustomer) == []
    floor.give(ev.Answer(session))
    dialled = last_dialled(floor)
    assert (dialled.number, dialled.caller_id, dialled.session_id) == (ADA, "+15550100998", session)
    assert dialled.call_id == shown.id
    assert floor.session(session).state is AgentState.DIALING
    assert floor.call_on(later).state is CallState.QUEUED
    floor.join(dialled.leg_id, session)
    assert floor.session(session).state is AgentState.TALKING
    assert kept(floor) == []
    floor.wait(10_000)
    floor.gone(dialled.leg_id)
    cdr = floor.cdrs[-1]
    assert (cdr.direction, cdr.queue_id, cdr.talk_ms, cdr.duration_ms) == (Direction.OUTBOUND, SUPPORT, 10_000, 10_000)
    assert floor.session(session).state is AgentState.WRAP_UP


def test_what_is_dialled_is_in_the_record_of_the_step_that_asks_for_it():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    outcome = floor.give(ev.Answer(session))
    [dialled] = [one for one in outcome.commands if isinstance(one, cm.DialCustomer)]
    rows = outcome.record.live_calls
    assert rows[dialled.call_id].leg_id == dialled.leg_id
    [place] = kept(floor)
    assert rows[place.id].callback.attempts == 1
    assert {"call.started", "callback.dialled"} <= {fact.kind for fact in outcome.record.facts}


def test_an_agent_who_answers_by_themselves_calls_at_once():
    base = calling_back()
    agents = base.agents | {AGENTS[0]: replace(base.agents[AGENTS[0]], auto_answer=True)}
    floor = stage(set_up=replace(base, agents=agents))
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.DIALING
    assert last_dialled(floor).number == ADA


def test_it_rings_at_several_where_the_queue_does_and_one_calls():
    floor = stage(set_up=calling_back(strategy=Strategy.RING_ALL))
    sessions = [floor.be_ready(one) for one in AGENTS[:2]]
    for one in sessions:
        floor.give(ev.GoOnBreak(one, "lunch"))
    ask(floor)
    for one in sessions:
        floor.give(ev.GoReady(one))
    assert [floor.session(one).state for one in sessions] == [AgentState.RINGING] * 2
    floor.give(ev.Answer(sessions[1]))
    assert [floor.session(one).state for one in sessions] == [AgentState.READY, AgentState.DIALING]
    assert len(floor.sent(cm.DialCustomer)) == 1


def test_an_agent_who_does_not_take_it_leaves_it_in_its_place():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.wait(20_000)
    assert floor.session(session).state is AgentState.NOT_RESPONDING
    [place] = kept(floor)
    assert (place.state, place.callback.attempts) == (CallState.QUEUED, 0)
    assert floor.sent(cm.DialCustomer) == []


def test_a_customer_who_is_not_reached_is_called_again_later_and_given_up_in_the_end():
    floor = stage(set_up=calling_back(replace(OFFER, attempts=2)))
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.BUSY)
    assert floor.session(session).state is AgentState.READY
    floor.wait(299_999)
    assert floor.session(session).state is AgentState.READY
    floor.wait(1)
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.NO_ANSWER)
    assert kept(floor) == []
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["not_reached"]
    assert [cdr.cause for cdr in floor.cdrs] == [Cause.CALLBACK, Cause.BUSY, Cause.NO_ANSWER]
    assert len({cdr.call_id for cdr in floor.cdrs}) == 3


def test_a_number_that_does_not_exist_is_not_tried_again():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.UNALLOCATED)
    assert kept(floor) == []


def test_an_attempt_that_never_reached_the_network_does_not_count():
    floor = stage(set_up=calling_back(replace(OFFER, attempts=1)))
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.FAILED)
    [place] = kept(floor)
    assert place.callback.attempts == 0


def test_a_customer_whom_a_campaign_calls_at_that_moment_is_not_called_twice():
    floor = stage(set_up=calling_back())
    other = floor.be_ready(AGENTS[1], LoginType.MANUAL, MANUAL)
    ask(floor)
    floor.dial(other, ADA)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    assert len(floor.sent(cm.DialCustomer)) == 1
    assert floor.session(session).state is AgentState.READY
    [place] = kept(floor)
    assert (place.state, place.callback.attempts) == (CallState.QUEUED, 0)


# ── one place for one customer ──
def test_a_number_is_kept_once_in_a_queue_at_its_better_place():
    floor = stage(set_up=calling_back())
    ask(floor)
    [first] = kept(floor)
    callbacks_before = floor.floor.ground.callbacks.places.copy()
    leg = floor.call_in("Ada again", caller="anonymous")
    floor.wait(60_000)
    press(floor, leg, "15550100123#1")
    assert floor.floor.ground.callbacks.places == callbacks_before
    assert floor.last(cm.SayAndHangUp).message is cm.Message.CALLBACK_ARRANGED
    assert kept(floor) == [first]


def test_a_customer_who_calls_in_again_has_their_place_and_is_not_called():
    floor = stage(set_up=calling_back(max_wait_s=300))
    ask(floor)
    floor.wait(400_000)
    other = floor.call_in("Grace", caller=GRACE)
    leg = floor.call_in("Ada again")
    assert kept(floor) == []
    session = floor.be_ready(AGENTS[0])
    assert floor.call_on(leg).session_id == session
    assert floor.call_on(other).state is CallState.QUEUED
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["called_again"]


def test_a_customer_who_calls_in_while_an_agent_is_asked_has_that_agent():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada again")
    assert floor.call_on(leg).session_id == session
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.Answer(session))
    assert floor.sent(cm.DialCustomer) == []


def test_who_could_not_be_reached_because_they_were_calling_us_waits_in_their_place():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    first = floor.call_in("Grace", caller=GRACE)
    leg = floor.call_in("Ada again")
    floor.gone(last_dialled(floor).leg_id, Cause.BUSY)
    assert kept(floor) == []
    assert floor.call_on(leg).session_id == session
    assert floor.call_on(first).state is CallState.QUEUED


def test_who_was_called_back_goes_to_that_agent_when_they_call_again():
    floor = stage(set_up=calling_back(sticky_s=30, wrap_up_s=0))
    ask(floor)
    mine = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(mine))
    leg = last_dialled(floor).leg_id
    floor.join(leg, mine)
    floor.be_ready(AGENTS[1])  # who is idle for longer afterwards
    floor.wait(1_000)
    floor.gone(leg)
    assert floor.call_on(floor.call_in("Ada again", caller=ADA)).session_id == mine


def test_who_is_on_another_line_of_ours_is_not_called_back_into_it():
    floor = stage(set_up=calling_back())
    ask(floor)
    there = floor.call_in("Ada elsewhere", SALES_NUMBER)
    only_support = floor.be_ready(AGENTS[3])
    floor.give(ev.Answer(only_support))
    assert floor.sent(cm.DialCustomer) == []
    assert [one["why"] for one in facts(floor, "callback.postponed")] == ["with_us"]
    (place,) = kept(floor)
    assert place.callback.attempts == 0
    floor.gone(there)
    floor.wait(OFFER.retry_s * 1000)
    floor.give(ev.Answer(only_support))
    assert last_dialled(floor).number == ADA


# ── what ends it otherwise ──
def test_a_queue_that_is_told_to_stop_calls_nobody_back():
    floor = stage(set_up=calling_back())
    ask(floor)
    floor.give(ev.DirectoryChanged(directory()))
    floor.wait(1)
    assert kept(floor) == []
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.READY


def test_a_number_that_the_rules_forbid_meanwhile_is_not_dialled():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.DirectoryChanged(calling_back(replace(OFFER, blocked_prefixes=("+15550100",)))))
    floor.give(ev.Answer(session))
    assert floor.sent(cm.DialCustomer) == []
    assert floor.session(session).state is AgentState.READY
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["not_allowed"]


def test_nobody_is_called_after_a_day():
    floor = stage(set_up=calling_back())
    ask(floor)
    floor.wait(24 * 3_600_000 - 60_001)
    assert len(kept(floor)) == 1
    floor.wait(1)
    assert kept(floor) == []
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["too_old"]


def test_waiting_limits_and_overflow_are_for_people_on_the_line():
    floor = stage(set_up=calling_back(max_wait_s=120))
    ask(floor)
    floor.wait(3_600_000)
    [place] = kept(floor)
    assert place.state is CallState.QUEUED
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    assert len(kept(floor)) == 1


# ── restart ──
def test_a_place_outlives_us():
    floor = stage(set_up=calling_back())
    ask(floor)
    restarted(floor)
    floor.give(ev.EngineFound(()))
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    assert last_dialled(floor).number == ADA


def test_a_restart_while_the_customer_is_called_keeps_the_place_until_it_is_known_what_became_of_the_call():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    dialled, line = last_dialled(floor), floor.session(session).line_leg
    restarted(floor)
    floor.give(ev.EngineFound((ev.LegSeen(line, True, session), ev.LegSeen(dialled.leg_id, True, session))))
    assert floor.session(SessionId(session)).state is AgentState.TALKING
    assert kept(floor) == []


def test_a_restart_in_which_the_call_was_lost_calls_again_later():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    restarted(floor)
    floor.give(ev.EngineFound((ev.LegSeen("other", True),)))
    [place] = kept(floor)
    assert (place.state, place.callback.attempts) == (CallState.QUEUED, 1)
    assert [cdr.cause for cdr in floor.cdrs][-1] is Cause.RECOVERED


def test_a_restart_during_the_wait_for_the_next_attempt_keeps_its_time():
    floor = stage(set_up=calling_back())
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.BUSY)
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    floor.wait(100_000)
    restarted(floor)
    floor.give(ev.EngineFound(()))
    session = floor.be_ready(AGENTS[0])
    floor.wait(199_999)
    assert floor.session(session).state is AgentState.READY
    floor.wait(1)
    assert floor.session(session).state is AgentState.RINGING


def test_a_restart_in_the_dialogue_leaves_the_caller_waiting_who_may_ask_again():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    restarted(floor)
    floor.give(ev.EngineFound((ev.LegSeen(leg, True),)))
    assert floor.call_on(leg).asking.step is CallbackStep.OFFERED
    press(floor, leg, "11")
    assert len(kept(floor)) == 1


def test_whether_a_number_may_be_called_is_the_tenants_country_unless_the_queue_says_otherwise():
    ground = stage(set_up=calling_back()).floor.ground
    assert callbacks.number_to_call(ground, OFFER, "555-010-0123") == ADA
    assert callbacks.number_to_call(ground, OFFER, "+442079460123") is None
    assert callbacks.number_to_call(ground, replace(OFFER, countries=("GB",)), "+442079460123") == "+442079460123"
    assert callbacks.number_to_call(ground, replace(OFFER, countries=("GB",)), ADA) is None


def test_who_calls_in_again_has_waited_since_then_on_the_board_and_stands_in_their_old_place():
    floor = stage(set_up=calling_back())
    ask(floor)
    floor.wait(1_800_000)
    other = floor.call_in("Grace", caller=GRACE)
    floor.wait(10_000)
    back = floor.call_in("Ada again", caller=ADA)
    ground = floor.floor.ground
    assert ground.matcher.ahead(floor.call_on(back).id) == 0
    assert ground.waiting.oldest(SUPPORT) == floor.call_on(other).started
    floor.gone(other)
    assert ground.waiting.oldest(SUPPORT) == floor.call_on(back).started
