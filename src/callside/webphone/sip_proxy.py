"""SIP over WebSocket between a page and the engine: text frames, checked on the way in, passed as they are on the way out.

The engine's own socket checks no origin and hands out no tickets (reliability-security research, finding 8), so it listens
on loopback only and pages come through here.
"""

from typing import Any

import aiohttp
import structlog
from starlette.websockets import WebSocket

from callside.webphone import sip_rules
from callside.webphone.admission import Visitor, admit, live
from callside.webphone.limits import Allowance
from callside.webphone.ports import PhoneServices
from callside.webphone.sockets import CloseCode, Kind, SocketEndedError

log = structlog.get_logger(__name__)
SUBPROTOCOL = "sip"
_CONNECT_S = 5.0
_CLOSE_S = 2.0
"""While an INVITE is open the engine answers a close seconds late; nobody waits for that."""
_BURST = 200
_REFILL_MS = 20

EngineSocket = aiohttp.ClientWebSocketResponse[Any]


async def sip_proxy(socket: WebSocket, services: PhoneServices) -> None:
    """Serve one SIP socket from handshake to close."""
    visitor = await admit(socket, services, SUBPROTOCOL)
    if visitor is None:
        return
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        try:
            engine = await client.ws_connect(
                services.settings.asterisk_ws_url,
                protocols=(SUBPROTOCOL,),
                max_msg_size=sip_rules.MAX_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
            )
        except (aiohttp.ClientError, TimeoutError, OSError):
            log.warning("sip.engine_unreachable", session=visitor.session_id)
            await socket.close(CloseCode.RESTART, "engine unavailable")
            return
        async with engine:
            await live(
                socket, services, visitor, Kind.SIP,
                _to_engine(socket, engine, services, visitor), _to_page(socket, engine),
            )  # fmt: skip


async def _to_engine(socket: WebSocket, engine: EngineSocket, services: PhoneServices, visitor: Visitor) -> None:
    allowance = Allowance(services.clock, burst=_BURST, refill_ms=_REFILL_MS)
    registered: str | None = None
    while True:
        message = await socket.receive()
        socket._raise_on_disconnect(message)  # noqa: SLF001  Starlette's own receive_text fails on binary frames
        frame = message.get("text")
        if not isinstance(frame, str) or len(frame) > sip_rules.MAX_FRAME:
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, "text frames up to 64 KiB only")
        if allowance.is_spent(""):
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, "too many messages")
        allowance.spend("")
        own = services.sockets.endpoints(visitor.session_id) or ((registered,) if registered else ())
        try:
            registered = sip_rules.check(frame, own) or registered
        except sip_rules.SipRefusedError as refused:
            log.warning("sip.refused", session=visitor.session_id, tenant=visitor.tenant_id, reason=str(refused))
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, str(refused)) from None
        try:
            await engine.send_str(frame)
        except (aiohttp.ClientError, ConnectionError):
            raise SocketEndedError(CloseCode.RESTART, "engine gone") from None


async def _to_page(socket: WebSocket, engine: EngineSocket) -> None:
    async for message in engine:
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        await socket.send_text(message.data)
    raise SocketEndedError(CloseCode.RESTART, "engine gone")
