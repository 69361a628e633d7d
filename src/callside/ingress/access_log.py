"""One line for each request: method, path, status, duration, client. Never the query string: the guide's URL carries a secret."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.kernel.clock import Clock
from callside.request_lines import RequestLog, StructuredRequests

_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})


class AccessLog:
    """Logs ``http.request`` and ``socket.closed``. uvicorn's own access log must be off: it writes query strings."""

    def __init__(self, app: ASGIApp, clock: Clock, log: RequestLog | None = None) -> None:
        self._app = app
        self._clock = clock
        self._log = log or StructuredRequests()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on; log when the reply (or the socket) is over."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began = self._clock.now()
        status: int | None = None

        async def noticed(message: Message) -> None:
            nonlocal status
            kind = message["type"]
            if kind in _STARTS:
                status = message["status"]
            elif kind == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        finally:
            client = scope.get("client")
            self._log.tell(
                "http.request" if scope["type"] == "http" else "socket.closed",
                scope.get("method", "GET"),
                scope["path"],
                status,
                began.elapsed_until(self._clock.now()),
                client[0] if client else None,
            )
