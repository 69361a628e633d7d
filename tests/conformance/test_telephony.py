"""What every engine must do, in the floor's words. Run against the engine in memory and against a real Asterisk."""

import dataclasses

import pytest

from callside.calls.model import AnsweredBy, Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.tenants.model import Tenant
from tests.asterisk.far_sides import MACHINE, NUMBERS, OTHER_TENANT, OUR_NUMBER, PERSON, TENANT, TRUNK
from tests.fakes.telephony import FarSide

ENDS = [
    (FarSide.BUSY, Cause.BUSY, 486),
    (FarSide.REJECTS, Cause.REJECTED, 403),
    (FarSide.UNKNOWN, Cause.UNALLOCATED, 404),
    (FarSide.CONGESTED, Cause.CONGESTION, 503),
    (FarSide.RINGS_OUT, Cause.NO_ANSWER, 480),
]


async def test_every_known_tenant_hears_that_the_engine_was_found(unstarted):
    await unstarted.telephony.set_directory(unstarted.directory)
    await unstarted.telephony.set_directory(Directory(Tenant(OTHER_TENANT, "Other")))
    assert not unstarted.telephony.is_up()
    await unstarted.telephony.start(unstarted.heard)
    assert await unstarted.heard.until(ev.EngineFound) == ev.EngineFound(())
    await unstarted.heard.until(ev.EngineFound, tenant_id=OTHER_TENANT)
    assert unstarted.telephony.is_up()
    await unstarted.telephony.stop()


async def test_a_tenant_that_comes_later_hears_it_too_but_no_tenant_twice(stand):
    await stand.telephony.set_directory(Directory(Tenant(OTHER_TENANT, "Other")))
    await stand.heard.until(ev.EngineFound, tenant_id=OTHER_TENANT)
    await stand.telephony.set_directory(stand.directory)
    await stand.line()
    assert len(stand.heard.of(ev.EngineFound)) == 1


async def test_a_line_is_answered_once(stand):
    line = await stand.line()
    await stand.customer(NUMBERS[FarSide.ANSWERS])
    assert stand.heard.of(ev.LegAnswered, line) == [ev.LegAnswered(line)]


async def test_a_line_on_a_phone_that_is_not_there_is_gone(stand):
    leg = stand.leg()
    stand.do(cm.RaiseLine(stand.session, leg, stand.missing_phone))
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.FAILED
    assert not stand.heard.of(ev.LegAnswered, leg)


async def test_a_customer_who_answers_is_joined_at_once(stand):
    await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.ANSWERS])
    about = [event for _, event in stand.heard.events if getattr(event, "leg_id", None) == leg]
    assert about[-2:] == [ev.LegAnswered(leg), ev.LegJoined(leg, stand.session)]


@pytest.mark.parametrize(("far_side", "cause", "status"), ENDS)
async def test_a_call_that_comes_to_nothing_ends_with_its_cause(stand, far_side, cause, status):
    await stand.line()
    leg = stand.dial(NUMBERS[far_side], ring_s=1)
    assert await stand.heard.until(ev.LegGone, leg) == ev.LegGone(leg, cause, status)
    assert not stand.heard.of(ev.LegAnswered, leg)


async def test_ringing_is_reported_without_early_media_where_there_is_none(stand):
    await stand.line()
    leg = stand.dial(NUMBERS[FarSide.RINGS])
    assert await stand.heard.until(ev.LegRinging, leg) == ev.LegRinging(leg, early_media=False)


async def test_early_media_is_reported(stand):
    await stand.line()
    leg = stand.dial(NUMBERS[FarSide.ANSWERS_AFTER_EARLY_MEDIA])
    assert await stand.heard.until(ev.LegRinging, leg) == ev.LegRinging(leg, early_media=True)
    await stand.heard.until(ev.LegJoined, leg)


async def test_a_call_taken_back_while_it_rings_is_cancelled(stand):
    await stand.line()
    leg = stand.dial(NUMBERS[FarSide.RINGS])
    await stand.heard.until(ev.LegRinging, leg)
    stand.do(cm.HangUpLeg(leg))
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.CANCELLED


async def test_the_ringback_tone_for_the_agent_starts_and_stops(stand):
    line = await stand.line()
    leg = stand.dial(NUMBERS[FarSide.RINGS])
    await stand.heard.until(ev.LegRinging, leg)
    stand.do(cm.StartRinging(stand.session))
    stand.do(cm.StopRinging(stand.session))
    stand.do(cm.StopRinging(stand.session))
    stand.do(cm.HangUpLeg(leg))
    await stand.heard.until(ev.LegGone, leg)
    assert not stand.heard.of(ev.LegGone, line)


