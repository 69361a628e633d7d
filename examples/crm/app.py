"""A sample CRM with a phone in it: the server side. Start with README.md; what to copy is crm_guide.py and static/phone-link.js."""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_guide import CrmConfig, GuideClient, GuideError
from crm_records import Records
from crm_sessions import Sessions, SignedIn, is_own_page
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CrmConfig", "create_app"]

_STATIC = Path(__file__).resolve().parent / "static"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_LOGIN_TYPES = ("AUTO", "PROGRESSIVE", "MANUAL")
_LARGEST = 65_536
_DOWN = "The phone system is down, try again in a moment."


def create_app(config: CrmConfig | Callable[[], CrmConfig]) -> Starlette:
    """The CRM, to run alone or mounted under any path.

    Args:
        config: How to reach the phone system, or a function that tells it when it is first needed.
    """
    crm = Crm(config if callable(config) else lambda: config)
    routes = [
        Route("/", crm.page),
        Route("/static/{name}", crm.static),
        Route("/api/me", crm.me),
        Route("/api/choices", crm.choices, methods=["POST"]),
        Route("/api/login", crm.login, methods=["POST"]),
        Route("/api/logout", crm.logout, methods=["POST"]),
        Route("/api/session-over", crm.session_over, methods=["POST"]),
        Route("/api/contacts", crm.contacts),
        Route("/api/contacts", crm.add_contact, methods=["POST"]),
        Route("/api/contacts/{contact_id}/notes", crm.add_note, methods=["POST"]),
        Route("/api/calls", crm.calls),
        Route("/api/calls", crm.keep_call, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {HTTPException: _say, GuideError: _guide_says, Exception: _our_fault}
    return Starlette(routes=routes, exception_handlers=handlers, middleware=[Middleware(PageHeaders, crm.policy)])


class Crm:
    """The pages and the CRM's own JSON API."""

    def __init__(self, config: Callable[[], CrmConfig]) -> None:
        self._config = config
        self._sessions = Sessions()
        self._records = Records()

    def config(self) -> CrmConfig:
        """The configuration; 503 while nobody knows it yet."""
        try:
            return self._config()
        except LookupError as error:
            raise HTTPException(503, "The CRM is still starting, try again in a moment.") from error

    def policy(self) -> dict[str, str]:
        """Headers of every reply. Nothing inline, nothing from elsewhere, and the phone as the only frame."""
        try:
            parts = urlsplit(self._config().phone_url)
        except LookupError:
            parts = urlsplit("")
        phone = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        return {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                f"frame-src {phone or chr(39) + 'self' + chr(39)}; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"
            ),
            # A page that keeps the microphone from the phone would have a phone without one.
            "Permissions-Policy": f"microphone=(self{f' {chr(34)}{phone}{chr(34)}' if phone else ''}), camera=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def page(self, request: Request) -> Response:
        """The only page."""
        return FileResponse(_STATIC / "index.html", media_type="text/html", headers={"Cache-Control": "no-cache"})

    async def static(self, request: Request) -> Response:
        """One of the files beside it."""
        name = request.path_params["name"]
        path = next((one for one in _STATIC.iterdir() if one.name == name and one.suffix in _TYPES), None)
        if path is None:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})

    async def me(self, request: Request) -> Response:
        """Who is signed in, and where their phone is. A page that was reloaded finds its phone again through this."""
        session = self._sessions.of(request)
        return _reply({"me": self._card(session) if session else None})

    async def choices(self, request: Request) -> Response:
        """What an agent can log in to, and on which phone."""
        body = await _sent(request)
        guide, login_type = GuideClient(self.config()), _login_type(body)
        agent_id = await guide.agent_id(_text(body, "username"))
        assignments = await guide.campaigns(agent_id, login_type)
        extensions = await guide.extensions()
        return _reply({"assignments": _by_name(assignments), "extensions": _by_name(extensions)})

    async def login(self, request: Request) -> Response:
        """Log an agent in, with the password they typed; it is handed on and not kept."""
        body = await _sent(request)
        username, login_type = _text(body, "username"), _login_type(body)
        password, extension = _text(body, "password"), _text(body, "extension", needed=False)
        guide = GuideClient(self.config())
        campaign = _text(body, "assignment", needed=False)
        try:
            phone_session = await guide.create_session(username, password, login_type, campaign, extension)
        except GuideError as error:
            if error.status == 401:
                raise HTTPException(401, "Agent name or password is not right.") from error
            raise
        await self._end_former(request, username)
        assignment = _text(body, "assignmentName", needed=False)[:80]
        session = SignedIn(username.strip().casefold(), phone_session, login_type, assignment, extension[:32])
        response = _reply({"me": self._card(session)})
        self._sessions.begin(request, response, session)
        return response

    async def _end_former(self, request: Request, username: str) -> None:
        """Another agent's session in this browser: nobody looks after that phone any more. One's own ends by itself."""
        former = self._sessions.of(request)
        if former is not None and former.username != username.strip().casefold():
            with contextlib.suppress(GuideError):
                await GuideClient(self.config()).end_session(former.phone_session)

    async def logout(self, request: Request) -> Response:
        """Log out: ``force`` ends a call that is on; ``wait`` means that one is on and the page stays until it is over."""
        session, body = self._mine(request), await _sent(request)
        wait = body.get("wait") is True
        try:
            await GuideClient(self.config()).end_session(session.phone_session, force=body.get("force") is True)
        except GuideError as error:
            if error.status != 404:  # gone already: all the same to whoever wants to leave
                raise
            wait = False
        if wait:
            session.leaving = True
            return _reply({"me": self._card(session)})
        return self._forgotten(request)

    async def session_over(self, request: Request) -> Response:
        """The phone said that its session is over, so ours is too; unless another tab has logged in anew since."""
        body, session = await _sent(request), self._sessions.of(request)
        if session is not None and body.get("phone") != self._card(session)["phone"]:
            return _reply({"me": self._card(session)})
        return self._forgotten(request)

    async def contacts(self, request: Request) -> Response:
        """All customers."""
        self._mine(request)
        return _reply({"contacts": self._records.contacts()})

    async def add_contact(self, request: Request) -> Response:
        """A new customer."""
        self._mine(request)
        body = await _sent(request)
        company = _text(body, "company", needed=False)
        try:
            contact = self._records.add_contact(_text(body, "name"), company, [_text(body, "number")])
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return _reply({"contact": contact})

    async def add_note(self, request: Request) -> Response:
        """A note on a customer."""
        session, body = self._mine(request), await _sent(request)
        now = int(time.time() * 1000)
        contact = self._records.add_note(request.path_params["contact_id"], _text(body, "text"), session.username, now)
        if contact is None:
            raise HTTPException(404, "This contact is not here any more.")
        return _reply({"contact": contact})

    async def calls(self, request: Request) -> Response:
        """The agent's own call log."""
        return _reply({"calls": self._records.calls(self._mine(request).username)})

    async def keep_call(self, request: Request) -> Response:
        """What the phone told the page about a call."""
        session = self._mine(request)
        self._records.keep_call(session.username, await _sent(request))
        return _reply({})

    def _forgotten(self, request: Request) -> Response:
        response = _reply({"me": None})
        self._sessions.end(request, response)
        return response

    def _mine(self, request: Request) -> SignedIn:
        session = self._sessions.of(request)
        if session is None:
            raise HTTPException(401, "You are not logged in any more.")
        return session

    def _card(self, session: SignedIn) -> dict[str, Any]:
        """What the page may know. Not among it: the token, which is no browser's business."""
        return {
            "username": session.username,
            "loginType": session.login_type,
            "assignment": session.assignment,
            "extension": session.extension,
            "leaving": session.leaving,
            "phone": f"{self.config().phone_url.rstrip('/')}/wp_plugin/index.php?r=agent&session={session.phone_session}",
        }


