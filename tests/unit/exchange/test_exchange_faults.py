"""The exchange under faults: a disk that fails, a fault of ours in one step, changes that arrive in another order."""

import asyncio
import contextlib
import dataclasses

import pytest
import structlog

from callside.agents.machine import AgentState
from callside.exchange.dnc_port import EVERYWHERE
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor import floor as floor_module
from callside.floor.dialing_blocks import numbers_blocked
from callside.floor.timers import TimerKind
from callside.kernel.errors import NotAllowedError, StoreUnavailableError
from callside.sessions.model import EndCause, LoginType
from tests.fakes.stage import AGENTS, MANUAL, SUPPORT_NUMBER, TENANT, TRUNK, directory
from tests.unit.exchange.test_exchange import Centre


@pytest.fixture
async def centre():
    made = Centre()
    await made.exchange.start()
    await made.settle()
    yield made
    with contextlib.suppress(Exception):
        made.store.recorder.fails_with = None
        await made.exchange.stop()


async def until(is_so):
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


async def test_who_dials_while_nothing_can_be_written_is_told_so_and_not_kept_in_silence(centre):
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    other = await centre.be_ready(AGENTS[1], LoginType.MANUAL, MANUAL)
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    discovering = asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))
    await until(lambda: centre.state(session) is AgentState.WRAP_UP)
    with pytest.raises(NotAllowedError, match="cannot be written"):
        await centre.ask(ev.Dial(other, "+15550100124"))
    assert centre.state(other) is AgentState.READY
    centre.store.recorder.fails_with = None
    await discovering
    await until(lambda: not centre.exchange.backlog())
    await centre.ask(ev.Dial(other, "+15550100124"))
    await centre.settle()
    assert [one.number for one in centre.engine.commands if isinstance(one, cm.DialCustomer)] == ["+15550100124"]


async def test_a_fault_of_ours_in_one_timer_leaves_the_others_running(centre, caplog):
    session = await centre.be_ready(AGENTS[0])
    centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    floor = centre.exchange._runners[TENANT].floor
    floor.ground.timers.set(TimerKind.BREAK, "nobody's", centre.clock.ms + 1)
    broken = pytest.MonkeyPatch()
    broken.setitem(floor_module._DUE, TimerKind.BREAK, lambda *_: 1 / 0)
    centre.clock.ms += 20_000
    asyncio.get_running_loop().call_soon(centre.exchange._runners[TENANT]._wake)
    try:
        await until(lambda: centre.state(session) is AgentState.NOT_RESPONDING)
    finally:
        broken.undo()


async def test_a_fault_of_ours_while_the_disk_fails_does_not_end_the_journal(centre, monkeypatch):
    session = await centre.be_ready(AGENTS[0])
    runner = centre.exchange._runners[TENANT]
    monkeypatch.setattr(runner.journal, "_on_stalled", lambda: 1 / 0)
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    with contextlib.suppress(StoreUnavailableError):
        await centre.ask(ev.GoOnBreak(session, "lunch"))
    centre.store.recorder.fails_with = None
    await until(lambda: not centre.exchange.backlog())


async def test_two_changes_at_once_leave_the_later_directory_whichever_is_told_first(centre):
    """The first change's directory is still on its way to the engine when the second one has arrived everywhere."""
    first = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, name="first"))
    second = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, name="second"))
    go_on, given = asyncio.Event(), centre.engine.set_directory

    async def slow(known):
        await given(known)
        if known.tenant.name == "first":
            await go_on.wait()

    centre.engine.set_directory = slow
    centre.store.directories.by_tenant[TENANT] = first
    changing = [asyncio.ensure_future(centre.exchange.directory_changed(TENANT))]
    await centre.settle()
    centre.store.directories.by_tenant[TENANT] = second
    changing.append(asyncio.ensure_future(centre.exchange.directory_changed(TENANT)))
    await centre.settle()
    go_on.set()
    await asyncio.gather(*changing)
    assert (await centre.exchange.directory(TENANT)).tenant.name == "second"


async def test_a_fault_in_what_is_only_looked_at_takes_no_command_with_it(centre):
    session = await centre.be_ready(AGENTS[0])

    def broken(_view):
        raise RuntimeError("a fault of ours in a page's socket")

    centre.exchange.watch(TENANT, session, broken)
    centre.exchange._runners[TENANT].today.take = broken
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    with contextlib.suppress(RuntimeError):
        await centre.ask(ev.Answer(session))
    await centre.settle()
    assert centre.state(session) is AgentState.TALKING
    assert centre.engine.legs[leg].session_id == session


async def test_a_stop_waits_for_all_tenants_together_while_nothing_can_be_written(centre, monkeypatch):
    monkeypatch.setattr("callside.exchange.exchange._ON_DISK_WITHIN_S", 0.3)
    tenants = [str(number) for number in range(2000, 2010)]
    for one in tenants:
        other = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, id=one))
        centre.store.directories.by_tenant[one] = other
        await centre.exchange.directory_changed(one)
    await centre.settle()
    waits = []
    for one in tenants:
        journal = centre.exchange._runners[one].journal
        monkeypatch.setattr(journal, "written", lambda *_, j=journal: waited(waits, tenants))
    async with asyncio.timeout(5):
        await centre.exchange.stop()


async def waited(waits, tenants):
    """Ends when everybody waits."""
    waits.append(1)
    while len(waits) < len(tenants):
        await asyncio.sleep(0)
    return False


