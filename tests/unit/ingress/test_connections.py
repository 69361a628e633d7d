"""Connections that come to nothing, on a real server: each is let go, and nobody else is."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from callside.ingress.connections import BoundedHttp

DEADLINE_S = 5
LARGE = 8 << 20


class Impatient(BoundedHttp):
    """So that a test does not wait for half a minute."""

    PATIENCE_S = 0.2


class Served:
    """A small application; ``gone`` counts the requests whose client left in the middle."""

    def __init__(self):
        self.gone = 0
        self.bodies = []
        routes = [
            Route("/", self._answer, methods=["GET", "POST"]),
            Route("/large", self._large),
            WebSocketRoute("/echo", self._echo),
        ]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes), http=Impatient, ws="websockets-sansio", log_config=None, lifespan="off",
                timeout_keep_alive=30, timeout_graceful_shutdown=1,
            )
        )  # fmt: skip

    async def _answer(self, request):
        try:
            self.bodies.append(await request.body())
        except ClientDisconnect:
            self.gone += 1
        return PlainTextResponse("well")

    async def _large(self, _request):
        return PlainTextResponse("x" * LARGE)

    async def _echo(self, socket):
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    async def __aenter__(self):
        self.server.config.load()
        self.server.lifespan = self.server.config.lifespan_class(self.server.config)
        await self.server.startup([self._listener])
        return self

    async def __aexit__(self, *_):
        await self.server.shutdown([self._listener])

    async def connection(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def outlived_by_nobody(self):
        """Wait until a connection that says nothing, opened now, was let go: whoever is still here then may stay."""
        reader, writer = await self.connection()
        assert await ended(reader) == b""
        writer.close()


async def ended(reader):
    """All that still comes until the server lets go."""
    async with asyncio.timeout(DEADLINE_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def until(true):
    async with asyncio.timeout(DEADLINE_S):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture
async def served():
    async with Served() as one:
        yield one


@pytest.mark.parametrize(
    "beginning",
    [b"", b"\r\n", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody"],
)  # fmt: skip
async def test_a_request_that_never_comes_to_its_end_is_not_waited_for(served, beginning):
    reader, writer = await served.connection()
    writer.write(beginning)
    assert await ended(reader) == b""
    writer.close()
    await until(lambda: not served.server.server_state.tasks)
    assert served.gone == (1 if beginning.startswith(b"POST") else 0)
    assert not served.server.server_state.connections


async def test_a_drop_now_and_then_does_not_buy_time(served):
    reader, writer = await served.connection()
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")

    async def drip():
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    assert await ended(reader) == b""
    dripping.cancel()
    writer.close()


@pytest.mark.parametrize("piece", [b"a" * 1000, b"a: b\r\nc: "])
async def test_a_head_without_end_is_refused_before_it_fills_the_memory(served, piece):
    reader, writer = await served.connection()
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(DEADLINE_S):
            while not reader.at_eof():
                writer.write(piece * 20)
                await writer.drain()
                await asyncio.sleep(0)
    said = await ended(reader)
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_who_takes_no_answer_is_let_go(served):
    reader, writer = await served.connection()
    writer.transport.pause_reading()
    writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    await until(lambda: served.server.server_state.total_requests)
    await until(lambda: not served.server.server_state.connections)
    writer.transport.resume_reading()
    assert len(await ended(reader)) < LARGE
    writer.close()


async def test_a_connection_between_two_requests_and_a_socket_stay(served):
    reader, writer = await served.connection()
    uri = f"ws://127.0.0.1:{served.port}/echo"
    async with websockets.connect(uri, proxy=None, open_timeout=DEADLINE_S) as phone:
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            async with asyncio.timeout(DEADLINE_S):
                answer = await reader.readuntil(b"well")
            assert answer.startswith(b"HTTP/1.1 200 ")
            await served.outlived_by_nobody()
        await phone.send("still here")
        assert await phone.recv() == "still here"
    assert served.bodies == [b"body"] * 2
    writer.close()


async def test_a_large_body_that_keeps_coming_is_waited_for(served):
    reader, writer = await served.connection()
    body = b"x" * 400
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
    for _ in range(5):
        writer.write(body)
        await served.outlived_by_nobody()
    async with asyncio.timeout(DEADLINE_S):
        await reader.readuntil(b"well")
    assert served.bodies == [body * 5]
    writer.close()
