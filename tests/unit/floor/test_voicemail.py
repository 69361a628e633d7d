"""Voicemail of a queue, as far as the floor goes: who comes to it, what stays of it, and that nobody waits for it."""

import copy
from dataclasses import replace

import pytest

from callside.acd.model import Overflow, OverflowWhen
from callside.calls.machine import CallState
from callside.calls.model import Cause, Party, VoicemailEnd, VoiceMessage
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.floor.voicemail_events import VoicemailEnded, VoicemailRemoved, VoicemailsCounted
from callside.reception.model import (
    Announcement,
    Destination,
    Menu,
    MenuKey,
    Number,
    OpeningHours,
    Prompt,
    PromptSource,
    Target,
)
from callside.reporting.board import Key, rows
from callside.reporting.figures import Figures
from tests.fakes.stage import AGENTS, SUPPORT, TENANT, Stage, directory, stage, with_queue

VOICEMAIL = Destination(Target.VOICEMAIL, SUPPORT)
NIGHT_NUMBER, MENU_NUMBER = "+15550100905", "+15550100906"


def centre(**fields) -> Stage:
    base = with_queue(directory(), **fields)
    prompt = Prompt("903", TENANT, "Speak", PromptSource.SPEECH, "", "d" * 64, 4_000)
    never = OpeningHours("5", TENANT, "Never", "UTC")
    made = stage(
        set_up=replace(
            base,
            prompts={"903": prompt},
            hours={"5": never},
            numbers={
                "6": Number("6", TENANT, NIGHT_NUMBER, Destination(Target.QUEUE, SUPPORT), "5", VOICEMAIL),
                "7": Number("7", TENANT, MENU_NUMBER, Destination(Target.MENU, "8")),
            },
            menus={"8": Menu("8", TENANT, "Main", "903", (MenuKey("9", VOICEMAIL),), Destination(Target.MESSAGE))},
            announcements={SUPPORT: Announcement(SUPPORT, TENANT, voicemail_greeting="903", voicemail_max_s=90)},
        )
    )
    made.give(VoicemailsCounted({}))
    return made


def kept(floor: Stage) -> list[VoiceMessage]:
    return [one for record in floor.records for one in record.voicemails]


def over(floor: Stage, call_id: str, end: VoicemailEnd = VoicemailEnd.KEPT, duration_ms: int = 7_000) -> None:
    floor.give(VoicemailEnded(call_id, SUPPORT, end, duration_ms))


def test_a_closed_number_may_lead_to_the_voicemail_which_greets_and_records():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call = floor.call_on(leg)
    assert call.state is CallState.VOICEMAIL
    assert floor.commands == [
        cm.AnswerCaller(leg),
        cm.RecordVoicemail(leg, call.id, SUPPORT, (cm.Recorded("903"),), (cm.Phrase.SPEAK_AFTER_TONE,), 90, 5),
    ]


def test_a_menu_s_key_leads_to_it_too():
    floor = centre()
    leg = floor.call_in("Ada", MENU_NUMBER)
    floor.give(ev.LegDigit(leg, "9"))
    assert floor.call_on(leg).state is CallState.VOICEMAIL


@pytest.mark.parametrize(
    "rule",
    [
        Overflow(OverflowWhen.UNSTAFFED, voicemail=True),
        Overflow(OverflowWhen.WAITED, seconds=60, voicemail=True),
        Overflow(OverflowWhen.FULL, voicemail=True),
    ],
)
def test_overflow_may_end_in_the_queue_s_own_voicemail(rule):
    floor = centre(overflow=(rule,), max_waiting=1 if rule.when is OverflowWhen.FULL else 0)
    if rule.when is OverflowWhen.FULL:
        floor.call_in("first")
    leg = floor.call_in("Ada")
    floor.wait(rule.seconds * 1000)
    assert floor.call_on(leg).state is CallState.VOICEMAIL
    assert floor.call_on(leg).queue_id == SUPPORT


def test_what_was_said_is_kept_with_who_said_it_and_the_caller_is_thanked():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call = floor.call_on(leg)
    floor.wait(12_000)
    over(floor, call.id)
    assert kept(floor) == [VoiceMessage(call.id, TENANT, SUPPORT, "+15550100123", "Ada", floor.now.wall, 7_000)]
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.VOICEMAIL_KEPT)
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.hung_up_by, cdr.queue_id, cdr.wait_ms) == (Cause.VOICEMAIL, Party.SYSTEM, SUPPORT, 12_000)


def test_a_caller_who_hangs_up_after_speaking_has_left_a_message():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call_id = floor.call_on(leg).id
    floor.gone(leg)
    assert [(one.cause, one.hung_up_by) for one in floor.cdrs] == [(Cause.VOICEMAIL, Party.CUSTOMER)]
    over(floor, call_id)
    assert [(one.number, one.name) for one in kept(floor)] == [("+15550100123", "Ada")]
    assert floor.floor.ground.mail.speakers == {}


