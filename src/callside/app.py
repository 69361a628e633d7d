"""Builds every object of a running instance and puts them together: the one place that knows all the rooms."""

import asyncio
import contextlib
import gc
import secrets
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from callside.asterisk import packages, process
from callside.asterisk.console import EngineConsole
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.errors import EngineStartError
from callside.asterisk.ports import WantedPorts
from callside.asterisk.process import EngineProcess
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from callside.asterisk.progress import Progress, silent
from callside.config import LOCAL_HOSTS, Settings, SettingsError
from callside.exchange.administration import Administration, Mailroom, Office
from callside.exchange.administration.lead_parts import LeadDesks
from callside.exchange.exchange import Exchange
from callside.exchange.logins import Logins
from callside.exchange.ports import Store, Telephony
from callside.exchange.prompt_audio import PromptLibrary
from callside.exchange.secrets import PasswordHasher
from callside.exchange.throttle import Throttle
from callside.exchange.tickets import Tickets
from callside.exchange.voicemail_files import VoicemailFiles
from callside.exchange.voices import Voices
from callside.guide_api.routes import GuideFirst
from callside.ingress.access_log import AccessLog
from callside.ingress.forwarded import ForwardedHeaders
from callside.ingress.headers import SecurityHeaders
from callside.kernel.clock import Moment
from callside.observability import Metrics, request_log
from callside.store import open_store
from callside.v1_api import RequestObserver, V1Parts, v1_routes
from callside.v1_api import control as control_file
from callside.webphone import routes as webphone
from callside.webphone.ports import PhoneServices, PhoneSettings

APP_NAME: Final = "callside"
_SWITCH_S: Final = 0.0005
_LARGEST_FRAME: Final = 65_536
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_log = structlog.get_logger(__name__)


class MachineClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """The present moment."""
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


class RandomIds:
    """128 random bits each."""

    def new(self) -> str:
        """A fresh identifier."""
        return secrets.token_hex(16)


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
        tries = 0
        while True:
            ended = await self.process.ended()
            if self._stopping.is_set():
                return
            _log.error("engine.ended", pid=ended.pid, status=ended.status)
            await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
            tries += 1
            with contextlib.suppress(EngineStartError):
                _, own = await find_engine(self._settings)
                if own is not None:
                    self.process, tries = own.process, 0
                    _log.info("engine.started_again", pid=own.process.pid)

    async def stop(self) -> None:
        """End it for good; its calls end."""
        self._stopping.set()
        await self.process.stop()


@dataclass(frozen=True, slots=True)
class Instance:
    """A running instance: what the command line and the demo reach into."""

    settings: Settings
    exchange: Exchange
    administration: Administration
    asgi: ASGIApp
    engine: OwnEngine | None
    base_url: str
    server: uvicorn.Server
    serving: asyncio.Task[None]

    async def stopped(self) -> None:
        """Wait until the server has been asked to end (Ctrl-C, SIGTERM, ``stop``)."""
        await asyncio.shield(self.serving)

    def stop(self) -> None:
        """Ask the server to end."""
        self.server.should_exit = True


def engine_profile(settings: Settings) -> EngineProfile:
    """What our own engine is to be under these settings."""
    local = settings.host in LOCAL_HOSTS and not settings.external_address
    return EngineProfile(
        app_name=APP_NAME,
        # Trunks and desk phones come from outside, unless all of this instance is for this machine alone.
        sip_address=settings.sip_address or ("127.0.0.1" if local else "0.0.0.0"),  # noqa: S104
        external_address=settings.external_address,
        local_networks=tuple(map(str, settings.local_networks)),
        ice_addresses=tuple(map(str, settings.ice_addresses)),
        stun_server=settings.stun_server,
    )


def wanted_ports(settings: Settings) -> WantedPorts:
    """The engine's ports as far as the settings name them."""
    return WantedPorts(settings.engine_http_port, settings.engine_sip_port, *settings.rtp_range)


