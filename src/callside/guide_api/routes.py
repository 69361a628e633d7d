"""Serves the five operations. Sealed: whatever happens in here is answered in the guide's envelope, here."""

import secrets
import traceback
from typing import Final

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callside.exchange.logins import Logins
from callside.guide_api.body import MAX_BYTES, read_request
from callside.guide_api.fields import Fields
from callside.guide_api.operations import OPERATIONS
from callside.guide_api.replies import Reply, refused
from callside.ingress.bodies import BodyTooLargeError
from callside.kernel.errors import CallsideError, TooManyRequestsError

PREFIX: Final = "/cloudsoftphone/api/webphone"
_BELOW: Final = f"{PREFIX}/"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_SOON_S: Final = "5"
_log = structlog.get_logger(__name__)


class GuideFirst:
    """Serves the guide's paths itself and leaves all others to ``rest``: a fifth of what a request cost was the way to here.

    To what is around it, all looks as if Starlette had found it among its routes.
    """

    def __init__(self, logins: Logins, rest: ASGIApp) -> None:
        self._guide = GuideApi(logins)
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "http" and scope["path"].startswith(_BELOW):
            scope["endpoint"] = OPERATIONS.get(scope["path"].removeprefix(_BELOW).removesuffix("/"))
            scope["root_path"] = scope.get("root_path", "") + PREFIX
            await self._guide(scope, receive, send)
            return
        await self._rest(scope, receive, send)


class GuideApi:
    """An ASGI application under :data:`PREFIX`. Sets no cookie and allows no other origin: it is for servers."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return  # nobody is there to be answered
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        name = _path_below(request)
        try:
            return await self._operate(request, name)
        except ClientDisconnect:
            raise
        except BodyTooLargeError:
            return _answer(refused(413, f"The body is larger than {MAX_BYTES // 1024} KiB."))
        except CallsideError as error:
            return _answer(refused(error.status, error.message), _retry_header(error))
        except Exception as error:  # noqa: BLE001 - the envelope is promised whatever happens
            return _unexpected(name, error)

    async def _operate(self, request: Request, name: str) -> Response:
        operation = OPERATIONS.get(name)
        if operation is None:
            return _answer(refused(404, f"There is no such operation. There are: {', '.join(OPERATIONS)}."))
        if request.method != "POST":
            message = f"{name} is called with POST, not {request.method}."
            return _answer(refused(405, message), {"Allow": "POST"})
        fields = Fields(await read_request(request))
        address = request.client.host if request.client else ""
        return _answer(await operation(self._logins, fields, address))


def _path_below(request: Request) -> str:
    """The path below the mount, without slashes around it."""
    root: str = request.scope.get("root_path", "")
    path: str = request.scope["path"]
    return path.removeprefix(root).removeprefix("/").removesuffix("/")


def _answer(reply: Reply, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(reply),
        status_code=int(reply.ResponseCode),
        headers=_HEADERS | (headers or {}),
        media_type="application/json",
    )


def _retry_header(error: CallsideError) -> dict[str, str]:
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": _SOON_S} if error.status == 503 else {}


def _unexpected(name: str, error: Exception) -> Response:
    """Log where it happened, never what was in it: a database's error text quotes values, secrets among them."""
    reference = secrets.token_hex(4)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("guide.failed", operation=name, reference=reference, error=type(error).__name__, where=where)
    return _answer(refused(500, f"This is our fault, not yours. Please report it with the reference {reference}."))