def test_an_empty_message_is_dropped_and_that_is_a_fact():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call_id = floor.call_on(leg).id
    floor.gone(leg)
    over(floor, call_id, VoicemailEnd.EMPTY, 0)
    assert kept(floor) == []
    assert [fact.call_id for fact in floor.facts if fact.kind == "voicemail.empty"] == [call_id]


def test_one_that_cannot_be_recorded_is_said_so_to_the_caller_and_in_the_facts():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    over(floor, floor.call_on(leg).id, VoicemailEnd.FAILED)
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)
    assert [fact.kind for fact in floor.facts if fact.kind.startswith("voicemail.")] == ["voicemail.failed"]


def test_an_engine_that_never_says_that_it_is_over_does_not_keep_the_caller():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    floor.wait(4_000 + 90_000 + 60_000)
    assert floor.last(cm.HangUpLeg) == cm.HangUpLeg(leg)


def test_who_speaks_to_the_voicemail_is_offered_to_nobody():
    floor = centre()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    assert floor.session(session).call_id is None
    assert floor.call_on(leg).state is CallState.VOICEMAIL


def test_a_queue_that_is_gone_meanwhile_says_the_standard_words():
    floor = centre()
    floor.give(ev.DirectoryChanged(replace(floor.floor.ground.directory, queues={})))
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)


def test_after_a_restart_the_recording_goes_on_and_its_end_still_knows_who_spoke():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call_id, ground = floor.call_on(leg).id, floor.floor.ground
    floor.floor = Floor(ground.directory, ground.ids, ground.policy)
    floor.take(floor.floor.restore([], copy.deepcopy(list(ground.calls.values())), floor.now))
    floor.give(ev.EngineFound((ev.LegSeen(leg, True),)))
    assert isinstance(floor.commands[-1], cm.RecordVoicemail)
    over(floor, call_id)
    assert [one.name for one in kept(floor)] == ["Ada"]


def test_a_recording_that_ended_while_we_were_away_is_kept_though_nobody_knows_the_call():
    floor = centre()
    over(floor, "f" * 32)
    assert [(one.id, one.number) for one in kept(floor)] == [("f" * 32, "")]


def test_the_board_counts_what_is_kept():
    floor = centre()
    floor.give(VoicemailsCounted({SUPPORT: 3}))
    over(floor, floor.call_on(floor.call_in("Ada", NIGHT_NUMBER)).id)
    key = Key("queues", SUPPORT)
    assert rows(floor.floor.ground, Figures(0), floor.now, [key])[key].voicemails == 4


def test_a_message_that_is_removed_counts_no_more_though_others_come_meanwhile():
    floor = centre()
    floor.give(VoicemailsCounted({SUPPORT: 3}))
    over(floor, floor.call_on(floor.call_in("Ada", NIGHT_NUMBER)).id)
    floor.give(VoicemailRemoved(SUPPORT))
    assert floor.floor.ground.mail.kept == {SUPPORT: 3}
    floor.give(VoicemailRemoved("999999"))
    assert floor.floor.ground.mail.kept == {SUPPORT: 3, "999999": 0}


def test_one_that_was_found_at_the_start_and_is_brought_once_more_lets_the_caller_go_and_counts_once():
    floor = centre()
    leg = floor.call_in("Ada", NIGHT_NUMBER)
    call_id = floor.call_on(leg).id
    floor.give(VoicemailsCounted({SUPPORT: 1}, frozenset({call_id})))
    over(floor, call_id)
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.VOICEMAIL_KEPT)
    assert kept(floor) == []
    assert [fact for fact in floor.facts if fact.kind == "voicemail.kept"] == []
    assert floor.floor.ground.mail.kept == {SUPPORT: 1}


def test_figures_tell_voicemail_from_giving_up():
    floor = centre(overflow=(Overflow(OverflowWhen.WAITED, seconds=60, voicemail=True),))
    leg = floor.call_in("Ada")
    floor.wait(60_000)
    floor.gone(leg)
    figures = Figures(floor.now.wall - 100_000)
    for fact in floor.facts:
        figures.take(fact)
    queue = figures.queue(SUPPORT)
    assert (queue.offered, queue.voicemail, queue.abandoned.count, queue.let_go, len(queue.waiting)) == (1, 1, 0, 0, 0)


def test_a_message_that_could_not_be_brought_at_first_still_says_who_spoke():
    floor = centre()
    call = floor.call_on(floor.call_in("Ada", NIGHT_NUMBER))
    over(floor, call.id, VoicemailEnd.FAILED, 0)
    over(floor, call.id)
    [message] = kept(floor)
    assert (message.number, message.name) == (call.customer_number, "Ada")
    assert floor.floor.ground.mail.speakers == {}
