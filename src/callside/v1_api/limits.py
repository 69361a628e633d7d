"""ASGI middleware of `/v1`: bodies have a largest size, answers carry the headers that keep browsers strict."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.v1_api.errors import body

LARGEST_BODY: Final = 1 << 20
_TOO_LARGE: Final = f"body: at most {LARGEST_BODY // 1024} KiB are taken"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Limits:
    """Around the whole of `/v1`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        said = Headers(scope=scope).get("content-length", "0")
        if said.isascii() and said.isdigit() and int(said) > LARGEST_BODY:
            refusal = JSONResponse(body("too_large", _TOO_LARGE), 413)
            await refusal(scope, receive, dressed)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > LARGEST_BODY:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self.app(scope, counted, dressed)
