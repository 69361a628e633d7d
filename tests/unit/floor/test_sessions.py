import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError
from callside.sessions.machine import LineState
from callside.sessions.model import EndCause, LoginType
from tests.fakes.stage import AGENTS, DESK_PHONE, MANUAL, directory, stage


def causes(floor):
    return [ended.cause for record in floor.records for ended in record.ended]


def test_an_agent_is_ready_only_when_line_and_page_are_there():
    floor = stage()
    session = floor.log_in(AGENTS[0])
    assert floor.session(session).state is AgentState.CONNECTING
    floor.give(ev.PhoneChanged(session, connected=True))
    assert floor.session(session).state is AgentState.CONNECTING
    floor.raise_line(session)
    assert floor.session(session).state is AgentState.READY
    floor.give(ev.PhoneChanged(session, connected=False))
    assert floor.session(session).state is AgentState.LOST
    floor.give(ev.PhoneChanged(session, connected=True))
    assert floor.session(session).state is AgentState.READY


def test_a_second_login_takes_over_an_idle_session():
    floor = stage()
    first = floor.be_ready(AGENTS[0])
    second = floor.log_in(AGENTS[0])
    assert causes(floor) == [EndCause.TAKEN_OVER]
    assert cm.CloseLine(first) in floor.commands
    assert list(floor.floor.ground.sessions) == [second]


def test_a_second_login_during_a_call_is_refused():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.take_call("Ada", session)
    with pytest.raises(ConflictError, match="on a call"):
        floor.log_in(AGENTS[0])
    assert list(floor.floor.ground.sessions) == [session]


def test_logging_out_during_a_call_waits_for_its_end():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    assert floor.session(session).state is AgentState.TALKING
    floor.gone(leg)
    assert causes(floor) == [EndCause.LOGOUT]
    assert not floor.floor.ground.sessions


def test_a_forced_logout_ends_the_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.EndSession(session, EndCause.LOGOUT, force=True))
    assert floor.last(cm.HangUpLeg) == cm.HangUpLeg(leg)
    floor.gone(leg)
    assert causes(floor) == [EndCause.FORCED]


def test_logging_out_while_a_call_rings_gives_it_back():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    assert causes(floor) == [EndCause.LOGOUT]
    assert floor.call_on(leg).state is CallState.QUEUED


def test_a_session_whose_page_never_comes_ends():
    floor = stage()
    floor.log_in(AGENTS[0])
    floor.wait(60_000)
    assert causes(floor) == [EndCause.NO_PHONE]


def test_a_page_that_stays_away_ends_the_session_but_never_a_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.PhoneChanged(session, connected=False))
    floor.wait(15 * 60_000)
    assert floor.session(session).state is AgentState.TALKING
    floor.gone(leg)
    assert causes(floor) == [EndCause.IDLE]


def test_a_page_that_comes_back_in_time_keeps_the_session():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.PhoneChanged(session, connected=False))
    floor.wait(14 * 60_000)
    floor.give(ev.PhoneChanged(session, connected=True))
    floor.wait(14 * 60_000)
    assert floor.session(session).state is AgentState.READY


def test_twelve_hours_end_a_session_after_its_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.wait(12 * 3_600_000 - 1_000)
    leg = floor.take_call("Ada", session)
    floor.wait(60_000)
    assert floor.session(session).state is AgentState.TALKING
    floor.gone(leg)
    assert causes(floor) == [EndCause.EXPIRED]


def test_a_break_asked_for_during_a_call_waits_for_its_end():
    floor = stage(wrap_up_s=0)
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.GoOnBreak(session, "lunch"))
    assert floor.session(session).state is AgentState.TALKING
    floor.call_in("Next")
    floor.gone(leg)
    assert floor.session(session).state is AgentState.BREAK
    assert floor.session(session).break_reason == "lunch"


def test_a_waiting_break_can_be_taken_back():
    floor = stage(wrap_up_s=0)
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.GoOnBreak(session, "lunch"))
    floor.give(ev.CancelBreak(session))
    floor.gone(leg)
    assert floor.session(session).state is AgentState.READY


