"""How a waiting caller comes to be called back, while nothing they hear holds a match up."""

from dataclasses import replace

import pytest

from callside.acd.model import CallbackWords, Overflow, OverflowWhen
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Direction
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.live import CallbackStep
from callside.reception.model import Announcement
from callside.sessions.model import EndCause
from tests.fakes.called_back import ADA, GRACE, OFFER, ask, calling_back, kept, press
from tests.fakes.stage import AGENTS, SALES, SUPPORT, TENANT, stage


def test_it_is_off_unless_a_queue_is_told_to():
    floor = stage()
    leg = floor.call_in("Ada")
    floor.wait(600_000)
    press(floor, leg, "11")
    assert floor.sent(cm.PlayPrompt) == []
    assert kept(floor) == []


def test_a_caller_is_offered_it_once_after_a_while():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(59_999)
    press(floor, leg, "1")
    assert floor.sent(cm.PlayPrompt) == []
    floor.wait(600_000)
    assert floor.sent(cm.PlayPrompt) == [cm.PlayPrompt(leg, (cm.Recorded("903"),))]


def test_where_the_wait_will_be_long_it_is_offered_after_the_welcome():
    offer = replace(OFFER, after_s=0, wait_over_s=120)
    base = replace(calling_back(offer), announcements={SUPPORT: Announcement(SUPPORT, TENANT, welcome=("903",))})
    floor = stage(set_up=base)
    session = floor.be_ready(AGENTS[0])
    for number in range(6):
        leg = floor.take_call(f"c{number}", session)
        floor.wait(300_000)
        floor.gone(leg)
        floor.give(ev.GoReady(session))
    floor.take_call("busy", session)
    first = floor.call_in("Ada")
    floor.wait(4_000)
    assert floor.sent(cm.PlayPrompt)[-1] == cm.PlayPrompt(first, (cm.Recorded("903"),))
    assert floor.call_on(first).asking.step is CallbackStep.OFFERED


def test_their_number_is_read_to_them_digit_by_digit_and_1_confirms():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    assert floor.last(cm.PlayPrompt).pieces[:4] == (
        cm.Phrase.NUMBER_IS, cm.Digits("15550100123"), cm.Phrase.IF_CORRECT_PRESS, cm.Spoken(1),
    )  # fmt: skip
    press(floor, leg, "1")
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.CALLBACK_ARRANGED)
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.wait_ms, cdr.direction) == (Cause.CALLBACK, 60_000, Direction.INBOUND)
    [place] = kept(floor)
    assert (place.customer_number, place.state, place.queue_id) == (ADA, CallState.QUEUED, SUPPORT)


def test_another_number_is_keyed_in_read_back_and_called():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "12")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Phrase.ENTER_NUMBER,)
    press(floor, leg, "999*5550100124#")
    assert cm.Digits("15550100124") in floor.last(cm.PlayPrompt).pieces
    press(floor, leg, "1")
    assert [one.customer_number for one in kept(floor)] == [GRACE]


def test_a_caller_without_a_number_is_asked_for_one_at_once():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada", caller="anonymous")
    floor.wait(60_000)
    press(floor, leg, "1")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Phrase.ENTER_NUMBER,)


@pytest.mark.parametrize("keyed", ["12", "19005550100", "011442079460123", ""])
def test_numbers_that_may_not_be_called_are_refused_and_after_three_the_caller_waits_on(keyed):
    floor = stage(set_up=calling_back(replace(OFFER, blocked_prefixes=("+1555",))))
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    for _ in range(2):
        press(floor, leg, keyed + "#")
        assert floor.last(cm.PlayPrompt).pieces[0] is cm.Phrase.NOT_VALID
    press(floor, leg, keyed + "#")
    assert floor.call_on(leg).state is CallState.QUEUED
    assert floor.call_on(leg).asking.step is CallbackStep.OFFERED
    assert floor.last(cm.StopPrompt)
    assert kept(floor) == []


def test_who_presses_nothing_waits_on_and_may_ask_again():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    floor.wait(25_000)
    assert floor.call_on(leg).asking.step is CallbackStep.OFFERED
    press(floor, leg, "11")
    assert len(kept(floor)) == 1


def test_an_agent_who_becomes_free_comes_before_the_end_of_the_dialogue():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING
    press(floor, leg, "1")
    assert kept(floor) == []
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    assert floor.call_on(leg).state is CallState.TALKING


def test_announcements_are_silent_while_the_caller_is_asked():
    base = replace(
        calling_back(), announcements={SUPPORT: Announcement(SUPPORT, TENANT, every_s=10, say_position=True)}
    )
    floor = stage(set_up=base)
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    said = len(floor.sent(cm.PlayPrompt))
    floor.wait(24_000)
    assert len(floor.sent(cm.PlayPrompt)) == said
    floor.wait(12_000)
    assert len(floor.sent(cm.PlayPrompt)) == said + 1


def test_messages_that_are_switched_on_meanwhile_wait_for_the_end_of_the_dialogue():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    said = len(floor.sent(cm.PlayPrompt))
    loud = {SUPPORT: Announcement(SUPPORT, TENANT, say_position=True, every_s=5)}
    floor.give(ev.DirectoryChanged(replace(floor.floor.ground.directory, announcements=loud)))
    floor.wait(20_000)
    assert len(floor.sent(cm.PlayPrompt)) == said
    floor.wait(10_000)
    assert len(floor.sent(cm.PlayPrompt)) == said + 1


