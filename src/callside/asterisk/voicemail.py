"""Recording what callers say to a voicemail, and bringing it from the engine to our folder.

A recording's name says whose it is, so that one that ended while nobody was connected is found when somebody is again: events of
that time are lost (engine.md §1.1). Recordings are fetched over ARI, so the engine may be on another machine.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from callside.asterisk.client import AriRefusedError
from callside.asterisk.decode import LiveRecording, RecordingFailed, RecordingFinished
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.link import AriLink, path
from callside.asterisk.prompts import Prompts
from callside.asterisk.tasks import OwnedTasks
from callside.calls.model import VoicemailEnd
from callside.exchange.voicemail_files import duration_ms
from callside.floor.commands import RecordVoicemail
from callside.floor.events import EngineEvent
from callside.floor.voicemail_events import VoicemailEnded
from callside.kernel.errors import CallsideError
from callside.kernel.ids import CallId, QueueId, TenantId

log = structlog.get_logger(__name__)

_MARK: Final = "voicemail"
_FORMAT: Final = "wav"
_LEAST_FREE_BYTES: Final = 64 << 20
_LEAST_MS: Final = 1000
_LONGEST_GREETING_S: Final = 310.0
_THERE_ALREADY: Final = frozenset({409})
_ABSENT: Final = frozenset({404})

Tell = Callable[[TenantId, EngineEvent], None]


class Name(NamedTuple):
    """A recording's name: ``voicemail.<tenant>.<queue>.<call>``."""

    tenant_id: TenantId
    queue_id: QueueId
    call_id: CallId

    @property
    def text(self) -> str:
        """As the engine keeps it."""
        return ".".join((_MARK, *self))

    @classmethod
    def read(cls, text: str) -> "Name | None":
        """What a name says; ``None``: it is none of ours."""
        mark, *rest = text.split(".")
        if mark != _MARK or len(rest) != len(cls._fields) or not all(one.isalnum() for one in rest):
            return None
        return cls(TenantId(rest[0]), QueueId(rest[1]), CallId(rest[2]))


class _Stored(msgspec.Struct):
    name: str


_list_of_stored: Final = msgspec.json.Decoder(list[_Stored])


