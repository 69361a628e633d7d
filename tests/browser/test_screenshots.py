"""The documentation's pictures, taken of the running thing.

They go to a folder of the test, and with ``CALLSIDE_SCREENSHOTS=1 make browser-tests`` to docs/screenshots: how letters
look is each machine's own, so that they would differ after every run.
"""

import base64
import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from callside.demo.campaigns import PREVIEW, PROGRESSIVE
from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
from tests.browser.phone import Phone
from tests.browser.test_campaigns import ROSA, comes_to
from tests.browser.test_crm_and_phone import log_in as log_in_to_crm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
FOR_THE_DOCS = os.environ.get("CALLSIDE_SCREENSHOTS") == "1"
CALL_S = 8 if FOR_THE_DOCS else 0.5
LARGEST = 150_000
LOOK = {"reduced_motion": "reduce", "timezone_id": "UTC", "locale": "en-US"}
CALLER = "Amara Okafor"
NOTE = "Flight to Lisbon moved to Friday.\nSend the new booking by e-mail."


@pytest.fixture
def album(tmp_path):
    folder = DOCS if FOR_THE_DOCS else tmp_path
    folder.mkdir(parents=True, exist_ok=True)

    def keep(name, picture):
        assert len(picture) <= LARGEST, f"{name} has {len(picture)} bytes"
        (folder / name).write_bytes(picture)

    return keep


async def in_both(phone):
    """Pictures of the phone: light, dark."""
    pictures = []
    for scheme in ("light", "dark"):
        await phone.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await phone.page.mouse.move(0, 0)
        pictures.append(await phone.page.screenshot(animations="disabled", caret="hide"))
    return pictures


async def side_by_side(desk, pictures, background):
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in pictures)
    style = (
        f"body{{margin:0;padding:24px;display:inline-flex;gap:24px;background:{background}}}"
        "img{border-radius:12px;box-shadow:0 1px 6px #0004}"
    )
    page = await (await desk.context(viewport={"width": 1600, "height": 700})).new_page()
    await page.set_content(f"<!doctype html><style>{style}</style>{images}")
    return await page.locator("body").screenshot()


async def test_the_phone_in_its_states(desk, carrier, album):
    taken = []
    asha = await desk.log_in("asha", **LOOK)
    await asha.scope.get_by_label("Number to dial").fill("+1 555 010 0110")
    taken.append(await in_both(asha))
    ben = await desk.log_in("ben", "AUTO", "Support", **LOOK)
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["talker"], "tone", name=CALLER)
    await ben.is_in_state("Incoming call")
    taken.append(await in_both(ben))
    await ben.answer()
    await ben.scope.get_by_label("Notes").fill(NOTE)
    await ben.shows("Saved")
    await ben.listen(CALL_S)
    taken.append(await in_both(ben))
    await ben.hang_up()
    await ben.scope.get_by_text("Resolved", exact=True).click()
    taken.append(await in_both(ben))
    for scheme, background in ((0, "#e9edf2"), (1, "#05080d")):
        name = ("phone-light.png", "phone-dark.png")[scheme]
        album(name, await side_by_side(desk, [one[scheme] for one in taken], background))


@pytest.mark.usefixtures("everybody_is_due")
async def test_the_phone_on_campaigns(desk, album):
    taken = []
    asha = await desk.open(await desk.session("asha", "MANUAL", PREVIEW), await desk.context(**LOOK))
    await comes_to(asha, ROSA)
    taken.append((await in_both(asha))[0])
    ben = await desk.open(await desk.session("ben", "PROGRESSIVE", PROGRESSIVE), await desk.context(**LOOK))
    await ben.is_in_state("On a call", 60_000)
    await ben.listen(CALL_S)
    taken.append((await in_both(ben))[0])
    await ben.hang_up()
    await ben.scope.get_by_text("Follow-up needed", exact=True).click()
    await ben.shows("I call back")
    taken.append((await in_both(ben))[0])
    album("phone-campaigns.png", await side_by_side(desk, taken, "#e9edf2"))


async def test_the_phone_without_a_call(desk, elsewhere, carrier, album):
    taken = []
    asha = await desk.log_in("asha", "AUTO", "Support", **LOOK)
    taken.append((await in_both(asha))[0])
    await asha.take_break("Lunch")
    await asha.is_in_state("On break")
    taken.append((await in_both(asha))[0])
    await asha.press("Back to ready")
    await asha.is_in_state("Ready")
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["tone"], "tone")
    await asha.press("Decline")
    await asha.is_in_state("Paused")
    taken.append((await in_both(asha))[0])
    page = await (await desk.context(**LOOK)).new_page()
    session_id = await desk.session("ben", "MANUAL", "Customer care")
    await page.goto(elsewhere.framing(desk.page_url(session_id), allow=""))
    ben = Phone(page, session_id, "iframe")
    await ben.is_titled("The CRM page blocks the microphone")
    taken.append((await in_both(ben))[0])
    album("phone-away.png", await side_by_side(desk, taken, "#e9edf2"))


async def test_the_phone_in_the_sample_crm(desk, demo, carrier, album):
    context = await desk.context(viewport={"width": 1440, "height": 800}, **LOOK)
    page = await context.new_page()
    await page.goto(demo.card["urls"]["crm"])
    await expect(page.get_by_label("Agent name")).to_be_visible()
    album("crm-login.png", await page.screenshot(animations="disabled", caret="hide"))
    phone = await log_in_to_crm(page, demo, "asha", "By hand", "Customer care")
    await page.get_by_role("link", name=CALLER).click()
    await page.get_by_label("New note").fill("Would like window seats on the way back.")
    await page.get_by_role("button", name="Save note").click()
    await page.get_by_role("button", name=f"Call {CALLER}").first.click()
    await phone.is_in_state("On a call")
    await phone.scope.get_by_label("Notes").fill(NOTE)
    await phone.shows("Saved")
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("Talking")
    await phone.listen(CALL_S)
    await page.mouse.move(0, 0)
    album("crm.png", await page.screenshot(animations="disabled", caret="hide"))
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    album("crm-dark.png", await page.screenshot(animations="disabled", caret="hide"))
