"""How calls end, and what agents do about it: outcomes, wrap-up, missed calls, refusals, breaks."""

import re

import pytest
from playwright.async_api import expect

from callside.demo.numbers import CALLERS, SALES_NUMBER, SUPPORT_NUMBER
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ
from tests.browser.stage import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number


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
