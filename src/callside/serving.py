"""The HTTP server of a running instance: its socket, how uvicorn serves, how it ends, the event loop under it."""

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from starlette.types import ASGIApp

from callside.config import Settings, SettingsError
from callside.ingress.connections import BoundedHttp

_SWITCH_S: Final = 0.0005
_LARGEST_FRAME: Final = 65_536
_OPEN_FILES: Final = 65_536


async def until_serving(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    """Wait until requests are taken, or the server has ended before it began."""
    while not server.started and not serving.done():  # noqa: ASYNC110 - the server offers no event for it
        await asyncio.sleep(0.01)


class Server(uvicorn.Server):
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
    allow_open_files()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def allow_open_files() -> None:
    """Take what the machine allows beyond the usual 1,024: each phone is three sockets, one of them to the engine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(settings: Settings) -> socket.socket:
    """The socket we serve on.

    Raises:
        SettingsError: The port is taken, or the address is not ours.
    """
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


@contextlib.contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Be the only server on a data folder while the block runs; ends with the process, however that ends.

    Two would keep one another from the engine and write down the same calls, each in its own words.

    Raises:
        SettingsError: Another one is there.
    """
    place = home / "run" / "serve.lock"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read(20).strip() or "?"
            msg = f"home: another Callside (process {who}) uses {home}; stop that one, or choose another CALLSIDE_HOME"
            raise SettingsError(msg) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def local_url(settings: Settings, port: int) -> str:
    """Where a program on this machine reaches us."""
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 - compared, not bound
    return f"{'https' if settings.has_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def server_config(asgi: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves us.

    Raises:
        SettingsError: The certificate files cannot be read.
    """
    config = uvicorn.Config(
        asgi,
        http=BoundedHttp,
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
