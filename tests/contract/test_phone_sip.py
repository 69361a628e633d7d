"""The SIP proxy over real sockets, with a small engine at the other end that echoes."""

import asyncio

import pytest
import websockets

from callside.sessions.model import EndCause
from tests.fakes.phone_server import Browser, PhoneServer, ask, closed, frame, until
from tests.patience import PATIENCE_S


def message(start, *headers, body=""):
    """A SIP message with the headers every one needs."""
    lines = [start, "Via: SIP/2.0/WS a1b2.invalid;branch=z9hG4bK1", *headers, "Call-ID: 1", "CSeq: 1 REGISTER"]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])


def register(user):
    return message(
        "REGISTER sip:callside.invalid SIP/2.0",
        f"From: <sip:{user}@callside.invalid>;tag=1", f"To: <sip:{user}@callside.invalid>",
        f"Contact: <sip:{user}@a1b2.invalid;transport=ws>;expires=120",
    )  # fmt: skip


INVITE = message(
    "INVITE sip:+15550100123@callside.invalid SIP/2.0",
    "From: <sip:a@callside.invalid>;tag=1",
    "To: <sip:b@callside.invalid>",
)


class Engine:
    """Echoes text; keeps what it got; can hang up."""

    def __init__(self):
        self.got = []
        self.sockets = []

    async def serve(self, ws):
        self.sockets.append(ws)
        async for one in ws:
            self.got.append(one)
            await ws.send(one)


@pytest.fixture
async def engine():
    running = Engine()
    async with websockets.serve(running.serve, "127.0.0.1", 0, subprotocols=["sip"]) as server:
        running.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
        yield running


@pytest.fixture
async def server(tmp_path, engine):
    async with PhoneServer(tmp_path, asterisk_ws_url=engine.url) as running:
        yield running


@pytest.fixture
async def line(server):
    """A session with credentials and its SIP socket open."""
    row, handle = server.exchange.log_in()
    browser = Browser(server)
    bearer = await browser.bearer(handle)
    async with server.phone(bearer) as phone:
        endpoint = (await ask(phone, 1, "line.credentials"))["value"]["endpoint"]
        async with server.phone(bearer, path="/phone/sip", protocol="sip") as ws:
            ws.row, ws.handle, ws.bearer, ws.endpoint, ws.browser = row, handle, bearer, endpoint, browser
            yield ws


async def answer(ws):
    async with asyncio.timeout(PATIENCE_S):
        return await ws.recv()


async def test_frames_pass_both_ways_unchanged(line, engine):
    assert line.subprotocol == "sip"
    for sent in (
        register(line.endpoint),
        "\r\n\r\n",
        message("SIP/2.0 200 OK", "From: <sip:x@y>;tag=1", "To: <sip:z@y>;tag=2", body="v=0 ☎\r\n"),
    ):
        await line.send(sent)
        assert await answer(line) == sent
    assert engine.sockets[0].subprotocol == "sip"


async def test_the_bearer_does_not_reach_the_engine(line, engine):
    await line.send(register(line.endpoint))
    await answer(line)
    assert line.bearer not in str(engine.sockets[0].request)


@pytest.mark.parametrize("bad", [INVITE, register("someoneelse"), "hello", b"\x00\x01", "x" * 65_000])
async def test_what_a_page_may_not_send_closes_the_socket_and_reaches_nobody(line, engine, bad):
    await line.send(bad)
    assert (await closed(line))[0] == 4004
    assert engine.got == []


async def test_credentials_issued_later_are_known_to_an_open_socket(server, line):
    async with server.phone(line.bearer) as phone:
        newer = (await ask(phone, 1, "line.credentials"))["value"]["endpoint"]
    for endpoint in (newer, line.endpoint):  # the old phone may still sign off
        await line.send(register(endpoint))
        await answer(line)


async def test_after_a_restart_of_ours_the_first_endpoint_registered_is_the_only_one(server):
    _, handle = server.exchange.log_in()
    async with server.phone(await Browser(server).bearer(handle), path="/phone/sip", protocol="sip") as ws:
        await ws.send(register("ep1"))
        await answer(ws)
        await ws.send(register("ep2"))
        assert (await closed(ws))[0] == 4004


async def test_when_the_engine_goes_the_page_is_told_to_come_again(line, engine):
    await line.send(register(line.endpoint))
    await answer(line)
    await engine.sockets[0].close()
    assert await closed(line) == (1012, "engine gone")


async def test_when_the_page_goes_the_engines_socket_is_closed(line, engine):
    await until(lambda: engine.sockets)
    line.transport.abort()
    async with asyncio.timeout(PATIENCE_S):
        await engine.sockets[0].wait_closed()


async def test_without_an_engine_the_page_is_told_to_come_again(tmp_path):
    async with PhoneServer(tmp_path) as server:
        _, handle = server.exchange.log_in()
        async with server.phone(await Browser(server).bearer(handle), path="/phone/sip", protocol="sip") as ws:
            assert await closed(ws) == (1012, "engine unavailable")


async def test_the_end_of_the_session_closes_the_line_on_both_sides(server, line, engine):
    await until(lambda: engine.sockets)
    server.exchange.end(line.row, EndCause.FORCED)
    assert await closed(line) == (4002, "forced")
    async with asyncio.timeout(PATIENCE_S):
        await engine.sockets[0].wait_closed()


async def test_a_dead_bearer_closes_the_line(line):
    await line.browser.bearer(line.handle)
    assert await closed(line) == (4001, "opened again")


async def test_a_newer_line_of_the_session_closes_the_older(server, line):
    async with server.phone(line.bearer, path="/phone/sip", protocol="sip") as newer:
        assert await closed(line) == (4001, "opened again")
        await newer.send(register(line.endpoint))
        assert await answer(newer) == register(line.endpoint)


async def test_a_flood_of_messages_closes_the_line(line):
    for _ in range(250):
        await line.send("\r\n")
    code, reason = await closed(line)
    assert (code, reason) == (4004, "too many messages")


async def test_the_phone_socket_and_the_line_live_side_by_side(server, line):
    async with server.phone(line.bearer) as phone:
        await frame(phone, "view")
        await line.send(register(line.endpoint))
        assert await answer(line) == register(line.endpoint)