class PageHeaders:
    """Sets the same headers on every reply."""

    def __init__(self, app: ASGIApp, policy: Callable[[], dict[str, str]]) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on, and complete the reply."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._policy())
            await send(message)

        await self._app(scope, receive, completed)


async def _sent(request: Request) -> dict[str, Any]:
    """The JSON object that our own page sent."""
    if not is_own_page(request):
        raise HTTPException(403, "This request comes from the CRM's own page only.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise HTTPException(413, "That is too much at once.")
    try:
        sent = json.loads(body)
        json.dumps(sent, ensure_ascii=False).encode()  # half a character could never be sent back to any page
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise HTTPException(400, "Send a JSON object.")
    return sent


def _text(body: dict[str, Any], key: str, *, needed: bool = True) -> str:
    value = body.get(key, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise HTTPException(400, f"Please fill in: {key}.")
    return value


def _login_type(body: dict[str, Any]) -> str:
    login_type = _text(body, "loginType")
    if login_type not in _LOGIN_TYPES:
        raise HTTPException(400, f"loginType is one of {', '.join(_LOGIN_TYPES)}.")
    return login_type


def _by_name(found: dict[str, str]) -> list[dict[str, str]]:
    return [{"id": key, "name": name} for key, name in sorted(found.items(), key=lambda one: one[1].casefold())]


def _reply(content: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, {"Cache-Control": "no-store"})


async def _say(request: Request, error: HTTPException) -> Response:
    return _reply({"error": error.detail}, error.status_code)


async def _our_fault(request: Request, error: Exception) -> Response:
    return _reply({"error": "Something went wrong in the CRM. Please try again."}, 500)


async def _guide_says(request: Request, error: GuideError) -> Response:
    """The phone system's answer in the words of people. Its 401 here means that our own token is wrong, not the agent."""
    status, message = {
        401: (502, "The phone system does not accept this CRM. Ask your administrator for a new token."),
        429: (429, f"Too many attempts. Wait {error.retry_after or 'a few'} seconds, then try again."),
        500: (502, _DOWN),
        502: (502, _DOWN),
        503: (503, _DOWN),
    }.get(error.status, (error.status, error.message))
    return _reply({"error": message}, status)
