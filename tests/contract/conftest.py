"""The five operations, served in memory by the real edge and the real use cases."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from callside.exchange.logins import Logins
from callside.exchange.throttle import Throttle
from callside.guide_api.routes import PREFIX, GuideFirst
from tests.fakes.installation import Installation
from tests.fakes.logins import HASHER, PASSWORD, TENANT, TOKEN, FakeExchange

GOLDEN = Path(__file__).parent / "golden"


class Guide:
    """Posts to the operations as a CRM's server does."""

    def __init__(self, exchange, hasher=HASHER):
        self.exchange = exchange
        self.throttle = Throttle(exchange.clock)
        self.logins = Logins(exchange, hasher, self.throttle)
        self.app = GuideFirst(self.logins, Starlette())
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def at(self, address):
        """The same server, asked from another address."""
        return TestClient(self.app, client=(address, 5000), raise_server_exceptions=False)

    def post(self, operation, body, *, client=None, content_type=None, **headers):
        """Post ``body`` (bytes or text as it is, a dict as JSON with the tenant's credentials unless it has its own)."""
        url = f"{PREFIX}/{operation}"
        headers = {"content-type": content_type} | headers if content_type else headers
        client = client or self.client
        if isinstance(body, dict):
            return client.post(url, json={"Token": TOKEN, "TenantId": TENANT} | body, headers=headers)
        return client.post(url, content=body, headers=headers)

    def log_in(self, *, client=None, **fields):
        """A createSession that would succeed, but for ``fields``; ``None`` leaves a field out."""
        body = {"AgentUsername": "agent1", "AgentPassword": PASSWORD, "CampaignName": "279"}
        body |= {"LoginType": "PROGRESSIVE", "Ext": ""} | fields
        return self.post("createSession", {k: v for k, v in body.items() if v is not None}, client=client)


@pytest.fixture
def exchange():
    return FakeExchange()


@pytest.fixture
def guide(exchange):
    return Guide(exchange)


@pytest.fixture
def golden():
    """Reads a golden file."""
    return lambda name: (GOLDEN / name).read_bytes()


@pytest.fixture
async def house(tmp_path):
    """A whole installation without an engine, served in memory."""
    async with Installation(tmp_path / "callside.db") as open_house:
        yield open_house