def test_no_more_are_promised_than_the_queue_allows():
    floor = stage(set_up=calling_back(replace(OFFER, most=1)))
    ask(floor)
    leg = floor.call_in("Grace", caller=GRACE)
    floor.wait(600_000)
    press(floor, leg, "11")
    assert len(kept(floor)) == 1
    assert not floor.call_on(leg).hung_up_by


def served_slowly(offer, agents=1):
    """Agents who have taken six calls of five minutes each, and are all on another now."""
    floor = stage(set_up=calling_back(offer))
    sessions = [floor.be_ready(AGENTS[number]) for number in range(agents)]
    for number in range(6):
        leg = floor.call_in(f"c{number}")
        session = floor.call_on(leg).session_id
        floor.give(ev.Answer(session))
        floor.join(leg, session)
        floor.wait(300_000)
        floor.gone(leg)
        floor.give(ev.GoReady(session))
    for number in range(agents):
        leg = floor.call_in(f"busy{number}")
        floor.give(ev.Answer(floor.call_on(leg).session_id))
        floor.join(leg, floor.call_on(leg).session_id)
    return floor, sessions


def test_a_wait_that_becomes_long_later_is_a_reason_too():
    floor, sessions = served_slowly(replace(OFFER, after_s=0, wait_over_s=300), agents=3)
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    assert floor.call_on(leg).asking is None
    for session in sessions[1:]:
        floor.give(ev.EndSession(session, EndCause.LOGOUT, force=True))
        floor.gone(floor.last(cm.HangUpLeg).leg_id)
    floor.wait(15_000)
    assert floor.sent(cm.PlayPrompt)[-1] == cm.PlayPrompt(leg, (cm.Recorded("903"),))
    offered = len(floor.sent(cm.PlayPrompt))
    floor.wait(120_000)
    assert len(floor.sent(cm.PlayPrompt)) == offered


def test_a_wait_that_never_becomes_long_is_none():
    floor, _ = served_slowly(replace(OFFER, after_s=0, wait_over_s=3_600))
    leg = floor.call_in("Ada")
    floor.wait(600_000)
    assert floor.call_on(leg).asking is None


def test_with_words_of_one_s_own_all_is_said_in_them():
    words = CallbackWords("911", "912", "913", "914", "915")
    floor = stage(set_up=calling_back(replace(OFFER, words=words)))
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    digits = cm.Digits("15550100123")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Recorded("911"), digits, cm.Recorded("912"))
    press(floor, leg, "2")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Recorded("913"),)
    press(floor, leg, "12#")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Recorded("914"), cm.Recorded("913"))
    press(floor, leg, "5550100124#1")
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.CALLBACK_ARRANGED, "915")
    assert [one.customer_number for one in kept(floor)] == [GRACE]


def test_what_has_no_words_of_one_s_own_is_said_in_the_standard_ones():
    floor = stage(set_up=calling_back(replace(OFFER, words=CallbackWords(confirm="912"))))
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    press(floor, leg, "1")
    assert floor.last(cm.PlayPrompt).pieces == (cm.Phrase.NUMBER_IS, cm.Digits("15550100123"), cm.Recorded("912"))
    press(floor, leg, "1")
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.CALLBACK_ARRANGED)


@pytest.mark.parametrize("limit", ["max_wait_s", "overflow"])
def test_nobody_is_sent_away_while_they_say_that_they_want_to_be_called_back(limit):
    fields = {"max_wait_s": 70} if limit == "max_wait_s" else {"overflow": (Overflow(OverflowWhen.WAITED, SALES, 70),)}
    floor = stage(set_up=calling_back(**fields))
    leg = floor.call_in("Ada", caller=ADA)
    floor.wait(65_000)
    press(floor, leg, "1")
    floor.wait(20_000)
    press(floor, leg, "1")
    assert floor.call_on(leg).cause is Cause.CALLBACK
    assert [one.customer_number for one in kept(floor)] == [ADA]


def test_the_limit_of_waiting_holds_once_the_caller_has_left_off():
    floor = stage(set_up=calling_back(max_wait_s=70))
    leg = floor.call_in("Ada", caller=ADA)
    floor.wait(65_000)
    press(floor, leg, "1")
    floor.wait(24_999)
    assert floor.call_on(leg).cause is None
    floor.wait(6_000)  # they have pressed nothing more
    assert floor.call_on(leg).cause is Cause.NOBODY_THERE


def test_an_offer_that_the_engine_could_not_say_is_made_when_it_is_back():
    floor = stage(set_up=calling_back())
    leg = floor.call_in("Ada", caller=ADA)
    floor.wait(50_000)
    floor.give(ev.EngineLost())
    floor.wait(20_000)
    floor.give(ev.EngineFound((ev.LegSeen(leg, answered=True),)))
    heard = len(floor.sent(cm.PlayPrompt))
    floor.wait(20_000)
    assert floor.sent(cm.PlayPrompt)[heard:] == [cm.PlayPrompt(leg, (cm.Recorded("903"),))]


def test_who_could_not_be_offered_a_callback_for_there_were_too_many_is_offered_one_when_there_is_room():
    floor = stage(set_up=calling_back(replace(OFFER, most=1)))
    ask(floor, "Grace", GRACE)
    leg = floor.call_in("Ada", caller=ADA)
    floor.wait(60_000)
    press(floor, leg, "11")
    assert len(kept(floor)) == 1
    floor.give(ev.CancelCallback(kept(floor)[0].callback.came_by))
    floor.wait(15_000)
    press(floor, leg, "11")
    assert [one.customer_number for one in kept(floor)] == [ADA]
