"""The whole application, with every socket it has: each opens for its own kind of credential, in force, and for no other."""

import asyncio
import socket
from types import SimpleNamespace

import aiohttp
import pytest
import uvicorn
import websockets
from starlette.routing import WebSocketRoute

from callside.app import Surroundings, assemble
from callside.config import Settings
from callside.exchange.administration.forms import AgentForm, TenantForm, TokenForm
from callside.exchange.administration.queue_forms import QueueForm
from callside.exchange.secrets import PasswordHasher
from callside.store import open_store
from tests.fakes.telephony import FakeTelephony

ROOT, PASSWORD = "root-token-of-the-tests", "correct horse"
PHONE_SOCKETS = {"/phone/socket": "callside.v1", "/phone/sip": "sip"}
LIVE = {"/v1/live": "callside.live.v1"}
DEADLINE_S = 10


class House:
    """Everything but the engine, served on a free port of the loopback."""

    def __init__(self, folder):
        self.store = open_store(f"sqlite:///{folder / 'callside.db'}")
        around = Surroundings(
            self.store,
            FakeTelephony(),
            PasswordHasher(time_cost=1, memory_kib=8, threads=1),
            "ws://127.0.0.1:1/ws",
            ROOT,
        )
        self.exchange, self.administration, app = assemble(Settings(home=folder), around)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.server = uvicorn.Server(
            uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )

    async def __aenter__(self):
        await self.store.open()
        await self.exchange.start()
        self.server.config.load()
        self.server.lifespan = self.server.config.lifespan_class(self.server.config)
        await self.server.startup([self._listener])
        return self

    async def __aexit__(self, *_):
        await self.server.shutdown([self._listener])
        await self.exchange.stop()
        await self.store.close()

    async def tenant(self, name):
        """With an agent on a queue, and a token."""
        sheet = await self.administration.tenants.add(TenantForm(name=name))
        agent = await self.administration.agents.add(sheet.id, AgentForm(username="asha", password=PASSWORD))
        await self.administration.queues.add(sheet.id, QueueForm(name="Support", agents=[agent.id]))
        token = await self.administration.tokens.add(sheet.id, TokenForm(name="CRM"))
        return SimpleNamespace(id=sheet.id, token=token.token, token_id=token.id, agent_id=agent.id)

    async def log_in(self, tenant):
        """A SessionId."""
        fields = {"AgentUsername": "asha", "AgentPassword": PASSWORD, "TenantId": tenant.id, "Token": tenant.token}
        return (await self._post("/cloudsoftphone/api/webphone/createSession", fields))["SessionId"]

    async def redeem(self, handle, binding):
        """A bearer."""
        return (await self._post("/phone/redeem", {"session": handle, "binding": binding}))["bearer"]

    async def _post(self, path, body):
        url, headers = f"http://{self.host}{path}", {"X-Callside": "1"}
        async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def status(self, path, bearer):
        headers = {"Authorization": f"Bearer {bearer}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"http://{self.host}{path}") as answer:
            return answer.status

    async def opens(self, path, protocol, credential, origin=None):
        """What a socket with that credential says first; else the status or the close code that refused it."""
        socket = websockets.connect(
            f"ws://{self.host}{path}", subprotocols=[protocol, f"bearer.{credential}"], proxy=None,
            origin=origin or f"http://{self.host}", open_timeout=DEADLINE_S, max_size=2**20,
        )  # fmt: skip
        try:
            async with asyncio.timeout(DEADLINE_S), socket as opened:
                return await opened.recv()
        except websockets.InvalidStatus as refused:
            return refused.response.status_code
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code


@pytest.fixture
async def house(tmp_path):
    async with House(tmp_path) as running:
        yield running


def socket_paths(routes):
    """Of the application and all that is mounted in it."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield route.path
        yield from socket_paths(getattr(route, "routes", None) or ())


async def test_no_socket_is_missing_here(house):
    app = house.server.config.loaded_app
    seen = set()
    while app is not None and not hasattr(app, "routes"):
        app = next((one for name in ("app", "_app", "_rest") if (one := getattr(app, name, None)) is not None), None)
    seen.update(socket_paths(app.routes))
    assert seen == {*PHONE_SOCKETS, *LIVE}


async def test_each_socket_opens_for_its_own_credential_in_force_and_for_no_other(house):
    mine, theirs = await house.tenant("Example Motors"), await house.tenant("Twin Motors")
    handle, ended = await house.log_in(mine), await house.log_in(theirs)
    former = await house.redeem(handle, "a" * 43)
    bearer = await house.redeem(handle, "a" * 43)
    dead = await house.redeem(ended, "b" * 43)
    await house._post(
        "/cloudsoftphone/api/webphone/endSession", {"Session": ended, "TenantId": theirs.id, "Token": theirs.token}
    )
    revoked = await house.administration.tokens.add(mine.id, TokenForm(name="old"))
    await house.administration.tokens.remove(mine.id, revoked.id)
    never = {"x", "x" * 43, handle, ended, former, dead, ROOT, revoked.token, mine.agent_id, mine.id}
    for path, protocol in PHONE_SOCKETS.items():
        for credential in (*never, mine.token, theirs.token):
            assert await house.opens(path, protocol, credential) in {401, 4003}, (path, credential)
        assert await house.opens(path, protocol, bearer, origin="https://evil.example") == 403
    for path, protocol in LIVE.items():
        for credential in (*never, bearer):
            assert await house.opens(path, protocol, credential) in {401, 4003}, (path, credential)
        assert await house.opens(path, protocol, mine.token, origin="https://evil.example") == 403
        assert await house.status("/v1/agents", bearer) == 401
    my_agent, their_agent = f'"{mine.agent_id}"', f'"{theirs.agent_id}"'
    view = await house.opens("/phone/socket", "callside.v1", bearer)
    assert my_agent in view
    assert their_agent not in view
    assert my_agent in await house.opens("/v1/live", "callside.live.v1", mine.token)
    assert my_agent not in await house.opens("/v1/live", "callside.live.v1", theirs.token)
