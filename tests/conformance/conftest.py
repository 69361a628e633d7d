"""The two engines that must behave alike: the one in memory, and a real Asterisk with a carrier behind a trunk."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from callside.asterisk.access import EngineAccess
from callside.asterisk.ports import EnginePorts
from callside.asterisk.process import stop
from callside.exchange.ports import Telephony
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.kernel.ids import LegId, SessionId
from tests.asterisk.conftest import engine, engine_home, engine_program  # noqa: F401 fixtures
from tests.asterisk.far_sides import (
    DESK_PHONE,
    MACHINE,
    MISSING_PHONE,
    NUMBERS,
    OUR_NUMBER,
    TENANT,
    TRUNK,
    Ari,
    Heard,
    directory,
    eventually,
    phone_is_there,
    start_carrier,
    telephony_of,
)
from tests.fakes.telephony import FakeTelephony


@dataclass
class Stand:
    """An engine, what it reports, and far sides."""

    telephony: Telephony
    directory: Directory
    heard: Heard = field(default_factory=Heard)
    session: SessionId = field(default_factory=lambda: SessionId(uuid.uuid4().hex))
    used: list[LegId] = field(default_factory=list)

    @property
    def desk_phone(self) -> str:
        return self.telephony.extension_endpoint(TENANT, DESK_PHONE)

    @property
    def missing_phone(self) -> str:
        return self.telephony.extension_endpoint(TENANT, MISSING_PHONE)

    def leg(self) -> LegId:
        self.used.append(LegId(uuid.uuid4().hex))
        return self.used[-1]

    def do(self, command: cm.Command) -> None:
        self.telephony.execute(TENANT, command)

    async def line(self) -> LegId:
        leg = self.leg()
        self.do(cm.RaiseLine(self.session, leg, self.desk_phone))
        await self.heard.until(ev.LegAnswered, leg)
        return leg

    def dial(self, number: str, ring_s: int = 10, caller_id: str = "+15550100999", *, for_agent: bool = True) -> LegId:
        leg = self.leg()
        session = self.session if for_agent else None
        self.do(cm.DialCustomer("call", leg, session, TRUNK, number, caller_id, ring_s))
        return leg

    async def answered(self, number: str) -> LegId:
        """A dialer's line that somebody has answered; nobody is joined with it."""
        leg = self.dial(number, for_agent=False)
        await self.heard.until(ev.LegAnswered, leg)
        return leg

    async def customer(self, number: str) -> LegId:
        leg = self.dial(number)
        await self.heard.until(ev.LegJoined, leg)
        return leg

    async def call_in(self) -> LegId:
        raise NotImplementedError

    async def caller_hangs_up(self) -> None:
        raise NotImplementedError

    async def clear_away(self) -> None:
        self.do(cm.CloseLine(self.session))
        for leg in self.used:
            self.do(cm.HangUpLeg(leg))
            await self.heard.until(ev.LegGone, leg)
        await self.telephony.stop()


class FakeStand(Stand):
    telephony: FakeTelephony

    async def call_in(self) -> LegId:
        leg = self.telephony.call_in(TENANT, TRUNK, OUR_NUMBER, "+15550100123", "Ada")
        self.used.append(leg)
        await self.heard.until(ev.CallerArrived, leg)
        return leg

    async def caller_hangs_up(self) -> None:
        self.telephony.hang_up(self.used[-1])


class AsteriskStand(Stand):
    carrier: Ari
    _channel = ""

    async def call_in(self) -> LegId:
        count = len(self.heard.of(ev.CallerArrived))
        self._channel = await self.carrier.call(OUR_NUMBER)
        arrived = await self.heard.until(ev.CallerArrived, count=count + 1)
        self.used.append(arrived.leg_id)
        return arrived.leg_id

    async def caller_hangs_up(self) -> None:
        await self.carrier.ask("DELETE", f"channels/{self._channel}")


@pytest.fixture(scope="session")
def carrier(engine: EngineAccess, engine_program, tmp_path_factory):  # noqa: F811
    """The carrier's engine, with its desk phone registered with ours."""
    home = tmp_path_factory.mktemp("carrier-home")

    async def start() -> EngineAccess:
        access = await start_carrier(home, engine_program, engine)
        telephony, heard = telephony_of(engine), Heard()
        await telephony.set_directory(directory(access))
        await telephony.start(heard)
        await heard.until(ev.EngineFound)
        await eventually(lambda: phone_is_there(Ari(engine)), "the desk phone registers", within=30)
        await telephony.stop()
        return access

    yield asyncio.run(start())
    stop(home)


def fake_stand() -> Stand:
    telephony = FakeTelephony()
    telephony.far_sides = {number: side for side, number in NUMBERS.items()}
    stand = FakeStand(telephony, directory(EngineAccess(EnginePorts(1, 5070, 2, 3), "")))
    telephony.machines = {MACHINE}
    telephony.unreachable = {stand.missing_phone}
    return stand


@pytest.fixture(params=["memory", pytest.param("asterisk", marks=pytest.mark.asterisk)])
def engines(request) -> tuple[EngineAccess, EngineAccess] | None:
    """Ours and the carrier's, started; ``None`` for the engine in memory."""
    return (
        None if request.param == "memory" else (request.getfixturevalue("engine"), request.getfixturevalue("carrier"))
    )


@pytest.fixture
async def unstarted(engines) -> Stand:
    """An engine that nobody is connected to yet; it knows no tenant."""
    if engines is None:
        return fake_stand()
    ours, carriers = engines
    stand = AsteriskStand(telephony_of(ours), directory(carriers))
    stand.carrier = Ari(carriers)
    return stand


@pytest.fixture
async def stand(unstarted: Stand) -> AsyncIterator[Stand]:
    await unstarted.telephony.set_directory(unstarted.directory)
    await unstarted.telephony.start(unstarted.heard)
    await unstarted.heard.until(ev.EngineFound)
    yield unstarted
    await unstarted.clear_away()
