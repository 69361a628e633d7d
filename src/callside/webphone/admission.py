"""Who may open a socket: our own page (Origin), with a bearer in force; and how a socket lives until it is closed."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from callside.floor.view import PhoneView
from callside.kernel.errors import NotFoundError
from callside.kernel.ids import SessionId, TenantId
from callside.sessions.model import EndCause
from callside.webphone.limits import address_key
from callside.webphone.ports import PhoneServices
from callside.webphone.sockets import CloseCode, Ending, Kind, SocketEndedError, TooManySocketsError

log = structlog.get_logger(__name__)
_BEARER = "bearer."
_CAUSE_LOOKS = 100
_CAUSE_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose socket it is."""

    tenant_id: TenantId
    session_id: SessionId
    bearer: str


async def admit(socket: WebSocket, services: PhoneServices, subprotocol: str) -> Visitor | None:
    """Accept a socket of our own page and tell whose it is; ``None`` when it was refused (and answered).

    A wrong origin, a missing subprotocol and too many tries are answered by HTTP, before there is a socket. A bearer that
    is not in force is answered by a socket closed with 4003, because a browser hides the HTTP status from the page.
    """
    refusal = _refusal(socket, services, subprotocol)
    if refusal is not None:
        await socket.send_denial_response(refusal)
        return None
    bearer = _bearer(socket.scope["subprotocols"])
    found = await services.tickets.session_of(bearer)
    await socket.accept(subprotocol)
    if found is None:
        services.bad_bearers.spend(_client(socket))
        await socket.close(CloseCode.BEARER_NOT_VALID, "bearer not valid")
        return None
    return Visitor(*found, bearer)


async def live(
    socket: WebSocket,
    services: PhoneServices,
    visitor: Visitor,
    kind: Kind,
    *parts: Coroutine[Any, Any, None],
    on_change: Callable[[PhoneView], None] | None = None,
) -> None:
    """Run the parts of a socket together until one ends it, the page goes, or somebody asks it to close.

    While it runs it is the session's only socket of its kind. The bearer is looked at once more after it is on the list:
    a redeem between the first look and now would have found nothing to close.
    """
    ending = Ending()

    def changed(view: PhoneView | None) -> None:
        if view is None:
            ending.ask(CloseCode.SESSION_ENDED)
        elif on_change is not None:
            on_change(view)

    try:
        services.sockets.enter(kind, visitor.session_id, ending)
    except TooManySocketsError:
        _drop(parts)
        log.warning("sockets.full", kind=kind)
        await socket.close(CloseCode.RESTART, "too many sockets")
        return
    stop = _watch(services, visitor, changed)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_still_in_force(services, visitor))
            group.create_task(ending.wait())
            for part in parts:
                group.create_task(part)
    except* SocketEndedError as ended:
        await _close(socket, services, visitor, _first(ended))
    except* (WebSocketDisconnect, WebSocketDisconnected):
        pass
    finally:
        stop()
        services.sockets.leave(kind, visitor.session_id, ending)


def _watch(
    services: PhoneServices, visitor: Visitor, changed: Callable[[PhoneView | None], None]
) -> Callable[[], None]:
    try:
        return services.exchange.watch(visitor.tenant_id, visitor.session_id, changed)
    except NotFoundError:  # the tenant is gone, and the session with it
        changed(None)
        return lambda: None


async def _still_in_force(services: PhoneServices, visitor: Visitor) -> None:
    if services.exchange.view(visitor.tenant_id, visitor.session_id) is None:
        raise SocketEndedError(CloseCode.SESSION_ENDED)
    if await services.tickets.session_of(visitor.bearer) is None:
        cause = await services.tickets.end_cause(visitor.tenant_id, visitor.session_id)
        code = CloseCode.SUPERSEDED if cause is None else CloseCode.SESSION_ENDED
        raise SocketEndedError(code, "opened again")


async def _close(socket: WebSocket, services: PhoneServices, visitor: Visitor, ended: SocketEndedError) -> None:
    reason = ended.reason
    if ended.code == CloseCode.SESSION_ENDED:
        services.sockets.forget(visitor.session_id)
        reason = await _end_cause(services, visitor)
    try:
        await socket.close(ended.code, reason)
    except (WebSocketDisconnect, WebSocketDisconnected, RuntimeError):
        log.debug("socket.gone_before_close", session=visitor.session_id, code=ended.code)


async def _end_cause(services: PhoneServices, visitor: Visitor) -> str:
    """Why the session ended. The floor ends it a moment before its record is on disk, so this waits for the record."""
    for _ in range(_CAUSE_LOOKS):
        cause = await services.tickets.end_cause(visitor.tenant_id, visitor.session_id)
        if cause is not None:
            return cause
        await asyncio.sleep(_CAUSE_EVERY_S)
    return EndCause.LOST


def _refusal(socket: WebSocket, services: PhoneServices, subprotocol: str) -> JSONResponse | None:
    origin = socket.headers.get("origin")
    if origin not in services.own_origins(socket.url.scheme, socket.headers.get("host", "")):
        log.info("socket.foreign_origin", path=socket.scope["path"])
        return _denied(403, "not_allowed", "This socket opens for Callside's own page only.")
    offered: Sequence[str] = socket.scope["subprotocols"]
    if subprotocol not in offered or not _bearer(offered):
        return _denied(401, "not_authenticated", f"Offer the subprotocols {subprotocol} and bearer.<bearer>.")
    if services.bad_bearers.is_spent(_client(socket)):
        return _denied(429, "too_many_requests", "Too many sockets with a bearer that is not valid; wait a minute.")
    return None


def _denied(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


def _bearer(offered: Sequence[str]) -> str:
    return next((one.removeprefix(_BEARER) for one in offered if one.startswith(_BEARER)), "")


def _client(socket: WebSocket) -> str:
    return address_key(socket.client.host if socket.client else None)


def _first(ended: BaseExceptionGroup[SocketEndedError]) -> SocketEndedError:
    for error in ended.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    msg = "an exception group is never empty"
    raise AssertionError(msg)


def _drop(parts: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Parts that never run must be told so, or Python warns of them."""
    for part in parts:
        part.close()