async def find_engine(settings: Settings, progress: Progress = silent) -> tuple[EngineAddress, OwnEngine | None]:
    """The external engine of the settings, or our own: installed if need be, found running or started."""
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
        wanted_ports(settings),
    )
    access = engine.access
    address = EngineAddress(access.ari_url, access.user, access.password, access.sip_websocket_url)
    return address, OwnEngine(settings, engine, program)


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    more_routes: Sequence[BaseRoute] = (),
    progress: Progress = silent,
) -> AsyncIterator[Instance]:
    """A whole instance, serving while the block runs.

    The engine stays when the block ends: calls go on, and the next instance finds them.

    Raises:
        SettingsError: The port is taken, or HTTPS files cannot be read.
        EngineStartError: Our engine does not start.
        StoreUnavailableError: The database cannot be opened.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(_listen(settings))
        port: int = listener.getsockname()[1]
        address, engine = await find_engine(settings, progress)
        store = open_store(settings.database_url)
        await store.open()
        stack.push_async_callback(store.close)
        base_url = settings.base_url if settings.public_url or settings.port else f"http://localhost:{port}"
        control = control_file.announce(settings.control_file, _local_url(settings, port), settings.tls_cert)
        stack.callback(control_file.withdraw, settings.control_file)
        telephony = _telephony(settings, address, engine)
        surroundings = Surroundings(store, telephony, PasswordHasher(), address.sip_websocket_url, control.root_token)
        exchange, administration, asgi = assemble(settings, surroundings, more_routes)
        await exchange.start()
        stack.push_async_callback(exchange.stop)
        server = _Server(server_config(asgi, settings))
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(work) for work in _beside(engine, administration)]
            serving = tasks.create_task(server.serve(sockets=[listener]))
            try:
                await _until_serving(server, serving)
                gc.freeze()  # what is loaded stays: the collector need not look at it again while calls wait
                yield Instance(settings, exchange, administration, asgi, engine, base_url, server, serving)
            finally:
                server.should_exit = True
                for task in beside:
                    task.cancel()


def _beside(engine: OwnEngine | None, administration: Administration) -> Iterator[Coroutine[None, None, None]]:
    """What goes on beside serving: the engine is kept running, files of leads come in."""
    if engine is not None:
        yield engine.keep()
    if administration.leads is not None:
        yield administration.leads.imports.importer.run()


def _telephony(settings: Settings, address: EngineAddress, engine: OwnEngine | None) -> AsteriskTelephony:
    return AsteriskTelephony(
        address.ari_url,
        address.user,
        address.password,
        app_name=APP_NAME,
        prompts=settings.prompts_folder,
        voicemail=settings.voicemail_folder,
        console=engine.console if engine is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an instance is put together around; the benchmarks bring an engine and a hasher of their own."""

    store: Store
    telephony: Telephony
    hasher: PasswordHasher
    sip_websocket_url: str
    root_token: str


def assemble(
    settings: Settings, around: Surroundings, more_routes: Sequence[BaseRoute] = ()
) -> tuple[Exchange, Administration, ASGIApp]:
    """The exchange, its administration, and the application that serves both."""
    clock, metrics, store = MachineClock(), Metrics(), around.store
    exchange = Exchange(store, around.telephony, clock, RandomIds())
    library = PromptLibrary(settings.prompts_folder, Voices(settings.piper_voices, settings.piper))
    mail = Mailroom(store.voicemails, VoicemailFiles(settings.voicemail_folder), exchange.voicemails_changed)
    tools = (around.hasher, clock, exchange, settings.region, library, exchange.registrations, mail)
    office = Office(store.directories, exchange.directory_changed, *tools, leads=store.leads, numbers=store.ledger)
    leads = LeadDesks.at(office, store, settings.imports_folder, exchange.leads_changed)
    administration = Administration(office, leads)
    logins = Logins(exchange, around.hasher, Throttle(clock))
    public = (_origin(settings.public_url),) if settings.public_url else ()
    parts = V1Parts(administration, logins, store, exchange, metrics, around.root_token, public)
    phone = PhoneServices(
        exchange,
        Tickets(store.sessions, clock),
        clock,
        PhoneSettings(around.sip_websocket_url, public_origins=public),
    )
    routes = [*webphone.routes(phone), *v1_routes(parts), *more_routes]
    inner = SecurityHeaders(RequestObserver(GuideFirst(logins, Starlette(routes=routes)), metrics))
    return exchange, administration, ForwardedHeaders(AccessLog(inner, clock, request_log()), settings.trusted_proxies)


async def serve(
    settings: Settings, progress: Progress = silent, on_ready: Callable[[Instance], None] | None = None
) -> None:
    """Run until interrupted."""
    async with running(settings, progress=progress) as instance:
        if on_ready is not None:
            on_ready(instance)
        await instance.stopped()


async def _until_serving(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():  # noqa: ASYNC110 - the server offers no event for it
        await asyncio.sleep(0.01)


class _Server(uvicorn.Server):
    """Ctrl-C and SIGTERM end it, and that is all: uvicorn would raise them again afterwards, over our own tidying up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals while the block runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked_to_end)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _asked_to_end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def run_until_done(work: Coroutine[None, None, None]) -> None:
    """Run a program of this package on its event loop."""
    # The store's thread keeps the calls' thread from running for as long as this at worst; Python's own 5 ms would be heard of.
    sys.setswitchinterval(_SWITCH_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        msg = f"port: cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another CALLSIDE_PORT"
        raise SettingsError(msg) from None
    return listener


def _origin(url: str) -> str:
    """The exact origin a browser sends for ``url``: no path, no default port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port not in {None, default} else "")


def _local_url(settings: Settings, port: int) -> str:
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 - compared, not bound
    return f"{'https' if settings.has_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def server_config(asgi: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves us.

    Raises:
        SettingsError: The certificate files cannot be read.
    """
    config = uvicorn.Config(
        asgi,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_FRAME,
        ws_ping_interval=None,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=3,
        ssl_certfile=_readable(settings.tls_cert, "tls_cert"),
        ssl_keyfile=_readable(settings.tls_key, "tls_key"),
    )
    try:
        config.load()
    except ssl.SSLError as error:
        raise SettingsError(f"tls_cert, tls_key: not a certificate and its key in PEM form ({error.reason})") from None
    return config


def _readable(path: Path | None, key: str) -> str | None:
    if path is None:
        return None
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingsError(f"{key}: {path} cannot be read ({error.strerror})") from None
    return str(path)
