"""The telephone engine of a running instance: somebody else's by its address, or our own, installed, started and kept running."""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog

from callside.asterisk import logs, packages, process
from callside.asterisk.configuration import OWN_MUSIC
from callside.asterisk.console import EngineConsole
from callside.asterisk.ports import WantedPorts
from callside.asterisk.process import EngineProcess
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from callside.asterisk.progress import Progress, silent
from callside.config import LOCAL_HOSTS, Settings
from callside.kernel.errors import CallsideError

APP_NAME: Final = "callside"
"""The name under which the engine knows us."""
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_LOGS_EVERY_S: Final = 600.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where the engine is, ours or somebody else's."""

    ari_url: str
    user: str
    password: str
    sip_websocket_url: str


class OwnEngine:
    """Our own engine, kept running: started again whenever it ends, on the same ports (the telephony reconnects by itself)."""

    def __init__(self, settings: Settings, process_: EngineProcess, program: EngineProgram) -> None:
        self.process = process_
        self.console = EngineConsole(program, process_.folders)
        self._settings = settings
        self._stopping = asyncio.Event()

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            ended = await self.process.ended()
            if self._stopping.is_set():
                return
            _log.error("engine.ended", pid=ended.pid, status=ended.status)
            await self._start_again()

    async def _start_again(self) -> None:
        """However often it takes: while the disk is full, or a port is taken, the house stays and goes on trying."""
        ports = self.process.access.ports
        # Telephony, and every phone's door, know the engine by its ports; on others nobody would find it.
        same = WantedPorts(ports.http, ports.sip, ports.rtp_first, ports.rtp_last)
        for pause in itertools.chain(_PAUSES_S, itertools.repeat(_PAUSES_S[-1])):
            await asyncio.sleep(pause)
            if self._stopping.is_set():
                return
            try:
                _, own = await find_engine(self._settings, ports=same)
            except (CallsideError, OSError) as failed:
                _log.error("engine.not_started", reason=str(failed))
                continue
            if own is not None:
                self.process = own.process
                _log.info("engine.started_again", pid=own.process.pid)
            return

    async def keep_logs_small(self) -> None:
        """Until cancelled."""
        while True:
            try:
                grown = await asyncio.to_thread(logs.cut, self.console.folders.log)
            except OSError as failed:
                _log.warning("engine.logs_not_cut", reason=str(failed))
            else:
                for name in grown:
                    _log.info("engine.log_put_aside", name=name)
            await asyncio.sleep(_LOGS_EVERY_S)

    async def stop(self) -> None:
        """End it for good; its calls end."""
        self._stopping.set()
        await self.process.stop()


def engine_profile(settings: Settings) -> EngineProfile:
    """What our own engine is to be under these settings."""
    local = settings.host in LOCAL_HOSTS and not settings.external_address
    return EngineProfile(
        app_name=APP_NAME,
        # Trunks and desk phones come from outside, unless all of this instance is for this machine alone.
        sip_address=settings.sip_address or ("127.0.0.1" if local else "0.0.0.0"),  # noqa: S104
        sip_tls_cert=str(settings.sip_tls_cert or ""),
        sip_tls_key=str(settings.sip_tls_key or ""),
        external_address=settings.external_address,
        local_networks=tuple(map(str, settings.local_networks)),
        ice_addresses=tuple(map(str, settings.ice_addresses)),
        stun_server=settings.stun_server,
    )


def wanted_ports(settings: Settings) -> WantedPorts:
    """The engine's ports as far as the settings name them."""
    return WantedPorts(settings.engine_http_port, settings.engine_sip_port, *settings.rtp_range)


def own_music(settings: Settings) -> frozenset[str] | None:
    """Music classes of our engine's own; ``None``: it is an external one, whose are not known."""
    return None if settings.ari_url else OWN_MUSIC


async def find_engine(
    settings: Settings, progress: Progress = silent, *, ports: WantedPorts | None = None
) -> tuple[EngineAddress, OwnEngine | None]:
    """The external engine of the settings, or our own: installed if need be, found running or started.

    ``ports``: these, where the settings leave the choice.
    """
    if settings.ari_url:
        parts = urlsplit(settings.ari_url)
        sip = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws"
        password = settings.ari_password.get_secret_value()
        return EngineAddress(f"{settings.ari_url}/ari", settings.ari_user, password, sip), None
    program = await asyncio.to_thread(packages.install, progress, cache=settings.engine_cache)
    engine = await process.ensure_running(
        settings.home,
        program,
        engine_profile(settings),
        ports or wanted_ports(settings),
    )
    access = engine.access
    address = EngineAddress(access.ari_url, access.user, access.password, access.sip_websocket_url)
    return address, OwnEngine(settings, engine, program)
