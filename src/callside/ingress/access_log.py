"""One line for each request: method, path, status, duration, client. Never the query string: the guide's URL carries a secret."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.kernel.clock import Clock

log = structlog.get_logger(__name__)


class AccessLog:
    """Logs ``http.request`` and ``socket.closed``. uvicorn's own access log must be off: it writes query strings."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on; log when the reply (or the socket) is over."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began = self._clock.now()
        status: int | None = None

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"].endswith("response.start"):
                status = message["status"]
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        finally:
            client = scope.get("client")
            log.info(
                "http.request" if scope["type"] == "http" else "socket.closed",
                method=scope.get("method", "GET"),
                path=scope["path"],
                status=status,
                ms=began.elapsed_until(self._clock.now()),
                client=client[0] if client else None,
            )
