"""What callers are told while they wait: prompts over music, ended at once when something better comes."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import structlog

from callside.asterisk.client import AriRefusedError
from callside.asterisk.legs import Leg
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.playlists import Playlists
from callside.floor.commands import Digits, Phrase, Piece, PlayPrompt, Recorded, Spoken
from callside.floor.directory import Directory
from callside.kernel.ids import PromptId, TenantId

log = structlog.get_logger(__name__)

_PHRASES: Final = {
    Phrase.YOU_ARE_NEXT: "sound:queue-youarenext",
    Phrase.YOU_ARE_NUMBER: "sound:queue-thereare",
    Phrase.IN_THE_QUEUE: "sound:queue-callswaiting",
    Phrase.EXPECTED_WAIT: "sound:queue-holdtime",
    Phrase.LESS_THAN: "sound:queue-less-than",
    # The engine's voice has no "to"; a short rest between two figures is understood.
    Phrase.TO: "sound:silence/1",
    Phrase.MINUTES: "sound:queue-minutes",
    Phrase.NUMBER_IS: "sound:vm-num-i-have",
    Phrase.IF_CORRECT_PRESS: "sound:if-correct-press",
    Phrase.OTHER_NUMBER_PRESS: "sound:vm-calldiffnum,sound:vm-press",
    Phrase.ENTER_NUMBER: "sound:vm-enter-num-to-call,sound:vm-then-pound",
    Phrase.SPEAK_AFTER_TONE: "sound:vm-intro",
    Phrase.NOT_VALID: "sound:im-sorry,sound:check-number-dial-again",
}
_GONE: Final = frozenset({404})


class Prompts:
    """Plays prompts on customers' legs. Methods that ask may raise EngineUnavailableError and AriRefusedError.

    Args:
        directories: The live mapping of known tenants.
        folder: Where tenants' prompts lie (``<folder>/<tenant>/<digest>.…``); ``None``: there are none.
        playlists: Music of tenants' own.
    """

    def __init__(
        self, link: AriLink, directories: Mapping[TenantId, Directory], folder: Path | None, playlists: Playlists
    ) -> None:
        self._link = link
        self._playlists = playlists
        self._directories = directories
        self._folder = folder
        self._looped: dict[str, list[str]] = {}
        self._legs: dict[str, Leg] = {}
        self._count = itertools.count(1)

    def playing(self) -> list[str]:
        """Prompts whose end was not told yet."""
        return list(self._legs)

    def leg_of(self, playback_id: str) -> Leg | None:
        """Whose prompt it is."""
        return self._legs.get(playback_id)

    def recorded(self, tenant_id: TenantId, prompt_id: PromptId) -> str | None:
        """A tenant's prompt as ARI names it; ``None`` where its files are missing."""
        directory = self._directories.get(tenant_id)
        prompt = directory.prompts.get(prompt_id) if directory else None
        if prompt is None or self._folder is None:
            return None
        place = self._folder / tenant_id / prompt.digest
        return f"sound:{place}" if place.with_suffix(".wav").is_file() else None

    def media(self, tenant_id: TenantId, pieces: Iterable[Piece]) -> list[str]:
        """The pieces as ARI names them, without those that are not there."""
        named = (self._named(tenant_id, one) for one in pieces)
        return [one for one in named if one is not None]

    def _named(self, tenant_id: TenantId, piece: Piece) -> str | None:
        match piece:
            case Recorded(prompt_id):
                return self.recorded(tenant_id, prompt_id)
            case Spoken(value):
                return f"number:{value}"
            case Digits(text):
                return f"digits:{text}"
            case _:
                return _PHRASES[piece]

    async def play(self, tenant_id: TenantId, leg: Leg, command: PlayPrompt) -> None:
        """Instead of whatever the leg hears."""
        media = self.media(tenant_id, command.pieces)
        await self.silence(leg)
        if not media:
            log.warning("engine.prompt_missing", tenant=tenant_id, leg=leg.id, pieces=str(command.pieces))
            await self._rather_music(leg)
            return
        await self.stop_music(leg)
        try:
            await self._begin(leg, media, loop=command.loop)
        except AriRefusedError:
            await self._rather_music(leg)
            raise

    async def _begin(self, leg: Leg, media: list[str], *, loop: bool) -> None:
        playback = f"prompt-{leg.id}-{next(self._count)}"
        leg.playback, self._legs[playback] = playback, leg
        if loop:
            self._looped[playback] = media
        try:
            await self._link.ask("POST", path("channels", leg.id, "play", playback), {"media": ",".join(media)})
        except Exception:
            self._forget(leg)
            raise

    async def over(self, playback_id: str, *, well: bool) -> None:
        """The engine says that a prompt is at its end: once more, or back to the music. Not ``well``: nothing of it was heard."""
        leg, media = self._legs.pop(playback_id, None), self._looped.pop(playback_id, None)
        if leg is None or leg.playback != playback_id:
            return
        leg.playback = None
        if leg.ended.is_set():
            return
        if not well:
            log.warning("engine.prompt_failed", tenant=leg.mark.tenant_id, leg=leg.id)
            await self._rather_music(leg)
        elif media is not None:
            await self._begin(leg, media, loop=True)
        else:
            await self.music_again(leg)

    async def silence(self, leg: Leg) -> None:
        """End the prompt that plays, if one does. A channel does nothing else before that: not even enter a bridge."""
        playback = leg.playback
        if playback is not None:
            self._forget(leg)
            await self._link.ask("DELETE", path("playbacks", playback), tolerate=ABSENT)

    async def start_music(self, leg: Leg, music: str) -> None:
        """Music on hold; behind the prompt, if one plays. A class that the engine does not have is its default one.

        Not for a caller whose agent is found already: most who call while somebody is free.
        """
        leg.music_class = music
        if leg.playback is None and not leg.joins_waiting:
            await self._begin_music(leg, music)

    async def _begin_music(self, leg: Leg, music: str) -> None:
        named = self._playlists.class_of(leg.mark.tenant_id, music)
        query = {"mohClass": named} if named else None
        await self._link.ask("POST", path("channels", leg.id, "moh"), query, tolerate=_GONE)
        leg.music = True

    async def _rather_music(self, leg: Leg) -> None:
        """Nothing of what they were to hear can be heard: music, and not silence, until something else comes."""
        if leg.music_class is not None:
            await self.music_again(leg)
        elif not leg.music and not leg.joins_waiting:
            await self._begin_music(leg, "")

    async def music_again(self, leg: Leg) -> None:
        """What the leg hears between prompts."""
        if leg.music_class is not None and not leg.music:
            await self.start_music(leg, leg.music_class)

    async def stop_music(self, leg: Leg) -> None:
        """End the music for now."""
        if leg.music:
            await self._link.ask("DELETE", path("channels", leg.id, "moh"), tolerate=ABSENT)
            leg.music = False

    async def end_all(self, leg: Leg) -> None:
        """Neither prompt nor music, also not later."""
        leg.music_class = None
        await self.silence(leg)
        await self.stop_music(leg)

    def _forget(self, leg: Leg) -> None:
        if leg.playback is not None:
            self._legs.pop(leg.playback, None)
            self._looped.pop(leg.playback, None)
            leg.playback = None
