"""The whole thing for the tests: a running demo, one real Chromium with a tone for a microphone, agents who log in."""

import contextlib
import html
import shutil
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import async_playwright

from callside.demo.numbers import FAR_SIDES
from tests.browser.phone import IN_THE_PAGE, Phone
from tests.browser.sound import write_speaker
from tests.browser.stage import Crm, Demo, FarSide, free_port, processes_of, until

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
)


def chromium_path():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine; `make packages` installs one")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo(tmp_path_factory):
    """``callside demo``, running. At the end Ctrl-C ends all of it."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "home")
    try:
        await demo.start()
        await short_times(demo)
        yield demo
        assert await demo.stop() == 0, demo.said()[-4000:]
        await until(lambda: not processes_of(demo.home), f"nothing is left running: {processes_of(demo.home)}")
    finally:
        if demo.process is not None and demo.process.poll() is None:
            demo.kill()
        await demo_engines_stopped(demo.home)


async def short_times(demo):
    """Where a test waits for nobody to do something, it does not wait long: Sales and Renewals have short times."""
    crm = Crm(demo)
    for room, name in (("queues", "Sales"), ("campaigns", "Renewals")):
        key = next(key for key, known in demo.card[room].items() if known == name)
        await crm.v1(f"{room}/{key}", "PATCH", {"ring_s": 5, "wrap_up_s": 3})


async def demo_engines_stopped(home):
    """After a failed test nothing stays either."""
    from callside.asterisk.process import find_running

    for one in (home, home / "carrier"):
        with contextlib.suppress(Exception):
            if (engine := find_running(one)) is not None:
                await engine.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright():
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright, tmp_path_factory):
    """A Chromium that has the microphone allowed, with a tone of 700 Hz in it."""
    tone = write_speaker(tmp_path_factory.mktemp("microphone") / "tone.wav")
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={tone}"]
    running = await playwright.chromium.launch(executable_path=chromium_path(), args=flags)
    yield running
    await running.close()


class Desk:
    """Where a test's agents sit: each in a browser profile of their own."""

    def __init__(self, demo, browser):
        self.demo = demo
        self.browser = browser
        self.crm = Crm(demo)
        self.problems = []
        self._contexts = []

    async def context(self, **options):
        context = await self.browser.new_context(**{"viewport": {"width": 360, "height": 640}, **options})
        await context.add_init_script(IN_THE_PAGE)
        context.on("weberror", lambda wrong: self.problems.append(str(wrong.error)))
        context.on("console", self._said)
        self._contexts.append(context)
        return context

    def _said(self, line):
        if "Content Security Policy" in line.text or "violates" in line.text:
            self.problems.append(line.text)

    def page_url(self, session_id):
        return f"{self.demo.url}/wp_plugin/index.php?r=agent&session={session_id}"

    async def session(self, username, login_type, work, ext=""):
        """createSession, by the names of people; the SessionId."""
        known = self.demo.card["queues"] if login_type == "AUTO" else self.demo.card["campaigns"]
        ids = {name: key for key, name in known.items()}
        reply = await self.crm.create_session(username, login_type, ids.get(work, work), ext)
        assert reply["ResponseCode"] == "200", reply
        return reply["SessionId"]

    async def open(self, session_id, context=None):
        page = await (context or await self.context()).new_page()
        await page.goto(self.page_url(session_id))
        return Phone(page, session_id)

    async def log_in(self, username, login_type="MANUAL", work="Customer care", **options):
        """An agent with the phone open and Ready."""
        session_id = await self.session(username, login_type, work)
        phone = await self.open(session_id, await self.context(**options))
        await phone.is_in_state("Ready")
        return phone

    async def leave(self):
        for context in self._contexts:
            await context.close()
        for session in await self.crm.sessions():
            await self.crm.v1(f"sessions/{session['id']}?force=true", "DELETE")
        await hang_up_all(self.demo)

        async def nobody():
            return not await self.crm.sessions()

        await until(nobody, "nobody is logged in any more")


async def hang_up_all(demo):
    """No call is left for the next test."""
    carrier = demo.carrier

    async def silence():
        for channel in await carrier._ask("GET", "channels", {}):
            with contextlib.suppress(Exception):
                await carrier.hang_up(channel["id"])
        return not await carrier.channels()

    await until(silence, "the carrier's lines are free")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(demo, chromium):
    desk = Desk(demo, chromium)
    yield desk
    await desk.leave()
    assert desk.problems == []


@pytest.fixture
def crm(desk):
    return desk.crm


@pytest_asyncio.fixture(loop_scope="session")
async def everybody_is_due(crm):
    """Whoever an earlier test was done with is on the campaigns' lists again: all tests share one demo."""
    for side in FAR_SIDES:
        found = await crm.v1(f"leads?number={side.number.replace('+', '%2B')}")
        for lead in found["items"]:
            if lead["state"] != "dialling":
                await crm.v1(f"leads/{lead['id']}", "PATCH", {"state": "due", "due_at": "2020-01-01T00:00:00Z"})


@pytest.fixture
def carrier(demo):
    return demo.carrier


@pytest.fixture
def far_side(demo):
    return FarSide(demo)


class Elsewhere:
    """A page of another origin (the machine's other name), allowed to frame the phone, that does so."""

    def __init__(self, origin):
        self.origin = origin

    def framing(self, url, allow):
        return f"{self.origin}/?{urlencode({'url': url, 'allow': allow})}"


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(desk):
    async def page(request):
        url, allow = html.escape(request.query["url"]), html.escape(request.query["allow"])
        text = (
            "<!doctype html><title>CRM</title><style>body{margin:0} iframe{width:100vw;height:100vh;border:0}</style>"
            f'<iframe src="{url}" allow="{allow}"></iframe>'
        )
        return web.Response(text=text, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with allowed_origin(desk.crm, f"http://127.0.0.1:{port}") as origin:
        yield Elsewhere(origin)
    await runner.cleanup()


@contextlib.asynccontextmanager
async def allowed_origin(crm, origin):
    """The tenant's CRM may live there while the block runs."""
    before = (await crm.v1("tenant"))["crm_origins"]
    await crm.v1("tenant", "PATCH", {"crm_origins": [*before, origin]})
    try:
        yield origin
    finally:
        await crm.v1("tenant", "PATCH", {"crm_origins": before})