def test_a_break_needs_a_known_reason():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    with pytest.raises(InvalidFieldError):
        floor.give(ev.GoOnBreak(session, "siesta"))


def test_nobody_on_a_break_is_offered_a_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    leg = floor.call_in("Ada")
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.give(ev.GoReady(session))
    assert floor.call_on(leg).session_id == session


def test_wrap_up_ends_by_itself_and_keeps_the_notes():
    floor = stage(wrap_up_s=30)
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.WriteNotes(session, "Wants a call back\x00\nnext week"))
    floor.gone(leg)
    assert floor.session(session).state is AgentState.WRAP_UP
    floor.wait(30_000)
    assert floor.session(session).state is AgentState.READY
    [wrapped] = floor.wrapped_up
    assert (wrapped.disposition, wrapped.notes) == (None, "Wants a call back\nnext week")


def test_a_disposition_ends_the_wrap_up():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.gone(leg)
    floor.give(ev.Dispose(session, "sale"))
    assert floor.session(session).state is AgentState.READY
    assert floor.wrapped_up[0].disposition == "sale"
    assert not floor.floor.ground.calls


def test_an_extended_wrap_up_lasts_longer():
    floor = stage(wrap_up_s=30)
    session = floor.be_ready(AGENTS[0])
    floor.gone(floor.take_call("Ada", session))
    floor.wait(20_000)
    floor.give(ev.ExtendWrapUp(session))
    floor.wait(29_000)
    assert floor.session(session).state is AgentState.WRAP_UP
    floor.wait(1_000)
    assert floor.session(session).state is AgentState.READY


def test_a_reload_raises_a_new_line_beside_the_old_and_keeps_the_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    old = floor.session(session).line_leg
    leg = floor.take_call("Ada", session)
    floor.give(ev.SetMute(session, muted=True))
    floor.give(ev.PhoneChanged(session, connected=False))
    floor.give(ev.PhoneChanged(session, connected=True))
    floor.give(ev.RaiseLineRequested(session, "u-new"))
    assert floor.session(session).line is LineState.RENEWING
    raised = floor.last(cm.RaiseLine)
    assert raised.muted
    floor.give(ev.LegAnswered(raised.leg_id))
    assert cm.HangUpLeg(old) in floor.commands
    floor.gone(old)
    assert floor.session(session).line is LineState.UP
    assert floor.call_on(leg).state is CallState.TALKING


def test_a_line_lost_in_a_call_may_come_back():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.gone(floor.session(session).line_leg)
    floor.wait(59_000)
    floor.raise_line(session)
    floor.wait(10_000)
    assert floor.call_on(leg).state is CallState.TALKING
    assert floor.session(session).state is AgentState.TALKING


def test_a_caller_whose_agent_does_not_come_back_waits_again_at_the_old_place():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.gone(floor.session(session).line_leg)
    floor.wait(60_000)
    assert causes(floor) == [EndCause.LOST]
    assert floor.call_on(leg).state is CallState.QUEUED
    other = floor.be_ready(AGENTS[1])
    assert floor.call_on(leg).session_id == other


def test_a_dialled_customer_whose_agent_does_not_come_back_is_let_go():
    floor = stage()
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    leg = floor.dial(session)
    floor.join(leg, session)
    floor.gone(floor.session(session).line_leg)
    floor.wait(60_000)
    assert floor.last(cm.HangUpLeg) == cm.HangUpLeg(leg)
    floor.gone(leg)
    assert floor.cdrs[0].cause is Cause.AGENT_LOST
    assert causes(floor) == [EndCause.LOST]


def test_an_offer_to_an_agent_whose_page_goes_is_offered_to_the_next():
    floor = stage()
    first = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.wait(1)
    second = floor.be_ready(AGENTS[1])
    floor.give(ev.PhoneChanged(first, connected=False))
    assert floor.session(first).state is AgentState.LOST
    assert floor.call_on(leg).session_id == second


def test_a_desk_phone_is_called_at_login():
    floor = stage()
    session = floor.log_in(AGENTS[0], extension=DESK_PHONE)
    assert floor.last(cm.RaiseLine).endpoint == "ext-1012-183"
    floor.give(ev.LegAnswered(floor.session(session).rising_leg))
    floor.give(ev.PhoneChanged(session, connected=True))
    assert floor.session(session).state is AgentState.READY


