from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Party
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import ConflictError
from tests.fakes.dialing import dial_stage
from tests.fakes.stage import AGENTS, SALES_NUMBER, SUPPORT, directory, stage, with_queue


def test_a_caller_is_answered_and_hears_music_while_nobody_is_free():
    floor = stage()
    leg = floor.call_in("Ada")
    assert floor.commands == [cm.AnswerCaller(leg), cm.StartMusic(leg)]
    assert floor.call_on(leg).state is CallState.QUEUED


def test_a_caller_rings_at_the_agent_who_has_been_idle_longest():
    floor = stage()
    first = floor.be_ready(AGENTS[0])
    floor.wait(5_000)
    second = floor.be_ready(AGENTS[1])
    floor.call_in("Ada")
    assert floor.session(first).state is AgentState.RINGING
    assert floor.session(second).state is AgentState.READY


def test_the_longest_waiting_caller_of_all_queues_comes_first():
    floor = stage()
    sales = floor.call_in("Sales caller", SALES_NUMBER)
    floor.wait(1_000)
    floor.call_in("Support caller")
    session = floor.be_ready(AGENTS[0])
    assert floor.call_on(sales).session_id == session


def test_an_agent_gets_no_call_of_a_queue_that_is_not_theirs():
    floor = stage()
    session = floor.be_ready(AGENTS[3])
    leg = floor.call_in("Ada", SALES_NUMBER)
    assert floor.session(session).state is AgentState.READY
    assert floor.call_on(leg).state is CallState.QUEUED


def test_an_agent_who_chose_a_queue_gets_calls_of_that_queue_only():
    floor = stage()
    session = floor.be_ready(AGENTS[0], assignment=SUPPORT)
    floor.call_in("Ada", SALES_NUMBER)
    assert floor.session(session).state is AgentState.READY


def test_an_answered_call_is_a_talk_only_when_the_engine_has_joined_them():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    assert floor.last(cm.JoinAgent) == cm.JoinAgent(leg, session)
    assert floor.session(session).state is AgentState.RESERVED
    floor.join(leg, session)
    assert floor.session(session).state is AgentState.TALKING
    assert floor.call_on(leg).state is CallState.TALKING


def test_auto_answer_joins_at_once_after_a_tone():
    floor = stage(auto_answer=True)
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    assert floor.last(cm.JoinAgent) == cm.JoinAgent(leg, session, "tone")
    assert floor.session(session).state is AgentState.RESERVED


@pytest.mark.parametrize("auto_answer", [True, False])
@pytest.mark.parametrize(
    ("whisper", "by_itself", "by_hand"), [("tone", "tone", ""), ("none", "", ""), ("903", "903", "903")]
)
def test_what_an_agent_hears_before_a_caller_is_the_queues(whisper, by_itself, by_hand, auto_answer):
    set_up = directory(auto_answer=auto_answer)
    set_up.queues[SUPPORT] = replace(set_up.queues[SUPPORT], whisper=whisper)
    floor = stage(set_up=set_up)
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    if not auto_answer:
        floor.give(ev.Answer(session))
    assert floor.last(cm.JoinAgent) == cm.JoinAgent(leg, session, by_itself if auto_answer else by_hand)


def test_a_missed_call_goes_back_to_its_place_and_its_agent_gets_no_other():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    first = floor.call_in("First")
    floor.wait(1_000)
    second = floor.call_in("Second")
    floor.wait(20_000)
    assert floor.session(session).state is AgentState.NOT_RESPONDING
    other = floor.be_ready(AGENTS[1])
    assert floor.call_on(first).session_id == other
    assert floor.call_on(second).state is CallState.QUEUED


def test_a_declined_call_is_offered_to_the_next_agent():
    floor = stage()
    first = floor.be_ready(AGENTS[0])
    floor.wait(1)
    second = floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada")
    floor.give(ev.Decline(first))
    assert floor.session(first).state is AgentState.NOT_RESPONDING
    assert floor.call_on(leg).session_id == second
    with pytest.raises(ConflictError):
        floor.give(ev.Decline(first))


def test_an_answer_after_the_caller_has_gone_is_refused_and_the_agent_is_ready():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.gone(leg)
    assert floor.session(session).state is AgentState.READY
    with pytest.raises(ConflictError):
        floor.give(ev.Answer(session))
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.hung_up_by, cdr.answered_at) == (Cause.ABANDONED, Party.CUSTOMER, None)


def test_a_number_that_is_nobodys_is_told_so_and_still_has_a_record():
    floor = stage()
    leg = floor.call_in("Ada", "+15550100000")
    assert floor.commands == [cm.SayAndHangUp(leg, cm.Message.NUMBER_NOT_IN_SERVICE)]
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.hung_up_by) == (Cause.UNALLOCATED, Party.SYSTEM)