async def test_a_customer_who_hangs_up_is_gone_and_the_line_stays(stand):
    line = await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.HANGS_UP])
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.NORMAL
    second = await stand.customer(NUMBERS[FarSide.ANSWERS])
    assert not stand.heard.of(ev.LegGone, line)
    assert not stand.heard.of(ev.LegGone, second)


async def test_hold_and_back_joins_again(stand):
    await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.ANSWERS])
    stand.do(cm.PartAgent(leg, stand.session))
    stand.do(cm.JoinAgent(leg, stand.session))
    assert await stand.heard.until(ev.LegJoined, leg, count=2) == ev.LegJoined(leg, stand.session)


async def test_a_caller_waits_with_music_and_is_joined_with_an_announced_agent(stand):
    await stand.line()
    leg = await stand.call_in()
    arrived = stand.heard.of(ev.CallerArrived, leg)[0]
    assert arrived == ev.CallerArrived(leg, TRUNK, OUR_NUMBER, "+15550100123", "Ada")
    stand.do(cm.AnswerCaller(leg))
    stand.do(cm.StartMusic(leg))
    stand.do(cm.JoinAgent(leg, stand.session, "tone"))
    assert await stand.heard.until(ev.LegJoined, leg) == ev.LegJoined(leg, stand.session)
    assert not stand.heard.of(ev.LegAnswered, leg)
    await stand.caller_hangs_up()
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.NORMAL


async def test_a_caller_who_gives_up_before_we_answer_is_gone(stand):
    leg = await stand.call_in()
    await stand.caller_hangs_up()
    await stand.heard.until(ev.LegGone, leg)


async def test_prompts_play_over_music_are_ended_and_hold_no_join_up(stand):
    await stand.line()
    leg = await stand.call_in()
    stand.do(cm.AnswerCaller(leg))
    stand.do(cm.StartMusic(leg, "no-such-class"))
    words = (cm.Phrase.YOU_ARE_NUMBER, cm.Spoken(12), cm.Phrase.IN_THE_QUEUE)
    stand.do(cm.PlayPrompt(leg, words))
    stand.do(cm.StopPrompt(leg))
    stand.do(cm.StopPrompt(leg))
    stand.do(cm.PlayPrompt(leg, words, loop=True))
    stand.do(cm.PlayPrompt(leg, (cm.Recorded("99999"), *words), loop=True))
    stand.do(cm.JoinAgent(leg, stand.session))
    await stand.heard.until(ev.LegJoined, leg)
    assert not stand.heard.of(ev.LegGone, leg)


async def test_a_prompt_that_is_not_there_leaves_the_caller_where_they_are(stand):
    leg = await stand.call_in()
    stand.do(cm.AnswerCaller(leg))
    stand.do(cm.PlayPrompt(leg, (cm.Recorded("99999"),), loop=True))
    stand.do(cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE, "99999"))
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.NORMAL


async def test_a_caller_can_ring_until_an_agent_is_there(stand):
    await stand.line()
    leg = await stand.call_in()
    stand.do(cm.RingCaller(leg))
    stand.do(cm.AnswerCaller(leg))
    stand.do(cm.JoinAgent(leg, stand.session))
    await stand.heard.until(ev.LegJoined, leg)


@pytest.mark.parametrize("message", cm.Message)
async def test_a_caller_is_told_something_and_let_go(stand, message):
    leg = await stand.call_in()
    stand.do(cm.SayAndHangUp(leg, message))
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.NORMAL


async def test_a_hang_up_right_behind_the_dialling_leaves_nothing_and_is_reported_once(stand):
    await stand.line()
    leg = stand.dial(NUMBERS[FarSide.ANSWERS])
    stand.do(cm.HangUpLeg(leg))
    stand.do(cm.HangUpLeg(leg))
    await stand.heard.until(ev.LegGone, leg)
    other = stand.dial(NUMBERS[FarSide.BUSY])
    await stand.heard.until(ev.LegGone, other)
    assert len(stand.heard.of(ev.LegGone, leg)) == 1


async def test_a_leg_that_nobody_knows_is_gone(stand):
    leg = stand.leg()
    stand.do(cm.AnswerCaller(leg))
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.FAILED


async def test_another_tenants_leg_cannot_be_touched(stand):
    await stand.telephony.set_directory(Directory(Tenant(OTHER_TENANT, "Other")))
    await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.ANSWERS])
    stand.telephony.execute(OTHER_TENANT, cm.HangUpLeg(leg))
    stand.telephony.execute(OTHER_TENANT, cm.PartAgent(leg, stand.session))
    stand.telephony.execute(OTHER_TENANT, cm.CloseLine(stand.session))
    await stand.heard.until(ev.LegGone, leg, tenant_id=OTHER_TENANT)
    stand.do(cm.JoinAgent(leg, stand.session))
    await stand.heard.until(ev.LegJoined, leg, count=2)
    assert not stand.heard.of(ev.LegGone, leg)


