"""Who is signed in to the CRM. The browser holds a random name of the session in a cookie; all the rest stays here."""

import secrets
import time
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

_LIFETIME_S = 12 * 3600
_MOST = 1_000


@dataclass(slots=True)
class SignedIn:
    """One agent in one browser.

    Attributes:
        phone_session: The phone system's SessionId.
        leaving: Logged out already, a call is still going on.
    """

    username: str
    phone_session: str
    login_type: str
    assignment: str
    extension: str
    leaving: bool = False
    until: float = field(default_factory=lambda: time.monotonic() + _LIFETIME_S)


class Sessions:
    """In memory: whoever starts the CRM anew has its agents log in again. A real CRM has a table for this."""

    def __init__(self) -> None:
        self._by_name: dict[str, SignedIn] = {}

    def of(self, request: Request) -> SignedIn | None:
        """The session of the browser that asks."""
        name = request.cookies.get(_cookie(request), "")
        found = self._by_name.get(name)
        if found is None or found.until > time.monotonic():
            return found
        del self._by_name[name]
        return None

    def begin(self, request: Request, response: Response, session: SignedIn) -> None:
        """A new session under a new name, so that nobody can have planted it."""
        self.end(request)
        while len(self._by_name) >= _MOST:
            del self._by_name[next(iter(self._by_name))]
        name = secrets.token_urlsafe(32)
        self._by_name[name] = session
        response.set_cookie(
            _cookie(request),
            name,
            max_age=_LIFETIME_S,
            path=_path(request),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def end(self, request: Request, response: Response | None = None) -> None:
        """Forget the session of the browser that asks."""
        self._by_name.pop(request.cookies.get(_cookie(request), ""), None)
        if response is not None:
            response.delete_cookie(_cookie(request), path=_path(request))


def is_own_page(request: Request) -> bool:
    """The request comes from this CRM's own page, not from another site that uses the agent's cookie (CSRF).

    Only our own script can send the header: another origin would have to ask first (CORS), and we never consent.
    The other two are belt and braces.
    """
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    return (
        request.headers.get("x-crm") == "1"
        and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        and (origin is None or origin in {f"http://{host}", f"https://{host}"})
    )


def _cookie(request: Request) -> str:
    """Cookies know no ports: two CRMs on one host would overwrite each other's."""
    return f"crm_{request.url.port or 'session'}"


def _path(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/"
