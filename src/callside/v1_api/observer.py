"""One event and one count for every HTTP request, without its query string (threat T26: no secrets in logs and URLs)."""

import secrets
import time
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.observability import Metrics

_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_log = structlog.get_logger("callside.http")


class RequestObserver:
    """ASGI middleware around the whole application: takes the place of the server's access log."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then log and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()
        path, method = scope["path"], scope["method"]

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4)):
            try:
                await self.app(scope, receive, watched)
            finally:
                taken = time.perf_counter() - began
                self._count(operation_of(scope), status, taken)
                level = "debug" if path in _QUIET and status < 400 else "info"
                client = scope.get("client")
                getattr(_log, level)(
                    "http.request",
                    method=method,
                    path=path[:200],
                    status=status,
                    ms=round(taken * 1000, 1),
                    client=client[0] if client else None,
                )

    def _count(self, operation: str, status: int, taken: float) -> None:
        self._metrics.requests.labels(operation, str(status)).inc()
        self._metrics.latency.labels(operation).observe(taken)


def operation_of(scope: Scope) -> str:
    """What a request was for, of a bounded number of names: a path someone made up is ``unmatched``."""
    route: Any = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if template is not None:
        return f"{scope['method']} {scope.get('root_path', '')}{template}"
    endpoint: Any = scope.get("endpoint")
    if endpoint is None:
        return "unmatched"
    if not scope.get("path_params"):
        return f"{scope['method']} {scope['path']}"
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))