def test_the_times_of_a_record_add_up_to_its_length():
    floor = stage()
    leg = floor.call_in("Ada")
    floor.wait(3_000)
    session = floor.be_ready(AGENTS[0])
    floor.wait(2_000)
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    floor.wait(10_000)
    floor.give(ev.SetHold(session, held=True))
    floor.wait(4_000)
    floor.give(ev.SetHold(session, held=False))
    floor.wait(1_000)
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.wait_ms, cdr.ring_ms, cdr.talk_ms, cdr.hold_ms) == (3_000, 2_000, 11_000, 4_000)
    assert cdr.duration_ms == 20_000 == cdr.ended_at - cdr.started_at


def test_the_same_arrival_told_twice_is_one_call():
    floor = stage()
    floor.call_in("Ada")
    floor.call_in("Ada")
    assert len(floor.floor.ground.calls) == 1


def test_a_caller_s_words_lose_their_control_characters():
    floor = stage()
    leg = floor.call_in("Ev\r\nil\x00" + "x" * 300)
    assert floor.call_on(leg).customer_name == "Evil" + "x" * 124


def test_an_agent_s_page_is_told_how_the_last_call_ended_also_without_wrap_up():
    floor = stage(wrap_up_s=0)
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.wait(3_000)
    floor.gone(leg)
    last = floor.session(session).last_call
    assert (last.cause, last.hung_up_by, last.talk_ms) == (Cause.NORMAL, Party.CUSTOMER, 3_000)


def test_a_missed_offer_is_told_as_not_answered():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.wait(20_000)
    last = floor.session(session).last_call
    assert (last.id, last.cause) == (floor.call_on(leg).id, Cause.NO_ANSWER)


def test_a_caller_whose_agent_goes_while_they_are_being_joined_is_taken_out_of_that_agent_s_bridge():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    floor.give(ev.PhoneChanged(session, connected=False))  # the join is on its way, the line may still be up
    assert floor.commands[-2:] == [cm.PartAgent(leg, session), cm.StartMusic(leg)]
    floor.join(leg, session)  # it had happened already
    assert floor.call_on(leg).state is CallState.QUEUED


def test_a_caller_whose_agent_s_line_does_not_come_back_is_taken_out_of_that_agent_s_bridge():
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.gone(floor.session(session).line_leg)
    floor.wait(61_000)
    assert cm.PartAgent(leg, session) in floor.commands
    assert floor.call_on(leg).state is CallState.QUEUED


@pytest.mark.parametrize("gone", ["line", "engine"])
def test_a_caller_whom_the_agent_has_hung_up_before_they_were_joined_is_offered_to_nobody_else(gone):
    floor = stage()
    session, other = (floor.be_ready(one) for one in AGENTS[:2])
    lines = {one: floor.session(one).line_leg for one in (session, other)}
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    floor.give(ev.HangUp(session))
    if gone == "line":
        floor.gone(lines[session])
    else:
        floor.give(ev.EngineLost())
        floor.wait(60_000)
        seen = (ev.LegSeen(line, answered=True, session_id=one) for one, line in lines.items())
        floor.give(ev.EngineFound((*seen, ev.LegSeen(leg, answered=True))))
    assert floor.session(other).state is AgentState.READY
    assert floor.floor.ground.waiting.count(SUPPORT) == 0
    floor.gone(leg)
    assert [(one.cause, one.hung_up_by) for one in floor.cdrs] == [(Cause.NORMAL, Party.AGENT)]


# ── the caller's number ──
def test_a_number_in_national_form_is_the_customers_and_the_record_keeps_what_was_sent():
    floor = stage()
    leg = floor.call_in("Ada", caller="5550100123")
    assert floor.call_on(leg).customer_number == "+15550100123"
    floor.gone(leg)
    (cdr,) = floor.cdrs
    assert (cdr.customer_number, cdr.sent_number) == ("+15550100123", "5550100123")
    floor.gone(floor.call_in("Ada again"))
    assert (floor.cdrs[-1].customer_number, floor.cdrs[-1].sent_number) == ("+15550100123", "")


def test_the_region_is_the_tenants():
    base = directory()
    floor = stage(set_up=replace(base, tenant=replace(base.tenant, region="GB")))
    assert floor.call_on(floor.call_in("Ada", caller="02079460958")).customer_number == "+442079460958"


def test_whoever_calls_by_another_carrier_goes_to_the_agent_they_talked_with_last():
    floor = stage(set_up=with_queue(directory(wrap_up_s=0), sticky_s=30))
    last = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", last)
    floor.be_ready(AGENTS[1])  # who is idle for longer after it
    floor.wait(1_000)
    floor.gone(leg)
    assert floor.call_on(floor.call_in("Ada again", caller="5550100123")).session_id == last


def test_whom_a_callers_own_carrier_announces_otherwise_is_not_called_while_they_wait():
    stage = dial_stage(leads=1)
    stage.call_in("Ada", caller=stage.book["9000"].numbers[0].number.removeprefix("+1"))
    stage.agent()
    assert stage.dialled == []
