"""Bodies over the limit are refused without being held."""

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from callside.ingress.bodies import BodyLimit, BodyTooLargeError, read_body
from callside.ingress.headers import SecurityHeaders

LIMIT = 1_000


async def size(request):
    return JSONResponse(len(await request.body()))


async def small(request):
    try:
        return JSONResponse(len(await read_body(request, 10)))
    except BodyTooLargeError:
        return JSONResponse("own words", status_code=413)


async def careless(request):
    return PlainTextResponse("not read")


@pytest.fixture
def client():
    app = Starlette(routes=[Route(f"/{one.__name__}", one, methods=["POST"]) for one in (size, small, careless)])
    return TestClient(SecurityHeaders(BodyLimit(app, LIMIT)))


def chunks(count):
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize("body", [b"", b"x" * LIMIT])
def test_a_body_within_the_limit_passes(client, body):
    assert client.post("/size", content=body).json() == len(body)


def test_an_announced_body_over_the_limit_is_refused(client):
    reply = client.post("/size", content=b"x" * (LIMIT + 1))
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "too_large"
    assert reply.headers["X-Frame-Options"] == "DENY"


def test_a_streamed_body_is_counted(client):
    assert client.post("/size", content=chunks(10)).json() == LIMIT
    refused = client.post("/size", content=chunks(11))
    assert refused.status_code == 413
    assert "too large" in refused.text


def test_an_edge_may_have_a_smaller_limit_in_its_own_words(client):
    assert client.post("/small", content=b"x" * 10).json() == 10
    assert client.post("/small", content=b"x" * 11).json() == "own words"
    assert client.post("/small", content=chunks(1)).json() == "own words"


def test_an_application_that_knows_no_http_errors_is_answered_for():
    async def bare(scope, receive, send):
        while (await receive())["more_body"]:
            pass

    reply = TestClient(BodyLimit(bare, LIMIT)).post("/", content=chunks(11))
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "too_large"


def test_a_body_nobody_reads_needs_no_counting(client):
    assert client.post("/careless", content=chunks(1)).text == "not read"
