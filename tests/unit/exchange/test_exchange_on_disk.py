"""The exchange on a real SQLite store: what is on disk is all a new process has to go on."""

import asyncio
import time

import pytest

from callside.acd.model import Queue
from callside.agents.machine import AgentState
from callside.agents.model import Agent
from callside.calls.machine import CallState
from callside.calls.model import Trunk
from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, DialRules
from callside.exchange.exchange import Exchange
from callside.exchange.ports import CdrQuery
from callside.floor import events as ev
from callside.kernel.clock import Moment
from callside.sessions.model import EndCause, LoginSession, LoginType
from callside.store import open_store
from callside.tenants.model import Tenant
from tests.fakes.stage import Counter
from tests.fakes.telephony import FakeTelephony
from tests.patience import PATIENCE_S

OUR_NUMBER, CALLER = "+15550100900", "+15550100123"


class Clock:
    """The machine's own: records on disk take true time."""

    def now(self):
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


class Centre:
    """An exchange on a file; ``engine`` outlives it, as Asterisk does."""

    def __init__(self, path):
        self.url = f"sqlite:///{path}"
        self.engine, self.clock, self.ids = FakeTelephony(), Clock(), Counter()

    async def set_up(self):
        self.store = open_store(self.url)
        await self.store.open()
        kept = self.store.directories
        self.tenant = (await kept.add_tenant(Tenant("", "Example Motors"))).id
        self.agent = (await kept.add_agent(Agent("", self.tenant, "ag01", "Asha Example", "hash"))).id
        self.trunk = (await kept.add_trunk(Trunk("", self.tenant, "Carrier", "127.0.0.1"))).id
        me = frozenset({self.agent})
        self.queue = (await kept.add_queue(Queue("", self.tenant, "Support", me, (OUR_NUMBER,)))).id
        rules = DialRules(frozenset({"US"}))
        campaign = Campaign("", self.tenant, "Renewals", Mode.MANUAL, self.trunk, me, OUR_NUMBER, rules)
        self.campaign = (await kept.add_campaign(campaign)).id
        await self.start()

    async def start(self):
        self.exchange = Exchange(self.store, self.engine, self.clock, self.ids)
        await self.exchange.start()

    async def end(self):
        await self.exchange.stop()
        await self.store.close()

    async def begin_again(self):
        """A new process on the same file."""
        await self.end()
        self.store = open_store(self.url)
        await self.store.open()
        await self.start()

    async def ask(self, request):
        await self.exchange.request(self.tenant, request)

    async def log_in(self, login_type=LoginType.AUTO, assignment=None):
        row = LoginSession(
            id=self.ids.new(), tenant_id=self.tenant, agent_id=self.agent, login_type=login_type,
            assignment_id=assignment, extension_id=None, handle_digest=f"digest-{self.ids.new()}",
            opened_at=self.clock.now().wall,
        )  # fmt: skip
        await self.ask(ev.OpenSession(row))
        await self.connect(row.id)
        return row

    async def connect(self, session_id):
        """The page opens and its phone is raised."""
        await self.ask(ev.PhoneChanged(session_id, connected=True))
        await self.ask(ev.RaiseLineRequested(session_id, "u1"))

    def session(self):
        return self.exchange.live(self.tenant)[0][0]

    def calls(self):
        return self.exchange.live(self.tenant)[1]

    async def until(self, is_so, what):
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.002)
        assert is_so(), what

    async def until_agent(self, state):
        await self.until(lambda: self.session().state is state, f"the agent is {state}")

    async def until_on_disk(self):
        await self.until(lambda: self.exchange.backlog() == 0, "everything is on disk")


@pytest.fixture
async def centre(tmp_path):
    made = Centre(tmp_path / "callside.db")
    await made.set_up()
    yield made
    await made.end()


async def test_a_login_that_was_answered_is_on_disk(centre):
    row = await centre.log_in()
    assert await centre.store.sessions.by_id(centre.tenant, row.id) == row
    assert await centre.store.sessions.by_handle(centre.tenant, row.handle_digest) == row
    await centre.until_agent(AgentState.READY)


