"""A running exchange with `/v1` before it on a free loopback port: the pretended engine, a store in memory, time by hand."""

import asyncio
import contextlib
import json
import socket

import aiohttp
import uvicorn
import websockets
from starlette.applications import Starlette

from callside.exchange.administration import Administration, Office
from callside.exchange.exchange import Exchange
from callside.exchange.logins import Logins
from callside.exchange.secrets import PasswordHasher, digest
from callside.exchange.throttle import Throttle
from callside.floor import events as ev
from callside.ingress.headers import SecurityHeaders
from callside.kernel.clock import Moment
from callside.observability import Metrics
from callside.sessions.model import LoginSession, LoginType
from callside.tenants.model import ApiToken
from callside.v1_api import RequestObserver, V1Parts
from tests.fakes.built_once import BuiltOnce
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stage import SUPPORT_NUMBER, TENANT, TRUNK, Counter, directory
from tests.fakes.telephony import FakeTelephony
from tests.patience import PATIENCE_S

TOKEN = "token-of-the-tests"
HASHER = PasswordHasher(time_cost=1, memory_kib=8, threads=1)
_BUILT = BuiltOnce()


class Hand:
    """A clock moved by hand; it starts at nine in the morning, UTC."""

    def __init__(self):
        self.ms = 9 * 3_600_000

    def now(self):
        return Moment(self.ms, 1_790_035_200_000 + self.ms)


class LiveCentre:
    """Open it with ``async with``."""

    def __init__(self, store=None):
        self.store = store or MemoryStore()
        if store is None:
            self.store.directories.by_tenant[TENANT] = directory()
        self.engine = FakeTelephony()
        self.clock = Hand()
        self.ids = Counter()
        self.logins = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.origin = f"http://{self.host}"
        self.exchange = self.server = None

    async def __aenter__(self):
        await self.start()
        if await self.store.directories.locate_token(digest(TOKEN)) is None:
            await self.store.directories.add_token(ApiToken("", TENANT, "board", digest(TOKEN), 0))
        metrics = Metrics()
        office = Office(
            self.store.directories, self.exchange.directory_changed, HASHER, self.clock, self.exchange, "US",
            leads=self.store.leads, numbers=self.store.ledger,
        )  # fmt: skip
        parts = V1Parts(
            Administration(office), Logins(self.exchange, HASHER, Throttle(self.clock)), self.store, self.exchange,
            metrics, "root",
        )  # fmt: skip
        app = SecurityHeaders(RequestObserver(Starlette(routes=_BUILT.serving(parts)), metrics))
        self.server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="websockets-sansio",
                proxy_headers=False,
                timeout_graceful_shutdown=2,
            )
        )
        self.server.config.load()
        self.server.lifespan = self.server.config.lifespan_class(self.server.config)
        await self.server.startup([self._listener])
        return self

    async def __aexit__(self, *_):
        await self.exchange.stop()
        async with asyncio.timeout(PATIENCE_S):
            await self.server.shutdown([self._listener])

    async def start(self):
        self.exchange = Exchange(self.store, self.engine, self.clock, self.ids)
        await self.exchange.start()
        await self.settle()

    async def settle(self):
        """Until nothing is left to happen at once, and all of it is on record."""
        for _ in range(60):
            for runner in self.exchange._runners.values():
                runner.journal.hurry()
            await asyncio.sleep(0)

    # ── what happens ──
    async def be_ready(self, agent, login_type=LoginType.AUTO, assignment=None):
        self.logins += 1
        row = LoginSession(
            id=f"session-{self.logins}", tenant_id=TENANT, agent_id=agent, login_type=login_type,
            assignment_id=assignment, extension_id=None, handle_digest=f"handle-{self.logins}",
            opened_at=self.clock.now().wall,
        )  # fmt: skip
        await self.ask(ev.OpenSession(row))
        await self.ask(ev.PhoneChanged(row.id, connected=True))
        await self.ask(ev.RaiseLineRequested(row.id, "u1"))
        await self.settle()
        return row.id

    async def pass_time(self, ms):
        """Timers that come due on the way are handed in at the end of it."""
        self.clock.ms += ms
        for runner in self.exchange._runners.values():
            runner.handle(ev.TimePassed())
        await self.settle()

    async def ask(self, request):
        await self.exchange.request(TENANT, request)
        await self.settle()

    async def caller(self, number="+15550100123"):
        leg = self.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, number)
        await self.settle()
        return leg

    async def hang_up(self, leg):
        self.engine.hang_up(leg)
        await self.settle()

    # ── who looks ──
    async def get(self, path, token=TOKEN, **query):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{self.origin}{path}", params=query, headers=headers) as reply,
        ):
            text = await reply.text()
            return reply.status, json.loads(text) if text.startswith(("{", "[")) else text, reply.headers

    async def post(self, path, token=TOKEN):
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession() as client, client.post(f"{self.origin}{path}", headers=headers) as reply:
            return reply.status, await reply.json()

    def board(self, token=TOKEN, *, browser=True, origin="own"):
        """The live feed, as a page opens it or as a program does."""
        how = (
            {"subprotocols": ["callside.live.v1", f"bearer.{token}"]}
            if browser
            else {"additional_headers": {"Authorization": f"Bearer {token}"}}
        )
        return websockets.connect(
            f"ws://{self.host}/v1/live", origin=self.origin if origin == "own" else origin, proxy=None,
            open_timeout=PATIENCE_S, max_size=2**22, **how,
        )  # fmt: skip


class Board:
    """What a client of the feed knows."""

    def __init__(self):
        self.rows, self.seq, self.resyncs = {}, None, 0

    def take(self, text):
        frame = json.loads(text)
        if frame["type"] == "snapshot":
            self.rows = {
                (kind, row["id"]): row for kind in ("queues", "campaigns", "agents", "calls") for row in frame[kind]
            }
        elif frame["type"] == "resync":
            self.resyncs += 1
        elif frame["type"] == "delta":
            assert frame["seq"] == self.seq + 1, "a delta is missing"
            for change in frame["changes"]:
                if change["row"] is None:
                    del self.rows[change["kind"], change["id"]]
                else:
                    self.rows[change["kind"], change["id"]] = change["row"]
        self.seq = frame.get("seq", self.seq)

    async def read_until(self, ws, condition):
        async with asyncio.timeout(PATIENCE_S):
            while not (self.rows and condition(self)):
                self.take(await ws.recv())
        return self

    def of(self, kind):
        return [row for key, row in self.rows.items() if key[0] == kind]


async def close_code(ws):
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await ws.recv()
    return ws.close_code
