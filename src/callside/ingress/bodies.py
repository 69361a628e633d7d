"""Bodies that are too large are refused before they are held in memory."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(HTTPException):
    """The body is over the limit; answer 413.

    Of Starlette's kind, so that an application in whose hands it falls answers 413 in its own envelope, not 500.
    """

    def __init__(self) -> None:
        super().__init__(413, "The request body is too large; send less.")


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, at most ``limit`` bytes of it.

    Raises:
        BodyTooLargeError: It is longer; no more than ``limit`` bytes and one chunk were held.
    """
    if _announced(request.scope) > limit:
        raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


class BodyLimit:
    """The outer limit for every edge; an edge may have a smaller one of its own, with its own envelope."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with a counted body, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counted = _Counted(receive, send, self._limit)
        try:
            if _announced(scope) > self._limit:
                raise BodyTooLargeError
            await self._app(scope, counted.receive, counted.send)
        except BodyTooLargeError:
            if counted.reply_began:
                raise
            await self._refused()(scope, receive, send)

    def _refused(self) -> JSONResponse:
        message = f"The request body is larger than {self._limit} bytes; send less."
        return JSONResponse(
            {"error": {"code": "too_large", "message": message}}, status_code=413, headers={"Connection": "close"}
        )


class _Counted:
    """One request's channel to the application, with its bytes counted."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.reply_began = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise BodyTooLargeError
        return message

    async def send(self, message: Message) -> None:
        self.reply_began = self.reply_began or message["type"] == "http.response.start"
        await self._send(message)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
