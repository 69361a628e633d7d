"""The phone page in a real Chromium against a running demo: opened until ready to take a call; reloaded in a call until heard.

Times are the page's own (``performance.now``: since the navigation began). Each opening has a browser profile of its own, so
nothing comes from a cache.
"""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bench.tables import Table, percentile
from tests.browser.conftest import FLAGS
from tests.browser.phone import Phone
from tests.browser.sound import write_speaker
from tests.browser.stage import Crm, Demo

OPENINGS = 20
RELOADS = 15
_AT_MOST_S = 120.0
_TONE_NUMBER = "+1 555-010-0110"
_READY_AT = """
new MutationObserver(() => {
  const shown = document.querySelector("[role=status]")?.textContent.trim();
  if (shown === "Ready" && !window.readyAt) window.readyAt = performance.now();
}).observe(document, {subtree: true, childList: true, characterData: true});
"""
# The page plays the line through an <audio> element that is in no document: it is remembered when it is made.
_HEARD_AT = """
(() => {
  const make = Document.prototype.createElement;
  let speaker;
  Document.prototype.createElement = function (name, ...more) {
    const made = make.call(this, name, ...more);
    if (String(name).toLowerCase() === "audio") speaker = made;
    return made;
  };
  const look = async () => {
    const track = speaker && !speaker.paused ? speaker.srcObject?.getAudioTracks()[0] : undefined;
    if (!track) return setTimeout(look, 10);
    const reader = new MediaStreamTrackProcessor({track: track.clone()}).readable.getReader();
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return setTimeout(look, 10);
      const block = new Float32Array(value.numberOfFrames);
      value.copyTo(block, {planeIndex: 0, format: "f32-planar"});
      value.close();
      if (block.some((one) => Math.abs(one) > 0.02)) { window.heardAt = performance.now(); return; }
    }
  };
  look();
})();
"""


def run() -> Iterable[Table]:
    """The table."""
    yield asyncio.run(_measured())


async def _measured() -> Table:
    with tempfile.TemporaryDirectory(prefix="callside-bench-") as folder:
        async with _demo(Path(folder) / "home") as demo, _browser(Path(folder)) as browser:
            opened = await _openings(demo, browser)
            heard = await _reloads(demo, browser)
    rows = [
        _row("page opened → ready to take a call", opened, "1,000"),
        _row("reload in a call → audio back", heard, "3,000"),
    ]
    return Table("page", ("what", "times", "p50 ms", "p95 ms", "slowest ms", "reach: p95 ms"), rows)


def _row(name: str, times: Sequence[float], reach: str) -> Sequence[str]:
    figures = (percentile(times, 0.5), percentile(times, 0.95), max(times))
    return (name, str(len(times)), *(f"{one:,.0f}" for one in figures), f"≤ {reach}")


@contextlib.asynccontextmanager
async def _demo(home: Path) -> AsyncIterator[Demo]:
    demo = Demo(home)
    try:
        await demo.start()
        yield demo
    finally:
        if demo.process is not None:
            await demo.stop()


@contextlib.asynccontextmanager
async def _browser(folder: Path) -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("no Chromium on this machine; `make packages` installs one")
    microphone = write_speaker(folder / "microphone.wav")
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def _page(demo: Demo, browser: Browser, login_type: str) -> AsyncIterator[tuple[Page, str]]:
    """A fresh profile's page, and the URL of a fresh session."""
    choices = demo.card["campaigns" if login_type == "MANUAL" else "queues"]
    crm, work = Crm(demo), next(key for key, name in choices.items() if name in {"Customer care", "Support"})
    reply = await crm.create_session("asha", login_type, work)
    context = await browser.new_context(viewport={"width": 360, "height": 640})
    for script in (_READY_AT, _HEARD_AT):
        await context.add_init_script(script)
    page = await context.new_page()
    yield page, f"{demo.url}/wp_plugin/index.php?r=agent&session={reply['SessionId']}"
    await crm.end_session(reply["SessionId"], Force="true")
    await context.close()


async def _openings(demo: Demo, browser: Browser) -> list[float]:
    times: list[float] = []
    began = time.monotonic()
    while len(times) < OPENINGS and time.monotonic() - began < _AT_MOST_S:
        async with _page(demo, browser, "AUTO") as (page, url):
            await page.goto(url)
            times.append(await _when(page, "readyAt"))
    return times


async def _reloads(demo: Demo, browser: Browser) -> list[float]:
    times: list[float] = []
    began = time.monotonic()
    async with _page(demo, browser, "MANUAL") as (page, url):
        await page.goto(url)
        phone = Phone(page)
        await phone.is_in_state("Ready")
        await phone.dial(_TONE_NUMBER)
        await phone.is_in_state("On a call")
        await _when(page, "heardAt")
        while len(times) < RELOADS and time.monotonic() - began < _AT_MOST_S:
            await page.reload()
            times.append(await _when(page, "heardAt"))
    return times


async def _when(page: Page, mark: str) -> float:
    # The page's policy forbids `eval`, which Playwright's own waiting needs.
    look = f"const look = () => window.{mark} ? done(window.{mark}) : setTimeout(look, 20); look();"
    async with asyncio.timeout(30):
        at: float = await page.evaluate(f"() => new Promise((done) => {{ {look} }})")
    return at
