"""What callers hear while they wait: welcome, music, announcements; also when they are sent on to another queue."""

from dataclasses import replace

from callside.acd.model import Overflow, OverflowWhen
from callside.agents.machine import AgentState
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.reception.model import Announcement
from tests.fakes.stage import AGENTS, SALES, SUPPORT, TENANT, Stage, with_queue
from tests.unit.floor.test_reception import BYE, GREETING, reception


def with_sound(**sound) -> Stage:
    return reception(announcements={SUPPORT: Announcement(SUPPORT, TENANT, **sound)})


def test_the_welcome_plays_over_the_queues_music_and_holds_no_match_up():
    floor = with_sound(welcome=(GREETING,), music="jazz")
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    assert floor.commands[-3:] == [
        cm.AnswerCaller(leg),
        cm.StartMusic(leg, "jazz"),
        cm.PlayPrompt(leg, (cm.Recorded(GREETING),)),
    ]
    assert floor.session(session).state is AgentState.RINGING


def test_a_queue_that_does_not_answer_at_once_rings_until_an_agent_takes_the_call():
    floor = with_sound(answer_at_once=False, welcome=(GREETING,), every_s=10)
    leg = floor.call_in("Ada")
    assert floor.commands == [cm.RingCaller(leg)]
    floor.wait(60_000)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    assert floor.commands[-2:] == [cm.AnswerCaller(leg), cm.JoinAgent(leg, session)]


def test_periodic_messages_take_turns_and_end_with_the_wait():
    floor = with_sound(periodic=(GREETING, BYE), every_s=10)
    leg = floor.call_in("Ada")
    floor.wait(30_000)
    assert [one.pieces for one in floor.sent(cm.PlayPrompt)] == [
        (cm.Recorded(GREETING),),
        (cm.Recorded(BYE),),
        (cm.Recorded(GREETING),),
    ]
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    floor.wait(60_000)
    assert len(floor.sent(cm.PlayPrompt)) == 3


def test_callers_are_told_their_place():
    floor = with_sound(say_position=True, every_s=10)
    first, second = floor.call_in("First"), floor.call_in("Second")
    floor.wait(10_000)
    said = {one.leg_id: one.pieces for one in floor.sent(cm.PlayPrompt)}
    assert said[first] == (cm.Phrase.YOU_ARE_NEXT,)
    assert said[second] == (cm.Phrase.YOU_ARE_NUMBER, cm.Spoken(2), cm.Phrase.IN_THE_QUEUE)


def test_the_announced_wait_is_a_range_that_never_grows_and_silence_where_nothing_is_known():
    floor = with_sound(say_wait=True, every_s=10)
    estimates = [(130, 290), (400, 900), (130, 170), None, (20, 50)]
    floor.floor.ground.estimate = lambda _ground, _call, _place: estimates.pop(0)
    floor.call_in("Ada")
    floor.wait(50_000)
    about = cm.Phrase.EXPECTED_WAIT
    assert [one.pieces for one in floor.sent(cm.PlayPrompt)] == [
        (about, cm.Spoken(2), cm.Phrase.TO, cm.Spoken(5), cm.Phrase.MINUTES),
        (about, cm.Spoken(2), cm.Phrase.TO, cm.Spoken(5), cm.Phrase.MINUTES),
        (about, cm.Spoken(2), cm.Phrase.TO, cm.Spoken(3), cm.Phrase.MINUTES),
        (about, cm.Phrase.LESS_THAN, cm.Spoken(2), cm.Phrase.MINUTES),
    ]


def test_the_announced_range_grows_at_neither_end():
    floor = with_sound(say_wait=True, every_s=10)
    estimates = [(20, 290), (250, 280), (150, 170)]
    floor.floor.ground.estimate = lambda _ground, _call, _place: estimates.pop(0)
    floor.call_in("Ada")
    floor.wait(30_000)
    about = cm.Phrase.EXPECTED_WAIT
    assert [one.pieces for one in floor.sent(cm.PlayPrompt)] == [
        (about, cm.Phrase.LESS_THAN, cm.Spoken(5), cm.Phrase.MINUTES),
        (about, cm.Phrase.LESS_THAN, cm.Spoken(5), cm.Phrase.MINUTES),
        (about, cm.Phrase.LESS_THAN, cm.Spoken(3), cm.Phrase.MINUTES),
    ]


# ── sent on to another queue ──
def sent_on(support: Announcement, sales: Announcement) -> Stage:
    floor = reception(announcements={SUPPORT: support, SALES: sales})
    rule = Overflow(OverflowWhen.WAITED, SALES, 30)
    floor.give(ev.DirectoryChanged(with_queue(floor.floor.ground.directory, overflow=(rule,))))
    return floor


