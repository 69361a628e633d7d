"""Campaigns as agents work on them: the customer before the call, in it and after it, with the real engine and the demo's lists."""

import re
from datetime import datetime

import pytest
from playwright.async_api import expect

from callside.demo.campaigns import MANUAL, PREVIEW, PROGRESSIVE
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ, MICROPHONE_HZ
from tests.browser.stage import until
from tests.browser.test_crm_and_phone import enter, open_crm

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("everybody_is_due"),
]
ROUND_S = 60
"""The demo's lists have gone round by then."""
AMARA, ECHO, ROSA = "Amara Okafor", "Echo Lindqvist", "Rosa Benítez"


async def at_work(desk, username, login_type, work):
    """The phone of an agent who is logged in to a campaign that may have somebody for them at once."""
    return await desk.open(await desk.session(username, login_type, work))


async def skip(phone, reason="Not a good time"):
    dialog = phone.scope.get_by_role("dialog")
    await phone.press("Skip")
    await dialog.get_by_text(reason).click()
    await dialog.get_by_role("button", name="Skip").click()
    await expect(dialog).to_have_count(0)


async def comes_to(phone, name):
    """Skip whoever comes until it is that customer."""
    heading = phone.scope.get_by_role("heading", level=2)

    async def is_there():
        await phone.is_in_state("Preview", ROUND_S * 1000)
        if await heading.first.inner_text() == name:
            return True
        await skip(phone)
        return False

    await until(is_there, f"{name} comes", ROUND_S)


async def record(phone):
    return await phone.scope.get_by_role("region", name="Customer", exact=True).inner_text()


async def test_a_customer_is_shown_called_on_another_number_and_called_again(desk, crm):
    known = await crm.calls()
    asha = await at_work(desk, "asha", "MANUAL", PREVIEW)
    await comes_to(asha, ROSA)
    await asha.shows("Benítez & Daughters")
    await asha.page.reload()
    await comes_to(asha, ROSA)
    await asha.scope.get_by_role("radio", name=re.compile("mobile")).check()
    await asha.press("Call")
    await asha.is_in_state("On a call")
    assert "Benítez & Daughters" in await record(asha)
    await asha.shows("Is your address still right?")
    await asha.page.reload()
    await asha.is_in_state("On a call")
    await asha.shows("Is your address still right?")
    assert "Benítez & Daughters" in await record(asha)
    await asha.hang_up()
    first = await crm.last_call(known)
    assert (first["customer_number"], first["cause"]) == (far_side_of("talker").number, "normal")
    known = await crm.calls()
    await asha.press("Call again")
    await asha.scope.get_by_role("button", name=re.compile("home")).click()
    await asha.shows("Ringing")
    assert "Benítez & Daughters" in await record(asha)
    await asha.hang_up()
    assert (await crm.last_call(known))["customer_number"] == far_side_of("no-answer").number
    await asha.wrap_up("Not reached")


async def test_a_callback_comes_up_for_its_agent_when_it_is_due(desk):
    asha = await at_work(desk, "asha", "MANUAL", PREVIEW)
    await comes_to(asha, ECHO)
    await asha.press("Call")
    await asha.is_in_state("On a call")
    await asha.scope.get_by_label("Notes").fill("Wants to hear of Lisbon")
    await asha.hang_up()
    await asha.scope.get_by_text("Follow-up needed", exact=True).click()
    when = asha.scope.get_by_label(re.compile("^Your time"))
    await expect(when).to_be_visible()
    now = datetime.fromisoformat(await asha.page.evaluate("new Date().toLocaleString('sv').replace(' ', 'T')"))
    await when.fill(now.strftime("%Y-%m-%dT%H:%M"))
    await expect(asha.scope.get_by_role("radio", name="I call back")).to_be_checked()
    await asha.wrap_up()
    await comes_to(asha, ECHO)
    await asha.shows("Your callback")
    await asha.shows("Wants to hear of Lisbon")
    await asha.press("Call")
    await asha.is_in_state("On a call")
    await asha.hang_up()
    await asha.wrap_up("Resolved")


