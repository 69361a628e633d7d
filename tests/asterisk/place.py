"""Our engine with a carrier beside it, in homes of their own, so that either may be killed."""

import uuid
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.ids import LegId, SessionId
from tests.asterisk.far_sides import (
    CALLER_ID,
    TENANT,
    TRUNK,
    Ari,
    Heard,
    desk_endpoint,
    directory,
    eventually,
    phone_is_there,
    start_carrier,
    telephony_of,
)

RATE = 8000


def fresh() -> str:
    return uuid.uuid4().hex


class Place:
    """Our engine in a home of its own, so that it may be killed and stopped, with a carrier beside it."""

    def __init__(self, home: Path, program) -> None:
        self.home, self.program = home, program

    async def open(self) -> None:
        self.process = await ensure_running(self.home / "ours", self.program, EngineProfile())
        self.access = self.process.access
        self.carrier_access = await start_carrier(self.home / "carrier", self.program, self.access)
        self.ours, self.carrier = Ari(self.access), Ari(self.carrier_access)
        self.telephony, self.heard = telephony_of(self.access), Heard()
        await self.connect()
        await eventually(lambda: phone_is_there(self.ours), "the desk phone registers", within=30)

    async def connect(self) -> None:
        self.telephony, self.heard = telephony_of(self.access), Heard()
        await self.telephony.set_directory(directory(self.carrier_access))
        await self.telephony.start(self.heard)
        await self.heard.until(ev.EngineFound)

    def do(self, command: cm.Command) -> None:
        self.telephony.execute(TENANT, command)

    async def line(self, session: SessionId, **options) -> LegId:
        leg = LegId(fresh())
        self.do(cm.RaiseLine(session, leg, desk_endpoint(), **options))
        await self.heard.until(ev.LegAnswered, leg)
        return leg

    async def customer(self, session: SessionId, number: str) -> LegId:
        leg = LegId(fresh())
        self.do(cm.DialCustomer("call", leg, session, TRUNK, number, CALLER_ID, 10))
        await self.heard.until(ev.LegJoined, leg)
        return leg

    async def received(self, leg: LegId) -> int:
        """RTP packets that came from the leg's far side."""
        return (await self.ours.ask("GET", f"channels/{leg}/rtp_statistics"))["rxcount"]

    async def hang_up(self, *legs: LegId) -> None:
        for leg in legs:
            self.do(cm.HangUpLeg(leg))
        for leg in legs:
            await self.heard.until(ev.LegGone, leg)

    def recorded(self, who: str) -> np.ndarray:
        """What ``desk`` or ``customer`` has heard; it may still be written."""
        path = self.home / f"carrier/heard/{who}.ulaw"
        if not path.exists():
            return np.zeros(0)
        samples, _ = soundfile.read(path, samplerate=RATE, channels=1, format="RAW", subtype="ULAW")
        return samples


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """Of our engine and the carrier's; both are stopped when the module is done."""
    folder = tmp_path_factory.mktemp("place")
    yield folder
    for home in ("ours", "carrier"):
        stop(folder / home)


@pytest.fixture
async def place(homes, engine_program):
    place = Place(homes, engine_program)
    await place.open()
    yield place
    await place.telephony.stop()
    for engine in (place.ours, place.carrier):
        for channel in await engine.ask("GET", "channels"):
            await engine.ask("DELETE", f"channels/{channel['id']}")


async def heard_for(place: Place, leg: LegId, packets: int) -> None:
    """Let audio flow until so many more packets came from the leg."""
    start = await place.received(leg)

    async def enough() -> bool:
        return await place.received(leg) >= start + packets

    await eventually(enough, f"{packets} packets from {leg}")
