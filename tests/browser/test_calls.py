"""Calls between a real browser and the demo carrier, measured on samples at both ends."""

import pytest

from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
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
