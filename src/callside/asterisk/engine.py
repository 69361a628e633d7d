"""The exchange's ``Telephony`` on an Asterisk: stays connected, tells the floors what happens, has done what they command."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from callside.asterisk.arrivals import Arrivals, what_was_heard
from callside.asterisk.client import AriAddress, AriConnection, AriRefusedError, connect
from callside.asterisk.commands import Commands
from callside.asterisk.console import EngineConsole
from callside.asterisk.customers import Customers
from callside.asterisk.decode import (
    ApplicationReplaced,
    AriEvent,
    Channel,
    Playback,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)
from callside.asterisk.kept_callers import KeptCallers
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.lines import Lines
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import MARK_VARIABLE, LegKind, extension_endpoint, trunk_of_endpoint
from callside.asterisk.playlists import Playlists
from callside.asterisk.prompts import Prompts
from callside.asterisk.provisioning import Provisioning
from callside.asterisk.recovery import Recovery, read_channels
from callside.asterisk.registrations import Registrations
from callside.asterisk.tasks import OwnedTasks
from callside.asterisk.voicemail import Voicemail
from callside.calls.model import Cause, Registration
from callside.exchange.ports import EventSink, SipCredentials
from callside.floor.commands import Command
from callside.floor.directory import Directory
from callside.floor.events import EngineEvent, EngineFound, EngineLost
from callside.kernel.errors import CallsideError, EngineUnavailableError
from callside.kernel.ids import ExtensionId, SessionId, TenantId, TrunkId

log = structlog.get_logger(__name__)

_PROBE_EVERY: Final = 0.5
_PROBE_SECONDS: Final = 1.5
"""Together at most 2 s until a hung engine is known as lost, twice that if it hangs while it answers many requests."""
_COMPARE_EVERY: Final = 20
"""Every so many probes the whole list of channels is compared with ours: an event that was lost is made up for."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_REPLACED_PAUSE: Final = 30.0
_DESTROYED_SECONDS: Final = 1.0
_GONE: Final = frozenset({404})


