"""Random days through the whole exchange: the store stalls, the engine goes and comes, we are stopped or killed, at any point.

In the end, when all is well again, nothing is stuck: what is on record is what is in memory, nothing waits for the disk, every call
that is over has one record, and nobody was dialled twice.
"""

import asyncio
import contextlib
import random
from collections import Counter

import msgspec
import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import CallsideError, StoreUnavailableError
from callside.sessions.model import EndCause, LoginType
from tests.fakes.stage import AGENTS, MANUAL, SALES_NUMBER, SUPPORT_NUMBER, TENANT, TRUNK
from tests.fakes.telephony import FarSide
from tests.unit.exchange.test_exchange import Centre
from tests.unit.exchange.test_exchange_dialing import DialingCentre

STEPS = 60
PEOPLE = [f"+1555010{n:04d}" for n in range(40)]


class Day(Centre):
    """What may happen on it. Nobody waits for an answer: requests go on while other things happen."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.asking: set[asyncio.Task[None]] = set()
        self.callers = 0

    def soon(self, request) -> None:
        async def ask():
            with contextlib.suppress(CallsideError):
                await self.ask(request)

        task = asyncio.ensure_future(ask())
        self.asking.add(task)
        task.add_done_callback(self.asking.discard)

    def sessions(self):
        return [one.id for one in self.exchange.live(TENANT)[0]]

    def log_in(self):
        manual = self.chance.random() < 0.4
        login = (LoginType.MANUAL, MANUAL) if manual else ()
        self.soon(ev.OpenSession(self.row(self.chance.choice(AGENTS), *login)))

    def be_there(self):
        for session in self.sessions():
            self.soon(ev.PhoneChanged(session, connected=True))
            self.soon(ev.RaiseLineRequested(session, "u1"))

    def call_in(self):
        self.callers += 1
        number = self.chance.choice([SUPPORT_NUMBER, SALES_NUMBER])
        if self.engine.is_up():
            self.engine.call_in(TENANT, TRUNK, number, f"+155501{self.callers:05}")

    def agent_does(self):
        if not self.sessions():
            return
        session = self.chance.choice(self.sessions())
        self.callers += 1
        number = f"+155502{self.callers:05}"
        self.engine.far_sides[number] = self.chance.choice(list(FarSide))
        what = [
            ev.Answer(session), ev.Answer(session), ev.GoReady(session), ev.GoReady(session), ev.Dial(session, number),
            ev.Dial(session, number), ev.HangUp(session), ev.SetHold(session, held=True), ev.SetHold(session, held=False),
            ev.SetMute(session, muted=True), ev.Dispose(session, "no_contact"), ev.GoOnBreak(session, "lunch"),
            ev.Decline(session), ev.EndSession(session, EndCause.LOGOUT), ev.PhoneChanged(session, connected=False),
        ]  # fmt: skip
        self.soon(self.chance.choice(what))

    def somebody_goes(self):
        if self.engine.legs and self.engine.is_up():
            self.engine.hang_up(self.chance.choice(list(self.engine.legs)))

    def engine_goes(self):
        if self.engine.is_up():
            self.engine.lose(calls_survive=self.chance.random() < 0.7)

    def engine_comes(self):
        if not self.engine.is_up():
            self.engine.find()

    def disk_fails(self):
        self.store.recorder.fails_with = StoreUnavailableError("disk full")

    def disk_is_well(self):
        self.store.recorder.fails_with = None

    def time_passes(self):
        self.clock.ms += self.chance.choice([100, 2_000, 20_000, 70_000])
        for runner in self.exchange._runners.values():
            asyncio.get_running_loop().call_soon(runner._wake)

    async def restart_us(self):
        tidy = self.chance.random() < 0.3 and self.store.recorder.fails_with is None
        if tidy:
            await self.exchange.stop()
        else:
            self.kill()
        for _ in range(5):  # what had reached the engine is done long before the next process is there
            await asyncio.sleep(0)
        await self.restart(tidy=False)

    def kill(self):
        """Nothing is written any more, nothing is told."""
        self.engine._sink = None
        for runner in self.exchange._runners.values():
            runner.stop()
        for task in (*self.exchange._journals.values(), *self.exchange._recounts.values(), *self.asking):
            task.cancel()

    async def step(self):
        what = self.chance.choices(
            [self.log_in, self.be_there, self.call_in, self.agent_does, self.somebody_goes, self.time_passes,
             self.engine_goes, self.engine_comes, self.disk_fails, self.disk_is_well, self.restart_us],
            [3, 3, 4, 12, 3, 3, 1, 2, 1, 2, 1],
        )[0]  # fmt: skip
        done = what()
        if done is not None:
            await done
        for _ in range(self.chance.choice([0, 1, 3, 10])):
            await asyncio.sleep(0)

    async def all_is_well(self):
        self.disk_is_well()
        self.engine_comes()
        async with asyncio.timeout(20):
            while self.exchange.backlog() or self.asking:
                await asyncio.sleep(0.001)
        await self.settle()


class CampaignDay(Day, DialingCentre):
    """The same with a campaign that dials by itself, and agents of its."""

    def log_in(self):
        self.soon(ev.OpenSession(self.row(self.chance.choice(AGENTS), LoginType.PROGRESSIVE, self.campaign.id)))

    def leads_under_way(self):
        return {one.id for one in self.store.leads.rows.values() if one.state is LeadState.DIALLING}


async def live_through(day: Day, monkeypatch) -> None:
    monkeypatch.setattr("callside.exchange.journal._RETRY_S", (0.001,))
    monkeypatch.setattr("callside.exchange.lead_fetching._AGAIN_S", 0.001)
    monkeypatch.setattr("callside.exchange.exchange._ON_DISK_WITHIN_S", 0.05)
    for _ in range(STEPS):
        await day.step()
    await day.all_is_well()
    check(day)


@pytest.mark.parametrize("seed", range(30))
async def test_after_any_day_nothing_is_stuck(seed, monkeypatch):
    day = Day(seed)
    await day.exchange.start()
    try:
        await live_through(day, monkeypatch)
    finally:
        await day.exchange.stop()


@pytest.mark.parametrize("kind", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
@pytest.mark.parametrize("seed", range(15))
async def test_after_any_day_of_a_campaign_each_lead_is_under_way_exactly_while_it_is_called(seed, kind, monkeypatch):
    day = CampaignDay(seed)
    day.engine.far_sides = {one: day.chance.choice(list(FarSide)) for one in PEOPLE}
    await day.exchange.start()
    try:
        await day.begin(kind, PEOPLE)
        await live_through(day, monkeypatch)
        ground = day.exchange._runners[TENANT].floor.ground
        called = {call.lead_id for call in ground.calls.values()} | {one.lead_id for one in ground.sessions.values()}
        assert day.leads_under_way() <= called
        under_way = {
            call.lead_id for call in ground.calls.values() if call.state is not CallState.ENDED and call.dialled
        }
        assert under_way <= day.leads_under_way()
    finally:
        await day.exchange.stop()


def check(day: Day) -> None:
    ground = day.exchange._runners[TENANT].floor.ground
    assert day.exchange._runners[TENANT]._held == []
    kept = day.store.recorder
    rows = {key: msgspec.to_builtins(row) for (_, key), row in kept.live_rows.items() if row is not None}
    assert rows == {row.id: msgspec.to_builtins(row) for row in (*ground.sessions.values(), *ground.calls.values())}
    assert {one.id for one in day.store.sessions.rows.values() if one.ended_at is None} == set(ground.sessions)
    legs = Counter(one.leg_id for one in day.engine.commands if isinstance(one, cm.DialCustomer))
    assert max(legs.values(), default=0) <= 1
    in_engine = set(day.engine.legs)
    for call in ground.calls.values():
        assert ((TENANT, call.id) in kept.cdrs) == (call.state is CallState.ENDED)
        if call.state is not CallState.ENDED:
            assert call.leg_id in in_engine, call
    known = {call.leg_id for call in ground.calls.values()} | set(ground.line_legs)
    assert in_engine <= known
    for session in ground.sessions.values():
        call = ground.calls.get(session.call_id) if session.call_id else None
        busy = {AgentState.TALKING, AgentState.HELD, AgentState.DIALING, AgentState.RINGING, AgentState.RESERVED}
        assert (call is not None) == (session.state in busy), session
