"""The phone page's headers and the binding in a real Chromium: who may frame it, cookies in a frame of another site, reloads."""

import asyncio
import shutil

import pytest
import uvicorn
from playwright.async_api import async_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.fakes.phone_server import PhoneServer, until

pytestmark = pytest.mark.browser
PAGE = (
    "<!doctype html><title>Phone</title><p id=state>loading</p><script type=module src=/phone/assets/page.js></script>"
)
# Does what the real page does before it has a look: redeem, keep the frame's name in the address, open the socket.
SCRIPT = """
const state = document.querySelector("#state");
const url = new URL(location.href);
const session = url.searchParams.get("session") ?? history.state.session;
const reply = await fetch("/phone/redeem", {method: "POST", headers: {"X-Callside": "1"}, body: JSON.stringify({session})});
const body = await reply.json();
if (reply.ok) {
  history.replaceState({session}, "", `?r=agent&frame=${body.frame}`);
  const socket = new WebSocket(`/phone/socket`, ["callside.v1", `bearer.${body.bearer}`]);
  socket.onmessage = ({data}) => { if (JSON.parse(data).type === "view") state.textContent = "view"; };
  socket.onclose = ({code, reason}) => { state.textContent = `closed ${code} ${reason}`; };
} else state.textContent = `refused ${reply.status}`;
"""


class Crm:
    """A CRM on a site of its own (``localhost``; the phone is at ``127.0.0.1``) that frames one URL."""

    def __init__(self):
        self.framed = ""
        self.headers = {}

    async def page(self, request):
        return HTMLResponse(
            f'<!doctype html><title>CRM</title><iframe src="{self.framed}" width=360></iframe>', headers=self.headers
        )

    async def __aenter__(self):
        config = uvicorn.Config(
            Starlette(routes=[Route("/", self.page)]), port=0, log_config=None, access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup()
        self.origin = f"http://localhost:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc):
        await self._server.shutdown()


@pytest.fixture
async def crm():
    async with Crm() as running:
        yield running


@pytest.fixture
async def server(tmp_path, crm):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "page.js").write_text(SCRIPT)
    async with PhoneServer(tmp_path) as running:
        running.exchange.allow(crm.origin)
        yield running


@pytest.fixture
async def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine; `make packages` installs one")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        await running.close()


def url(server, handle):
    return f"{server.origin}/wp_plugin/index.php?r=agent&session={handle}"


async def shown(page, text):
    """Wait until the framed phone says so."""
    await page.frame_locator("iframe").locator("#state", has_text=text).wait_for(timeout=10_000)


async def open_crm(browser, crm):
    page = await browser.new_page()
    page.blocked = []
    page.on("console", lambda line: page.blocked.append(line.text) if "violates" in line.text else None)
    await page.goto(crm.origin)
    return page


async def test_the_tenants_crm_frames_the_phone_and_a_reload_of_either_keeps_it(server, crm, browser):
    _, handle = server.exchange.log_in()
    crm.framed = url(server, handle)
    page = await open_crm(browser, crm)
    await shown(page, "view")
    # The whole CRM page again: the URL of the iframe is the guide's, the cookie of the frame binds.
    await page.reload()
    await shown(page, "view")
    # The frame alone: the id has gone from its address.
    frame = page.frames[1]
    assert handle not in frame.url
    await frame.evaluate("document.querySelector('#state').textContent = 'old'; location.reload()")
    await shown(page, "view")
    assert page.blocked == []


async def test_a_second_tab_of_the_browser_takes_over_and_the_first_is_told(server, crm, browser):
    _, handle = server.exchange.log_in()
    crm.framed = url(server, handle)
    context = await browser.new_context()
    first = await open_crm(context, crm)
    await shown(first, "view")
    second = await open_crm(context, crm)
    await shown(second, "view")
    await shown(first, "closed 4001 opened again")


async def test_another_browser_gets_in_use(server, crm, browser):
    _, handle = server.exchange.log_in()
    crm.framed = url(server, handle)
    await shown(await open_crm(await browser.new_context(), crm), "view")
    await shown(await open_crm(await browser.new_context(), crm), "refused 409")


async def test_another_site_cannot_frame_the_phone(server, crm, browser):
    server.exchange.allow("https://crm.example.com")
    row, handle = server.exchange.log_in()
    crm.framed = url(server, handle)
    page = await open_crm(browser, crm)
    async with asyncio.timeout(10):
        await until(lambda: page.blocked, 10)
    assert "frame-ancestors" in page.blocked[0]
    assert server.exchange.sessions.rows[row.tenant_id, row.id] == row


@pytest.mark.parametrize(
    "headers", [{}, {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}]
)
async def test_a_crm_that_isolates_itself_may_frame_the_phone_as_well_as_one_that_does_not(
    server, crm, browser, headers
):
    _, handle = server.exchange.log_in()
    crm.framed, crm.headers = url(server, handle), headers
    page = await open_crm(browser, crm)
    await shown(page, "view")
    assert await page.evaluate("crossOriginIsolated") is bool(headers)