async def test_whoever_is_not_called_in_time_is_called_by_itself_also_after_a_reload(desk):
    ben = await at_work(desk, "ben", "MANUAL", PREVIEW)
    await ben.is_in_state("Preview", ROUND_S * 1000)
    name = await ben.scope.get_by_role("heading", level=2).first.inner_text()
    await ben.shows("Calls by itself in")
    await ben.page.reload()
    await ben.is_in_state("Preview")
    await ben.shows("Calls by itself in")
    await ben.is_in_state("Dialing", 25_000)
    await ben.is_titled(name)


async def test_where_callside_dials_the_customer_is_shown_before_the_answer_and_heard_after_it(desk, crm):
    known = await crm.calls()
    asha = await at_work(desk, "asha", "PROGRESSIVE", PROGRESSIVE)
    heading = asha.scope.get_by_role("heading", level=2)
    await asha.is_in_state("On a call", ROUND_S * 1000)
    name = await heading.first.inner_text()
    assert name in {AMARA, ECHO, "Stanley Brooks"}
    company = {AMARA: "Lakeside Tours", ECHO: "Northern Lights Club", "Stanley Brooks": "Brooks Orchards"}[name]
    assert company in await record(asha)
    await asha.shows("May I tell you about one trip")

    async def hears_somebody():
        return (await asha.listen(0.5)).loudness() > -50

    await until(hears_somebody, "the agent hears the customer")
    await asha.page.reload()
    await asha.is_in_state("On a call")
    assert company in await record(asha)
    folded = asha.scope.get_by_role("button", name="Customer", exact=True)
    await folded.click()
    await expect(asha.scope.get_by_role("region", name="Customer", exact=True)).to_have_count(0)
    await asha.hang_up()
    await asha.wrap_up("Resolved")
    # And without a click the next line is out, whose customer is on the screen before they answer.
    await asha.is_in_state("Dialing", ROUND_S * 1000)
    await expect(folded).to_have_attribute("aria-expanded", "false")
    await folded.click()
    assert await record(asha)
    ended = [one for one in await crm.calls() if one["id"] not in {before["id"] for before in known}]
    assert any(one["cause"] == "normal" and one["direction"] == "outbound" for one in ended)


async def test_a_customer_of_ones_own_list_is_opened_called_and_heard(desk, crm):
    known = await crm.calls()
    asha = await desk.log_in("asha", "MANUAL", MANUAL)
    await asha.scope.get_by_role("tab", name="My list").click()
    await asha.scope.get_by_role("button", name=re.compile("Tomoko Arai")).click()
    await asha.is_in_state("Preview")
    await asha.shows("Arai Pianos")
    await asha.press("Call")
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)
    await asha.hang_up()
    await asha.wrap_up("Resolved")
    await asha.is_in_state("Ready")
    assert (await crm.last_call(known))["customer_number"] == far_side_of("tone").number


async def test_the_crm_pops_the_customer_up_before_the_call(desk, demo):
    page = await open_crm(desk, demo.card["urls"]["crm"])
    phone = await enter(page, demo, "asha", "By hand", PREVIEW)
    await phone.is_in_state("Preview", ROUND_S * 1000)
    name = await phone.scope.get_by_role("heading", level=2).first.inner_text()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    await expect(page.locator(".pill")).to_have_text("Next customer")
    await skip(phone)
    await expect(page.get_by_role("heading", level=1)).not_to_have_text(name)


async def test_two_agents_are_never_shown_the_same_customer(desk):
    asha, ben = [await at_work(desk, one, "MANUAL", PREVIEW) for one in ("asha", "ben")]
    names = set()
    for phone in (asha, ben):
        await phone.is_in_state("Preview", ROUND_S * 1000)
        names.add(await phone.scope.get_by_role("heading", level=2).first.inner_text())
    assert len(names) == 2


async def test_the_agents_own_voice_reaches_whom_callside_has_dialled(desk):
    asha = await at_work(desk, "asha", "PROGRESSIVE", PROGRESSIVE)
    heading = asha.scope.get_by_role("heading", level=2)

    async def talks_with_the_echo():
        await asha.is_in_state("On a call", ROUND_S * 1000)
        if await heading.first.inner_text() == ECHO:
            return True
        await asha.hang_up()
        await asha.wrap_up("Resolved")
        return False

    await until(talks_with_the_echo, f"{ECHO} answers", ROUND_S)
    await asha.hears(MICROPHONE_HZ)