async def test_a_tenant_that_could_not_be_read_to_the_end_is_begun_anew(centre, monkeypatch):
    other = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, id="2000"))
    centre.store.directories.by_tenant["2000"] = other
    reads = centre.store.recorder.live

    async def refused(_tenant_id):
        monkeypatch.setattr(centre.store.recorder, "live", reads)
        raise StoreUnavailableError("the connection was lost")

    monkeypatch.setattr("callside.exchange.in_turn._AGAIN_S", 0.01)
    monkeypatch.setattr(centre.store.recorder, "live", refused)
    with pytest.raises(StoreUnavailableError):
        await centre.exchange.directory_changed("2000")
    await until(lambda: "2000" in centre.exchange.tenant_ids())
    row = dataclasses.replace(centre.row(AGENTS[0]), tenant_id="2000")
    await centre.exchange.request("2000", ev.OpenSession(row))
    assert [one.id for one in centre.exchange.live("2000")[0]] == [row.id]


async def test_a_change_that_was_written_and_could_not_be_read_reaches_the_floor_when_it_can(centre, monkeypatch):
    monkeypatch.setattr("callside.exchange.in_turn._AGAIN_S", 0.01)
    renamed = dataclasses.replace(directory(), tenant=dataclasses.replace(directory().tenant, name="renamed"))
    reads = centre.store.directories.directory

    async def refused(_tenant_id):
        monkeypatch.setattr(centre.store.directories, "directory", reads)
        raise StoreUnavailableError("the connection was lost")

    centre.store.directories.by_tenant[TENANT] = renamed
    monkeypatch.setattr(centre.store.directories, "directory", refused)
    with pytest.raises(StoreUnavailableError):
        await centre.exchange.directory_changed(TENANT)
    floor = centre.exchange._runners[TENANT].floor
    await until(lambda: floor.ground.directory.tenant.name == "renamed")


async def test_what_a_step_had_done_before_a_fault_of_ours_is_on_record_as_it_is_in_memory(centre, monkeypatch):
    session = await centre.be_ready(AGENTS[0])
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    await centre.ask(ev.Answer(session))
    await centre.settle()
    with monkeypatch.context() as patch:
        patch.setattr("callside.floor.inbound.match_all", lambda _: 1 / 0)
        # Each step has something to match: only then is the matching called.
        patch.setattr(centre.exchange._runners[TENANT].floor.ground, "direct", [None])
        centre.engine.hang_up(leg)
        await centre.settle()
        with pytest.raises(ZeroDivisionError):
            await centre.ask(ev.EndSession(session, EndCause.LOGOUT, force=True))
    await centre.settle()
    assert len(centre.store.recorder.cdrs) == 1
    row = centre.row(AGENTS[0])
    await centre.ask(ev.OpenSession(row))
    assert (await centre.store.sessions.by_id(TENANT, row.id)) == row
    assert (await centre.store.sessions.by_id(TENANT, session)).ended_at is not None


async def test_a_call_that_is_over_before_it_was_dialled_is_not_dialled(centre):
    """The disk was slow, and the engine was lost and found while the call's record was on its way."""
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    go_on, write = asyncio.Event(), centre.store.recorder.write

    async def slow(record):
        await go_on.wait()
        await write(record)

    centre.store.recorder.write = slow
    asking = asyncio.ensure_future(centre.ask(ev.Dial(session, "+15550100123")))
    await centre.settle()
    centre.engine.lose()
    centre.engine.find()
    await centre.settle()
    assert centre.state(session) is AgentState.WRAP_UP
    go_on.set()
    await asking
    await centre.settle()
    assert not [one for one in centre.engine.commands if isinstance(one, cm.DialCustomer)]
    assert {leg.kind for leg in centre.engine.legs.values()} == {"line"}


async def test_a_fault_in_one_tenants_floor_keeps_no_other_from_hearing_whom_not_to_call(centre, monkeypatch):
    base = directory()
    centre.store.directories.by_tenant["1099"] = dataclasses.replace(
        base, tenant=dataclasses.replace(base.tenant, id="1099")
    )
    await centre.exchange.directory_changed("1099")

    def faulty_in_the_first(ground, event):
        if ground.directory.tenant.id == TENANT:
            raise ZeroDivisionError
        numbers_blocked(ground, event)

    monkeypatch.setitem(floor_module._HANDLERS, ev.NumbersBlocked, faulty_in_the_first)
    assert list(centre.exchange._runners) == [TENANT, "1099"]
    with structlog.testing.capture_logs() as logs:
        await centre.exchange.leads_changed(EVERYWHERE, None, ["+15550100123"])
    assert centre.exchange._runners["1099"].floor.ground.dialing.is_blocked("+15550100123", None)
    assert [(one["tenant_id"], one["floor_event"]) for one in logs if one["event"] == "floor.event_failed"] == [
        (TENANT, "NumbersBlocked")
    ]


async def test_a_store_that_cannot_be_read_for_one_tenant_keeps_no_other_from_what_its_campaigns_stand_on(centre):
    base = directory()
    centre.store.directories.by_tenant["1099"] = dataclasses.replace(
        base, tenant=dataclasses.replace(base.tenant, id="1099")
    )
    await centre.exchange.directory_changed("1099")
    lists = centre.store.leads.lists

    async def unreadable_for_the_first(tenant_id):
        if tenant_id == TENANT:
            raise StoreUnavailableError("gone")
        return await lists(tenant_id)

    centre.store.leads.lists = unreadable_for_the_first
    with pytest.raises(StoreUnavailableError):
        await centre.exchange.leads_changed(EVERYWHERE, None)
    assert centre.exchange._runners["1099"].floor.ground.dialing.grounds.keys() == base.campaigns.keys()
