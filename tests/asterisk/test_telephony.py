"""What only a real engine can show: SIP headers, and what is left when somebody dies."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from callside.asterisk.access import EngineAccess
from callside.asterisk.names import line_bridge
from callside.asterisk.process import ensure_running
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
    Heard,
    desk_endpoint,
    directory,
    eventually,
    phone_is_there,
    telephony_of,
)
from tests.asterisk.place import Place, fresh, heard_for
from tests.asterisk.test_configuration import AgentPhone
from tests.fakes.telephony import FarSide

pytestmark = pytest.mark.asterisk

ROOT = Path(__file__).parents[2]


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


async def test_a_ringback_tone_that_nobody_ended_is_ended_by_the_next_controller(place):
    session = SessionId(fresh())
    line = await place.line(session)
    place.do(cm.StartRinging(session))

    async def rings() -> bool:
        try:
            return bool(await place.ours.ask("GET", f"playbacks/ring-{session}"))
        except AssertionError:  # 404
            return False

    await eventually(rings, "the tone plays")
    await place.telephony.stop()
    await place.connect()

    async def is_quiet() -> bool:
        return not await rings()

    await eventually(is_quiet, "the tone has ended")
    await place.hang_up(line)


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

    async def answered() -> bool:
        return (await place.ours.ask("GET", f"channels/{leg}"))["state"] == "Up"

    await eventually(answered, "the caller is answered")
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

    async def swallowed(*_: object) -> None:
        """As an engine does that expects no requests there: it is not answered."""

    monkeypatch.setattr("aiohttp.ClientWebSocketResponse.send_frame", swallowed)
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


async def test_empty_bridges_of_sessions_that_are_over_are_swept_away_but_not_other_peoples(place):
    await place.telephony.stop()
    for bridge in (f"line-{TENANT}-{fresh()}", "somebody-elses"):
        await place.ours.ask("POST", f"bridges/{bridge}", type="mixing")
    await place.connect()
    assert [one["id"] for one in await place.ours.ask("GET", "bridges")] == ["somebody-elses"]
    await place.ours.ask("DELETE", "bridges/somebody-elses")


async def test_an_end_that_nobody_reported_is_found_by_comparing(place, monkeypatch):
    monkeypatch.setattr("callside.asterisk.engine._COMPARE_EVERY", 2)
    line = await place.line(SessionId(fresh()))
    monkeypatch.setattr("callside.asterisk.engine.AsteriskTelephony._sort", lambda *_: None)
    await place.ours.ask("DELETE", f"channels/{line}")
    assert (await place.heard.until(ev.LegGone, line)).cause is Cause.FAILED


async def test_a_controller_whose_place_is_taken_says_that_its_engine_is_lost_and_does_not_fight(place):
    second, heard = telephony_of(place.access), Heard()
    await second.set_directory(directory(place.carrier_access))
    await second.start(heard)
    await heard.until(ev.EngineFound)
    await place.heard.until(ev.EngineLost)
    assert not place.telephony.is_up()
    session, line = SessionId(fresh()), LegId(fresh())
    second.execute(TENANT, cm.RaiseLine(session, line, desk_endpoint()))
    await heard.until(ev.LegAnswered, line)
    assert second.is_up()
    assert not heard.of(ev.EngineLost)
    await second.stop()


async def test_a_browsers_phone_registers_with_its_credentials_and_is_offered_what_a_browser_takes(place):
    session, line = SessionId(fresh()), LegId(fresh())
    issued = await place.telephony.issue_credentials(TENANT, session)
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(
            place.access.sip_websocket_url, protocols=("sip",), timeout=aiohttp.ClientWSTimeout(ws_close=0.2)
        ) as socket,
    ):
        phone = AgentPhone(socket, issued.endpoint, issued.password)
        assert await phone.sign_in() == "SIP/2.0 200 OK"
        place.do(cm.RaiseLine(session, line, issued.endpoint))
        invite = await phone.receive("INVITE ")
        assert "\r\nX-Callside-Line: 1\r\n" in invite
        for needed in (
            "UDP/TLS/RTP/SAVPF",
            "a=fingerprint:SHA-256 ",
            "a=ice-ufrag:",
            "a=rtcp-mux",
            "opus/48000/2",
            "PCMU/8000",
        ):
            assert needed in invite
        assert "m=video" not in invite
        again = await place.telephony.issue_credentials(TENANT, session)
        assert again.endpoint == issued.endpoint
        with_old_password = AgentPhone(socket, issued.endpoint, issued.password)
        assert await with_old_password.sign_in() == "SIP/2.0 401 Unauthorized"
    await place.hang_up(line)


async def test_a_line_is_in_its_bridge_with_a_customer_and_rests_without(place):
    session = SessionId(fresh())
    line = await place.line(session)

    async def together() -> set[str] | None:
        bridges = {one["id"]: set(one["channels"]) for one in await place.ours.ask("GET", "bridges")}
        return bridges.get(line_bridge(TENANT, session))

    async def rests() -> bool:
        return not await together()

    assert await together() is None  # there is none before the first customer
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    assert await together() == {line, customer}
    await place.hang_up(customer)
    await eventually(rests, "the line rests")
    await place.hang_up(line)
