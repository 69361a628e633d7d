"""The SIP proxy before a real engine."""

import asyncio

import pytest
import websockets

from tests.fakes.phone_server import Browser, PhoneServer, ask
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asterisk


def message(method, endpoint, *headers, to_tag=""):
    lines = [
        f"{method} sip:callside SIP/2.0", f"Via: SIP/2.0/WS a1b2.invalid;branch=z9hG4bK{method}", "Max-Forwards: 69",
        f"To: <sip:{endpoint}@callside>{to_tag}", f"From: <sip:{endpoint}@callside>;tag=1", f"Call-ID: {method}1", f"CSeq: 1 {method}",
        "Contact: <sip:x@a1b2.invalid;transport=ws>", *headers, "Content-Length: 0", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


@pytest.fixture
async def line(tmp_path, engine):
    async with PhoneServer(tmp_path, asterisk_ws_url=engine.sip_websocket_url) as server:
        _, handle = server.exchange.log_in()
        bearer = await Browser(server).bearer(handle)
        async with server.phone(bearer) as phone:
            endpoint = (await ask(phone, 1, "line.credentials"))["value"]["endpoint"]
            async with server.phone(bearer, path="/phone/sip", protocol="sip") as ws:
                ws.endpoint = endpoint
                yield ws


async def status(ws):
    async with asyncio.timeout(PATIENCE_S):
        return (await ws.recv()).split("\r\n")[0]


async def test_a_registration_reaches_the_engine_and_its_challenge_comes_back(line):
    await line.send(message("REGISTER", line.endpoint))
    assert await status(line) == "SIP/2.0 401 Unauthorized"


async def test_a_call_dressed_as_one_that_is_going_on_gets_nowhere(line):
    await line.send(message("INVITE", line.endpoint, to_tag=";tag=made-up"))
    while (answer := await status(line)).startswith("SIP/2.0 1"):
        pass
    assert answer.startswith(("SIP/2.0 401", "SIP/2.0 481"))


async def test_the_engine_reads_a_second_message_behind_the_first_so_the_door_must_not_let_it_pass(engine, line):
    """The reason for the strict Content-Length: sent straight to the engine, two messages in one frame get two answers."""
    both = message("REGISTER", line.endpoint) + message("OPTIONS", line.endpoint)
    async with websockets.connect(engine.sip_websocket_url, subprotocols=["sip"], proxy=None) as direct:
        await direct.send(both)
        answers = [await status(direct), await status(direct)]
    assert len(answers) == 2
    await line.send(both)
    await line.wait_closed()
    assert line.close_code == 4004