class Voicemail:
    """What is recorded. Methods that ask may raise EngineUnavailableError and AriRefusedError.

    Args:
        folder: Where messages are kept, ``<folder>/<tenant>/<call>.wav``; ``None``: none can be.
        tell: Where the floors hear of it.
    """

    def __init__(
        self, link: AriLink, book: LegBook, prompts: Prompts, tasks: OwnedTasks, tell: Tell, folder: Path | None
    ) -> None:
        self._link = link
        self._book = book
        self._prompts = prompts
        self._tasks = tasks
        self._tell = tell
        self._folder = folder
        self._greeted: dict[str, asyncio.Future[None]] = {}
        self._fetching: set[str] = set()
        self._left: set[str] = set()
        """What could not be brought, and lies with the engine."""

    async def record(self, tenant_id: TenantId, leg: Leg, command: RecordVoicemail) -> None:
        """Greet, then record; beside the leg's other commands, so that a hang-up is not kept waiting."""
        name = Name(tenant_id, command.queue_id, command.call_id)
        if _greeting(leg, command) in self._greeted:  # asked for again, as the engine was found again
            return
        for state in ("live", "stored"):  # after a reconnect it may be under way, or over and about to be brought
            if await self._link.ask("GET", path("recordings", state, name.text), tolerate=_ABSENT) is not None:
                return
        if self._folder is None or not await asyncio.to_thread(_has_room, self._folder):
            log.error("voicemail.no_room", tenant=tenant_id, folder=str(self._folder), remedy="make room on that disk")
            self._ended(name, VoicemailEnd.FAILED)
            return
        await self._prompts.end_all(leg)
        self._tasks.start(self._greet_and_record(tenant_id, leg, command, name), "voicemail")

    async def _greet_and_record(self, tenant_id: TenantId, leg: Leg, command: RecordVoicemail, name: Name) -> None:
        try:
            await self._greet(tenant_id, leg, command)
            if leg.ended.is_set():
                self._ended(name, VoicemailEnd.EMPTY)
                return
            limits = {"maxDurationSeconds": str(command.max_s), "maxSilenceSeconds": str(max(1, command.silence_s))}
            how = {"format": _FORMAT, "ifExists": "fail", "beep": "true", "terminateOn": "#"}
            where = path("channels", leg.id, "record")
            await self._link.ask("POST", where, {"name": name.text, **how, **limits}, tolerate=_THERE_ALREADY)
        except (CallsideError, TimeoutError) as failed:
            log.warning("voicemail.not_begun", tenant=tenant_id, leg=leg.id, reason=str(failed))
            self._ended(name, VoicemailEnd.EMPTY if leg.ended.is_set() else VoicemailEnd.FAILED)

    async def _greet(self, tenant_id: TenantId, leg: Leg, command: RecordVoicemail) -> None:
        media = self._prompts.media(tenant_id, command.greeting) or self._prompts.media(tenant_id, command.fallback)
        if not media:
            return
        playback = _greeting(leg, command)
        future = self._greeted[playback] = asyncio.get_running_loop().create_future()
        try:
            where = path("channels", leg.id, "play", playback)
            await self._link.ask("POST", where, {"media": ",".join(media)}, tolerate=_THERE_ALREADY)
            async with asyncio.timeout(_LONGEST_GREETING_S):
                await future  # a caller who hangs up ends it too
        finally:
            del self._greeted[playback]

    def playing(self) -> list[str]:
        """Greetings whose end was not told yet."""
        return list(self._greeted)

    def playback_finished(self, playback_id: str) -> None:
        """The engine's word on something that was played."""
        future = self._greeted.get(playback_id)
        if future is not None and not future.done():
            future.set_result(None)

    def hear(self, event: RecordingFinished | RecordingFailed) -> None:
        """A recording is over."""
        name = Name.read(event.recording.name)
        if name is None:
            return
        if isinstance(event, RecordingFailed):
            log.error("voicemail.not_recorded", tenant=name.tenant_id, reason=event.recording.cause)
            self._ended(name, VoicemailEnd.FAILED)
        else:
            self._bring(name, event.recording)

    async def try_again(self) -> None:
        """Bring what could not be brought, if there is something."""
        if self._left:
            await self.find()

    async def find(self) -> None:
        """Bring what ended while nobody was connected, and what could not be brought."""
        text = await self._link.ask("GET", path("recordings", "stored"))
        there = _list_of_stored.decode(text or "[]")
        self._left.intersection_update(one.name for one in there)
        for stored in there:
            name = Name.read(stored.name)
            if name is None or name.text in self._fetching:
                continue
            if await self._link.ask("GET", path("recordings", "live", name.text), tolerate=_ABSENT) is None:
                self._bring(name, None)

    def _bring(self, name: Name, recording: LiveRecording | None) -> None:
        if name.text not in self._fetching:
            self._fetching.add(name.text)
            self._tasks.start(self._fetch(name, recording), "voicemail")

    async def _fetch(self, name: Name, recording: LiveRecording | None) -> None:
        where = path("recordings", "stored", name.text)
        try:
            silent = recording is not None and recording.talking_duration == 0
            sound = b"" if silent else await self._download(f"{where}/file")
            length_ms = duration_ms(len(sound))
            if length_ms >= _LEAST_MS:
                await asyncio.to_thread(self._keep, name, sound)
            # Only now: what could not be kept stays with the engine, and is tried again in a while.
            await self._link.ask("DELETE", where, tolerate=_ABSENT)
        except (CallsideError, OSError) as failed:
            log.warning("voicemail.not_kept", tenant=name.tenant_id, call=name.call_id, reason=str(failed))
            if name.text not in self._left:  # said once, however often it is tried
                self._ended(name, VoicemailEnd.FAILED)
            self._left.add(name.text)
        else:
            self._left.discard(name.text)
            end = VoicemailEnd.KEPT if length_ms >= _LEAST_MS else VoicemailEnd.EMPTY
            self._ended(name, end, length_ms)
        finally:
            self._fetching.discard(name.text)

    async def _download(self, where: str) -> bytes:
        """A recording's file; nothing where there is none: the caller was gone before it had begun."""
        try:
            return await self._link.download(where)
        except AriRefusedError as refused:
            if refused.http_status not in _ABSENT:
                raise
            return b""

    def _keep(self, name: Name, sound: bytes) -> None:
        """Whole and on disk, or not at all.

        Raises:
            OSError: No room, or no folder.
        """
        assert self._folder is not None  # noqa: S101 - nothing was recorded without one
        place = self._folder / name.tenant_id / f"{name.call_id}.{_FORMAT}"
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = place.with_suffix(".new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(sound)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(place)
            _sync(place.parent)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def _ended(self, name: Name, end: VoicemailEnd, length_ms: int = 0) -> None:
        self._tell(name.tenant_id, VoicemailEnded(name.call_id, name.queue_id, end, length_ms))


def _greeting(leg: Leg, command: RecordVoicemail) -> str:
    return f"greeting-{leg.id}-{command.call_id}"


def _sync(folder: Path) -> None:
    """A name is on disk only with its folder: the engine's copy is deleted next."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _has_room(folder: Path) -> bool:
    """Whether a longest message surely fits, and the rest of the house is not starved by it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize >= _LEAST_FREE_BYTES
