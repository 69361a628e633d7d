from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.dialer.laws.model import Mode
from callside.dialer.model import PacePlan
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.floor.floor import Floor
from callside.kernel.ids import LegId, SessionId
from callside.sessions.model import EndCause, LoginType
from tests.fakes.dialing import campaign, dial_stage
from tests.fakes.stage import (
    AGENTS,
    DESK_PHONE,
    MANUAL,
    SALES,
    SUPPORT_NUMBER,
    TRUNK,
    Counter,
    Stage,
    directory,
    stage,
    with_queue,
)


def restart(before: Stage) -> Stage:
    """Another process with the rows the first one wrote."""
    ground = before.floor.ground
    after = Stage(Floor(directory(), Counter()), now=before.now, logins=before.logins)
    after.floor.ground.ids.given = 10_000
    after.take(after.floor.restore(ground.sessions.values(), ground.calls.values(), after.now))
    return after


def test_nobody_is_ready_while_the_engine_is_away():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.EngineLost())
    assert floor.session(session).state is AgentState.LOST
    line = floor.session(session).line_leg
    floor.give(ev.EngineFound((LegSeen(line, answered=True, session_id=session),)))
    assert floor.session(session).state is AgentState.READY


def test_a_session_whose_row_was_written_when_it_was_over_already_is_over_after_a_restart_too():
    floor = stage()
    session, other = floor.be_ready(AGENTS[0]), floor.be_ready(AGENTS[1])
    row = floor.session(session)
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    ground = floor.floor.ground
    after = Stage(Floor(directory(), Counter()), now=floor.now, logins=floor.logins)
    outcome = after.floor.restore([row, *ground.sessions.values()], [], after.now)
    assert [one.session_id for one in outcome.record.ended] == [session]
    assert outcome.record.live_sessions[session] is None
    assert cm.CloseLine(session) in outcome.commands
    assert set(after.floor.ground.sessions) == {other}
    assert after.floor.ground.session_of_agent == {AGENTS[1]: other}


def test_calls_of_a_dead_engine_end_with_a_record():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.take_call("Ada", session)
    waiting = floor.call_in("Ben")
    floor.give(ev.EngineLost())
    assert floor.call_on(waiting).state is CallState.QUEUED
    floor.give(ev.EngineFound(()))
    assert {cdr.cause for cdr in floor.cdrs} == {Cause.ENGINE_LOST}
    assert len(floor.cdrs) == 2
    assert floor.session(session).state is AgentState.WRAP_UP


def test_a_talk_goes_on_over_our_own_restart():
    before = stage()
    session = before.be_ready(AGENTS[0])
    leg = before.take_call("Ada", session)
    before.wait(5_000)
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True, session))))
    after.give(ev.PhoneChanged(session, connected=True))
    assert after.session(session).state is AgentState.TALKING
    assert not after.sent(cm.HangUpLeg)
    after.wait(1_000)
    after.gone(leg)
    [cdr] = after.cdrs
    assert cdr.talk_ms == 6_000


def test_a_hang_up_missed_during_the_restart_ends_the_call_once():
    before = stage()
    session = before.be_ready(AGENTS[0])
    before.take_call("Ada", session)
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session),)))
    [cdr] = after.cdrs
    assert cdr.cause is Cause.RECOVERED
    after.give(ev.EngineFound((LegSeen(line, True, session),)))
    assert len(after.cdrs) == 1


def test_a_waiting_caller_keeps_the_place_over_a_restart():
    before = stage()
    first = before.call_in("First")
    before.wait(1_000)
    second = before.call_in("Second")
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(second, True), LegSeen(first, True))))
    session = after.be_ready(AGENTS[0])
    assert after.call_on(first).session_id == session
    assert after.call_on(second).state is CallState.QUEUED


