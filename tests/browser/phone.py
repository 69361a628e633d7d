"""A web phone in a real browser, seen and used as its agent does."""

import base64

import numpy as np
from playwright.async_api import expect

from tests.browser.sound import Sound
from tests.browser.stage import until

LINE_MS = 20_000

# The page plays the line through an <audio> element that is in no document: remembered here, so that what it plays can be measured.
IN_THE_PAGE = """
(() => {
  const make = Document.prototype.createElement;
  Document.prototype.createElement = function (name, ...more) {
    const made = make.call(this, name, ...more);
    if (String(name).toLowerCase() === "audio") window.testLoudspeaker = made;
    return made;
  };
  // A browser's clean-up of voices takes a tone for noise, and quietens it whenever it likes.
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  if (open) {
    media.getUserMedia = (wanted) =>
      open({...wanted, audio: {...wanted.audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
  }
})();
"""
# Samples of what the loudspeaker plays, from now on. Nothing where it plays nothing.
LISTEN = """
async (seconds) => {
  const speaker = window.testLoudspeaker;
  const playing = speaker && !speaker.paused && !speaker.muted && speaker.volume > 0;
  const track = playing ? speaker.srcObject?.getAudioTracks()[0]?.clone() : undefined;
  if (!track) return {rate: 48000, samples: ""};
  const reader = new MediaStreamTrackProcessor({track}).readable.getReader();
  const blocks = [];
  let rate = 48000, count = 0;
  const enough = Date.now() + seconds * 1000 + 3000;
  while (count < seconds * rate && Date.now() < enough && !window.testEnough) {
    const next = await Promise.race([reader.read(), new Promise((done) => setTimeout(done, 1000, null))]);
    if (next === null || next.done) break;
    const block = new Float32Array(next.value.numberOfFrames);
    next.value.copyTo(block, {planeIndex: 0, format: "f32-planar"});
    rate = next.value.sampleRate;
    next.value.close();
    blocks.push(block);
    count += block.length;
  }
  track.stop();
  const bytes = new Uint8Array(count * 2);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const block of blocks) for (const one of block) { view.setInt16(at, Math.max(-1, Math.min(1, one)) * 32767, true); at += 2; }
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return {rate, samples: btoa(text)};
}
"""


def _sound(got):
    return Sound(np.frombuffer(base64.b64decode(got["samples"]), dtype="<i2") / 32767, got["rate"])


class Phone:
    """One phone page, alone in a tab or framed by a CRM."""

    def __init__(self, page, session_id="", frame=None):
        self.page = page
        self.session_id = session_id
        self._frame = frame
        """Selector of the iframe, where there is one."""

    @property
    def scope(self):
        return self.page.frame_locator(self._frame) if self._frame else self.page

    async def document(self):
        """The frame that the phone's document is in."""
        if not self._frame:
            return self.page.main_frame
        return await (await self.page.query_selector(self._frame)).content_frame()

    async def is_in_state(self, words, timeout=LINE_MS):
        """The header says so: ``Ready``, ``On a call``, …"""
        await expect(self.scope.get_by_role("status")).to_have_text(words, timeout=timeout)

    async def shows(self, text, timeout=LINE_MS):
        await expect(self.scope.get_by_text(text).first).to_be_visible(timeout=timeout)

    async def is_titled(self, text, timeout=LINE_MS):
        await expect(self.scope.get_by_role("heading", name=text, level=2)).to_be_visible(timeout=timeout)

    async def press(self, name):
        await self.scope.get_by_role("button", name=name, exact=True).click(timeout=LINE_MS)

    async def dial(self, number):
        await self.scope.get_by_label("Number to dial").fill(number)
        await self.press("Dial")

    async def answer(self):
        await self.is_in_state("Incoming call")
        await self.press("Answer")
        await self.is_in_state("On a call")

    async def hang_up(self):
        await self.press("Hang up")
        await self.is_in_state("Wrap-up")

    async def wrap_up(self, outcome=None):
        if outcome:
            await self.scope.get_by_text(outcome, exact=True).click()
        await self.press("Save and be ready")

    async def take_break(self, reason):
        await self.press("Break")
        await self.press(reason)

    async def listen(self, seconds):
        """What the agent hears, from now on."""
        frame = await self.document()
        return _sound(await frame.evaluate(f"({LISTEN})({seconds})"))

    async def keep_listening(self, at_most_s=30):
        """Begin to keep what the agent hears."""
        frame = await self.document()
        await frame.evaluate(f"window.testKept = ({LISTEN})({at_most_s}); undefined")

    async def kept(self):
        """All since then."""
        frame = await self.document()
        return _sound(
            await frame.evaluate(
                "(window.testEnough = true, window.testKept).finally(() => { window.testEnough = false; })"
            )
        )

    async def hears(self, hz, deadline_s=15):
        """Wait until the tone is in what the agent hears."""

        async def there():
            return (await self.listen(0.3)).has(hz)

        await until(there, f"the agent hears {hz} Hz", deadline_s)

    async def hears_no(self, hz, deadline_s=15):
        """Wait until a second goes by without the tone."""

        async def away():
            sound = await self.listen(1.0)
            return sound.seconds > 0.9 and sound.level(hz) < -50

        await until(away, f"the agent hears no {hz} Hz", deadline_s)
