"""The phone page: one static file for every session, its headers, and its assets."""

import re
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from callside.kernel.errors import NotFoundError
from callside.webphone.ports import PhoneServices

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
PERMISSIONS = "microphone=(self), speaker-selection=(self), autoplay=(self), camera=(), geolocation=()"
# Python's own table depends on the machine, and nosniff makes a wrong type an error.
_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
}
NOT_BUILT = (
    "<!doctype html><html lang=en><title>Phone not built</title>"
    "<p>The web phone is not built yet. Run <code>make web</code> in Callside's folder, then load this page again.</p></html>"
)


async def phone_page(request: Request, services: PhoneServices) -> Response:
    """The same page whatever the query says; only ``frame-ancestors`` depends on the session, and nothing is consumed.

    Link previews and prefetch are therefore harmless. An id that is not open gets ``frame-ancestors 'none'``. Besides the
    guide's ``session`` the page may name itself by ``frame``, the SHA-256 of it: what stands in the address bar after the
    secret was stripped, so that a reload of the frame alone still knows who may embed it.
    """
    ancestors = await _frame_ancestors(request, services)
    own = services.own_origins(request.url.scheme, request.headers.get("host", ""))
    headers = page_headers(ancestors, own)
    index = services.settings.static_dir / "index.html"
    try:
        body = index.read_text(encoding="utf-8")
    except FileNotFoundError:
        return HTMLResponse(NOT_BUILT, status_code=503, headers=headers)
    return HTMLResponse(body, headers=headers)


def page_headers(ancestors: Iterable[str], own_origins: Iterable[str]) -> dict[str, str]:
    """The phone page's headers (reliability-security research §1.1).

    CORP ``cross-origin`` with COEP ``require-corp`` lets a CRM that isolates itself embed the page; one that does not is not
    touched, and all the page loads is its own. Sockets are named beside ``'self'`` for browsers that do not count ``ws:``
    to it.
    """
    framers = " ".join(one for one in ancestors if _ORIGIN.fullmatch(one)) or "'none'"
    sockets = "".join(f" ws{one.removeprefix('http')}" for one in own_origins)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; object-src 'none'; form-action 'none'; "
        f"frame-ancestors {framers}"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": PERMISSIONS,
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


class PhoneAssets(StaticFiles):
    """Built files under hashed names: kept by browsers for a year.

    COEP stands on them too, because a worker's script needs its own (HTML §"worker's embedder policy").
    """

    def __init__(self, static_dir: Path) -> None:
        super().__init__(directory=static_dir / "assets", check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its headers; 404 is not cached."""
        response = await super().get_response(path, scope)
        if media_type := _MEDIA_TYPES.get(Path(path).suffix):
            response.headers["Content-Type"] = media_type
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


async def _frame_ancestors(request: Request, services: PhoneServices) -> tuple[str, ...]:
    query = request.query_params
    tenant_id = await services.tickets.tenant_of(query.get("session"), query.get("frame"))
    if tenant_id is None:
        return ()
    try:
        directory = await services.exchange.directory(tenant_id)
    except NotFoundError:
        return ()
    return directory.tenant.crm_origins
