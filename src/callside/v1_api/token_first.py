"""Large bodies are taken from those who have a token: FastAPI reads a body before it asks for one."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from callside.kernel.errors import CallsideError
from callside.v1_api.access import Access
from callside.v1_api.errors import answer

_SMALL: Final = 16 << 10
"""So much of a stranger is read before the token is looked at; most bodies are smaller, and their token is looked at once."""
_ADMIN: Final = "/admin/"


class TokenFirst:
    """ASGI middleware around ``/v1``: without a good token no body is read that is large, or does not say how long it is."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on, or refuse with the body unread."""
        if scope["type"] == "http" and _may_be_large(scope):
            try:
                await self._admit(Request(scope))
            except CallsideError as error:
                refusal = answer(error)
                refusal.headers["Connection"] = "close"  # else the server would read on to the next request
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _admit(self, request: Request) -> None:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        token = self._access.token_in(request)
        if path.startswith(_ADMIN):
            await self._access.root(token)
        else:
            await self._access.tenant(request, token)


def _may_be_large(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return True
    length = headers.get(b"content-length", b"0")
    return not length.isdigit() or int(length) > _SMALL
