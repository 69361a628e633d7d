"""The phone socket: the view goes out after each change, verbs come in, each gets one reply."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from starlette.websockets import WebSocket

from callside.floor.events import PhoneChanged, RaiseLineRequested
from callside.floor.view import PhoneView
from callside.kernel.errors import CallsideError, ConflictError, TooManyRequestsError
from callside.kernel.ids import LeadId
from callside.webphone import verbs, wire
from callside.webphone.admission import Visitor, admit, live
from callside.webphone.limits import Allowance
from callside.webphone.ports import PhoneServices
from callside.webphone.sockets import CloseCode, Kind, SocketEndedError

SUBPROTOCOL = "callside.v1"
SIP_PATH = "/phone/sip"
_BURST = 40
_REFILL_MS = 50
_FRAMES_BURST = 200
_FRAMES_REFILL_MS = 20
"""Of whatever kind: what is refused and what wants no reply costs everybody's time as well."""
_MAX_WAITING = 200
"""Replies a page has not taken yet; a page so far behind is not reading."""


async def phone_socket(socket: WebSocket, services: PhoneServices) -> None:
    """Serve one phone socket from handshake to close."""
    visitor = await admit(socket, services, SUBPROTOCOL)
    if visitor is None:
        return
    phone = _Phone(socket, services, visitor)
    try:
        await live(socket, services, visitor, Kind.PHONE, phone.read(), phone.write(), on_change=phone.view_changed)
    finally:
        await phone.gone()


class _Phone:
    """One page at one socket."""

    def __init__(self, socket: WebSocket, services: PhoneServices, visitor: Visitor) -> None:
        self._socket = socket
        self._services = services
        self._visitor = visitor
        self._allowance = Allowance(services.clock, burst=_BURST, refill_ms=_REFILL_MS)
        self._frames = Allowance(services.clock, burst=_FRAMES_BURST, refill_ms=_FRAMES_REFILL_MS)
        self._replies: deque[str] = deque()
        self._view: PhoneView | None = None
        self._wake = asyncio.Event()
        self._announced = False

    def view_changed(self, view: PhoneView) -> None:
        """A newer view; of several before the next write only the last is sent."""
        self._view = view
        self._wake.set()

    async def gone(self) -> None:
        """Tell the floor that the phone is gone, unless a newer socket has taken its place."""
        visitor = self._visitor
        if not self._announced or self._services.sockets.is_open(Kind.PHONE, visitor.session_id):
            return
        with suppress(CallsideError):  # the session may be over; then nobody needs to know
            await self._services.exchange.request(visitor.tenant_id, PhoneChanged(visitor.session_id, connected=False))

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def write(self) -> None:
        """Send what is due; a ping when nothing was for a while."""
        loop = asyncio.get_running_loop()
        ping_s = self._services.settings.ping_s
        next_ping = loop.time() + ping_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_ping):
                    await self._wake.wait()
            self._wake.clear()
            await self._send_due()
            if loop.time() >= next_ping:
                await self._socket.send_text(wire.PING)
                next_ping = loop.time() + ping_s

    async def _send_due(self) -> None:
        while self._replies:
            await self._socket.send_text(self._replies.popleft())
        if self._view is not None:
            view, self._view = self._view, None
            await self._socket.send_text(wire.view_frame(view))

    def _reply(self, frame: str) -> None:
        if len(self._replies) >= _MAX_WAITING:
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, "the page does not read")
        self._replies.append(frame)
        self._wake.set()

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def read(self) -> None:
        """Announce the phone, then do its verbs one after the other."""
        visitor = self._visitor
        self._announced = True
        try:
            await self._services.exchange.request(visitor.tenant_id, PhoneChanged(visitor.session_id, connected=True))
        except CallsideError as error:
            raise SocketEndedError(CloseCode.AWAY, error.code) from None
        if (view := self._services.exchange.view(visitor.tenant_id, visitor.session_id)) is not None:
            self.view_changed(view)
        while True:
            frame = await self._next_frame()
            try:
                verb = verbs.read(frame)
            except verbs.FrameError as error:
                raise SocketEndedError(CloseCode.PROTOCOL_ERROR, str(error)) from None
            except verbs.FieldRefusedError as error:
                self._reply(wire.refusal_frame(error.number, error))
                continue
            if not isinstance(verb, verbs.Pong):
                await self._do(verb)

    async def _next_frame(self) -> str:
        try:
            async with asyncio.timeout(self._services.settings.dead_s):
                message = await self._socket.receive()
        except TimeoutError:
            raise SocketEndedError(CloseCode.AWAY, "no answer to pings") from None
        self._socket._raise_on_disconnect(message)  # noqa: SLF001  Starlette's own receive_text fails on binary frames
        text = message.get("text")
        if self._frames.is_spent(""):
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, "too many messages")
        self._frames.spend("")
        if not isinstance(text, str):
            raise SocketEndedError(CloseCode.PROTOCOL_ERROR, "text frames only")
        return text

    async def _do(self, verb: verbs.AnyVerb) -> None:
        try:
            self._count()
            value = await self._done(verb)
        except CallsideError as error:
            self._reply(wire.refusal_frame(verb.id, error))
        else:
            self._reply(wire.reply_frame(verb.id, value))

    def _count(self) -> None:
        wait_ms = self._allowance.wait_ms("")
        if wait_ms:
            msg = "Too many requests on this socket; slow down."
            raise TooManyRequestsError(msg, retry_after=wait_ms // 1000 + 1)
        self._allowance.spend("")

    async def _done(self, verb: verbs.AnyVerb) -> Mapping[str, object] | None:
        visitor, exchange = self._visitor, self._services.exchange
        match verb:
            case verbs.Ping():
                pass
            case verbs.LineCredentials():
                return await self._credentials()
            case verbs.LineReady():
                await self._line_ready()
            case verbs.LeadsList():
                return {"leads": await exchange.leads_of(visitor.tenant_id, visitor.session_id)}
            case verbs.LeadShow():
                await exchange.open_lead(visitor.tenant_id, visitor.session_id, LeadId(verb.lead))
            case _ if (request := verb.request(visitor.session_id)) is not None:
                await exchange.request(visitor.tenant_id, request)
        return None

    async def _line_ready(self) -> None:
        """The browser phone is registered; or, for a desk phone, which has no credentials of ours: call it again."""
        visitor = self._visitor
        exchange = self._services.exchange
        view = exchange.view(visitor.tenant_id, visitor.session_id)
        endpoints = self._services.sockets.endpoints(visitor.session_id)
        if not endpoints and (view is None or view.line.device == "browser"):
            msg = "Ask for line.credentials and register with them first."
            raise ConflictError(msg)
        endpoint = endpoints[0] if endpoints else ""
        await exchange.request(visitor.tenant_id, RaiseLineRequested(visitor.session_id, endpoint))

    async def _credentials(self) -> dict[str, str]:
        visitor = self._visitor
        made = await self._services.exchange.sip_credentials(visitor.tenant_id, visitor.session_id)
        self._services.sockets.endpoint_issued(visitor.session_id, made.endpoint)
        return {"endpoint": made.endpoint, "password": made.password, "realm": made.realm, "sipPath": SIP_PATH}
