"""Staying connected: what was missed while nobody was connected, and side matters that must not cut the line to the engine."""

import contextlib

import pytest

from callside.asterisk.console import EngineConsole
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.folders import EngineFolders
from callside.calls.model import Trunk
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.tenants.model import Tenant
from tests.fakes.ari import Ari, until

TENANT = "1012"
TRUNK = Trunk("11", TENANT, "Carrier", "sip.carrier.example")
DIRECTORY = Directory(Tenant(TENANT, "Shop"), trunks={"11": TRUNK})
CALLER = ("in", "+15550100200", f"trunk-{TENANT}-11")
IN_WAITING = "caller"


class Scene:
    """A telephony on such an engine, with what the floors were told."""

    def __init__(self, ari: Ari, **options) -> None:
        self.ari, self.told = ari, []
        self.telephony = AsteriskTelephony(ari.url, "user", "secret", app_name="callside", **options)

    async def open(self) -> None:
        await self.telephony.set_directory(DIRECTORY)
        await self.telephony.start(lambda _, event: self.told.append(event))
        await until(self.telephony.is_up)

    def count(self, kind: type) -> int:
        return sum(isinstance(one, kind) for one in self.told)

    async def reconnected(self, while_away=lambda: None) -> None:
        """The socket breaks, something happens, and it is there again."""
        found = self.count(ev.EngineFound)
        await self.ari.drop()
        while_away()
        await until(lambda: self.count(ev.EngineFound) > found)

    async def caller(self) -> None:
        self.ari.has_channel(IN_WAITING, *CALLER)
        await self.ari.say("StasisStart", channel=self.ari.channels[IN_WAITING], args=list(CALLER))
        await until(lambda: self.count(ev.CallerArrived) == 1)

    def do(self, *commands) -> None:
        for one in commands:
            self.telephony.execute(TENANT, one)


@contextlib.asynccontextmanager
async def scene(**options):
    async with Ari().running() as ari:
        made = Scene(ari, **options)
        try:
            yield made
        finally:
            await made.telephony.stop()


async def test_a_caller_whose_prompt_ended_while_nobody_was_connected_hears_music_again():
    async with scene() as made:
        await made.open()
        await made.caller()
        made.do(cm.StartMusic(IN_WAITING, ""), cm.PlayPrompt(IN_WAITING, (cm.Phrase.YOU_ARE_NEXT,)))
        await until(lambda: made.ari.playing)
        begun = made.ari.times("POST", f"channels/{IN_WAITING}/moh")
        await made.reconnected(while_away=made.ari.playing.clear)
        await until(lambda: made.ari.times("POST", f"channels/{IN_WAITING}/moh") > begun)


async def test_a_prompt_that_goes_on_meanwhile_is_left_alone():
    async with scene() as made:
        await made.open()
        await made.caller()
        made.do(cm.StartMusic(IN_WAITING, ""), cm.PlayPrompt(IN_WAITING, (cm.Phrase.YOU_ARE_NEXT,)))
        await until(lambda: made.ari.playing)
        [playback] = made.ari.playing
        begun = made.ari.times("POST", f"channels/{IN_WAITING}/moh")
        await made.reconnected()
        await until(lambda: made.ari.times("GET", f"playbacks/{playback}") == 1)
        made.ari.playing.clear()
        await made.ari.say("PlaybackFinished", playback={"id": playback, "state": "done"})
        await until(lambda: made.ari.times("POST", f"channels/{IN_WAITING}/moh") == begun + 1)


async def test_music_that_cannot_be_laid_out_does_not_keep_the_engine_away(tmp_path):
    """A full disk, or a folder that is somebody else's: calls matter more than what is heard before them."""
    root = tmp_path / "engine"
    root.mkdir()
    (root / "etc").write_text("a file where a folder should be")
    async with scene(prompts=tmp_path / "prompts", console=EngineConsole(None, EngineFolders(root))) as made:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("callside.asterisk.registrations._EVERY_S", 60)
            patch.setattr("callside.asterisk.playlists.Playlists._all", lambda _: [1])
            patch.setattr("callside.asterisk.playlists.Playlists._section", lambda *_: "[one]\n")
            await made.open()
            await made.telephony.set_directory(DIRECTORY)


async def test_an_engine_that_tells_no_recordings_is_up_all_the_same(tmp_path):
    async with scene(voicemail=tmp_path) as made:
        made.ari.answers["GET", "recordings/stored"] = (500, "")
        await made.open()
        await until(lambda: made.ari.times("GET", "recordings/stored") == 1)
        await made.caller()
        assert made.count(ev.EngineLost) == 0


async def test_a_leg_that_was_made_and_never_handed_over_is_ended_and_its_end_is_told(monkeypatch):
    monkeypatch.setattr("callside.asterisk.lines._START_SECONDS", 0.05)
    async with scene() as made:
        await made.open()
        made.do(cm.DialCustomer("call", "leg", None, "11", "+15550100123", "", 30))
        await until(lambda: made.ari.times("DELETE", "channels/leg") == 1)
        await made.ari.say("ChannelDestroyed", channel={"id": "leg"}, cause=16)
        await until(lambda: made.count(ev.LegGone) == 1)


async def test_a_session_that_ends_while_the_engine_is_away_leaves_no_credentials():
    async with scene() as made:
        await made.open()
        name = (await made.telephony.issue_credentials(TENANT, "session")).endpoint
        gone = f"asterisk/config/dynamic/res_pjsip/endpoint/{name}"
        before = made.ari.times("DELETE", gone)
        await made.reconnected(while_away=lambda: made.do(cm.CloseLine("session")))
        await until(lambda: made.ari.times("DELETE", gone) > before)
