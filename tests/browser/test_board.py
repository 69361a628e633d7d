"""The live board in a real browser: before a running exchange with a pretended engine, so nothing here rings."""

from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import expect

from callside.floor import events as ev
from callside.tenants.model import BreakReason
from tests.browser.test_accessibility import AT_REST, AXE, RUN
from tests.fakes.live_centre import TOKEN, LiveCentre
from tests.fakes.stage import AGENTS, TENANT, directory

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
WALL, LAPTOP = {"width": 1920, "height": 1080}, {"width": 1366, "height": 768}


@pytest_asyncio.fixture(loop_scope="session")
async def centre():
    async with LiveCentre() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium):
    context = await chromium.new_context(viewport=WALL, bypass_csp=False)
    yield await context.new_page()
    await context.close()


async def a_busy_morning(centre):
    """Three agents: one talks, one on a break, one missed a call; four wait, the first for 75 s."""
    sessions = [await centre.be_ready(agent) for agent in AGENTS[:3]]
    await centre.ask(ev.GoOnBreak(sessions[1], "lunch"))
    await centre.ask(ev.GoOnBreak(sessions[2], "lunch"))
    await centre.caller("+15550100123")
    await centre.ask(ev.Answer(sessions[0]))
    await centre.ask(ev.GoReady(sessions[2]))
    for number in range(4):
        await centre.caller(f"+1555010014{number}")
    await centre.ask(ev.Decline(sessions[2]))
    centre.clock.ms += 75_000


async def open_board(page, centre, token=TOKEN):
    await page.goto(f"{centre.origin}/board")
    await page.get_by_label("API token").fill(token)
    await page.get_by_role("button", name="Show the board").click()


async def is_for_everybody(page):
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        await page.evaluate(AT_REST)
        assert await page.evaluate(RUN) == []


async def test_a_board_shows_queues_and_agents_and_follows_them(page, centre, tmp_path):
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    await page.goto(f"{centre.origin}/board")
    await is_for_everybody(page)
    limited = replace(directory().tenant, breaks=(BreakReason("lunch", "Lunch", 60),))
    centre.store.directories.by_tenant[TENANT] = replace(directory(), tenant=limited)
    await centre.exchange.directory_changed(TENANT)
    await a_busy_morning(centre)
    await open_board(page, centre)
    support = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Support"))
    await expect(support.get_by_text("Longest: late")).to_be_visible()
    await expect(support.locator(".big dd").first).to_have_text("4")
    await expect(support.get_by_text("SL_B in 20 s")).to_be_visible()
    await expect(support.locator(".big dd").nth(2)).to_have_text("20 %")
    tiles = page.locator(".tile")
    await expect(tiles).to_have_count(3)
    await expect(tiles.first).to_contain_text("Break: Lunch, over its limit")
    await expect(tiles.first).to_have_attribute("data-look", "alert")
    await expect(tiles.nth(1)).to_contain_text("Not responding")
    await is_for_everybody(page)
    for name, size in (("wall", WALL), ("laptop", LAPTOP)):
        await page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=tmp_path / f"board-{name}-{scheme}.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await centre.ask(ev.GoReady(centre.exchange.live("1012")[0][1].id))
    await expect(page.get_by_text("Break: Lunch")).to_be_hidden()
    await expect(tiles.filter(has_text="Ringing")).to_have_count(1)
    assert errors == []


async def test_a_token_that_is_not_good_is_told_and_a_reload_keeps_a_good_one(page, centre):
    await open_board(page, centre, "not-good")
    await expect(page.get_by_role("alert")).to_contain_text("not good")
    await is_for_everybody(page)
    await page.get_by_label("API token").fill(TOKEN)
    await page.get_by_role("button", name="Show the board").click()
    await expect(page.get_by_text("Nobody is logged in.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Nobody is logged in.")).to_be_visible()
    assert TOKEN not in page.url
    assert await page.evaluate("localStorage.length") == 0


async def test_a_lost_connection_is_told_and_comes_back(page, centre):
    await a_busy_morning(centre)
    await open_board(page, centre)
    await expect(page.locator(".tile")).to_have_count(3)
    await centre.exchange.stop()
    await expect(page.get_by_role("status")).to_contain_text("Connection lost")
    await expect(page.locator(".tile")).to_have_count(3)
    await is_for_everybody(page)


async def test_the_page_may_load_nothing_from_elsewhere_and_be_framed_by_nobody(centre):
    status, _, headers = await centre.get("/board", token=None)
    policy = headers["Content-Security-Policy"]
    assert status == 200
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
