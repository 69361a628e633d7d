"""`/v1/live`: the live floor of the token's tenant, for boards and programs (`docs/live-feed.md`).

Two tasks a socket: one writes, one notices that the peer is gone. Frames are the feed's; a peer that does not read makes the
feed drop its frames (see ``exchange.live_feed``), and one that takes nothing for half a minute is let go.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from callside.exchange.live_feed import FeedEndedError, Watch
from callside.ingress.origins import own_origins
from callside.kernel.errors import CallsideError, NotAuthenticatedError, TooManyRequestsError
from callside.kernel.ids import TenantId
from callside.v1_api.access import TokenCheck
from callside.v1_api.errors import body
from callside.v1_api.figures import LiveFigures

SUBPROTOCOL: Final = "callside.live.v1"
TOKEN_NOT_VALID: Final = 4003
PROTOCOL_ERROR: Final = 4004
_RESTART: Final = 1012
_TRY_LATER: Final = 1013
_BEARER: Final = "bearer."
_PING: Final = '{"type":"ping"}'
_PING_S: Final = 15.0
_SEND_WITHIN_S: Final = 30.0
_LOOKS_A_PING: Final = 4
"""Pings between two looks at whether the token is still in force: once a minute."""
_MOST_OF_A_TENANT: Final = 100
_log = structlog.get_logger("callside.v1")


class LiveFloors(LiveFigures, Protocol):
    """What this room needs of the exchange, the live floor included."""

    def watch_floor(self, tenant_id: TenantId) -> Watch:
        """The live floor's frames."""


class LiveSocket:
    """Serves the feed's sockets."""

    def __init__(self, floors: LiveFloors, tokens: TokenCheck, public_origins: Sequence[str], ping_s: float) -> None:
        self._floors = floors
        self._tokens = tokens
        self._public_origins = public_origins
        self._ping_s = ping_s
        self._open: Counter[TenantId] = Counter()

    async def serve(self, socket: WebSocket) -> None:
        """One socket from handshake to close."""
        token, refusal = self._read(socket)
        if refusal is not None:
            await socket.send_denial_response(refusal)
            return
        tenant_id = await self._tenant(socket, token)
        if tenant_id is None:
            return
        if self._open[tenant_id] >= _MOST_OF_A_TENANT:
            await socket.close(_TRY_LATER, "too many boards of this tenant")
            return
        self._open[tenant_id] += 1
        try:
            await self._live(socket, tenant_id, token)
        finally:
            self._open[tenant_id] -= 1

    def _read(self, socket: WebSocket) -> tuple[str, JSONResponse | None]:
        origin = socket.headers.get("origin")
        mine = own_origins(self._public_origins, socket.url.scheme, socket.headers.get("host", ""))
        if origin is not None and origin not in mine:
            _log.info("live.foreign_origin")
            return "", _denied(403, "not_allowed", "A browser may open this socket from Callside's own pages only.")
        token = _token(socket)
        if not token:
            words = f"Send `Authorization: Bearer <token>`, or offer the subprotocols {SUBPROTOCOL} and bearer.<token>."
            return "", _denied(401, "not_authenticated", words)
        return token, None

    async def _tenant(self, socket: WebSocket, token: str) -> TenantId | None:
        """Accept the socket of a good token. Browsers hide the status of a refused handshake, so a bad one is told by 4003."""
        offered = SUBPROTOCOL in socket.scope["subprotocols"]
        address = socket.client.host if socket.client else ""
        try:
            tenant = await self._tokens.tenant_of(token, address=address)
        except CallsideError as error:
            if offered and isinstance(error, NotAuthenticatedError):
                await socket.accept(SUBPROTOCOL)
                await socket.close(TOKEN_NOT_VALID, "token not valid")
            else:
                await socket.send_denial_response(_denied(error.status, error.code, error.message))
            return None
        await socket.accept(SUBPROTOCOL if offered else None)
        return tenant.id

    async def _live(self, socket: WebSocket, tenant_id: TenantId, token: str) -> None:
        watch = self._floors.watch_floor(tenant_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_until_gone(socket))
                tasks.create_task(self._write(socket, watch, token))
        except* _OverError as over:
            with contextlib.suppress(WebSocketDisconnect, WebSocketDisconnected, RuntimeError):
                await socket.close(*_first(over).args)
        except* (WebSocketDisconnect, WebSocketDisconnected):
            pass
        finally:
            watch.close()

    async def _write(self, socket: WebSocket, watch: Watch, token: str) -> None:
        loop = asyncio.get_running_loop()
        pings, next_ping = 0, loop.time() + self._ping_s
        while True:
            frame = ""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_ping):
                    frame = await _frame(watch)
            if frame:
                await _send(socket, frame)
            if loop.time() >= next_ping:
                pings, next_ping = pings + 1, loop.time() + self._ping_s
                await _send(socket, _PING)
                if pings % _LOOKS_A_PING == 0:
                    await self._still_in_force(token)

    async def _still_in_force(self, token: str) -> None:
        try:
            await self._tokens.tenant_of(token)
        except (NotAuthenticatedError, TooManyRequestsError):
            raise _OverError(TOKEN_NOT_VALID, "token not valid") from None
        except CallsideError as error:  # the store is away: nobody can tell, and the floor goes on
            _log.info("live.token_not_looked_at", error=error.message)


def live_route(
    floors: LiveFloors, tokens: TokenCheck, public_origins: Sequence[str] = (), ping_s: float = _PING_S
) -> WebSocketRoute:
    """The socket's path."""
    return WebSocketRoute("/v1/live", LiveSocket(floors, tokens, public_origins, ping_s).serve, name="live")


class _OverError(Exception):
    """Ends a socket; its arguments are the close code and the reason."""


async def _frame(watch: Watch) -> str:
    try:
        return await watch.frame()
    except FeedEndedError:
        raise _OverError(_RESTART, "starting again") from None


async def _send(socket: WebSocket, frame: str) -> None:
    try:
        async with asyncio.timeout(_SEND_WITHIN_S):
            await socket.send_text(frame)
    except TimeoutError:
        raise _OverError(_TRY_LATER, "nothing is read") from None


async def _until_gone(socket: WebSocket) -> None:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    raise _OverError(PROTOCOL_ERROR, "this socket only tells")


def _token(socket: WebSocket) -> str:
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    offered: Sequence[str] = socket.scope["subprotocols"]
    if SUBPROTOCOL not in offered:
        return ""
    return next((one.removeprefix(_BEARER) for one in offered if one.startswith(_BEARER)), "")


def _denied(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse(body(code, message), status_code=status)


def _first(over: BaseExceptionGroup[_OverError]) -> _OverError:
    for error in over.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    msg = "an exception group is never empty"
    raise AssertionError(msg)
