"""What only a real engine can show: audio, SIP headers, and what is left when somebody dies."""

import asyncio
import os
import signal
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callside.asterisk.access import EngineAccess
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.errors import EngineUnavailableError
from callside.kernel.ids import LegId, SessionId
from tests.asterisk.far_sides import (
    CALLER_ID,
    LISTENS,
    NUMBERS,
    OUR_NUMBER,
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
from tests.fakes.telephony import FarSide

pytestmark = pytest.mark.asterisk

ROOT = Path(__file__).parents[2]
TONE_HZ = 1004


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

    def heard_at_the_desk(self) -> np.ndarray:
        samples, rate = soundfile.read(self.home / "carrier/heard/desk.wav")
        assert rate == 8000
        return samples

    async def close(self) -> None:
        await self.telephony.stop()
        for home in ("ours", "carrier"):
            stop(self.home / home)


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.fixture
async def place(homes, engine_program):
    place = Place(homes, engine_program)
    await place.open()
    yield place
    await place.telephony.stop()
    for engine in (place.ours, place.carrier):
        for channel in await engine.ask("GET", "channels"):
            await engine.ask("DELETE", f"channels/{channel['id']}")


@pytest.fixture(scope="module", autouse=True)
def nothing_left_running(homes):
    yield
    for home in ("ours", "carrier"):
        stop(homes / home)


def strength(samples: np.ndarray, hertz: float) -> float:
    """How much of the sound is that tone: 1 is all of it."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / 8000)
    total = spectrum.sum()
    return float(spectrum[np.abs(at - hertz) < 20].sum() / total) if total > 1e-6 else 0.0


async def heard_for(place: Place, leg: LegId, packets: int) -> None:
    """Let audio flow until so many more packets came from the leg."""
    start = await place.received(leg)

    async def enough() -> bool:
        return await place.received(leg) >= start + packets

    await eventually(enough, f"{packets} packets from {leg}")


async def test_the_customers_voice_reaches_the_agents_phone(place):
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    await heard_for(place, customer, 80)
    await place.hang_up(customer, line)
    await eventually(lambda: _is_written(place), "the desk's recording")
    assert strength(place.heard_at_the_desk()[-8000:], TONE_HZ) > 0.9


def _is_written(place: Place) -> bool:
    path = place.home / "carrier/heard/desk.wav"
    return path.exists() and path.stat().st_size > 19_000


async def test_the_phone_is_told_to_answer_by_itself_and_the_customer_sees_our_number(place):
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    assert await place.carrier.variable("ASKED") == "1 <sip:callside>;answer-after=0"
    assert await place.carrier.variable("FROM") == CALLER_ID
    await place.hang_up(customer, line)


async def test_digits_arrive_at_the_customers_side(place):
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, LISTENS)
    place.do(cm.PlayDigits(customer, "42#"))

    async def arrived() -> bool:
        try:
            return await place.carrier.variable("DIGITS") == "42"
        except AssertionError:  # not set yet: 404
            return False

    await eventually(arrived, "the digits")
    await place.hang_up(customer, line)


async def test_a_line_raised_muted_is_silent_from_its_first_moment(place):
    session = SessionId(fresh())
    line = await place.line(session, muted=True)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    await heard_for(place, customer, 30)
    place.do(cm.SetLineMuted(session, line, muted=False))
    await heard_for(place, customer, 30)
    await place.hang_up(customer, line)


async def test_every_leg_has_an_end_in_any_case(place):
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    for leg, most in ((line, 24 * 3600), (customer, 4 * 3600)):
        left = await place.ours.ask("GET", f"channels/{leg}/variable", variable="TIMEOUT(absolute)")
        assert most - 120 < float(left["value"]) <= most
    await place.hang_up(customer, line)


async def test_a_killed_controller_leaves_the_call_and_the_next_one_finds_it(place):
    """Kill -9 in a live call: it goes on, both legs are found in the agent's bridge, audio flows, and it can be ended."""
    await place.telephony.stop()
    session, line, customer = SessionId(fresh()), LegId(fresh()), LegId(fresh())
    controller = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.asterisk.controller",
        place.access.ari_url, place.access.user, place.access.password, str(place.carrier_access.ports.sip), session, line, customer,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        while (said := await controller.stdout.readline()) != b"joined\n":
            assert said, "the controller ended by itself"
    controller.send_signal(signal.SIGKILL)
    await controller.wait()

    channels = {one["id"]: one["state"] for one in await place.ours.ask("GET", "channels")}
    assert channels == {line: "Up", customer: "Up"}
    await place.connect()
    found = place.heard.of(ev.EngineFound)[0]
    assert set(found.legs) == {ev.LegSeen(line, True, session), ev.LegSeen(customer, True, session)}
    await heard_for(place, customer, 25)
    await heard_for(place, line, 25)

    place.do(cm.PartAgent(customer, session))
    place.do(cm.JoinAgent(customer, session))
    await place.heard.until(ev.LegJoined, customer)
    place.do(cm.HangUpLeg(customer))
    assert (await place.heard.until(ev.LegGone, customer)).cause is Cause.NORMAL
    place.do(cm.CloseLine(session))
    await place.heard.until(ev.LegGone, line)
    await eventually(lambda: _nothing_left(place), "no channel and no bridge left")


async def _nothing_left(place: Place) -> bool:
    return not await place.ours.ask("GET", "channels") and not await place.ours.ask("GET", "bridges")


async def test_a_caller_who_came_while_no_controller_listened_is_announced_to_the_next(place):
    await place.telephony.stop()
    await place.carrier.call(OUR_NUMBER)

    async def waits() -> bool:
        return bool(await place.ours.ask("GET", "channels"))

    await eventually(waits, "the caller waits")
    await place.connect()
    if found := place.heard.of(ev.EngineFound)[0].legs:  # the guard loop handed it over before the list was read
        arrived = found[0].arrival
    else:
        arrived = await place.heard.until(ev.CallerArrived)
    assert (arrived.our_number, arrived.number, arrived.name) == (OUR_NUMBER, "+15550100123", "Ada")
    await place.hang_up(arrived.leg_id)


async def test_a_caller_announced_to_a_dead_controller_is_found_and_its_end_is_told(place):
    channel = await place.carrier.call(OUR_NUMBER)
    arrival = await place.heard.until(ev.CallerArrived)
    leg = arrival.leg_id
    place.do(cm.AnswerCaller(leg))
    place.do(cm.StartMusic(leg))

    async def marked() -> bool:
        one = await place.ours.ask("GET", f"channels/{leg}")
        return one["state"] == "Up" and "CALLSIDE_ID" in one["channelvars"]

    await eventually(marked, "the caller is marked and answered")
    await place.telephony.stop()
    await place.connect()
    assert place.heard.of(ev.EngineFound)[0].legs == (ev.LegSeen(leg, True, None, arrival),)
    assert not place.heard.of(ev.CallerArrived)
    await place.carrier.ask("DELETE", f"channels/{channel}")
    assert (await place.heard.until(ev.LegGone, leg)).cause is Cause.NORMAL


async def test_an_engine_that_hangs_is_lost_within_seconds_and_found_when_it_goes_on(place):
    session = SessionId(fresh())
    line = await place.line(session)
    began = time.monotonic()
    os.kill(place.process.pid, signal.SIGSTOP)
    try:
        await place.heard.until(ev.EngineLost)
        assert time.monotonic() - began < 10  # 2 s by design; room for a busy machine
        assert not place.telephony.is_up()
        with pytest.raises(EngineUnavailableError):
            await place.telephony.issue_credentials(TENANT, session)
        leg = LegId(fresh())
        place.do(cm.RaiseLine(session, leg, desk_endpoint()))
        assert (await place.heard.until(ev.LegGone, leg)).cause is Cause.FAILED
    finally:
        os.kill(place.process.pid, signal.SIGCONT)
    found = await place.heard.until(ev.EngineFound, count=2)
    assert ev.LegSeen(line, True, session) in found.legs
    await place.hang_up(line)


async def test_a_killed_engine_is_lost_at_once_and_a_new_one_is_given_all_it_needs(place, engine_program):
    await place.line(SessionId(fresh()))
    os.kill(place.process.pid, signal.SIGKILL)
    await place.heard.until(ev.EngineLost)
    assert not place.telephony.is_up()
    await place.process.ended()
    place.process = await ensure_running(place.home / "ours", engine_program, EngineProfile())
    assert await place.heard.until(ev.EngineFound, count=2) == ev.EngineFound(())
    await eventually(lambda: phone_is_there(place.ours), "the desk phone registers anew", within=30)
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    await place.hang_up(customer, line)


async def test_a_second_controller_pushes_nothing_that_is_there(place):
    """A desk phone stays registered while controllers come and go: making its objects anew would drop it."""
    await place.telephony.stop()
    for _ in range(2):
        await place.connect()
        assert await phone_is_there(place.ours)
        await place.telephony.stop()
    await place.connect()


async def test_a_session_that_is_over_leaves_no_credentials(place):
    session = SessionId(fresh())
    issued = await place.telephony.issue_credentials(TENANT, session)

    async def known() -> set[str]:
        return {one["resource"] for one in await place.ours.ask("GET", "endpoints/PJSIP")}

    assert issued.endpoint in await known()
    assert issued.password not in repr(place.heard.events)
    place.do(cm.CloseLine(session))

    async def gone() -> bool:
        return issued.endpoint not in await known()

    await eventually(gone, "the credentials are gone")


async def test_an_engine_without_requests_over_its_socket_is_asked_by_http(place, monkeypatch):
    await place.telephony.stop()

    async def no_answer(*_: object) -> tuple[int, str]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("callside.asterisk.client.AriConnection._ask_socket", no_answer)
    await place.connect()
    session = SessionId(fresh())
    line = await place.line(session)
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    await place.hang_up(customer, line)


async def test_a_wrong_password_is_no_engine(place):
    access = EngineAccess(place.access.ports, "wrong")
    telephony, heard = telephony_of(access), Heard()
    await telephony.set_directory(directory(place.carrier_access))
    await telephony.start(heard)
    with pytest.raises(EngineUnavailableError):
        await telephony.issue_credentials(TENANT, SessionId(fresh()))
    assert not telephony.is_up()
    await telephony.stop()


async def test_a_call_on_a_trunk_of_nobodys_is_refused(place):
    """A trunk left in the engine by a tenant that is gone: its calls ring nowhere and do not stay."""
    await place.telephony.stop()
    telephony, place.heard = telephony_of(place.access), Heard()
    await telephony.start(place.heard)
    await eventually(telephony.is_up, "the engine is found")
    await place.carrier.call(OUR_NUMBER)

    async def refused() -> bool:
        return not await place.carrier.ask("GET", "channels") and not await place.ours.ask("GET", "channels")

    await eventually(refused, "the call is over")
    assert not place.heard.events
    await telephony.stop()