def test_who_is_sent_on_hears_the_other_queue_s_music_and_announcements_and_no_second_welcome():
    floor = sent_on(
        Announcement(SUPPORT, TENANT, music="jazz"),
        Announcement(SALES, TENANT, welcome=(GREETING,), music="folk", periodic=(BYE,), every_s=20),
    )
    leg = floor.call_in("Ada")
    floor.wait(30_000)
    assert floor.commands[-1] == cm.StartMusic(leg, "folk")
    floor.wait(20_000)
    assert [one.pieces for one in floor.sent(cm.PlayPrompt)] == [(cm.Recorded(BYE),)]


def test_who_is_sent_on_to_a_queue_without_announcements_hears_none_of_the_first_one_s():
    floor = sent_on(Announcement(SUPPORT, TENANT, say_position=True, every_s=20), Announcement(SALES, TENANT))
    floor.call_in("Ada")
    floor.wait(90_000)
    assert len(floor.sent(cm.PlayPrompt)) == 1


def test_who_hears_ringing_is_answered_by_a_queue_that_answers_at_once():
    floor = sent_on(Announcement(SUPPORT, TENANT, answer_at_once=False), Announcement(SALES, TENANT))
    leg = floor.call_in("Ada")
    floor.wait(30_000)
    assert floor.commands[-2:] == [cm.AnswerCaller(leg), cm.StartMusic(leg, "")]


# ── changed while callers wait ──
def now_with(floor: Stage, **sound) -> None:
    announcements = {SUPPORT: Announcement(SUPPORT, TENANT, **sound)} if sound else {}
    floor.give(ev.DirectoryChanged(replace(floor.floor.ground.directory, announcements=announcements)))


def said(floor: Stage) -> list:
    return [one.pieces for one in floor.sent(cm.PlayPrompt)]


def test_messages_that_are_switched_on_reach_callers_who_wait_already():
    floor = reception()
    floor.call_in("Ada")
    floor.wait(60_000)
    now_with(floor, periodic=(GREETING,), every_s=20)
    floor.wait(20_000)
    assert said(floor) == [(cm.Recorded(GREETING),)]


def test_other_messages_are_heard_from_the_next_one_on_and_none_comes_later_than_it_would_now():
    floor = with_sound(periodic=(GREETING,), every_s=120)
    floor.call_in("Ada")
    floor.wait(10_000)
    now_with(floor, periodic=(BYE,), every_s=20)
    floor.wait(20_000)
    assert said(floor) == [(cm.Recorded(BYE),)]
    now_with(floor, periodic=(BYE,), every_s=300)
    floor.wait(20_000)
    assert len(said(floor)) == 2


def test_messages_that_are_switched_off_are_heard_no_more():
    floor = with_sound(periodic=(GREETING,), say_position=True, every_s=20)
    floor.call_in("Ada")
    now_with(floor, periodic=(GREETING,))
    floor.wait(60_000)
    assert said(floor) == []


def test_other_music_is_heard_by_those_who_wait_already():
    floor = with_sound(music="jazz")
    leg = floor.call_in("Ada")
    now_with(floor, music="folk")
    assert floor.commands[-1] == cm.StartMusic(leg, "folk")
    now_with(floor)
    assert floor.commands[-1] == cm.StartMusic(leg, "")


def test_who_hears_what_holds_still_is_left_alone():
    floor = with_sound(music="jazz", every_s=20)
    floor.call_in("Ada")
    told = len(floor.commands)
    now_with(floor, music="jazz", every_s=20)
    floor.give(ev.DirectoryChanged(with_queue(floor.floor.ground.directory, ring_s=10)))
    assert len(floor.commands) == told


def test_a_queue_that_answers_at_once_now_answers_those_who_hear_ringing():
    floor = with_sound(answer_at_once=False)
    leg = floor.call_in("Ada")
    now_with(floor, music="jazz", every_s=20, say_position=True)
    assert floor.commands[-2:] == [cm.AnswerCaller(leg), cm.StartMusic(leg, "jazz")]
    floor.wait(20_000)
    assert said(floor) == [(cm.Phrase.YOU_ARE_NEXT,)]


def test_who_is_led_away_with_a_message_hears_that_and_no_other_music():
    floor = with_sound(music="jazz")
    floor.give(ev.DirectoryChanged(with_queue(floor.floor.ground.directory, max_wait_s=5)))
    floor.call_in("Ada")
    floor.wait(5_000)
    assert floor.sent(cm.SayAndHangUp)
    told = len(floor.commands)
    now_with(floor, music="folk", every_s=20)
    assert len(floor.commands) == told


def test_who_is_on_their_way_to_an_agent_hears_the_agent_and_not_the_other_music():
    floor = with_sound(music="jazz")
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.Answer(session))
    now_with(floor, music="folk")
    assert floor.commands[-1] == cm.JoinAgent(leg, session)
    floor.give(ev.PhoneChanged(session, connected=False))  # they do not come to it
    assert floor.commands[-1] == cm.StartMusic(leg, "folk")
