"""What the web phone needs, in memory: login sessions with a true compare-and-set, an exchange that records requests, a clock."""

import asyncio
import dataclasses

from callside.agents.model import Agent
from callside.exchange.ports import SipCredentials
from callside.exchange.secrets import digest, new_handle
from callside.floor.directory import Directory
from callside.floor.view import AgentView, LineView, PhoneView, StateView, TenantView, TodayView
from callside.kernel.clock import Moment
from callside.kernel.errors import NotFoundError
from callside.kernel.ids import AgentId, SessionId, TenantId
from callside.sessions.model import EndCause, LoginSession, LoginType
from callside.tenants.model import Tenant

TENANT = TenantId("1001")
CRM = "https://crm.example.com"


class SteppedClock:
    """Stands still until it is stepped."""

    def __init__(self, mono=1_000_000, wall=1_790_000_000_000):
        self.moment = Moment(mono, wall)

    def now(self):
        return self.moment

    def step(self, ms):
        self.moment = Moment(self.moment.mono + ms, self.moment.wall + ms)


class MemorySessions:
    """The sessions' rows. Each call yields to the loop before and after its one atomic step, as a database would."""

    def __init__(self):
        self.rows = {}

    def put(self, row):
        self.rows[row.tenant_id, row.id] = row

    def change(self, row, **fields):
        self.put(dataclasses.replace(self.rows[row.tenant_id, row.id], **fields))

    def _open(self, **wanted):
        for row in self.rows.values():
            if row.ended_at is None and all(getattr(row, key) == value for key, value in wanted.items()):
                return row.tenant_id, row.id
        return None

    async def by_handle(self, tenant_id, handle_digest):
        await asyncio.sleep(0)
        return next(
            (row for row in self.rows.values() if (row.tenant_id, row.handle_digest) == (tenant_id, handle_digest)),
            None,
        )

    async def locate_handle(self, handle_digest):
        await asyncio.sleep(0)
        return self._open(handle_digest=handle_digest)

    async def by_id(self, tenant_id, session_id):
        await asyncio.sleep(0)
        return self.rows.get((tenant_id, session_id))

    async def locate_bearer(self, bearer_digest):
        await asyncio.sleep(0)
        return self._open(bearer_digest=bearer_digest)

    async def bind(self, tenant_id, session_id, *, binding_digest, bearer_digest, at):
        await asyncio.sleep(0)
        row = self.rows.get((tenant_id, session_id))
        if row is None or row.ended_at is not None or row.binding_digest not in {None, binding_digest}:
            return False
        self.put(
            dataclasses.replace(
                row, binding_digest=binding_digest, bearer_digest=bearer_digest, bound_at=row.bound_at or at
            )
        )
        await asyncio.sleep(0)
        return True


class FakeExchange:
    """Records requests; shows a view whose ``seq`` grows; ends sessions when told to."""

    def __init__(self, clock, origins=(CRM,)):
        self.clock = clock
        self.sessions = MemorySessions()
        self.requests = []
        self.opened = []
        self.list = ()
        self.shows = {}
        """Fields of the view that are other than usual."""
        self.refusal = None
        self.seq = 0
        self._watchers = {}
        self.line = LineView("up", "browser", None)
        self._made = 0
        agent = Agent(id=AgentId("7"), tenant_id=TENANT, username="ann", name="Ann", password_hash="")
        self._directory = Directory(Tenant(TENANT, "Demo", crm_origins=origins), {agent.id: agent})

    def allow(self, *origins):
        """Change who may frame the tenant's phone."""
        self._directory = dataclasses.replace(
            self._directory, tenant=dataclasses.replace(self._directory.tenant, crm_origins=origins)
        )

    def log_in(self):
        """A new session as createSession makes it: its row and its handle."""
        handle = new_handle()
        row = LoginSession(
            id=SessionId(f"{len(self.sessions.rows):032x}"), tenant_id=TENANT, agent_id=AgentId("7"),
            login_type=LoginType.MANUAL, assignment_id=None, extension_id=None,
            handle_digest=digest(handle), opened_at=self.clock.now().wall,
        )  # fmt: skip
        self.sessions.put(row)
        return row, handle

    def end(self, row, cause=EndCause.LOGOUT, *, written=True):
        """The floor ends the session; ``written=False`` leaves the record for :meth:`write_end`."""
        if written:
            self.write_end(row, cause)
        watchers = self._watchers.pop(row.id, [])
        for watcher in watchers:
            watcher(None)

    def write_end(self, row, cause):
        self.sessions.change(row, ended_at=self.clock.now().wall, end_cause=cause)

    def change(self, row):
        """The session's view changes."""
        view = self.view(row.tenant_id, row.id)
        for watcher in list(self._watchers.get(row.id, [])):
            watcher(view)
        return view

    def watching(self):
        return sum(len(watchers) for watchers in self._watchers.values())

    # ── as the exchange ──────────────────────────────────────────────────────────────────────────────────────────────
    async def request(self, tenant_id, request):
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        self.requests.append(request)

    async def open_lead(self, tenant_id, session_id, lead_id):
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        self.opened.append((tenant_id, session_id, lead_id))

    async def leads_of(self, tenant_id, session_id):
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        return self.list

    def view(self, tenant_id, session_id):
        row = self.sessions.rows.get((tenant_id, session_id))
        if row is None or row.ended_at is not None:
            return None
        self.seq += 1
        usual = PhoneView(
            seq=self.seq, tenant=TenantView("US"), agent=AgentView("7", "Ann", "ann"), loginType=LoginType.MANUAL, assignment=(),
            state=StateView("ready", 0, None), pending={"break": None, "logout": False}, line=self.line,
            engine="up", call=None, wrapUp=None, lastCall=None, breaks=(), canDial=True, waiting=0, queues=(), today=TodayView(),
        )  # fmt: skip
        return dataclasses.replace(usual, **self.shows)

    def watch(self, tenant_id, session_id, callback):
        watchers = self._watchers.setdefault(session_id, [])
        watchers.append(callback)
        return lambda: watchers.remove(callback) if callback in watchers else None

    async def directory(self, tenant_id):
        if tenant_id != TENANT:
            raise NotFoundError("no such tenant")
        return self._directory

    async def sip_credentials(self, tenant_id, session_id):
        self._made += 1
        return SipCredentials(f"ep{self._made}{session_id[-4:]}", "sip-password-canary-" + "x" * 24, "callside.invalid")
