"""Calls between a real browser and the demo carrier, measured on samples at both ends."""

import re

import pytest
from playwright.async_api import expect

from callside.demo.numbers import CALLERS, SALES_NUMBER, SUPPORT_NUMBER
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ, MICROPHONE_HZ
from tests.browser.stage import FarSide, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number
MUSIC_DB, SILENCE_DB = -40, -55
MUTED = "Muted: they don\u2019t hear you"


def pause_in(sound, hz):
    """The tone was there, then for a while it was not, then it was there again: what there was meanwhile."""
    runs = sound.between(hz).runs(hz)
    assert [there for there, lasted in runs if lasted >= 1.0] == [True, False, True], sound.runs(hz)
    length = sound.longest(hz, there=False)
    start = sum(lasted for _, lasted in runs[: runs.index((False, length))])
    return sound.between(hz).cut(start + 0.2, start + length - 0.2)


async def test_a_call_made_by_hand_is_heard_on_both_sides(desk, crm, far_side):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    assert (await asha.listen(2)).longest(FAR_HZ, there=True) >= 1.8
    await asha.hang_up()
    heard = await far_side.sound()
    assert heard.longest(MICROPHONE_HZ, there=True) >= 1.8, heard.runs(MICROPHONE_HZ)
    call = await crm.last_call(known)
    assert (call["direction"], call["cause"], call["hung_up_by"]) == ("outbound", "normal", "agent")
    assert call["customer_number"] == TONE


async def test_a_caller_is_answered_and_heard_on_both_sides(desk, crm, carrier, far_side):
    known = await crm.calls()
    asha = await desk.log_in("asha", "AUTO", "Support")
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await asha.shows("Support")
    await asha.answer()
    await asha.hears(FAR_HZ)
    assert (await asha.listen(2)).longest(FAR_HZ, there=True) >= 1.8
    await asha.hang_up()
    heard = await far_side.sound()
    assert heard.longest(MICROPHONE_HZ, there=True) >= 1.8, heard.runs(MICROPHONE_HZ)
    call = await crm.last_call(known)
    assert (call["direction"], call["cause"], call["hung_up_by"]) == ("inbound", "normal", "agent")
    assert (call["customer_number"], call["our_number"]) == (CALLERS["tone"], SUPPORT_NUMBER)


async def test_the_echo_number_gives_the_agent_their_own_voice(desk):
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("echo").number)
    await asha.is_in_state("On a call")
    await asha.hears(MICROPHONE_HZ)


async def test_an_agent_with_auto_answer_hears_a_short_tone_and_then_the_caller(desk, carrier, far_side):
    chloe = await desk.log_in("chloe", "AUTO", "Support")
    await chloe.keep_listening()
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await chloe.is_in_state("On a call")
    await chloe.hears(FAR_HZ)
    heard = await chloe.kept()
    first = next(number for number, piece in enumerate(heard.pieces()) if piece.has(FAR_HZ))
    before = heard.cut(0, first * 0.1)
    assert max(piece.loudness() for piece in before.pieces()) > -40, "a tone comes before the caller"
    assert not before.has(FAR_HZ)
    await chloe.listen(1)
    await chloe.hang_up()
    assert (await far_side.sound()).longest(MICROPHONE_HZ, there=True) >= 0.5


async def test_on_hold_neither_hears_the_other_and_afterwards_both_do(desk, crm, far_side):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1.5)
    await asha.press("Hold")
    await asha.is_in_state("On hold")
    await asha.shows("On hold: they hear music")
    await asha.hears_no(FAR_HZ)
    assert (await asha.listen(2)).level(FAR_HZ) < -50
    await asha.press("Hold")
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1.5)
    await asha.hang_up()
    on_hold = pause_in(await far_side.sound(), MICROPHONE_HZ)
    assert on_hold.seconds >= 1.8
    assert max(piece.loudness() for piece in on_hold.pieces()) > MUSIC_DB, "there is music"
    call = await crm.last_call(known)
    assert call["hold_ms"] >= 2000
    assert call["wait_ms"] + call["ring_ms"] + call["talk_ms"] + call["hold_ms"] == call["duration_ms"]


async def test_a_muted_agent_hears_and_is_not_heard(desk, far_side):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1.5)
    await asha.press("Mute")
    await asha.shows(MUTED)
    assert (await asha.listen(2.5)).longest(FAR_HZ, there=True) >= 2.2
    await asha.press("Mute")
    await asha.is_in_state("On a call")
    await asha.listen(1.5)
    await asha.hang_up()
    muted = pause_in(await far_side.sound(), MICROPHONE_HZ)
    assert muted.seconds >= 1.8
    assert max(piece.loudness() for piece in muted.pieces()) < SILENCE_DB