async def test_what_is_no_number_is_never_dialled(stand):
    await stand.line()
    leg = stand.dial("+15550100101@127.0.0.1")
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.FAILED


async def test_digits_mute_and_unmute_leave_the_call_as_it_is(stand):
    line = await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.ANSWERS])
    stand.do(cm.SetLineMuted(stand.session, line, muted=True))
    stand.do(cm.PlayDigits(leg, "12#"))
    stand.do(cm.SetLineMuted(stand.session, line, muted=False))
    stand.do(cm.HangUpLeg(leg))
    await stand.heard.until(ev.LegGone, leg)
    assert not stand.heard.of(ev.LegGone, line)


async def test_closing_a_line_ends_it_but_not_the_customer(stand):
    line = await stand.line()
    leg = await stand.customer(NUMBERS[FarSide.ANSWERS])
    stand.do(cm.CloseLine(stand.session))
    await stand.heard.until(ev.LegGone, line)
    assert not stand.heard.of(ev.LegGone, leg)


async def test_a_renewed_line_keeps_the_customer(stand):
    """Reload in a call: the new leg comes beside the old one, then the old one is hung up."""
    old = await stand.line()
    customer = await stand.customer(NUMBERS[FarSide.ANSWERS])
    new = await stand.line()
    stand.do(cm.HangUpLeg(old))
    await stand.heard.until(ev.LegGone, old)
    assert not stand.heard.of(ev.LegGone, new)
    assert not stand.heard.of(ev.LegGone, customer)


async def test_credentials_are_new_each_time_and_never_shown_by_mistake(stand):
    first = await stand.telephony.issue_credentials(TENANT, stand.session)
    second = await stand.telephony.issue_credentials(TENANT, stand.session)
    assert first.password != second.password
    assert len(first.password) >= 32
    assert first.password not in f"{first}"
    assert first.realm == "callside"


async def test_a_trunk_taken_away_carries_no_more_calls(stand):
    await stand.line()
    await stand.telephony.set_directory(dataclasses.replace(stand.directory, trunks={}))
    leg = stand.dial(NUMBERS[FarSide.ANSWERS])
    assert (await stand.heard.until(ev.LegGone, leg)).cause is Cause.FAILED
    await stand.telephony.set_directory(stand.directory)
    await stand.customer(NUMBERS[FarSide.ANSWERS])


async def test_a_dialers_line_is_answered_and_waits_for_what_it_is_told(stand):
    await stand.line()
    leg = await stand.answered(NUMBERS[FarSide.ANSWERS])
    assert not stand.heard.of(ev.LegJoined, leg)
    stand.do(cm.JoinAgent(leg, stand.session))
    assert await stand.heard.until(ev.LegJoined, leg) == ev.LegJoined(leg, stand.session)


@pytest.mark.parametrize(("number", "answered_by"), [(PERSON, AnsweredBy.PERSON), (MACHINE, AnsweredBy.MACHINE)])
async def test_listening_tells_a_person_from_a_machine_and_the_leg_comes_back(stand, number, answered_by):
    await stand.line()
    leg = await stand.answered(number)
    stand.do(cm.DetectMachine(leg))
    assert (await stand.heard.until(ev.LegJudged, leg)).answered_by is answered_by
    stand.do(cm.JoinAgent(leg, stand.session))
    await stand.heard.until(ev.LegJoined, leg)


async def test_listening_is_over_in_the_time_that_it_may_take(stand):
    await stand.line()
    leg = await stand.answered(MACHINE)
    stand.do(cm.DetectMachine(leg, 300))
    assert (await stand.heard.until(ev.LegJudged, leg)).answered_by is AnsweredBy.UNSURE
    stand.do(cm.JoinAgent(leg, stand.session))
    await stand.heard.until(ev.LegJoined, leg)


async def test_the_end_of_a_machines_greeting_is_waited_for(stand):
    leg = await stand.answered(MACHINE)
    stand.do(cm.DetectMachine(leg))
    await stand.heard.until(ev.LegJudged, leg)
    stand.do(cm.AwaitBeep(leg))
    await stand.heard.until(ev.BeepOver, leg)
    stand.do(cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE))
    await stand.heard.until(ev.MessageStarted, leg)
    await stand.heard.until(ev.LegGone, leg)


async def test_a_far_side_that_hangs_up_while_it_is_listened_to_is_gone(stand):
    leg = await stand.answered(PERSON)
    stand.do(cm.DetectMachine(leg))
    stand.do(cm.HangUpLeg(leg))
    await stand.heard.until(ev.LegGone, leg)
    assert not stand.heard.of(ev.LegJoined, leg)
