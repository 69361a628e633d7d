"""POST /phone/redeem: the page trades the URL's session id for a bearer."""

from typing import Annotated

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse

from callside.exchange.secrets import digest
from callside.exchange.tickets import Redemption
from callside.ingress.bodies import BodyTooLargeError, read_body
from callside.kernel.errors import (
    CallsideError,
    ConflictError,
    InvalidFieldError,
    NotAllowedError,
    NotFoundError,
    TooManyRequestsError,
)
from callside.webphone.limits import address_key
from callside.webphone.ports import PhoneServices
from callside.webphone.sockets import CloseCode

log = structlog.get_logger(__name__)
COOKIE = "__Host-cs"
MAX_BODY = 1_024
_Text = Annotated[str, msgspec.Meta(max_length=128)]


class _Body(msgspec.Struct, frozen=True):
    session: _Text
    binding: _Text | None = None


async def redeem(request: Request, services: PhoneServices) -> JSONResponse:
    """Answer ``{"bearer", "origins", "frame"}`` and set the binding cookie; sockets of the bearer before are closed.

    The page may add ``binding``, 32 random bytes in base64url that it made and keeps for itself: it stands in for the cookie
    where browsers keep none for a frame (docs/decisions, "phone binding").
    """
    try:
        redemption, origins = await _redeemed(request, services)
    except BodyTooLargeError:
        return _refused(413, "too_large", f"The body is larger than {MAX_BODY} bytes.")
    except TooManyRequestsError as error:
        return _refused(429, error.code, error.message, {"Retry-After": str(error.retry_after)})
    except CallsideError as error:
        return _refused(error.status, error.code, error.message)
    reply = JSONResponse(
        {"bearer": redemption.bearer, "origins": list(origins), "frame": redemption.handle_digest},
        headers={"Cache-Control": "no-store"},
    )
    # Written by hand: http.cookies of Python 3.11 does not know Partitioned (CHIPS).
    reply.headers["Set-Cookie"] = f"{COOKIE}={redemption.binding}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
    return reply


async def _redeemed(request: Request, services: PhoneServices) -> tuple[Redemption, tuple[str, ...]]:
    _check_origin(request, services)
    client = address_key(request.client.host if request.client else None)
    if wait_ms := services.bad_tickets.wait_ms(client):
        msg = "Too many wrong logins from this address. Try again in a minute."
        raise TooManyRequestsError(msg, retry_after=wait_ms // 1000 + 1)
    body = _body(await read_body(request, MAX_BODY))
    _count_redeem(services, body.session)
    try:
        done = await services.tickets.redeem(body.session, (request.cookies.get(COOKIE), body.binding))
    except NotFoundError:
        services.bad_tickets.spend(client)
        raise
    except ConflictError:
        log.warning("ticket.in_use", client=client, tenant=await services.tickets.tenant_of(body.session))
        raise
    services.sockets.close(done.session_id, CloseCode.SUPERSEDED, "opened again")
    log.info("ticket.redeemed", client=client, tenant=done.tenant_id, session=done.session_id)
    directory = await services.exchange.directory(done.tenant_id)
    return done, directory.tenant.crm_origins


def _count_redeem(services: PhoneServices, handle: str) -> None:
    """Each redeem is a write to the disk; no page is loaded once a second for ever."""
    key = digest(handle)
    if wait_ms := services.redeems.wait_ms(key):
        msg = "This phone was opened too often. It tries again by itself."
        raise TooManyRequestsError(msg, retry_after=wait_ms // 1000 + 1)
    services.redeems.spend(key)


def _check_origin(request: Request, services: PhoneServices) -> None:
    """No other page may do this: it cannot send the header without asking us first (CORS), and we never consent."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = services.own_origins(request.url.scheme, request.headers.get("host", ""))
    if request.headers.get("x-callside") != "1" or site != "same-origin" or (origin is not None and origin not in own):
        msg = "This request comes from Callside's own page only."
        raise NotAllowedError(msg)


def _body(raw: bytes) -> _Body:
    try:
        return msgspec.json.decode(raw, type=_Body)
    except msgspec.DecodeError:
        msg = 'Send JSON: {"session": "<digits>"}'
        raise InvalidFieldError(msg, field="session") from None


def _refused(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": code, "message": message}},
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
