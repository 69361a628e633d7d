"""The FastAPI application behind `/v1`, and all paths of this room."""

import asyncio
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from callside import __version__
from callside.exchange.administration import Administration
from callside.exchange.ports import Store
from callside.exchange.profiles import load_profiles
from callside.observability import Metrics
from callside.reporting.formulas import FORMULAS
from callside.v1_api import errors
from callside.v1_api.access import Access, TokenCheck
from callside.v1_api.board_page import board_routes
from callside.v1_api.callbacks import callback_routes
from callside.v1_api.calls import call_routes, session_routes
from callside.v1_api.campaign_figures import campaign_figure_routes
from callside.v1_api.campaign_pacing import PacingDesk, pacing_of_any_tenant, pacing_routes
from callside.v1_api.campaigns import campaign_routes, campaigns_of_any_tenant
from callside.v1_api.figures import figure_routes
from callside.v1_api.health import Health
from callside.v1_api.leads import lead_rooms
from callside.v1_api.live_socket import LiveFloors, live_route
from callside.v1_api.profiles import profile_routes
from callside.v1_api.prompts import Limits, upload_for_any_tenant, upload_routes
from callside.v1_api.resources import desk_routes, installation_routes, own_tenant_routes
from callside.v1_api.token_first import TokenFirst
from callside.v1_api.voicemails import voicemail_routes, voicemails_of_any_tenant

LARGEST_BODY: Final = 1 << 20
_STATIC: Final = Path(__file__).parent / "static"
_DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_ABOUT: Final = """\
Administration of a tenant's agents, desk phones, queues, campaigns and trunks, its call records, and who is logged in.

Every operation is of the tenant whose token is sent; ids of other tenants are simply not found. Bodies are JSON. Errors
have one shape, `{"error": {"code", "message", "field"}}`, and then nothing was changed. Times are UTC (RFC 3339).
Operations under `/admin` are the installation's and take the root token only.
"""
_TAGS: Final = (
    ("tenant", "The token's own tenant."),
    ("agents", "People who take and make calls."),
    ("extensions", "Desk phones. SIP passwords are made here and shown once."),
    ("queues", "Where callers wait for an agent."),
    ("campaigns", "Outbound work and the rules of what may be dialled."),
    (
        "profiles",
        "The laws of dialling, as data: what each jurisdiction asks, and how well that is known. No legal advice.",
    ),
    ("trunks", "Interconnections with carriers."),
    ("numbers", "The number plan: where each of our numbers leads."),
    ("hours", "Opening hours with time zone and holidays."),
    ("menus", "IVR menus."),
    ("prompts", "What callers hear: uploaded, or spoken by the built-in voice."),
    ("caller-rules", "Where certain callers go; the block list."),
    ("playlists", "Music of one's own for callers who wait."),
    ("announcements", "What callers of a queue hear while they wait, and its voicemail's greeting."),
    ("voicemails", "What callers said to a queue's voicemail."),
    ("lead-lists", "Lists of leads: whom a campaign calls."),
    ("leads", "Single leads: found by number, added, changed."),
    (
        "lead-imports",
        "Files of leads in (CSV, XLSX), their reports, and exports. The body of an upload is the file itself.",
    ),
    ("dnc-lists", "Do-not-call lists and the numbers on them."),
    ("tokens", "API tokens: several at a time, shown once, revocable."),
    ("calls", "Call records: exactly one for each call."),
    ("sessions", "Who is logged in now."),
    ("figures", "Figures, each with its formula's name. " + " ".join(f"`{k}`: {v}" for k, v in FORMULAS.items())),
    ("installation", "All tenants; with the root token only."),
)


