"""Callers whom the engine kept while we were away: each on record once, whatever happens in between."""

import asyncio
import contextlib

import msgspec
import pytest

from callside.calls.model import Cause
from callside.exchange.fact_reading import figures_between
from callside.exchange.ports import CdrQuery
from callside.floor import commands as cm
from callside.floor.missed_events import MissedCaller
from callside.kernel.errors import StoreUnavailableError
from callside.reporting.figures import DAY_MS, Figures
from tests.fakes.stage import SUPPORT, SUPPORT_NUMBER, TENANT, TRUNK
from tests.unit.exchange.test_exchange import Centre

QUARTER = 900_000


@pytest.fixture
async def centre():
    made = Centre()
    yield made
    with contextlib.suppress(Exception):
        made.store.recorder.fails_with = None
        await made.exchange.stop()


def keep(centre, count=1, ago_ms=60_000, lasted_ms=10_000):
    came = centre.clock.now().wall - ago_ms
    numbers = (f"+15550100{100 + n}" for n in range(count))
    return [centre.engine.keep(TENANT, TRUNK, SUPPORT_NUMBER, one, came, came + lasted_ms) for one in numbers]


async def start(centre):
    await centre.exchange.start()
    await centre.settle()


async def cdrs(centre):
    return await centre.store.call_records.cdrs(TENANT, CdrQuery(limit=1000))


def queue_today(centre):
    return centre.exchange.today(TENANT).at(centre.clock.now().wall).queue(SUPPORT)


async def test_who_was_kept_is_on_record_and_the_engine_need_not_keep_them(centre):
    keep(centre, 3)
    await start(centre)
    found = await cdrs(centre)
    assert {one.cause for one in found} == {Cause.SYSTEM_UNAVAILABLE}
    assert len({one.call_id for one in found}) == 3
    assert centre.engine.kept == {}


async def test_a_caller_told_again_is_not_another_call_nor_another_fact(centre):
    keep(centre, 2)
    told = dict(centre.engine.kept)
    await start(centre)
    before = list(centre.store.recorder.facts)
    for _ in range(2):  # we died before the engine had heard that they are on record
        centre.engine.kept.update(told)
        await centre.restart(tidy=False)
    assert len(await cdrs(centre)) == 2
    facts = [one for one in centre.store.recorder.facts if one.kind == "call.unavailable"]
    assert facts == [one for one in before if one.kind == "call.unavailable"]
    assert centre.engine.kept == {}
    assert queue_today(centre).unavailable == 2


async def test_the_engine_keeps_them_until_they_are_on_disk(centre):
    keep(centre)
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    await start(centre)
    assert len(centre.engine.kept) == 1
    assert not [one for one in centre.engine.commands if isinstance(one, cm.ForgetCallers)]
    centre.store.recorder.fails_with = None
    async with asyncio.timeout(10):
        while centre.engine.kept:
            await asyncio.sleep(0.01)
    assert len(await cdrs(centre)) == 1


async def test_a_caller_whose_call_was_on_record_already_is_no_second_one(centre):
    await start(centre)
    leg = centre.engine.call_in(TENANT, TRUNK, SUPPORT_NUMBER, "+15550100123")
    await centre.settle()
    centre.engine.hang_up(leg)
    await centre.settle()
    wall = centre.clock.now().wall
    centre.engine.kept[TENANT, leg] = MissedCaller(leg, TRUNK, SUPPORT_NUMBER, "+15550100123", wall - 1000, wall)
    centre.engine.lose()
    centre.engine.find()
    await centre.settle()
    [cdr] = await cdrs(centre)
    assert cdr.cause is Cause.ABANDONED
    assert centre.engine.kept == {}


async def test_more_than_are_taken_in_at_once_are_all_taken_in(centre):
    keep(centre, 250)
    await start(centre)
    async with asyncio.timeout(10):
        while centre.engine.kept:
            await centre.settle()
    assert len(await cdrs(centre)) == 250


async def test_they_count_when_they_came_live_after_a_restart_and_by_quarters_of_an_hour(centre):
    centre.clock.ms += 6 * 3_600_000
    keep(centre, 2, ago_ms=2 * QUARTER)
    await start(centre)
    came = centre.clock.now().wall - 2 * QUARTER
    queue = queue_today(centre)
    assert (queue.offered, queue.unavailable, queue.abandoned.count) == (2, 2, 0)
    begin = came - came % QUARTER
    for since, until, count in ((begin, begin + QUARTER, 2), (begin + QUARTER, begin + 4 * QUARTER, 0)):
        figures = await figures_between(centre.store.call_records, TENANT, Figures(since, until, QUARTER))
        assert sum(one.unavailable for one in figures.queues.values()) == count
    await centre.restart()
    await centre.settle()
    assert queue_today(centre).unavailable == 2


async def test_who_hung_up_at_once_while_we_listened_has_abandoned_a_call_and_nobody_missed_it(centre):
    [leg] = keep(centre, lasted_ms=300)
    centre.engine.kept[TENANT, leg] = msgspec.structs.replace(centre.engine.kept[TENANT, leg], at_once=True)
    keep(centre)
    await start(centre)
    assert sorted(one.cause for one in await cdrs(centre)) == [Cause.ABANDONED, Cause.SYSTEM_UNAVAILABLE]
    queue = queue_today(centre)
    assert (queue.offered, queue.unavailable, queue.abandoned.count) == (2, 1, 1)
    assert centre.exchange.callers_missed() == 1


async def test_yesterday_s_are_yesterday_s(centre):
    keep(centre, ago_ms=DAY_MS)
    await start(centre)
    assert queue_today(centre).offered == 0
    assert len(await cdrs(centre)) == 1
