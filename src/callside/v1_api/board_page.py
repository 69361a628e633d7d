"""`/board`: the read-only live board, a static page on the live feed. It asks for a token; the page itself holds nothing."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from callside.ingress.origins import own_origins

BOARD_DIR: Final = Path(__file__).parent / "static" / "board"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NOT_BUILT: Final = (
    "<!doctype html><html lang=en><title>Board not built</title>"
    "<p>The board is not built yet. Run <code>make web</code> in Callside's folder, then load this page again.</p></html>"
)


class BoardAssets(StaticFiles):
    """Built files under hashed names: kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its headers; 404 is not cached."""
        response = await super().get_response(path, scope)
        if media_type := _MEDIA_TYPES.get(Path(path).suffix):
            response.headers["Content-Type"] = media_type
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def board_routes(public_origins: tuple[str, ...] = (), built: Path = BOARD_DIR) -> list[BaseRoute]:
    """The page and its files."""

    async def page(request: Request) -> Response:
        own = own_origins(public_origins, request.url.scheme, request.headers.get("host", ""))
        try:
            text = (built / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            return HTMLResponse(_NOT_BUILT, 503, headers=_headers(own))
        return HTMLResponse(text, headers=_headers(own))

    return [
        Route("/board", page, methods=["GET"], name="board"),
        Mount("/board/assets", BoardAssets(directory=built / "assets", check_dir=False), name="board-assets"),
    ]


def _headers(own: tuple[str, ...]) -> dict[str, str]:
    sockets = "".join(f" ws{one.removeprefix('http')}" for one in own)
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'{sockets}; "
        "base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
