"""The phone for everybody: axe finds nothing in any state, light or dark, and the narrowest frame needs no sideways scrolling."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from callside.demo.campaigns import MANUAL, PREVIEW
from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
from callside.demo.numbers import far_side as far_side_of
from tests.browser.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NARROWEST = {"width": 320, "height": 480}
USUAL = {"width": 360, "height": 640}
RUN = """
async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"]});
  return violations.map(({id, nodes}) => `${id}: ${nodes.map((one) => `${one.html} (${one.failureSummary})`).join("; ")}`);
}
"""
# Colours on their way from light to dark are nobody's colours.
AT_REST = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
  await frame();
}
"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture(scope="module")
def axe():
    return AXE.read_text(encoding="utf-8")


async def is_for_everybody(phone, axe):
    page, document = phone.page, await phone.document()
    await document.evaluate(axe)
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for size in (NARROWEST, USUAL):
            await page.set_viewport_size(size)
            await document.evaluate(AT_REST)
            found += [f"{scheme}, {size['width']} px: {one}" for one in await document.evaluate(RUN)]
            needed, given = await document.evaluate(WIDTHS)
            assert needed <= given, f"{needed} px are needed, there are {given} ({scheme})"
    assert found == []


async def test_dialling_and_its_call_and_its_wrap_up(desk, axe):
    asha = await desk.log_in("asha", reduced_motion="reduce")
    await is_for_everybody(asha, axe)
    await asha.dial("+44 20 7946 0123")
    await asha.shows("dial rules do not allow")
    await is_for_everybody(asha, axe)
    await asha.dial(far_side_of("slow").number)
    await asha.shows("Ringing")
    await is_for_everybody(asha, axe)
    await asha.hang_up()
    await is_for_everybody(asha, axe)
    await asha.wrap_up()
    await asha.is_in_state("Ready")
    await asha.dial(far_side_of("tone").number)
    await asha.is_in_state("On a call")
    await asha.scope.get_by_label("Notes").fill("Wants a window seat. " * 20)
    await is_for_everybody(asha, axe)
    await asha.press("Keypad")
    await is_for_everybody(asha, axe)
    await asha.press("Hold")
    await asha.is_in_state("On hold")
    await asha.press("Break")
    await is_for_everybody(asha, axe)
    await asha.press("Lunch")
    await asha.shows("Break after this call: Lunch")
    await is_for_everybody(asha, axe)


async def test_waiting_being_called_and_a_missed_call(desk, carrier, axe):
    asha = await desk.log_in("asha", "AUTO", "Support", reduced_motion="reduce")
    await is_for_everybody(asha, axe)
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await is_for_everybody(asha, axe)
    await asha.press("Decline")
    await asha.is_in_state("Paused")
    await is_for_everybody(asha, axe)


async def test_queues_with_long_names_are_told_apart_in_a_narrow_and_low_frame(desk, crm, carrier, axe):
    [support] = [one for one in (await crm.v1("queues"))["items"] if one["name"] == "Support"]
    named = {"name": "Support for customers of the Donaudampfschifffahrtsgesellschaft", "colour": "#b3261e"}
    await crm.v1(f"queues/{support['id']}", "PATCH", named)
    try:
        asha = await desk.log_in("asha", "AUTO", support["id"], reduced_motion="reduce")
        await is_for_everybody(asha, axe)
        await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
        await asha.answer()
        await is_for_everybody(asha, axe)
        await asha.page.set_viewport_size(NARROWEST)
        await expect(asha.scope.locator(".party-via")).to_be_in_viewport()
    finally:
        await crm.v1(f"queues/{support['id']}", "PATCH", {"name": "Support", "colour": support["colour"]})


async def test_a_customer_before_in_and_after_the_call(desk, axe):
    asha = await desk.open(await desk.session("asha", "MANUAL", PREVIEW), await desk.context(reduced_motion="reduce"))
    await asha.is_in_state("Preview", 60_000)
    await is_for_everybody(asha, axe)
    await asha.press("Skip")
    await asha.scope.get_by_text("Something else").click()
    await is_for_everybody(asha, axe)
    await asha.press("Back")
    await asha.press("Call")
    await asha.is_in_state("Dialing")
    await is_for_everybody(asha, axe)
    await asha.hang_up()
    await asha.scope.get_by_text("Follow-up needed", exact=True).click()
    await asha.shows("I call back")
    await is_for_everybody(asha, axe)


async def test_the_agents_own_list_and_a_call_with_a_customer_of_it(desk, axe):
    asha = await desk.log_in("asha", "MANUAL", MANUAL, reduced_motion="reduce")
    await asha.scope.get_by_role("tab", name="My list").click()
    await asha.scope.get_by_role("button", name="Tomoko Arai").click(trial=True)
    await is_for_everybody(asha, axe)
    await asha.scope.get_by_role("button", name="Tomoko Arai").click()
    await asha.press("Call")
    await asha.is_in_state("On a call")
    await asha.shows("Arai Pianos")
    await is_for_everybody(asha, axe)


async def test_waiting_for_a_campaign_that_dials_nobody(desk, crm, axe):
    known = (await crm.v1("campaigns"))["items"][0]
    everybody = {"trunk_id": known["trunk_id"], "agents": known["agents"]}
    stopped = await crm.v1("campaigns", "POST", {"name": "Not yet", "type": "PROGRESSIVE", **everybody})
    try:
        asha = await desk.log_in("asha", "PROGRESSIVE", stopped["id"], reduced_motion="reduce")
        await asha.is_titled("The campaign is not running")
        await is_for_everybody(asha, axe)
    finally:
        await crm.v1(f"campaigns/{stopped['id']}", "DELETE")


async def test_a_break_and_the_question_before_logging_out(desk, axe):
    asha = await desk.log_in("asha", "AUTO", "Support", reduced_motion="reduce")
    await asha.take_break("Lunch")
    await asha.is_in_state("On break")
    await is_for_everybody(asha, axe)
    await asha.press("More")
    await asha.press("Log out")
    await asha.scope.get_by_role("dialog").wait_for()
    await is_for_everybody(asha, axe)


async def test_a_break_that_has_a_limit_and_then_goes_beyond_it(desk, crm, axe, tmp_path):
    before = (await crm.v1("tenant"))["breaks"]
    limits = {"lunch": 1_800, "break": 2}
    await crm.v1("tenant", "PATCH", {"breaks": [one | {"limit_s": limits.get(one["code"])} for one in before]})
    try:
        asha = await desk.log_in("asha", "AUTO", "Support", reduced_motion="reduce")
        await asha.press("Break")
        await asha.shows("Lunch, up to 30 min")
        await is_for_everybody(asha, axe)
        await asha.press("Lunch, up to 30 min")
        await asha.shows("of 30 min")
        await asha.page.screenshot(path=tmp_path / "break.png")
        await is_for_everybody(asha, axe)
        await asha.take_break("Short break, up to 2 s")
        await asha.shows("Your break is longer than 2 s.")
        await expect(asha.scope.locator(".phone")).to_have_attribute("data-mood", "trouble")
        await asha.page.screenshot(path=tmp_path / "break-over.png")
        await is_for_everybody(asha, axe)
        await asha.page.emulate_media(color_scheme="light")
        await asha.page.screenshot(path=tmp_path / "break-over-light.png")
        await asha.press("Back to ready")
        await asha.is_in_state("Ready")
    finally:
        await crm.v1("tenant", "PATCH", {"breaks": before})


async def test_what_is_said_when_there_is_no_phone_here(desk, crm, axe):
    context = await desk.context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{desk.demo.url}/phone")
    nobody = Phone(page)
    await nobody.is_titled("Nobody is logged in")
    await is_for_everybody(nobody, axe)
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    first = await desk.open(session_id, context)
    await first.is_in_state("Ready")
    second = await desk.open(session_id, context)
    await first.is_titled("Open in another tab")
    await is_for_everybody(first, axe)
    await crm.end_session(session_id)
    await second.is_titled("You are logged out")
    await is_for_everybody(second, axe)


async def test_why_there_is_no_microphone(desk, elsewhere, axe):
    session_id = await desk.session("asha", "MANUAL", "Customer care")
    page = await (await desk.context(reduced_motion="reduce")).new_page()
    await page.goto(elsewhere.framing(desk.page_url(session_id), allow=""))
    asha = Phone(page, session_id, "iframe")
    await asha.is_titled("The CRM page blocks the microphone")
    await is_for_everybody(asha, axe)


async def test_all_of_a_call_can_be_done_with_the_keyboard(desk, carrier):
    asha = await desk.log_in("asha", "AUTO", "Support")
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.is_in_state("Incoming call")
    await reach(asha, "Answer")
    await asha.page.keyboard.press("Enter")
    await asha.is_in_state("On a call")
    await reach(asha, "Keypad")
    await asha.page.keyboard.press("Space")
    await asha.shows("Press a key to send it")
    await asha.page.keyboard.press("5")
    await expect(asha.scope.locator(".sent")).to_contain_text("5")
    await reach(asha, "Hang up")
    await asha.page.keyboard.press("Enter")
    await asha.is_in_state("Wrap-up")
    await reach(asha, "Save and be ready")
    await asha.page.keyboard.press("Enter")
    await asha.is_in_state("Ready")


async def reach(phone, name):
    """Tab until the button has the focus; every stop on the way is one that can be seen."""
    for _ in range(40):
        await phone.page.keyboard.press("Tab")
        focused = phone.page.locator(":focus")
        if not await focused.count():
            continue  # around through the browser's own controls
        await expect(focused).to_be_in_viewport()
        if (await focused.inner_text()).strip() == name:
            return
    raise AssertionError(f"the keyboard does not get to {name}")
