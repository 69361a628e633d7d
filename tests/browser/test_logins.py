"""Who has the phone: logins that meet, tabs that meet, logging out in and out of calls, the microphone."""

import pytest

from callside.demo.numbers import far_side as far_side_of
from tests.browser.conftest import FLAGS, Desk, chromium_path
from tests.browser.phone import Phone
from tests.browser.sound import FAR_HZ
from tests.browser.stage import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number


async def test_a_second_login_takes_over_from_an_agent_without_a_call_and_the_first_page_says_so(desk):
    first = await desk.log_in("asha")
    second = await desk.log_in("asha")
    await first.is_titled("You logged in somewhere else")
    await second.is_in_state("Ready")


async def test_a_second_login_is_refused_while_the_agent_is_on_a_call(desk, crm):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    reply = await crm.create_session("asha", "AUTO", "Support")
    assert (reply["ResponseCode"], reply["ResponseStatus"]) == ("409", "Conflict")
    assert "asha is on a call" in reply["ResponseMessage"]
    await asha.is_in_state("On a call")
    await asha.hears(FAR_HZ)


async def test_a_second_tab_takes_over_with_the_call_and_the_first_can_take_it_back(desk, carrier):
    context = await desk.context()
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    first = await desk.open(session_id, context)
    await first.is_in_state("Ready")
    await first.dial(TONE)
    await first.hears(FAR_HZ)
    second = await desk.open(session_id, context)
    await second.is_in_state("On a call")
    await second.hears(FAR_HZ)
    await first.is_titled("Open in another tab")
    assert (await first.listen(0.3)).seconds == 0
    await first.press("Use it here")
    await first.is_in_state("On a call")
    await first.hears(FAR_HZ)
    await second.is_titled("Open in another tab")
    assert await carrier.channels() == 1


async def test_another_browser_cannot_take_the_phone(desk):
    asha = await desk.log_in("asha")
    thief = await desk.open(asha.session_id)
    await thief.is_titled("Already in use elsewhere")
    await asha.is_in_state("Ready")


async def test_logging_out_on_a_call_ends_the_session_after_it(desk, crm, carrier):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.is_in_state("On a call")
    reply = await crm.end_session(asha.session_id)
    assert reply["ResponseCode"] == "200", reply
    await asha.shows("You are logged out after this call")
    await asha.hears(FAR_HZ)
    assert await carrier.channels() == 1
    await asha.press("Hang up")
    await asha.is_titled("You are logged out")
    assert await crm.sessions() == []


async def test_a_forced_logout_ends_the_call_as_well(desk, crm, carrier):
    asha = await desk.log_in("asha")
    await asha.dial(TONE)
    await asha.hears(FAR_HZ)
    reply = await crm.end_session(asha.session_id, Force="true")
    assert reply["ResponseCode"] == "200", reply
    await asha.is_titled("You were logged out")

    async def is_over():
        return await carrier.channels() == 0

    await until(is_over, "the far side's call is over")
    assert (await asha.listen(0.3)).seconds == 0


async def test_the_agent_logs_out_on_the_phone(desk, crm):
    asha = await desk.log_in("asha")
    await asha.press("More")
    await asha.press("Log out")
    dialog = asha.scope.get_by_role("dialog", name="Log out?")
    await dialog.get_by_role("button", name="Log out", exact=True).click()
    await asha.is_titled("You are logged out")
    assert await crm.sessions() == []


async def test_with_a_desk_phone_the_page_says_what_to_do_and_asks_for_no_microphone(desk):
    extension = next(iter(desk.demo.card["extensions"]))
    session_id = await desk.session("asha", "MANUAL", "Customer care", ext=extension)
    asha = await desk.open(session_id)
    await asha.is_titled("Your desk phone 205 is not connected")
    await asha.press("Call my desk phone")
    await asha.is_titled("Your desk phone 205 is not connected")


async def test_an_address_without_a_session_says_what_to_do(desk):
    page = await (await desk.context()).new_page()
    await page.goto(f"{desk.demo.url}/phone")
    await Phone(page).is_titled("Nobody is logged in")


async def test_a_session_that_is_over_says_so(desk, crm):
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    await crm.end_session(session_id)
    await (await desk.open(session_id)).is_titled("This login is over")


async def test_without_allow_on_the_iframe_the_phone_explains_what_is_missing(desk, elsewhere):
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    page = await (await desk.context()).new_page()
    await page.goto(elsewhere.framing(desk.page_url(session_id), allow=""))
    phone = Phone(page, session_id, "iframe")
    await phone.is_titled("The CRM page blocks the microphone")
    await phone.shows('allow="microphone; autoplay"')


async def test_with_allow_the_phone_works_in_a_page_of_another_origin(desk, elsewhere):
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    page = await (await desk.context()).new_page()
    await page.goto(elsewhere.framing(desk.page_url(session_id), allow="microphone; autoplay"))
    phone = Phone(page, session_id, "iframe")
    await phone.is_in_state("Ready")
    await phone.dial(TONE)
    await phone.hears(FAR_HZ)


async def test_a_denied_microphone_is_explained_and_asked_for_again(demo, playwright):
    # Its own browser: in the shared one nobody can say no.
    chromium = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
    desk = Desk(demo, chromium)
    try:
        context = await desk.context()
        asha = await desk.open(await desk.session("asha", "MANUAL", "Customer care"), context)
        await asha.is_titled("The microphone is not allowed")
        await asha.shows("Set Microphone to Allow.")
        await context.grant_permissions(["microphone"], origin=demo.url)
        await asha.press("Try again")
        await asha.is_in_state("Ready")
    finally:
        await desk.leave()
        await chromium.close()
