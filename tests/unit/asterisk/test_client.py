"""One socket to the engine: when it counts as hung."""

import asyncio
import contextlib
import json

import pytest
from aiohttp import web

from callside.asterisk.client import AriAddress, connect
from callside.kernel.errors import EngineUnavailableError

HUNG_AFTER_S = 0.3
NOT_SO_SOON_S = 1.0
"""On a busy machine one answer may take more than the first."""


@contextlib.asynccontextmanager
async def busy_engine(unanswered):
    """A connection to a far side that answers every request at once, but for those of one path; it reads nothing after ``deaf``."""

    async def events(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            asked = json.loads(message.data)
            if asked["uri"] != unanswered:
                if asked["uri"] == "deaf":
                    await over.wait()
                told = {key: asked[key] for key in ("transaction_id", "request_id", "uri")}
                reply = {"type": "RESTResponse", "status_code": 200, "reason_phrase": "OK", "message_body": "{}"}
                await socket.send_str(json.dumps(told | reply))
        return socket

    over = asyncio.Event()
    served = web.Application()
    served.router.add_get("/ari/events", events)
    runner = web.AppRunner(served)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with connect(AriAddress(f"http://127.0.0.1:{port}/ari", "user", "secret"), "app", print) as connection:
            reading = asyncio.create_task(connection.read())
            yield connection
            reading.cancel()
            await asyncio.wait([reading])
    finally:
        over.set()
        await runner.cleanup()


async def test_an_engine_that_answers_nothing_counts_as_hung():
    async with busy_engine("probe") as connection:
        await connection.request("GET", "before")
        with pytest.raises(EngineUnavailableError, match="did not answer within"):
            await connection.probe("probe", seconds=HUNG_AFTER_S)


async def test_an_engine_that_works_off_other_requests_meanwhile_does_not():
    async with busy_engine("probe") as connection:
        probing = asyncio.create_task(connection.probe("probe", seconds=NOT_SO_SOON_S))
        await asyncio.wait([probing], timeout=0)
        await connection.request("GET", "asked while the probe waits")
        await probing


async def test_an_engine_that_takes_in_nothing_counts_as_hung():
    async with busy_engine("") as connection:
        large = "x" * 3_000_000
        requests = [asyncio.create_task(connection.request("GET", one, body=large)) for one in ("deaf", *"123456789")]
        await asyncio.wait(requests, timeout=0)
        with pytest.raises(EngineUnavailableError, match="probe"):
            await connection.probe("probe", seconds=HUNG_AFTER_S)
        for one in requests:
            one.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
