"""What agents and customers notice when something dies in the middle: the page, the engine, Callside itself."""

import os
import signal

import pytest
from playwright.async_api import expect

from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ, MICROPHONE_HZ
from tests.browser.stage import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number
MUTED = "Muted: they don\u2019t hear you"


async def test_a_page_reloaded_in_a_call_still_has_the_call_and_its_sound(desk, crm, far_side):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1.5)
    await asha.page.reload()
    await asha.hears(FAR_HZ, deadline_s=3)
    await asha.is_in_state("On a call")
    await asha.listen(2)
    await asha.hang_up()
    heard = (await far_side.sound()).between(MICROPHONE_HZ)
    assert heard.longest(MICROPHONE_HZ, there=False) <= 3, heard.runs(MICROPHONE_HZ)
    runs = heard.runs(MICROPHONE_HZ)
    assert min(runs[0][1], runs[-1][1]) >= 1, runs
    assert (await crm.last_call(known))["hung_up_by"] == "agent"


async def test_what_was_written_a_moment_before_a_reload_is_kept(desk):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hang_up()
    await asha.scope.get_by_label("Notes").fill("Two tickets, row seven.")
    await asha.page.reload()
    await asha.is_in_state("Wrap-up")
    await expect(asha.scope.get_by_label("Notes")).to_have_value("Two tickets, row seven.")
    await asha.wrap_up()


async def test_a_muted_agent_is_still_muted_after_a_reload(desk, far_side):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.hears(FAR_HZ)
    await asha.listen(1)
    await asha.press("Mute")
    await asha.shows(MUTED)
    await asha.page.reload()
    await asha.shows(MUTED)
    await asha.hears(FAR_HZ)
    await asha.listen(2)
    await asha.hang_up()
    # Once silent it stays silent: nothing of the microphone after the tone's first end.
    heard = (await far_side.sound()).between(MICROPHONE_HZ)
    assert heard.longest(MICROPHONE_HZ, there=False) <= 0.5, heard.runs(MICROPHONE_HZ)


async def test_when_the_engine_dies_the_page_says_so_and_is_ready_again_by_itself(desk, crm, demo):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    ben = await desk.log_in("ben", "AUTO", "Support")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    older = demo.engine_pid()
    os.kill(older, signal.SIGKILL)
    await ben.shows("The phone system is down")
    await ben.is_in_state("Ready")
    await asha.shows("The phone system failed")
    await asha.wrap_up()
    await asha.is_in_state("Ready")
    call = await crm.last_call(known)
    assert (call["cause"], call["hung_up_by"]) == ("engine_lost", "system")
    assert demo.engine_pid() != older
    await asha.dial(TONE)
    await asha.hears(FAR_HZ)


async def test_when_callside_dies_the_call_goes_on_and_the_next_one_finds_it(desk, crm, demo, far_side):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    engine, carrier = demo.engine_pid(), demo.carrier.process.pid
    demo.kill()
    await asha.shows("Reconnecting… Your call goes on.")
    assert (await asha.listen(1)).longest(FAR_HZ, there=True) >= 0.8
    await demo.start()
    assert (demo.engine_pid(), demo.carrier.process.pid) == (engine, carrier)
    await asha.scope.get_by_text("Reconnecting").first.wait_for(state="hidden")
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.listen(1)
    await asha.hang_up()
    heard = (await far_side.sound()).between(MICROPHONE_HZ)
    assert heard.seconds >= 3
    assert heard.longest(MICROPHONE_HZ, there=False) <= 0.2, heard.runs(MICROPHONE_HZ)
    call = await crm.last_call(known)
    assert (call["cause"], call["hung_up_by"], call["customer_number"]) == ("normal", "agent", TONE)
    assert call["talk_ms"] >= heard.seconds * 1000 - 1500


async def test_a_caller_who_comes_while_callside_is_away_waits_and_is_offered_when_it_is_back(desk, crm, demo, carrier):
    known = await crm.calls()
    ben = await desk.log_in("ben", "AUTO", "Support")
    demo.kill()
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await demo.start()
    await ben.answer()
    await ben.hears(FAR_HZ)
    await ben.hang_up()
    assert (await crm.last_call(known))["customer_number"] == CALLERS["tone"]


async def test_what_was_written_in_wrap_up_survives_the_death_of_callside(desk, crm, demo):
    known = await crm.calls()
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    await asha.hang_up()
    await asha.scope.get_by_text("Sale", exact=True).click()
    await asha.scope.get_by_label("Notes").fill("Two tickets.")
    await asha.shows("Saved")
    demo.kill()
    await asha.shows("Reconnecting")
    await demo.start()
    await asha.scope.get_by_text("Reconnecting").first.wait_for(state="hidden")
    await asha.wrap_up()
    await asha.is_in_state("Ready")
    call = await crm.last_call(known)

    async def is_complete():
        kept = await crm.v1(f"calls/{call['id']}")
        return (kept["disposition"], kept["notes"]) == ("sale", "Two tickets.")

    await until(is_complete, "outcome and notes are on record")