def test_an_offer_is_made_again_after_a_restart():
    before = stage()
    session = before.be_ready(AGENTS[0])
    leg = before.call_in("Ada")
    line = before.session(session).line_leg
    after = restart(before)
    assert after.session(session).state is AgentState.LOST
    after.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True))))
    after.give(ev.PhoneChanged(session, connected=True))
    assert after.session(session).state is AgentState.RINGING
    assert after.call_on(leg).session_id == session


def test_a_join_that_was_under_way_is_seen_to_have_happened():
    before = stage()
    session = before.be_ready(AGENTS[0])
    leg = before.call_in("Ada")
    before.give(ev.Answer(session))
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True, session))))
    assert after.session(session).state is AgentState.TALKING


def test_a_planned_call_that_the_engine_never_saw_is_not_dialled_again():
    before = stage()
    session = before.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    before.dial(session)
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session),)))
    assert not after.sent(cm.DialCustomer)
    assert len(after.cdrs) == 1
    assert after.session(session).state is AgentState.WRAP_UP


def test_a_caller_nobody_has_on_record_is_taken_in():
    floor = stage(engine=False)
    leg = LegId("in-unknown")
    arrival = ev.CallerArrived(leg, TRUNK, SUPPORT_NUMBER, "+15550100123", "Ada")
    floor.give(ev.EngineFound((LegSeen(leg, answered=False, arrival=arrival),)))
    assert floor.call_on(leg).state is CallState.QUEUED


def test_a_leg_nobody_knows_is_hung_up():
    floor = stage(engine=False)
    floor.give(ev.EngineFound((LegSeen(LegId("1012.feed"), answered=True),)))
    assert floor.commands == [cm.HangUpLeg(LegId("1012.feed"))]


def test_a_customer_found_outside_the_agent_s_bridge_is_joined_again():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    line = floor.session(session).line_leg
    floor.give(ev.EngineLost())
    floor.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True))))
    assert floor.last(cm.JoinAgent) == cm.JoinAgent(leg, session)


def test_a_wrap_up_ends_in_time_over_a_restart():
    before = stage(wrap_up_s=30)
    session = before.be_ready(AGENTS[0])
    before.gone(before.take_call("Ada", session))
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session),)))
    after.give(ev.PhoneChanged(session, connected=True))
    after.wait(30_000)
    assert after.session(session).state is AgentState.READY


def test_a_caller_found_in_the_bridge_of_an_agent_who_does_not_have_them_is_taken_out_of_it():
    """The join was done, and its record was not yet on disk when we died."""
    before = stage()
    session = before.be_ready(AGENTS[0])
    leg = before.call_in("Ada")
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True, session))))
    assert after.call_on(leg).state is CallState.QUEUED
    assert cm.PartAgent(leg, session) in after.commands


def test_a_call_that_was_made_and_not_dialled_when_we_died_is_let_go_when_it_has_rung_long_enough():
    before = stage()
    session = before.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    leg = before.dial(session)
    line = before.session(session).line_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, False, session))))
    assert after.session(session).state is AgentState.DIALING
    after.wait(120_000)
    assert cm.HangUpLeg(leg) in after.commands


def test_a_desk_phone_that_was_being_called_when_we_died_is_called_again():
    before = stage()
    session = before.log_in(AGENTS[0], extension=DESK_PHONE)
    before.give(ev.PhoneChanged(session, connected=True))
    leg = before.session(session).rising_leg
    after = restart(before)
    after.give(ev.EngineFound((LegSeen(leg, False),)))
    assert after.sent(cm.HangUpLeg) == [cm.HangUpLeg(leg)]
    assert after.last(cm.RaiseLine).session_id == session


def test_a_customer_on_hold_who_is_found_with_the_agent_does_not_go_on_listening():
    """The hold was not done before the engine was lost."""
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    line = floor.session(session).line_leg
    floor.give(ev.SetMute(session, muted=True))
    floor.give(ev.SetHold(session, held=True))
    floor.give(ev.EngineLost())
    floor.commands.clear()
    floor.give(ev.EngineFound((LegSeen(line, True, session), LegSeen(leg, True, session))))
    assert cm.PartAgent(leg, session) in floor.commands
    assert cm.SetLineMuted(session, line, True) in floor.commands