class AsteriskTelephony:
    """Implements :class:`callside.exchange.ports.Telephony`.

    Args:
        ari_url: Base of the engine's REST interface, such as ``http://127.0.0.1:8088/ari``; ours or somebody else's engine.
        user: A user of its ari.conf that may write.
        password: Its password.
        app_name: Name of the Stasis application that its dialplan hands calls to (``EngineProfile.app_name``).
        prompts: Folder of tenants' prompts; the engine reads from it, by the same path.
        voicemail: Where what callers say to a voicemail is kept; ``None``: nothing can be recorded.
        passes_on: Callers whose codec is the agent's desk phone's are passed on to it as they are (``line_bridges.py``).
        console: The command line of an engine of ours; without it nothing is known of registrations.
    """

    def __init__(
        self,
        ari_url: str,
        user: str,
        password: str,
        *,
        app_name: str,
        prompts: Path | None = None,
        voicemail: Path | None = None,
        passes_on: bool = True,
        console: EngineConsole | None = None,
    ) -> None:
        self._address = AriAddress(ari_url, user, password)
        self._app = app_name
        self._directories: dict[TenantId, Directory] = {}
        self._sink: EventSink | None = None
        self._tasks = OwnedTasks()
        self._link = AriLink()
        self._book = LegBook(self._tell, self._line_up, self._emptied)
        self._provisioning = Provisioning(self._link)
        self._registrations = Registrations(self._directories, console)
        self._lines = Lines(self._link, self._book, self._provisioning, app_name, passes_on=passes_on)
        self._playlists = Playlists(self._link, self._directories, prompts, console.folders if console else None)
        told = Prompts(self._link, self._directories, prompts, self._playlists)
        self._customers = Customers(self._link, self._book, self._lines, told, self._tasks)
        self._voicemail = Voicemail(self._link, self._book, told, self._tasks, self._tell, voicemail)
        self._arrivals = Arrivals(self._book, self._directories)
        self._kept = KeptCallers(self._link, self._arrivals, app_name, self._tell)
        self._commands = Commands(
            self._book, self._lines, self._customers, told, self._voicemail, self._kept, self._tasks
        )
        self._backlog: deque[AriEvent] = deque()
        self._live = False
        self._replaced = False

    async def start(self, sink: EventSink) -> None:
        """Connect and stay connected until ``stop``; returns at once, also when the engine is not there yet."""
        self._sink = sink
        self._tasks.start(self._stay_connected(), "ari")

    async def stop(self) -> None:
        """Disconnect. Calls go on in the engine."""
        self._sink = None
        self._live = False
        await self._kept.retire()
        await self._tasks.close()
        self._link.connection = None

    def is_up(self) -> bool:
        """The engine answers, and we know what it is doing."""
        return self._live

    async def set_directory(self, directory: Directory) -> None:
        """Know a tenant (again); never fails for want of the engine, which is told when it is back."""
        tenant_id = directory.tenant.id
        is_new = tenant_id not in self._directories
        self._directories[tenant_id] = directory
        self._provisioning.want(directory)
        if not self._live:
            return
        try:
            await self._provisioning.bring_up(tenant_id)
            await self._aside("playlists", self._playlists.bring_up())
        except CallsideError as failed:
            log.warning("engine.directory_waits", tenant=tenant_id, reason=failed.message)
        if is_new and self._live:
            self._tell(tenant_id, EngineFound(self._book.seen().get(tenant_id, ())))

    def execute(self, tenant_id: TenantId, command: Command) -> None:
        """Do a command soon. Never raises."""
        self._commands.take(tenant_id, command)

    async def issue_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """Make (or make anew) what a session's browser registers with.

        Raises:
            EngineUnavailableError: The engine is not there.
        """
        if not self._live:
            raise EngineUnavailableError(
                "The telephone engine is not connected; the phone will be tried again when it is."
            )
        return await self._provisioning.issue(tenant_id, session_id)

    def registrations(self, tenant_id: TenantId) -> Mapping[TrunkId, Registration]:
        """How those of a tenant's trunks that register are, as last seen."""
        return self._registrations.of(tenant_id)

    def extension_endpoint(self, tenant_id: TenantId, extension_id: ExtensionId) -> str:
        """The engine's endpoint name of a desk phone; its SIP user name too."""
        return extension_endpoint(tenant_id, extension_id)

    # ── staying connected ────────────────────────────────────────────────────────────────────────────────────────────
    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            self._replaced = False
            try:
                await self._one_connection()
            except* EngineUnavailableError as lost:
                failures = 1 if self._lose() else failures + 1
                say = log.warning if failures == 1 else log.debug
                say("engine.lost", reason=str(lost.exceptions[0]))
            except* Exception:
                # A fault of ours must not leave the agents without an engine: begin anew, and say so loudly.
                self._lose()
                failures += 1
                log.exception("engine.connection_broken")
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        if self._replaced:
            return _REPLACED_PAUSE
        # Spread, so that many controllers do not knock at the same instant.
        return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures, 8)) * random.uniform(0.5, 1.0)  # noqa: S311

    async def _one_connection(self) -> None:
        self._backlog.clear()
        async with connect(self._address, self._app, self._hear) as connection, asyncio.TaskGroup() as parts:
            parts.create_task(connection.read())
            await self._come_up(connection)
            parts.create_task(self._watch(connection))
            parts.create_task(self._registrations.watch())
            parts.create_task(self._kept.watch())

    async def _come_up(self, connection: AriConnection) -> None:
        """From an open socket to floors that know everything. Events wait in the backlog meanwhile."""
        missed = self._commands.playing()
        await connection.choose_way()
        await connection.choose_events(self._app)
        self._link.connection = connection
        await self._lines.choose_tone()
        await self._provisioning.bring_all_up()
        await self._aside("playlists", self._playlists.bring_up())
        finds = await Recovery(self._link, self._book, self._arrivals, self._app).rebuild()
        kept = await self._kept.begin()
        self._lines.bridges.forget_all()
        self._live = True
        log.info("engine.found", legs=sum(1 for _ in self._book), over_socket=connection.over_socket)
        seen = self._book.seen()
        for tenant_id in list(self._directories):
            went = frozenset(one.leg_id for one in kept.get(tenant_id, ()))
            self._tell(tenant_id, EngineFound(seen.get(tenant_id, ()), went))
        self._kept.tell(kept)
        for leg in finds.callers:
            self._tasks.start(self._mark(leg), "mark")
        for leg, args in finds.heard:
            self._tell(leg.mark.tenant_id, what_was_heard(leg.id, args))
        for channel_id in finds.strangers:
            self._tasks.start(self._refuse(channel_id), "refuse")
        self._finish_lines()
        while self._backlog:
            self._apply(self._backlog.popleft())
        for (tenant_id, _), command in list(self._lines.unclosed.items()):
            self._commands.take(tenant_id, command)
        await self._make_up_for(missed)
        await self._aside("voicemail", self._voicemail.find())

    async def _make_up_for(self, playing: Iterable[str]) -> None:
        """Prompts that came to their end while nobody was there to hear of it: what was to follow them follows now."""
        for playback in playing:
            if await self._link.ask("GET", path("playbacks", playback), tolerate=_GONE) is None:
                self._apply(PlaybackFinished(Playback(playback, "done")))

    @staticmethod
    async def _aside(what: str, work: Awaitable[None]) -> None:
        """Do what matters less than calls: what the engine or the disk refuses there must not keep the engine away."""
        try:
            await work
        except (AriRefusedError, OSError, msgspec.MsgspecError) as failed:
            log.warning("engine.aside_failed", what=what, reason=str(failed))

    def _finish_lines(self) -> None:
        """Lines that were answered, or whose customers left, while nobody was there to see to them."""
        for leg in self._book:
            if leg.kind is not LegKind.LINE or not leg.answered:
                continue
            if not leg.told:
                self._line_up(leg)
            elif leg.bridge is not None and not self._book.has_guests(leg.bridge):
                self._emptied(leg.mark.tenant_id, SessionId(leg.mark.owner))

    def _lose(self) -> bool:
        """Nothing can be said of the engine any more. Returns whether it was up."""
        was_live, self._live = self._live, False
        self._link.connection = None
        self._registrations.forget()
        if was_live:
            for tenant_id in list(self._directories):
                self._tell(tenant_id, EngineLost())
        return was_live

    async def _watch(self, connection: AriConnection) -> None:
        """Notice an engine that is there but hangs: it may still answer a ping (engine.md §1.9), so channels are asked for."""
        count = 0
        while True:
            await asyncio.sleep(_PROBE_EVERY)
            count += 1
            if count % _COMPARE_EVERY == 0:
                await self._compare()
                self._commands.fold_bridges()
                await self._aside("voicemail", self._voicemail.try_again())
            else:
                await connection.probe(path("channels", "callside-probe"), seconds=_PROBE_SECONDS)

    async def _compare(self) -> None:
        before = [leg for leg in self._book if leg.started.is_set()]
        there = {channel.id for channel in await read_channels(self._link)}
        for leg in before:
            if leg.id not in there:
                # Why it ended may be on its way: an event can be a moment behind the answer.
                self._surely_gone_soon(leg, Cause.FAILED)

    # ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _hear(self, event: AriEvent) -> None:
        if isinstance(event, ApplicationReplaced):
            log.error(
                "engine.replaced",
                app=self._app,
                remedy="another Callside uses this engine and application name: stop one",
            )
            self._replaced = True
            raise EngineUnavailableError("another controller took over")
        if self._live:
            self._apply(event)
        else:
            self._backlog.append(event)

    def _apply(self, event: AriEvent) -> None:
        try:
            self._sort(event)
        except Exception:
            # One event that we stumble over must not cut the line that all others come by.
            log.exception("engine.event_failed", kind=type(event).__name__)

    def _sort(self, event: AriEvent) -> None:
        match event:
            case StasisStart(channel, args):
                self._arrived(channel, args)
            case StasisEnd(channel):
                self._left(channel.id)
            case PlaybackFinished(playback):
                well = playback.state == "done"
                self._customers.playback_finished(playback.id, well=well)
                self._voicemail.playback_finished(playback.id)
                self._commands.prompt_over(playback.id, well=well)
            case RecordingFinished() | RecordingFailed():
                self._voicemail.hear(event)
            case _:
                self._book.hear(event)

    def _arrived(self, channel: Channel, args: list[str]) -> None:
        try:
            leg = self._arrivals.take(channel, args)
        except LookupError as nobody:
            log.warning("engine.call_refused", channel=channel.id, reason=str(nobody))
            self._tasks.start(self._refuse(channel.id), "refuse")
        else:
            if leg is not None and trunk_of_endpoint(args[2]) != (leg.mark.tenant_id, leg.mark.owner):
                self._tasks.start(self._mark(leg), "mark")

    async def _refuse(self, channel_id: str) -> None:
        await self._quietly("DELETE", path("channels", channel_id), {"reason": "no_answer"})

    async def _mark(self, leg: Leg) -> None:
        """Let a restarted controller know whose caller this is: on a shared carrier the trunk alone does not say it."""
        await self._quietly(
            "POST", path("channels", leg.id, "variable"), {"variable": MARK_VARIABLE, "value": leg.mark.text}
        )

    async def _quietly(self, method: str, where: str, query: dict[str, str]) -> None:
        try:
            await self._link.ask(method, where, query, tolerate=ABSENT)
        except CallsideError as failed:
            log.info("engine.aside_failed", what=where, reason=failed.message)

    def _left(self, channel_id: str) -> None:
        """A channel left our hands: it ends. Of one that came in by itself the engine reports no more than this."""
        leg = self._book.find(channel_id)
        if leg is None or leg.listening:
            return
        if leg.kind is LegKind.IN:
            self._book.gone(leg.mark.tenant_id, leg.id, leg.verdict or Cause.NORMAL)
        else:
            self._surely_gone_soon(leg, Cause.NORMAL)

    def _surely_gone_soon(self, leg: Leg, cause: Cause) -> None:
        asyncio.get_running_loop().call_later(_DESTROYED_SECONDS, self._surely_gone, leg, cause)

    def _surely_gone(self, leg: Leg, cause: Cause) -> None:
        """A leg that left us without the event that says why it ended."""
        if self._live:
            self._book.gone(leg.mark.tenant_id, leg.id, cause)

    def _line_up(self, leg: Leg) -> None:
        self._commands.connect_line(leg)

    def _emptied(self, tenant_id: TenantId, session_id: SessionId) -> None:
        self._commands.rest_line(tenant_id, session_id)

    def _tell(self, tenant_id: TenantId, event: EngineEvent) -> None:
        if self._sink is not None and tenant_id in self._directories:
            self._sink(tenant_id, event)
