"""Calls between a real browser and the demo carrier, measured on samples at both ends."""

import pytest

from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ, MICROPHONE_HZ

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number


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