@dataclass(frozen=True, slots=True)
class V1Parts:
    """What this room is built from.

    Attributes:
        administration: The desks.
        tokens: Whom a token speaks for (``Logins``).
        store: For call records and health.
        floors: The exchange.
        metrics: The instance's figures.
        root_token: From :func:`callside.v1_api.control.announce`.
        public_origins: Origins this installation is reached by; empty: whatever ``Host`` says.
    """

    administration: Administration
    tokens: TokenCheck
    store: Store
    floors: LiveFloors
    metrics: Metrics
    root_token: str
    public_origins: tuple[str, ...] = ()


def v1_routes(parts: V1Parts) -> list[BaseRoute]:
    """All paths of this room: ``/v1`` and what is under it, ``/board``, ``/healthz``, ``/readyz``, ``/metrics``."""
    access = Access(parts.tokens, parts.root_token, parts.administration)
    health = Health(parts.store, parts.floors, parts.metrics, access, parts.public_origins)
    board = board_routes(parts.public_origins)
    live = live_route(parts.floors, parts.tokens, parts.public_origins)
    v1 = Limits(TokenFirst(v1_application(parts), access), LARGEST_BODY)
    return [*health.routes(), *board, live, Mount("/v1", v1)]


def v1_application(parts: V1Parts) -> FastAPI:
    """The application behind ``/v1``; paths are without that prefix."""
    app = FastAPI(
        title="Callside",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    access = Access(parts.tokens, parts.root_token, parts.administration)
    one_at_a_time = asyncio.Semaphore(1)
    pacing = PacingDesk(parts.floors, parts.store.call_records, one_at_a_time)
    rooms = [
        own_tenant_routes(parts.administration, access),
        *(desk_routes(desk, access.tenant) for desk in parts.administration.desks.values()),
        campaign_routes(parts.administration.campaigns, parts.floors, access.tenant),
        pacing_routes(parts.administration.campaigns, pacing, access.tenant),
        call_routes(parts.store.call_records, access),
        session_routes(parts.floors, access),
        callback_routes(parts.floors, access),
        figure_routes(parts.floors, parts.store.call_records, access, one_at_a_time),
        campaign_figure_routes(
            parts.administration.campaigns, parts.floors, parts.store.call_records, access, one_at_a_time
        ),
        profile_routes(load_profiles(), parts.floors.clock, access),
        upload_routes(parts.administration.prompts, access.tenant),
        installation_routes(parts.administration, access),
        upload_for_any_tenant(parts.administration, access),
        campaigns_of_any_tenant(parts.administration, parts.floors, access),
        pacing_of_any_tenant(parts.administration, pacing, access),
        voicemail_routes(parts.administration.voicemails, access.tenant),
        voicemails_of_any_tenant(parts.administration, access),
    ]
    if parts.administration.leads is not None:
        rooms += lead_rooms(parts.administration.leads, access)
    for room in rooms:
        app.include_router(room, responses=errors.RESPONSES)
    app.router.routes.extend(_docs_routes(app))
    return app


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, of what is really answered: FastAPI's own 422 never is."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS],
        servers=[{"url": "/v1"}],
    )
    for path in document["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", "")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document


def _docs_routes(app: FastAPI) -> list[Route]:
    @functools.cache  # made when somebody first asks: it takes a quarter of a second
    def document() -> bytes:
        return json.dumps(openapi_document(app)).encode()

    async def openapi(_request: Request) -> Response:
        return Response(document(), media_type="application/json")

    async def docs(_request: Request) -> Response:
        return FileResponse(_STATIC / "docs.html", headers={"Content-Security-Policy": _DOCS_POLICY})

    async def to_docs(request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")

    def asset(name: str) -> Route:
        async def send(_request: Request) -> Response:
            return FileResponse(_STATIC / name, headers={"Cache-Control": "no-cache"})

        return Route(f"/{name}", send, methods=["GET"])

    return [
        Route("/openapi.json", openapi, methods=["GET"]),
        Route("/docs", docs, methods=["GET"]),
        Route("/", to_docs, methods=["GET"]),
        asset("docs.js"),
        asset("docs.css"),
    ]
