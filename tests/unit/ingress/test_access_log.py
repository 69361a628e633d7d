"""The access log tells what was asked, never with which query."""

import structlog
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from callside.ingress.access_log import AccessLog
from tests.fakes.phone import SteppedClock


def test_a_request_is_one_line_without_its_query():
    clock = SteppedClock()

    async def slow(request):
        clock.step(42)
        return PlainTextResponse("x", status_code=202)

    client = TestClient(AccessLog(Starlette(routes=[Route("/phone", slow)]), clock))
    with structlog.testing.capture_logs() as lines:
        client.get("/phone?session=canary")
    assert lines == [
        {
            "event": "http.request",
            "log_level": "info",
            "method": "GET",
            "path": "/phone",
            "status": 202,
            "ms": 42,
            "client": "testclient",
        }
    ]


def test_a_request_that_breaks_is_logged_too():
    async def broken(scope, receive, send):
        raise RuntimeError

    client = TestClient(AccessLog(broken, SteppedClock()), raise_server_exceptions=False)
    with structlog.testing.capture_logs() as lines:
        client.get("/phone")
    assert [(line["path"], line["status"]) for line in lines] == [("/phone", None)]