async def test_a_talk_goes_on_after_a_new_process_has_begun_and_leaves_one_record(centre):
    row = await centre.log_in()
    await centre.until_agent(AgentState.READY)
    leg = centre.engine.call_in(centre.tenant, centre.trunk, OUR_NUMBER, CALLER, "Ada")
    await centre.until_agent(AgentState.RINGING)
    await centre.ask(ev.Answer(row.id))
    await centre.until_agent(AgentState.TALKING)
    began = centre.calls()[0].answered

    await centre.begin_again()

    await centre.connect(row.id)
    await centre.until_agent(AgentState.TALKING)
    call = centre.calls()[0]
    assert (call.state, call.customer_number, call.customer_name) == (CallState.TALKING, CALLER, "Ada")
    assert call.answered == began

    centre.engine.hang_up(leg)
    await centre.until_agent(AgentState.WRAP_UP)
    await centre.ask(ev.Dispose(row.id, "sale", finish=True))
    await centre.until_on_disk()
    records = await centre.store.call_records.cdrs(centre.tenant, CdrQuery())
    assert [(one.call_id, one.agent_id, one.queue_id) for one in records] == [(call.id, centre.agent, centre.queue)]
    assert records[0].disposition == "sale"
    assert records[0].talk_ms >= 0
    kinds = [fact.kind for fact in await centre.store.call_records.facts(centre.tenant, call.id)]
    assert [kind for kind in kinds if kind in {"call.started", "call.answered", "call.ended"}] == [
        "call.started",
        "call.answered",
        "call.ended",
    ]


async def test_a_caller_in_the_queue_keeps_the_place_when_a_new_process_begins(centre):
    for name in ("first", "second"):
        centre.engine.call_in(centre.tenant, centre.trunk, OUR_NUMBER, CALLER, name)
    await centre.until(lambda: len(centre.calls()) == 2, "both wait")
    await centre.until_on_disk()

    await centre.begin_again()

    await centre.until(lambda: len(centre.calls()) == 2, "both wait again")
    row = await centre.log_in()
    await centre.until_agent(AgentState.RINGING)
    offered = [call.customer_name for call in centre.calls() if call.session_id == row.id]
    assert offered == ["first"]


async def test_a_stop_waits_until_the_last_record_is_on_disk(centre):
    await centre.log_in(LoginType.MANUAL, centre.campaign)
    await centre.until_on_disk()
    for number in range(5):
        centre.engine.call_in(centre.tenant, centre.trunk, OUR_NUMBER, CALLER, str(number))
    await asyncio.sleep(0)
    assert len(centre.calls()) == 5
    assert centre.exchange.backlog() > 0
    await centre.exchange.stop()
    _, live = await centre.store.recorder.live(centre.tenant)
    assert sorted(call.customer_name for call in live) == list("01234")


async def test_a_session_that_ended_does_not_come_back(centre):
    row = await centre.log_in()
    await centre.until_agent(AgentState.READY)
    await centre.ask(ev.EndSession(row.id, EndCause.LOGOUT))
    await centre.until_on_disk()
    await centre.begin_again()
    assert centre.exchange.live(centre.tenant) == ([], [])
    ended = await centre.store.sessions.by_id(centre.tenant, row.id)
    assert ended.end_cause is EndCause.LOGOUT
    assert await centre.store.sessions.locate_handle(row.handle_digest) is None


async def test_a_takeover_leaves_one_open_session_on_disk(centre):
    older = await centre.log_in()
    newer = await centre.log_in()
    await centre.until_on_disk()
    sessions = centre.store.sessions
    assert (await sessions.by_id(centre.tenant, older.id)).end_cause is EndCause.TAKEN_OVER
    assert await sessions.locate_handle(newer.handle_digest) == (centre.tenant, newer.id)
    assert await sessions.locate_handle(older.handle_digest) is None


async def test_a_number_that_is_dialled_is_on_disk_before_the_engine_hears_of_it(centre):
    row = await centre.log_in(LoginType.MANUAL, centre.campaign)
    await centre.until_agent(AgentState.READY)
    await centre.ask(ev.Dial(row.id, CALLER))
    await centre.until_agent(AgentState.TALKING)
    await centre.until_on_disk()
    _, live = await centre.store.recorder.live(centre.tenant)
    assert [one.customer_number for one in live] == [CALLER]
