"""Headers that every reply carries unless the edge said otherwise (reliability-security research §1.1, ASVS 5.0 V3.4)."""

import functools
from collections.abc import Iterable, Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS = "max-age=31536000; includeSubDomains"
CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of replies that are no page: nothing may be loaded, nobody may frame them."""
DEFAULTS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

RawHeader = tuple[bytes, bytes]


def _raw(name: str, value: str) -> RawHeader:
    return name.lower().encode(), value.encode()


_DEFAULTS = tuple(_raw(name, value) for name, value in DEFAULTS.items())
_POLICY, _FRAMES = _raw("Content-Security-Policy", CLOSED_POLICY), _raw("X-Frame-Options", "DENY")
_HSTS = _raw("Strict-Transport-Security", HSTS)


class SecurityHeaders:
    """Adds what is missing; an edge that sets one of these headers itself is left alone.

    A reply without its own Content-Security-Policy gets the closed one and ``X-Frame-Options: DENY``. HSTS is sent over https
    only: browsers ignore it elsewhere, and a local demo must not bind the machine's other ports to https.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on, and complete the reply's headers on the way out."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        secure = scope.get("scheme") in {"https", "wss"}

        async def completed(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = message.get("headers", ())
                message["headers"] = [*headers, *_missing(tuple([name for name, _ in headers]), secure)]
            await send(message)

        await self._app(scope, receive, completed)


def missing(headers: Iterable[RawHeader], *, secure: bool) -> Iterator[RawHeader]:
    """What is to be added to a reply's headers."""
    return iter(_missing(tuple(name for name, _ in headers), secure))


@functools.lru_cache(maxsize=256)
def _missing(names: tuple[bytes, ...], secure: bool) -> tuple[RawHeader, ...]:  # noqa: FBT001 - a key of the cache
    """By the names alone: replies of one kind all have the same."""
    there = {name.lower() for name in names}
    closed = _POLICY[0] not in there
    wanted = (*_DEFAULTS, *((_POLICY, _FRAMES) if closed else ()), *((_HSTS,) if secure else ()))
    return tuple(pair for pair in wanted if pair[0] not in there)
