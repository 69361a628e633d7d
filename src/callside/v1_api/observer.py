"""Counts every HTTP request by operation and status, with its time (``ingress.access_log`` writes the line for the log)."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.observability import Metrics


class RequestObserver:
    """ASGI middleware around all routes; within whatever copies the scope."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()
        path = scope["path"]

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            operation = operation_of(scope, path)
            self._metrics.requests.labels(operation, str(status)).inc()
            self._metrics.latency.labels(operation).observe(time.perf_counter() - began)


def operation_of(scope: Scope, path: str) -> str:
    """What a request was for, of a bounded number of names: a path that somebody made up is ``unmatched``."""
    route: Any = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if template is not None:
        return f"{scope['method']} {scope.get('root_path', '')}{template}"
    endpoint: Any = scope.get("endpoint")
    if endpoint is None:
        return "unmatched"
    if not scope.get("path_params"):
        return f"{scope['method']} {path}"
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))
