"""The exchange around a real floor: store and engine in memory, time by hand."""

import asyncio
import contextlib
import dataclasses

import pytest
import structlog

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.exchange.exchange import Exchange
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.clock import Moment
from callside.kernel.errors import (
    ConflictError,
    EngineUnavailableError,
    NotFoundError,
    StoreUnavailableError,
)
from callside.sessions.model import EndCause, LoginSession, LoginType
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stage import AGENTS, MANUAL, SUPPORT_NUMBER, TENANT, TRUNK, Counter, directory
from tests.fakes.telephony import FakeTelephony, FarSide
from tests.patience import PATIENCE_S


class Hand:
    """A clock moved by hand."""

    def __init__(self):
        self.ms = 5_000_000

    def now(self):
        return Moment(self.ms, 1_790_000_000_000 + self.ms)


class Centre:
    """An exchange with everything around it."""

    def __init__(self):
        self.store = MemoryStore()
        self.store.directories.by_tenant[TENANT] = directory()
        self.engine = FakeTelephony()
        self.clock = Hand()
        self.ids = Counter()
        self.logins = 0
        self.exchange = self.fresh()

    def fresh(self):
        return Exchange(self.store, self.engine, self.clock, self.ids)

    async def restart(self, *, tidy=True):
        if tidy:
            await self.exchange.stop()
        self.exchange = self.fresh()
        await self.exchange.start()
        await self.settle()

    async def settle(self):
        """Until nothing is left to happen at once."""
        for _ in range(60):
            for runner in self.exchange._runners.values():
                runner.journal.hurry()
            await asyncio.sleep(0)

    def row(self, agent, login_type=LoginType.AUTO, assignment=None):
        self.logins += 1
        return LoginSession(
            id=f"session-{self.logins}",
            tenant_id=TENANT,
            agent_id=agent,
            login_type=login_type,
            assignment_id=assignment,
            extension_id=None,
            handle_digest=f"handle-{self.logins}",
            opened_at=self.clock.now().wall,
        )

    async def be_ready(self, agent, *login):
        row = self.row(agent, *login)
        await self.ask(ev.OpenSession(row))
        await self.ask(ev.PhoneChanged(row.id, connected=True))
        await self.ask(ev.RaiseLineRequested(row.id, "u1"))
        await self.settle()
        return row.id

    async def ask(self, request):
        await self.exchange.request(TENANT, request)

    def state(self, session_id):
        return next(one for one in self.exchange.live(TENANT)[0] if one.id == session_id).state


@pytest.fixture
async def centre():
    made = Centre()
    await made.exchange.start()
    await made.settle()
    yield made
    with contextlib.suppress(Exception):
        made.store.recorder.fails_with = None
        await made.exchange.stop()


async def test_a_login_is_in_the_store_when_it_is_answered(centre):
    row = centre.row(AGENTS[0])
    await centre.ask(ev.OpenSession(row))
    assert (await centre.store.sessions.by_id(TENANT, row.id)) == row


async def test_a_line_that_is_raised_makes_the_agent_ready(centre):
    session = await centre.be_ready(AGENTS[0])
    assert centre.state(session) is AgentState.READY


async def test_a_caller_is_connected_and_recorded(centre):
    session = await centre.be_ready(AGENTS[0])
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    await centre.ask(ev.Answer(session))
    await centre.settle()
    assert centre.state(session) is AgentState.TALKING
    centre.clock.ms += 4_000
    centre.engine.hang_up(leg)
    await centre.settle()
    [cdr] = centre.store.recorder.cdrs.values()
    assert (cdr.talk_ms, cdr.cause, cdr.agent_id) == (4_000, Cause.NORMAL, AGENTS[0])


async def test_a_disposition_completes_the_record(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    centre.engine.far_sides["+15550100123"] = FarSide.BUSY
    await centre.ask(ev.Dial(session, "+15550100123"))
    await centre.settle()
    await centre.ask(ev.WriteNotes(session, "try tomorrow"))
    await centre.ask(ev.Dispose(session, "no_contact"))
    [cdr] = centre.store.recorder.cdrs.values()
    assert (cdr.cause, cdr.disposition, cdr.notes) == (Cause.BUSY, "no_contact", "try tomorrow")


async def test_nothing_is_dialled_before_it_is_on_disk(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    go_on = asyncio.Event()
    write = centre.store.recorder.write

    async def slow(record):
        await go_on.wait()
        await write(record)

    centre.store.recorder.write = slow
    asking = asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))
    await centre.settle()
    assert not [one for one in centre.engine.commands if isinstance(one, cm.DialCustomer)]
    go_on.set()
    await asking
    assert [one for one in centre.engine.commands if isinstance(one, cm.DialCustomer)]


async def test_a_hang_up_never_overtakes_the_dialling_it_ends(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    go_on = asyncio.Event()
    write = centre.store.recorder.write

    async def slow(record):
        await go_on.wait()
        await write(record)

    centre.store.recorder.write = slow
    asking = [asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))]
    await centre.settle()
    asking.append(asyncio.ensure_future(centre.ask(ev.HangUp(session))))
    await centre.settle()
    go_on.set()
    await asyncio.gather(*asking)
    await centre.settle()
    kinds = [type(one) for one in centre.engine.commands]
    assert kinds.index(cm.DialCustomer) < kinds.index(cm.HangUpLeg)


