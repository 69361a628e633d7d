"""A thin ARI client: one socket to one engine, requests over that same socket, plain HTTP where an engine cannot do that.

One :class:`AriConnection` is one socket; when it is gone the object is done with and its requests have failed. Staying connected
is the business of :mod:`callside.asterisk.engine`.
"""

import asyncio
import contextlib
import functools
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
import structlog

from callside.asterisk.decode import EVENT_TYPES, AriEvent, RestReply, decode_message
from callside.kernel.errors import CallsideError, EngineUnavailableError

log = structlog.get_logger(__name__)

_CONNECT_SECONDS: Final = 5.0
_DOWNLOAD_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 5.0
_PROBE_SECONDS: Final = 1.5
_CLOSE_SECONDS: Final = 0.5

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""What no URL needs escaped: nearly all that we send."""
_REMEMBERED: Final = 8_192
"""Parts of URLs whose escaped form is remembered: an id is asked about some six times."""
_CLOSED: Final = frozenset({aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED})

Query = Mapping[str, str]


class _Request(msgspec.Struct, tag_field="type", tag="RESTRequest", omit_defaults=True):
    """A request that goes over the socket."""

    transaction_id: str
    request_id: str
    method: str
    uri: str
    content_type: str | None = None
    message_body: str | None = None


_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class AriAddress:
    """Where an engine's ARI is.

    Attributes:
        url: Base of the REST interface, such as ``http://127.0.0.1:8088/ari``.
        user: A user of ari.conf that may write.
        password: Its password; never shown.
    """

    url: str
    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("CALLSIDE_ARI_URL: must look like http://127.0.0.1:8088/ari")
        if parts.username or parts.password:
            raise ValueError("CALLSIDE_ARI_URL: give user and password by their own settings, not in the URL")


class AriRefusedError(CallsideError):
    """The engine answered, and said no. ``http_status`` is what it said; 404: no such thing, 409: not in that state."""

    code = "engine_refused"

    def __init__(self, method: str, path: str, http_status: int) -> None:
        super().__init__(f"{method} {path}: the engine answered {http_status}")
        self.http_status = http_status


class AriConnection:
    """One socket to the engine, from the first event to the last."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base: str,
        socket: aiohttp.ClientWebSocketResponse[Literal[False]],
        hear: Callable[[AriEvent], None],
    ) -> None:
        self._http = http
        self._base = base
        self._socket = socket
        self._hear = hear
        self._waiting: dict[str, asyncio.Future[RestReply]] = {}
        self._count = 0
        self._answers = 0
        self.over_socket = True
        """Requests go over the socket; else each is an HTTP request of its own."""

    async def read(self) -> None:
        """Take in what the engine sends until the socket is gone; then all waiting requests have failed.

        Raises:
            EngineUnavailableError: Always: the socket is gone.
        """
        try:
            # Not "async for", which is one more coroutine a message.
            while (message := await self._socket.receive()).type not in _CLOSED:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(EngineUnavailableError("the engine's socket closed"))
            self._waiting.clear()
        raise EngineUnavailableError("the engine's socket closed")

    async def choose_way(self) -> None:
        """Find out whether this engine answers over the socket (22.5 and later); if not, HTTP is used."""
        try:
            await self.request("GET", "asterisk/info", seconds=_PROBE_SECONDS)
        except EngineUnavailableError:
            if self._socket.closed:
                raise
            self.over_socket = False
            log.info("ari.plain_http", reason="no answer over the socket")

    async def choose_events(self, app: str) -> None:
        """Be sent only what we use. Belongs to the application in the engine, so it is set after each connect."""
        wanted = {"allowed": [{"type": name} for name in EVENT_TYPES], "disallowed": []}
        await self.request("PUT", path("applications", app, "eventFilter"), body=wanted)

    async def request(
        self,
        method: str,
        where: str,
        query: Query | None = None,
        body: object = None,
        *,
        seconds: float = _ANSWER_SECONDS,
    ) -> str:
        """Ask for something and return the answer's body.

        Args:
            method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
            where: Path below the base, made by :func:`path`.
            query: Arguments of the URL; never a secret.
            body: Sent as JSON.
            seconds: How long to wait for the answer.

        Raises:
            AriRefusedError: The engine said no.
            EngineUnavailableError: It did not answer in time, or the socket is gone.
        """
        uri = f"{where}?{_arguments(query)}" if query else where
        text = None if body is None else _encode(body).decode()
        try:
            if self.over_socket:
                status, answer = await self._ask_socket(method, uri, text, seconds)
            else:
                async with asyncio.timeout(seconds):
                    status, answer = await self._ask_http(method, uri, text)
        except TimeoutError:
            raise EngineUnavailableError(f"{method} {where}: the engine did not answer within {seconds:g} s") from None
        except (aiohttp.ClientError, ConnectionError) as lost:
            raise EngineUnavailableError(f"{method} {where}: {type(lost).__name__}") from lost
        self._answers += 1
        if status >= 400:
            raise AriRefusedError(method, where, status)
        return answer

    async def download(self, where: str) -> bytes:
        """A file, which only plain HTTP can carry.

        Raises:
            AriRefusedError: The engine said no.
            EngineUnavailableError: It did not answer in time.
        """
        try:
            async with asyncio.timeout(_DOWNLOAD_SECONDS), self._http.get(f"{self._base}/{where}") as reply:
                if reply.status >= 400:
                    raise AriRefusedError("GET", where, reply.status)
                return await reply.read()
        except TimeoutError:
            raise EngineUnavailableError(f"GET {where}: not whole within {_DOWNLOAD_SECONDS:g} s") from None
        except (aiohttp.ClientError, ConnectionError) as lost:
            raise EngineUnavailableError(f"GET {where}: {type(lost).__name__}") from lost

    async def probe(self, where: str, *, seconds: float) -> None:
        """Have the engine look something up; that it answers, this or anything else meanwhile, is all that matters.

        It takes one request after the other: behind a hundred of a busy moment this one may wait for longer than ``seconds``,
        and an engine that is given up while it works loses the callers who come and go until it is found again.

        Raises:
            EngineUnavailableError: It answers nothing.
        """
        answers = self._answers
        try:
            async with asyncio.timeout(2 * seconds):
                await self.request("GET", where, seconds=seconds)
        except AriRefusedError:
            return
        except TimeoutError:
            raise EngineUnavailableError(f"GET {where}: the engine does not even take it in") from None
        except EngineUnavailableError:
            if self._answers == answers:
                raise

    async def _ask_socket(self, method: str, uri: str, text: str | None, seconds: float) -> tuple[int, str]:
        self._count += 1
        request_id = str(self._count)
        asked = _Request(request_id, request_id, method, uri)
        if text is not None:
            asked.content_type, asked.message_body = "application/json", text
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting[request_id] = future
        # Not asyncio.timeout, which costs as much as all the rest. An engine that takes nothing in is the probe's business.
        alarm = loop.call_later(seconds, _too_late, future)
        try:
            try:
                await self._socket.send_frame(_encode(asked), aiohttp.WSMsgType.TEXT)
            except BaseException:
                future.cancel()  # it must not fail later, with nobody there who asks
                raise
            reply = await future
        finally:
            alarm.cancel()
            self._waiting.pop(request_id, None)
        return reply.status_code, reply.message_body

    async def _ask_http(self, method: str, uri: str, text: str | None) -> tuple[int, str]:
        headers = {} if text is None else {"Content-Type": "application/json"}
        async with self._http.request(method, f"{self._base}/{uri}", data=text, headers=headers) as reply:
            return reply.status, await reply.text()

    def _take(self, raw: bytes) -> None:
        try:
            message = decode_message(raw)
        except ValueError as wrong:
            log.warning("ari.unreadable", reason=str(wrong))
            return
        if isinstance(message, RestReply):
            future = self._waiting.get(message.request_id)
            if future is not None and not future.done():
                future.set_result(message)
        elif message is not None:
            self._hear(message)