async def test_while_it_rings_the_agent_hears_ringing(desk):
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("no-answer").number)
    await asha.shows("Ringing")

    async def rings():
        return (await asha.listen(0.5)).loudness() > MUSIC_DB

    await until(rings, "a ringing tone is heard")


async def test_the_carriers_own_ringing_is_heard_before_the_answer(desk):
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("early").number)

    async def rings():
        sound = await asha.listen(0.3)
        return sound.has(440) or sound.has(480)

    await until(rings, "the carrier's ringing tone (440 and 480 Hz) is heard")
    await asha.is_in_state("Dialing")
    await asha.is_in_state("On a call")
    await asha.hears(MICROPHONE_HZ)


async def test_a_caller_hears_music_until_somebody_is_there(desk, carrier, far_side):
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await far_side.has_heard(1.5)
    asha = await desk.open(await desk.session("asha", "AUTO", "Support"))
    await asha.answer()
    await asha.hears(FAR_HZ)
    await asha.listen(1)
    await asha.hang_up()
    heard = await far_side.sound()
    first = next(number for number, piece in enumerate(heard.pieces()) if piece.has(MICROPHONE_HZ))
    waiting = heard.cut(0, first * 0.1)
    assert waiting.seconds >= 1.5
    assert max(piece.loudness() for piece in waiting.pieces()) > MUSIC_DB
    assert heard.longest(MICROPHONE_HZ, there=True) >= 0.5


async def test_keys_pressed_in_a_call_arrive_as_digits(desk, carrier):
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("digits").number)
    await asha.is_in_state("On a call")
    await asha.press("Keypad")
    for key in ("1", "5", "0", "Star", "9", "Hash"):
        await asha.press(key)

    async def arrived():
        return await carrier.last_digits() == "150*9#"

    await until(arrived, "all digits arrived")
    await asha.shows("150*9#")


async def test_after_the_caller_hung_up_the_agent_says_what_came_of_it_and_is_ready_again(desk, crm, carrier):
    known = await crm.calls()
    asha = await desk.log_in("asha", "AUTO", "Support")
    caller = await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.answer()
    await asha.hears(FAR_HZ)
    await asha.scope.get_by_label("Notes").fill("Wants a window seat.")
    await carrier.hang_up(caller)
    await asha.is_in_state("Wrap-up")
    await asha.shows("The other side hung up")
    left = asha.scope.get_by_role("timer", name="Wrap-up time left")
    first = await left.inner_text()

    async def counts_down():
        return await left.inner_text() < first

    assert first.startswith("0:")
    await until(counts_down, "the time left gets less")
    await asha.wrap_up("Resolved")
    await asha.is_in_state("Ready")
    call = await crm.last_call(known)

    async def is_complete():
        nonlocal call
        call = await crm.v1(f"calls/{call['id']}")
        return call["disposition"] == "resolved"

    await until(is_complete, "the disposition is on record")
    assert (call["cause"], call["hung_up_by"], call["notes"]) == ("normal", "customer", "Wants a window seat.")
    assert call["wait_ms"] + call["ring_ms"] + call["talk_ms"] + call["hold_ms"] == call["duration_ms"]
    assert call["talk_ms"] > 0
    assert [one["kind"] for one in call["facts"]].count("call.ended") == 1


async def test_a_wrap_up_ends_by_itself_and_what_was_chosen_counts(desk, crm, carrier):
    known = await crm.calls()
    asha = await desk.log_in("asha", "AUTO", "Sales")
    await carrier.call_in(SALES_NUMBER, CALLERS["tone"], "tone")
    await asha.answer()
    await asha.hang_up()
    await asha.scope.get_by_text("Follow-up needed", exact=True).click()
    await asha.is_in_state("Ready")
    call = await crm.last_call(known)

    async def is_kept():
        return (await crm.v1(f"calls/{call['id']}"))["disposition"] == "follow_up"

    await until(is_kept, "the disposition is on record")


async def test_a_wrap_up_can_be_extended(desk, carrier):
    asha = await desk.log_in("asha", "AUTO", "Sales")
    await carrier.call_in(SALES_NUMBER, CALLERS["tone"], "tone")
    await asha.answer()
    await asha.hang_up()
    await asha.press("Extend")
    left = asha.scope.get_by_role("timer", name="Wrap-up time left")
    await expect(left).to_have_text(re.compile("0:(2[89]|3.)"))
    await asha.wrap_up()
    await asha.is_in_state("Ready")


async def test_the_next_call_is_not_muted(desk, far_side):
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("echo").number)
    await asha.is_in_state("On a call")
    await asha.press("Mute")
    await asha.shows(MUTED)
    await asha.hang_up()
    await asha.wrap_up()
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1)
    await asha.hang_up()
    assert (await far_side.sound()).longest(MICROPHONE_HZ, there=True) >= 0.8


