"""Builds every object of a running instance and puts them together: the one place that knows all the rooms."""

import asyncio
import contextlib
import gc
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.progress import Progress, silent
from callside.config import Settings
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
from callside.own_engine import APP_NAME, EngineAddress, OwnEngine, find_engine, own_music
from callside.serving import Server, alone_in, listen, local_url, server_config, until_serving
from callside.store import open_store
from callside.v1_api import RequestObserver, V1Parts, v1_routes
from callside.v1_api import control as control_file
from callside.webphone import routes as webphone
from callside.webphone.ports import PhoneServices, PhoneSettings


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
        SettingsError: The port or the home is taken, or HTTPS files cannot be read.
        EngineStartError: Our engine does not start.
        StoreUnavailableError: The database cannot be opened, or has another server.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(listen(settings))
        stack.enter_context(alone_in(settings.home))
        port: int = listener.getsockname()[1]
        taken = asyncio.Event()
        store = await stack.enter_async_context(_store_of_ours(settings, taken))
        address, engine = await find_engine(settings, progress)
        base_url = settings.base_url if settings.public_url or settings.port else f"http://localhost:{port}"
        control = control_file.announce(settings.control_file, local_url(settings, port), settings.tls_cert)
        stack.callback(control_file.withdraw, settings.control_file)
        telephony = _telephony(settings, address, engine)
        surroundings = Surroundings(store, telephony, PasswordHasher(), address.sip_websocket_url, control.root_token)
        exchange, administration, asgi = assemble(settings, surroundings, more_routes)
        await exchange.start()
        stack.push_async_callback(exchange.stop)
        server = Server(server_config(asgi, settings))
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(work) for work in (*_beside(engine, administration), _ended_by(taken, server))]
            serving = tasks.create_task(server.serve(sockets=[listener]))
            try:
                await until_serving(server, serving)
                gc.freeze()  # what is loaded stays: the collector need not look at it again while calls wait
                yield Instance(settings, exchange, administration, asgi, engine, base_url, server, serving)
            finally:
                server.should_exit = True
                for task in beside:
                    task.cancel()


@contextlib.asynccontextmanager
async def _store_of_ours(settings: Settings, taken: asyncio.Event) -> AsyncIterator[Store]:
    """The store, with us as its one server; ``taken`` is set when another has become that."""
    store = open_store(settings.database_url)
    try:
        await store.reserve(f"{socket.gethostname()}:{settings.home}", taken.set)
        await store.open()
        yield store
    finally:
        await store.close()


def _beside(engine: OwnEngine | None, administration: Administration) -> Iterator[Coroutine[None, None, None]]:
    """What goes on beside serving: the engine is kept running, files of leads come in."""
    if engine is not None:
        yield engine.keep()
        yield engine.keep_logs_small()
    if administration.leads is not None:
        yield administration.leads.imports.importer.run()


async def _ended_by(taken: asyncio.Event, server: uvicorn.Server) -> None:
    """Another server has our database, after a connection of ours was lost: two of them are one too many."""
    await taken.wait()
    server.should_exit = True


def _telephony(settings: Settings, address: EngineAddress, engine: OwnEngine | None) -> AsteriskTelephony:
    return AsteriskTelephony(
        address.ari_url,
        address.user,
        address.password,
        app_name=APP_NAME,
        prompts=settings.prompts_folder,
        voicemail=settings.voicemail_folder,
        passes_on=not settings.mix_calls,
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
    said = VoicemailFiles(settings.voicemail_folder)
    exchange = Exchange(store, around.telephony, clock, RandomIds(), voicemail_files=said)
    library = PromptLibrary(settings.prompts_folder, Voices(settings.piper_voices, settings.piper))
    mail = Mailroom(store.voicemails, said, exchange.tell)
    tools = (around.hasher, clock, exchange, settings.region, library, exchange.registrations, mail)
    music = own_music(settings)
    office = Office(
        store.directories, exchange.directory_changed, *tools, leads=store.leads, numbers=store.ledger, music=music
    )
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


def _origin(url: str) -> str:
    """The exact origin a browser sends for ``url``: no path, no default port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port not in {None, default} else "")