def path(*parts: str) -> str:
    """A path of the REST interface; every part is escaped, so that none can become two."""
    return "/".join([_escaped(part) for part in parts])


@functools.lru_cache(_REMEMBERED)
def _escaped(part: str) -> str:
    return part if _PLAIN(part) else quote(part, safe="")


def _arguments(query: Query) -> str:
    return "&".join([f"{_word(name)}={_word(value)}" for name, value in query.items()])


@functools.lru_cache(_REMEMBERED)
def _word(text: str) -> str:
    return text if _PLAIN(text) else quote_plus(text, safe=",")


def _too_late(future: asyncio.Future[RestReply]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())


@contextlib.asynccontextmanager
async def connect(address: AriAddress, app: str, hear: Callable[[AriEvent], None]) -> AsyncIterator[AriConnection]:
    """Open a socket for the application ``app``; ``hear`` gets every event, in order, once ``read`` runs.

    Raises:
        EngineUnavailableError: No engine there, or it does not let us in.
    """
    base = address.url.rstrip("/")
    login = {"Authorization": aiohttp.encode_basic_auth(address.user, address.password)}
    limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
    async with aiohttp.ClientSession(headers=login, timeout=limits) as http:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                socket = await http.ws_connect(
                    f"{base}/events?{urlencode({'app': app, 'subscribeAll': 'false'})}",
                    max_msg_size=0,  # a list of all channels is one message
                    decode_text=False,  # the decoder takes bytes, and checks them
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
                )
        except TimeoutError:
            raise EngineUnavailableError(f"{base}: no answer within {_CONNECT_SECONDS:g} s") from None
        except (aiohttp.ClientError, OSError) as failed:
            raise EngineUnavailableError(f"{base}: {_reason(failed)}") from failed
        async with socket:
            yield AriConnection(http, base, socket, hear)


def _reason(failed: Exception) -> str:
    if isinstance(failed, aiohttp.WSServerHandshakeError) and failed.status in {401, 403}:
        return "the engine refuses our user and password (CALLSIDE_ARI_USER, CALLSIDE_ARI_PASSWORD)"
    return str(failed) or type(failed).__name__
