"""The web phone's routes behind a real uvicorn on a free loopback port, and a browser's side of them."""

import asyncio
import contextlib
import json
import re
import socket

import aiohttp
import uvicorn
import websockets
from starlette.applications import Starlette

from callside.exchange.tickets import Tickets
from callside.ingress.access_log import AccessLog
from callside.ingress.bodies import BodyLimit
from callside.ingress.forwarded import ForwardedHeaders, networks
from callside.ingress.headers import SecurityHeaders
from callside.webphone.ports import PhoneServices, PhoneSettings
from callside.webphone.routes import routes
from tests.fakes.phone import FakeExchange, SteppedClock
from tests.patience import PATIENCE_S


class PhoneServer:
    """One server with its fakes at hand."""

    def __init__(self, static_dir, *, trusted=(), asterisk_ws_url="ws://127.0.0.1:1/ws", **settings):
        self.clock = SteppedClock()
        self.exchange = FakeExchange(self.clock)
        self.tickets = Tickets(self.exchange.sessions, self.clock)
        self.services = PhoneServices(
            self.exchange, self.tickets, self.clock,
            PhoneSettings(asterisk_ws_url=asterisk_ws_url, static_dir=static_dir, **settings),
        )  # fmt: skip
        app = Starlette(routes=routes(self.services))
        inner = AccessLog(SecurityHeaders(BodyLimit(app, 65_536)), self.clock)
        wrapped = ForwardedHeaders(inner, networks(trusted))
        config = uvicorn.Config(
            wrapped, log_config=None, access_log=False, proxy_headers=False, server_header=False, lifespan="off",
            ws_max_size=65_536, timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.origin = f"http://{self.host}"

    async def __aenter__(self):
        # serve() itself looks at its state every 0.1 s only; these are its two halves.
        self._server.config.load()
        self._server.lifespan = self._server.config.lifespan_class(self._server.config)
        await self._server.startup([self._listener])
        return self

    async def __aexit__(self, *exc):
        self.services.sockets.close_all()
        async with asyncio.timeout(PATIENCE_S):
            await self._server.shutdown([self._listener])

    def phone(self, bearer, *, path="/phone/socket", protocol="callside.v1", origin="own", **options):
        """A WebSocket as a page opens it."""
        protocols = [protocol, f"bearer.{bearer}"] if bearer is not None else [protocol]
        return websockets.connect(
            f"ws://{self.host}{path}", subprotocols=protocols, origin=self.origin if origin == "own" else origin,
            proxy=None, open_timeout=PATIENCE_S, max_size=2**20, **options,
        )  # fmt: skip


class Browser:
    """Keeps the one cookie itself, as a browser would on http://localhost (aiohttp does not send Secure cookies there)."""

    def __init__(self, server):
        self._server = server
        self.cookie = None
        self.set_cookie = None

    async def redeem(self, handle, *, binding=None, headers=None, drop=(), body=None):
        sent = {"X-Callside": "1", "Sec-Fetch-Site": "same-origin", "Origin": self._server.origin, **(headers or {})}
        if self.cookie:
            sent["Cookie"] = f"__Host-cs={self.cookie}"
        payload = {"session": handle} | ({"binding": binding} if binding else {})
        data = json.dumps(payload).encode() if body is None else body
        sent = {key: value for key, value in sent.items() if key not in drop}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self._server.origin}/phone/redeem", data=data, headers=sent) as reply,
        ):
            if "Set-Cookie" in reply.headers:
                self.set_cookie = reply.headers["Set-Cookie"]
                self.cookie = re.match(r"__Host-cs=([^;]+)", self.set_cookie)[1]
            return reply.status, await reply.json(), reply.headers

    async def bearer(self, handle):
        status, body, _ = await self.redeem(handle)
        assert status == 200, body
        return body["bearer"]


async def until(condition, deadline_s=PATIENCE_S):
    """Wait for a condition, for a bounded time."""
    async with asyncio.timeout(deadline_s):
        while not condition():
            await asyncio.sleep(0.005)


async def get(server, path, headers=None, method="GET"):
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, f"{server.origin}{path}", headers=headers, allow_redirects=False) as reply,
    ):
        return reply.status, await reply.text(), reply.headers


async def frame(ws, kind):
    """The next frame of a kind; others are passed over."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = json.loads(await ws.recv())
            if message["type"] == kind:
                return message


async def ask(ws, number, /, do, **fields):
    await ws.send(json.dumps({"id": number, "do": do, **fields}))
    return await frame(ws, "reply")


async def closed(ws):
    """Code and reason the server closes with."""
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await ws.recv()
    return ws.close_code, ws.close_reason