def test_a_session_that_ends_as_its_page_goes_does_not_come_back_with_the_next_process():
    floor = dial_stage(campaign(Mode.PREDICTIVE, pace=PacePlan(calls_per_second=0, smallest_team=0)))
    session = floor.agent()
    floor.answers(floor.leg())
    assert floor.session(session).state is AgentState.RESERVED
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    assert floor.session(session).pending_end is EndCause.LOGOUT
    floor.give(ev.PhoneChanged(session, connected=False))
    assert session not in floor.floor.ground.sessions
    rows = [record.live_sessions[session] for record in floor.records if session in record.live_sessions]
    assert rows[-1] is None


def test_an_agent_who_has_answered_as_the_engine_is_lost_has_missed_nothing():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    line = floor.session(session).line_leg
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    floor.give(ev.EngineLost())
    floor.wait(60_000)
    assert floor.session(session).state is not AgentState.NOT_RESPONDING
    assert not [one for one in floor.facts if one.detail.get("why") == "no_answer"]
    there = LegSeen(line, answered=True, session_id=session), LegSeen(leg, answered=True)
    floor.give(ev.EngineFound(there))
    assert floor.session(session).call_id == floor.call_on(leg).id


def test_an_agent_who_was_being_joined_when_we_died_is_not_bound_for_ever_to_a_call_that_is_not_joined():
    before = stage()
    session = before.be_ready(AGENTS[0])
    leg = before.call_in("Ada")
    before.give(ev.Answer(session))
    floor = restart(before)
    assert floor.session(session).state is AgentState.RESERVED
    floor.wait(20_000)
    assert floor.session(session).state is AgentState.LOST
    assert floor.call_on(leg).state is CallState.QUEUED


def test_what_was_saved_just_before_we_died_holds_for_who_was_logged_in():
    before = stage()
    _removed, _off, moved = (before.be_ready(one) for one in AGENTS[:3])
    before.give(ev.GoOnBreak(moved, "lunch"))
    ground, base = before.floor.ground, directory()
    agents = {one: who for one, who in base.agents.items() if one != AGENTS[0]}
    agents[AGENTS[1]] = replace(agents[AGENTS[1]], enabled=False)
    saved = with_queue(replace(base, agents=agents), agents=frozenset())
    after = Stage(Floor(saved, Counter()), now=before.now)
    after.floor.ground.ids.given = 10_000
    after.take(after.floor.restore(ground.sessions.values(), [], after.now))
    assert set(after.floor.ground.sessions) == {moved}
    assert {one.cause for record in after.records for one in record.ended} == {EndCause.REVOKED}
    assert after.session(moved).queue_ids == (SALES,)


@pytest.mark.parametrize(
    "word",
    [ev.LegRinging, ev.LegAnswered, lambda leg: ev.LegJoined(leg, SessionId("s1-111"))],
    ids=["rings", "is answered", "is joined"],
)
def test_a_leg_of_no_call_that_lives_is_hung_up_whenever_it_is_heard_of(word):
    """The process before us had it made, and the engine's list that we were given did not have it yet."""
    floor = stage()
    floor.be_ready(AGENTS[0])
    stray = LegId("1012.feed")
    floor.give(word(stray))
    assert floor.sent(cm.HangUpLeg) == [cm.HangUpLeg(stray)]


def test_a_line_that_comes_up_after_its_session_is_over_is_hung_up():
    floor = stage()
    session = floor.log_in(AGENTS[0])
    floor.give(ev.PhoneChanged(session, connected=True))
    floor.give(ev.RaiseLineRequested(session, "u-1"))
    rising = floor.session(session).rising_leg
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    floor.give(ev.LegAnswered(rising))
    assert floor.sent(cm.HangUpLeg) == [cm.HangUpLeg(rising)]