def test_hold_parts_and_brings_back():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.SetHold(session, held=True))
    assert floor.commands[-1] == cm.PartAgent(leg, session)
    assert floor.session(session).state is AgentState.HELD
    floor.give(ev.SetHold(session, held=True))
    floor.give(ev.SetHold(session, held=False))
    assert floor.commands[-1] == cm.JoinAgent(leg, session)
    assert len(floor.sent(cm.PartAgent)) == 1


def test_a_muted_agent_is_unmuted_for_the_next_call():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.SetMute(session, muted=True))
    floor.gone(leg)
    assert floor.last(cm.SetLineMuted).muted is False


@pytest.mark.parametrize("digits", ["", "12a", "1" * 33, "1;2", "w"])
def test_only_dtmf_digits_are_sent(digits):
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.take_call("Ada", session)
    with pytest.raises(InvalidFieldError):
        floor.give(ev.SendDigits(session, digits))
    assert not floor.sent(cm.PlayDigits)


def test_requests_to_a_session_that_is_over_are_refused():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    with pytest.raises(NotFoundError):
        floor.give(ev.GoReady(session))


def test_a_disabled_agent_is_logged_out_after_the_call():
    import dataclasses

    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    known = directory()
    gone = dataclasses.replace(known.agents[AGENTS[0]], enabled=False)
    floor.give(ev.DirectoryChanged(dataclasses.replace(known, agents={**known.agents, AGENTS[0]: gone})))
    assert floor.session(session).state is AgentState.TALKING
    floor.gone(leg)
    assert causes(floor) == [EndCause.REVOKED]


def test_the_times_of_the_states_add_up_to_the_session():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    for name in ("Ada", "Ben"):
        floor.wait(1_234)
        leg = floor.take_call(name, session)
        floor.wait(5_678)
        floor.gone(leg)
        floor.wait(999)
        floor.give(ev.GoReady(session))
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    spent = sum(fact.detail["lasted_ms"] for fact in floor.facts if fact.kind == "agent.state_changed")
    opened = next(fact.at for fact in floor.facts if fact.kind == "session.opened")
    assert spent == opened.elapsed_until(floor.now)


def test_who_has_logged_out_while_a_call_was_put_through_is_gone_when_their_line_is_lost_then():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    floor.gone(floor.session(session).line_leg)
    assert causes(floor) == [EndCause.LOGOUT]
    other = floor.be_ready(AGENTS[1])
    assert floor.session(other).call_id == floor.call_on(leg).id


@pytest.mark.parametrize("cause", [EndCause.REVOKED, EndCause.LOGOUT])
def test_a_page_that_comes_back_takes_back_its_own_absence_alone_and_no_logout(cause):
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.PhoneChanged(session, connected=False))
    floor.wait(15 * 60_000)
    floor.give(ev.EndSession(session, cause))
    floor.give(ev.PhoneChanged(session, connected=True))
    floor.gone(leg)
    assert causes(floor) == [cause]


def test_nothing_is_kept_of_a_session_without_queues_that_is_over():
    floor = stage()
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    crew = floor.floor.ground.crew
    assert (crew._queues_of, crew._serving) == ({}, set())


def test_what_is_muted_or_ended_while_a_new_line_is_raised_holds_for_that_line_too():
    floor = stage(wrap_up_s=0)
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.SetMute(session, muted=True))
    floor.give(ev.RaiseLineRequested(session, "u-new"))
    raised = floor.last(cm.RaiseLine)
    assert raised.muted
    floor.gone(leg)  # before the new line has answered
    assert cm.SetLineMuted(session, raised.leg_id, muted=False) in floor.commands
    floor.give(ev.LegAnswered(raised.leg_id))
    floor.take_call("Ben", session)
    floor.give(ev.RaiseLineRequested(session, "u-newer"))
    newer = floor.last(cm.RaiseLine)
    assert not newer.muted
    floor.give(ev.SetMute(session, muted=True))
    assert cm.SetLineMuted(session, newer.leg_id, muted=True) in floor.commands
