"""The sample CRM with the real phone in it: an agent at work, in the demo's own CRM and in one that runs by itself elsewhere."""

import contextlib
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from callside.demo.numbers import CALLERS, SUPPORT_NUMBER
from tests.browser.conftest import allowed_origin
from tests.browser.phone import Phone
from tests.browser.sound import FAR_HZ, MICROPHONE_HZ
from tests.browser.stage import free_port, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "crm"
TONE_CONTACT = "Tomoko Arai"
"""Has the number of the carrier's ``tone``."""


async def open_crm(desk, url):
    page = await (await desk.context(viewport={"width": 1366, "height": 800})).new_page()
    await page.goto(url)
    return page


async def log_in(page, demo, username, kind, work):
    """As an agent does; the phone in the CRM, Ready."""
    phone = await enter(page, demo, username, kind, work)
    await phone.is_in_state("Ready")
    await expect(page.locator(".pill")).to_have_text("Ready")
    return phone


async def enter(page, demo, username, kind, work):
    """As an agent does; the phone in the CRM, in whatever state it is first."""
    await page.get_by_label("Agent name").fill(username)
    await page.get_by_label("Password").fill(demo.card["agents"][username])
    await page.get_by_role("radio", name=kind).check()
    choice = page.get_by_label("Queue" if kind == "Incoming" else "Campaign")
    await expect(choice.locator("option", has_text=work)).to_have_count(1)
    await choice.select_option(label=work)
    await page.get_by_role("button", name="Log in").click()
    return Phone(page, frame="iframe")


async def a_click_on_a_number_calls(page, phone, far_side):
    await page.get_by_role("button", name=f"Call {TONE_CONTACT}").click()
    await phone.is_in_state("On a call")
    await phone.hears(FAR_HZ)
    await expect(page.get_by_label("Call", exact=True)).to_contain_text(TONE_CONTACT)
    await phone.listen(1)
    await page.get_by_role("button", name="Hang up").first.click()
    await phone.is_in_state("Wrap-up")
    await expect(page.get_by_label("Call", exact=True)).to_have_count(0)
    await page.get_by_role("link", name="Calls").click()
    await expect(page.locator(".calls li").first).to_contain_text(TONE_CONTACT)
    await expect(page.locator(".calls li").first).to_contain_text("0:0")
    assert (await far_side.sound()).longest(MICROPHONE_HZ, there=True) >= 0.8


async def test_a_click_on_a_customers_number_calls_them_and_is_in_the_log(desk, demo, far_side):
    page = await open_crm(desk, demo.card["urls"]["crm"])
    phone = await log_in(page, demo, "asha", "By hand", "Customer care")
    await a_click_on_a_number_calls(page, phone, far_side)


async def test_a_customer_who_calls_pops_up_before_the_agent_answers(desk, demo, carrier):
    page = await open_crm(desk, demo.card["urls"]["crm"])
    phone = await log_in(page, demo, "asha", "Incoming", "Support")
    # The caller of behaviour "talker" has Amara Okafor's second number.
    await carrier.call_in(SUPPORT_NUMBER, CALLERS["talker"], "tone")
    await phone.is_in_state("Incoming call")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Amara Okafor")
    await phone.press("Answer")
    await phone.hears(FAR_HZ)
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("Talking")
    await page.get_by_role("link", name="Calls").click()
    await phone.hears(FAR_HZ)
    await expect(page.locator(".calls li").first).to_contain_text("Amara Okafor")


async def test_a_number_the_campaign_does_not_call_is_refused_in_the_crm_too(desk, demo):
    page = await open_crm(desk, demo.card["urls"]["crm"])
    await log_in(page, demo, "asha", "By hand", "Customer care")
    await page.goto(f"{page.url.partition('#')[0]}#/new?number=%2B442079460123")
    await page.get_by_label("Name", exact=True).fill("Far Away")
    await page.get_by_role("button", name="Save customer").click()
    await page.get_by_role("button", name="Call Far Away").click()
    await expect(page.get_by_role("alert").first).to_contain_text("dial rules do not allow")


async def test_logging_out_of_the_crm_logs_out_of_the_phone(desk, demo, crm):
    page = await open_crm(desk, demo.card["urls"]["crm"])
    await log_in(page, demo, "asha", "By hand", "Customer care")
    await page.get_by_role("button", name="Log out").first.click()
    await expect(page.get_by_label("Agent name")).to_be_visible()

    async def nobody():
        return await crm.sessions() == []

    await until(nobody, "nobody is logged in")


async def test_nothing_the_browser_gets_has_the_token_in_it(desk, demo):
    page = await (await desk.context(viewport={"width": 1366, "height": 800})).new_page()
    bodies = []

    async def keep(response):
        with contextlib.suppress(Exception):
            bodies.append(await response.body())

    page.on("response", keep)
    await page.goto(demo.card["urls"]["crm"])
    await log_in(page, demo, "asha", "By hand", "Customer care")
    assert any(b"wp_plugin" in one for one in bodies), "the login's own answer was looked at"
    assert not any(demo.card["token"].encode() in one for one in bodies)


@pytest_asyncio.fixture(loop_scope="session")
async def standalone(desk, demo, tmp_path):
    """The sample CRM as a program of its own, on another origin that the tenant has allowed."""
    token, port = tmp_path / "token", free_port()
    token.write_text(demo.card["token"])
    words = ["--callside", demo.url, "--tenant", demo.card["tenant_id"], "--token-file", str(token)]
    with (tmp_path / "crm.out").open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, str(EXAMPLE), *words, "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"

    async def answers():
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as http, http.get(f"{url}/") as reply:
                return reply.status == 200

    try:
        await until(answers, "the CRM answers")
        async with allowed_origin(desk.crm, url):
            yield url
    finally:
        running.terminate()
        running.wait(10)


async def test_a_crm_on_another_origin_works_the_same(desk, demo, standalone, far_side):
    page = await open_crm(desk, standalone)
    phone = await log_in(page, demo, "asha", "By hand", "Customer care")
    assert page.url.startswith(standalone)
    assert (await phone.document()).url.startswith(demo.url)
    await a_click_on_a_number_calls(page, phone, far_side)
