"""What a login needs of the exchange, in memory: two tenants that look alike, and a floor that remembers who is logged in."""

import dataclasses
from types import SimpleNamespace

from callside.acd.model import Queue
from callside.agents.model import Agent, Extension
from callside.dialer.model import Campaign
from callside.exchange.secrets import PasswordHasher, digest
from callside.floor.directory import Directory
from callside.floor.events import EndSession, OpenSession
from callside.kernel.clock import Moment
from callside.kernel.errors import ConflictError, NotFoundError, StoreUnavailableError
from callside.sessions.model import EndCause, LoginType
from callside.tenants.model import ApiToken, Tenant

HASHER = PasswordHasher(time_cost=1, memory_kib=8, threads=1)
"""Cheap: what it costs is not what is tested."""
TENANT, TOKEN, PASSWORD = "11111", "5rLiGbA3IGxaf4iW", "Apples7"
TWIN, TWIN_TOKEN, TWIN_PASSWORD = "22222", "twin-token-of-22222", "Pears8"
_hashes = {word: HASHER._hash_now(word) for word in (PASSWORD, TWIN_PASSWORD)}


class FakeClock:
    """Stands still until it is told to move."""

    def __init__(self):
        self.ms = 1_000_000

    def now(self):
        return Moment(self.ms, 1_800_000_000_000 + self.ms)

    def pass_seconds(self, seconds):
        self.ms += int(seconds * 1000)


def directory_of(tenant_id, offset, password):
    """Same names in every tenant, ids shifted by ``offset``."""

    def agent(number, username, **more):
        key = str(number + offset)
        return key, Agent(key, tenant_id, username, username.title(), _hashes[password], **more)

    agents = dict(
        [agent(111, "agent1"), agent(112, "disabled", enabled=False), agent(113, "newcomer"), agent(114, "Zoë")]
    )
    me = frozenset({str(111 + offset)})

    def campaign(number, name, kind, who=me):
        return str(number + offset), Campaign(str(number + offset), tenant_id, name, kind, "1", who)

    queues = {
        str(number + offset): Queue(str(number + offset), tenant_id, name, who)
        for number, name, who in ((277, "Support", me), (278, "Billing", me), (276, "Night", frozenset()))
    }
    campaigns = dict(
        [
            campaign(279, "Queue1", LoginType.PROGRESSIVE),
            campaign(280, "Spring", LoginType.PROGRESSIVE, frozenset()),
            campaign(281, "By hand", LoginType.MANUAL),
            campaign(282, "Älter", LoginType.MANUAL),
        ]
    )
    extensions = {
        str(183 + offset): Extension(str(183 + offset), tenant_id, "205"),
        str(184 + offset): Extension(str(184 + offset), tenant_id, "1000"),
    }
    return Directory(Tenant(tenant_id, f"Tenant {tenant_id}"), agents, extensions, queues, campaigns, {})


class FakeExchange:
    """Implements `LoginExchange`; `requests` is what reached the floor."""

    def __init__(self):
        self.clock = FakeClock()
        self.store = SimpleNamespace(directories=self, sessions=self)
        self.directories = {TENANT: directory_of(TENANT, 0, PASSWORD), TWIN: directory_of(TWIN, 5000, TWIN_PASSWORD)}
        self.tokens = [
            ApiToken("1", TENANT, "CRM", digest(TOKEN), 0),
            ApiToken("2", TENANT, "old CRM", digest("revoked-token"), 0, revoked_at=5),
            ApiToken("3", TWIN, "CRM", digest(TWIN_TOKEN), 0),
        ]
        self.sessions = {}
        self.requests = []
        self.on_a_call = set()
        self.engine_up = True
        self.store_up = True

    # the exchange
    def engine_is_up(self):
        return self.engine_up

    async def directory(self, tenant_id):
        if tenant_id not in self.directories:
            raise NotFoundError(f"no tenant {tenant_id}")
        return self.directories[tenant_id]

    async def directory_changed(self, tenant_id):
        directory = self.directories[tenant_id]
        self.directories[tenant_id] = dataclasses.replace(directory, agents=dict(directory.agents))

    async def request(self, tenant_id, request):
        self.requests.append((tenant_id, request))
        if isinstance(request, OpenSession):
            self._open(request.session)
        elif isinstance(request, EndSession):
            self._end(request)

    def _open(self, session):
        for older in list(self.sessions.values()):
            if older.agent_id == session.agent_id and older.ended_at is None:
                if older.id in self.on_a_call:
                    raise ConflictError("The agent is on a call in another session.", field="AgentUsername")
                self._close(older, EndCause.TAKEN_OVER)
        self.sessions[session.id] = session

    def _end(self, request):
        session = self.sessions[request.session_id]
        if session.id not in self.on_a_call or request.force:
            self._close(session, request.cause)

    def _close(self, session, cause):
        self.sessions[session.id] = dataclasses.replace(session, ended_at=self.clock.now().wall, end_cause=cause)

    # the store
    async def locate_token(self, wanted):
        if not self.store_up:
            raise StoreUnavailableError("The database is not reachable at the moment.")
        return next((one for one in self.tokens if one.digest == wanted and one.revoked_at is None), None)

    async def tenant(self, tenant_id):
        found = self.directories.get(tenant_id)
        return found.tenant if found else None

    async def by_handle(self, tenant_id, handle_digest):
        for session in self.sessions.values():
            if session.tenant_id == tenant_id and session.handle_digest == handle_digest:
                return session
        return None

    async def replace_password_hash(self, tenant_id, agent_id, *, old, new):
        agents = self.directories[tenant_id].agents
        if agents[agent_id].password_hash != old:
            return False
        agents[agent_id] = dataclasses.replace(agents[agent_id], password_hash=new)
        return True