async def test_call_after_call_on_one_line_is_heard_on_both_sides(desk, demo):
    asha = await desk.log_in("asha")
    for number in range(6):
        far_side = FarSide(demo)
        await asha.dial(TONE)
        await asha.is_in_state("On a call")
        await asha.hears(FAR_HZ)
        assert (await asha.listen(1)).longest(FAR_HZ, there=True) >= 0.9, number
        await asha.hang_up()
        assert (await far_side.sound()).longest(MICROPHONE_HZ, there=True) >= 0.9, number
        await asha.wrap_up()
        await asha.is_in_state("Ready")


async def test_two_calls_at_a_time_do_not_hear_each_other(desk):
    asha, ben = await desk.log_in("asha"), await desk.log_in("ben")
    await asha.dial(TONE)
    await asha.hears(FAR_HZ)
    await ben.dial(far_side_of("echo").number)
    await ben.hears(MICROPHONE_HZ)
    assert (await ben.listen(1)).level(FAR_HZ) < SILENCE_DB
    assert (await asha.listen(1)).level(MICROPHONE_HZ) < SILENCE_DB


async def test_a_caller_who_hangs_up_on_hold_leaves_the_agent_in_wrap_up(desk, carrier):
    asha = await desk.log_in("asha", "AUTO", "Support")
    caller = await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.answer()
    await asha.press("Hold")
    await asha.is_in_state("On hold")
    await carrier.hang_up(caller)
    await asha.is_in_state("Wrap-up")
    await asha.shows("The other side hung up")


async def test_a_call_that_is_not_taken_goes_back_and_the_agent_comes_back_themselves(desk, carrier):
    asha = await desk.log_in("asha", "AUTO", "Sales")
    await carrier.call_in(SALES_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await asha.is_in_state("Paused")
    await asha.is_titled("You missed a call")
    await asha.press("I\u2019m back")
    # The caller has kept their place: they are next.
    await asha.answer()
    await asha.hears(FAR_HZ)


async def test_a_declined_call_rings_at_the_next_agent(desk, carrier):
    asha = await desk.log_in("asha", "AUTO", "Support")
    ben = await desk.log_in("ben", "AUTO", "Support")
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await ben.is_in_state("Ready")
    await asha.press("Decline")
    await asha.is_in_state("Paused")
    await ben.answer()
    await ben.hears(FAR_HZ)


async def test_a_caller_who_gives_up_while_it_rings_is_on_record_as_abandoned(desk, crm, carrier):
    known = await crm.calls()
    asha = await desk.log_in("asha", "AUTO", "Support")
    caller = await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await carrier.hang_up(caller)
    await asha.is_in_state("Ready")
    call = await crm.last_call(known)
    assert (call["cause"], call["hung_up_by"], call["talk_ms"]) == ("abandoned", "customer", 0)


async def test_why_a_call_was_not_taken_is_told_to_the_agent_and_kept(desk, crm):
    asha = await desk.log_in("asha", work="Renewals")
    for name, words, cause in (
        ("busy", "The number was busy", "busy"),
        ("refused", "The call was refused", "rejected"),
        ("unallocated", "The number does not exist", "unallocated"),
        ("congestion", "The line was overloaded", "congestion"),
        ("no-answer", "Nobody answered", "no_answer"),
    ):
        known = await crm.calls()
        await asha.dial(far_side_of(name).number)
        await asha.is_in_state("Wrap-up")
        await asha.shows(words)
        call = await crm.last_call(known)
        assert (call["cause"], call["answered_at"], call["talk_ms"]) == (cause, None, 0), name
        await asha.is_in_state("Ready")


async def test_a_call_hung_up_before_it_is_answered_is_cancelled(desk, crm):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(far_side_of("no-answer").number)
    await asha.is_in_state("Dialing")
    await asha.shows("Ringing")
    await asha.hang_up()
    await asha.shows("Cancelled before it was answered")
    call = await crm.last_call(known)
    assert (call["cause"], call["hung_up_by"]) == ("cancelled", "agent")


async def test_a_number_outside_the_campaigns_rules_is_refused_before_anything_is_dialled(desk, crm, carrier):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial("+44 20 7946 0123")
    await asha.shows("This campaign's dial rules do not allow calls to that country")
    await asha.dial("12")
    await asha.shows("too few or too many digits")
    await asha.is_in_state("Ready")
    assert await carrier.channels() == 0
    assert await crm.calls() == known


async def test_a_break_asked_for_during_a_call_waits_for_its_end(desk):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.take_break("Lunch")
    await asha.shows("Break after this call: Lunch")
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.hang_up()
    await asha.press("Save and take break")
    await asha.is_in_state("On break")
    await asha.is_titled("Lunch")
    await asha.press("Back to ready")
    await asha.is_in_state("Ready")
