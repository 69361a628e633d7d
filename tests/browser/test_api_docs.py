"""The API's own page in a real Chromium: all operations are there, nothing breaks its policy, axe finds nothing."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.fakes.command_line import ServerThread

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def server(tmp_path):
    with ServerThread(tmp_path) as running:
        yield f"http://127.0.0.1:{running.port}"


@pytest.fixture
async def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine; `make packages` installs one")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        await running.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
async def test_the_page_shows_every_operation_in_any_light_and_width(server, chromium, scheme, width):
    page = await chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{server}/v1/docs")
    document = await (await page.request.get(f"{server}/v1/openapi.json")).json()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    await expect(page.locator("details")).to_have_count(len(operations))
    await page.get_by_label("Find an operation").fill("post campaigns")
    found = [where for where, methods in document["paths"].items() if "post" in methods and "campaigns" in where]
    await expect(page.locator("details:visible")).to_have_count(len(found))
    await page.locator("#add_campaign summary").click()
    await expect(page.locator("#add_campaign")).to_contain_text('"countries"')
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if not AXE.exists():
        pytest.skip("axe-core is not installed; `make setup` installs it")
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run().then((result) => result.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
    assert complaints == []