async def test_a_call_whose_record_could_not_be_written_has_not_left_the_house(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    asking = asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))
    await centre.settle()
    centre.store.recorder.fails_with = None
    await asking
    async with asyncio.timeout(PATIENCE_S):
        while not centre.store.recorder.cdrs:
            await asyncio.sleep(0)
    (cdr,) = centre.store.recorder.cdrs.values()
    assert (cdr.cause, cdr.went_out) == (Cause.FAILED, False)
    assert not [one for one in centre.engine.commands if isinstance(one, cm.DialCustomer)]


async def test_while_the_disk_is_full_calls_go_on_and_logins_are_refused(centre):
    session = await centre.be_ready(AGENTS[0])
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    answering = asyncio.ensure_future(centre.ask(ev.Answer(session)))
    await centre.settle()
    assert centre.state(session) is AgentState.TALKING
    with pytest.raises(StoreUnavailableError):
        await centre.ask(ev.OpenSession(centre.row(AGENTS[1])))
    centre.engine.hang_up(leg)
    await centre.settle()
    assert not centre.store.recorder.cdrs
    centre.store.recorder.fails_with = None
    await answering
    async with asyncio.timeout(PATIENCE_S):
        while not centre.store.recorder.cdrs:
            await asyncio.sleep(0)
    assert len(centre.store.recorder.cdrs) == 1


async def test_what_could_not_be_written_until_the_end_is_told(centre):
    await centre.be_ready(AGENTS[0])
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    with structlog.testing.capture_logs() as logs:
        await centre.exchange.stop()
    [lost] = [one for one in logs if one["event"] == "exchange.records_lost"]
    assert (lost["log_level"], lost["count"]) == ("error", centre.exchange.backlog())
    assert lost["count"] > 0


async def test_while_the_disk_is_full_nothing_is_dialled(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    asking = asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))
    await centre.settle()
    assert not [one for one in centre.engine.commands if isinstance(one, cm.DialCustomer)]
    assert centre.state(session) is AgentState.WRAP_UP
    centre.store.recorder.fails_with = None
    await asking


async def test_a_talk_goes_on_over_a_restart_of_ours(centre):
    session = await centre.be_ready(AGENTS[0])
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    await centre.ask(ev.Answer(session))
    await centre.settle()
    await centre.restart()
    assert centre.state(session) is AgentState.TALKING
    assert leg in centre.engine.legs
    centre.engine.hang_up(leg)
    await centre.settle()
    assert len(centre.store.recorder.cdrs) == 1


async def test_watchers_hear_of_each_change_and_of_the_end(centre):
    session = await centre.be_ready(AGENTS[0])
    seen = []
    stop = centre.exchange.watch(TENANT, session, seen.append)
    await centre.ask(ev.GoOnBreak(session, "lunch"))
    assert seen[-1].state.name == "break"
    await centre.ask(ev.EndSession(session, EndCause.LOGOUT))
    assert seen[-1] is None
    stop()


async def test_views_grow_in_number(centre):
    session = await centre.be_ready(AGENTS[0])
    first, second = centre.exchange.view(TENANT, session), centre.exchange.view(TENANT, session)
    assert second.seq > first.seq


async def test_a_lost_engine_is_told_and_logins_are_refused(centre):
    session = await centre.be_ready(AGENTS[0])
    centre.engine.lose()
    await centre.settle()
    assert centre.state(session) is AgentState.LOST
    assert centre.exchange.view(TENANT, session).engine == "down"
    with pytest.raises(EngineUnavailableError):
        await centre.ask(ev.OpenSession(centre.row(AGENTS[1])))


async def test_a_refused_request_says_why_and_changes_nothing(centre):
    session = await centre.be_ready(AGENTS[0])
    written = len(centre.store.recorder.facts)
    with pytest.raises(ConflictError):
        await centre.ask(ev.Answer(session))
    assert len(centre.store.recorder.facts) == written


async def test_an_unknown_tenant_is_not_found(centre):
    with pytest.raises(NotFoundError):
        await centre.exchange.request("4711", ev.GoReady("x"))


async def test_a_new_tenant_is_there_at_once(centre):
    other = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, id="2000"))
    centre.store.directories.by_tenant["2000"] = other
    await centre.exchange.directory_changed("2000")
    await centre.settle()
    await centre.exchange.request("2000", ev.OpenSession(dataclasses.replace(centre.row(AGENTS[0]), tenant_id="2000")))
    assert len(centre.exchange.live("2000")[0]) == 1


async def test_timers_of_the_floor_come_by_themselves(centre):
    session = await centre.be_ready(AGENTS[0])
    centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    assert centre.state(session) is AgentState.RINGING
    centre.clock.ms += 20_000
    await centre.ask(ev.CancelBreak(session))  # arms the alarm again
    async with asyncio.timeout(PATIENCE_S):
        while centre.state(session) is AgentState.RINGING:
            await asyncio.sleep(0)
    assert centre.state(session) is AgentState.NOT_RESPONDING
    [call] = centre.exchange.live(TENANT)[1]
    assert call.state is CallState.QUEUED
