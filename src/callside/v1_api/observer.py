"""Counts every HTTP request by operation and status, with its time (``ingress.access_log`` writes the line for the log)."""

import functools
import inspect
import re
import time

from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callside.observability import Metrics


class RequestObserver:
    """ASGI middleware around all routes; within whatever copies the scope."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        # Operations are of a bounded number; to find their series anew costs more than to count.
        self._series = functools.cache(
            lambda operation, status: (
                metrics.requests.labels(operation, str(status)),
                metrics.latency.labels(operation),
            )
        )

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
            requests, latency = self._series(operation_of(scope, path), status)
            requests.inc()
            latency.observe(time.perf_counter() - began)


def operation_of(scope: Scope, path: str) -> str:
    """What a request was for, of a bounded number of names: the path with its parameters' names in place of their values.

    A path that somebody made up is ``unmatched``, wherever it was made up: a mounted application that knew no such path has
    left its own mark as the endpoint, and a series for each of a stranger's inventions would fill the memory.
    """
    endpoint = scope.get("endpoint")
    if isinstance(endpoint, StaticFiles):
        return f"{scope['method']} {scope['root_path']}/{{path}}"
    if not inspect.isroutine(endpoint):
        return "unmatched"
    for name, value in scope.get("path_params", {}).items():
        path = re.sub(rf"(?<=/){re.escape(str(value))}(?=/|$)", f"{{{name}}}", path, count=1)
    return f"{scope['method']} {path}"
