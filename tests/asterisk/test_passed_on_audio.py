"""Callers who speak as the agent's desk phone does are passed on to it as they are; all others are mixed. Heard on samples."""

import dataclasses

import pytest

from callside.asterisk.names import line_bridge, passing_bridge
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.ids import LegId, SessionId
from tests.asterisk.far_sides import CALLER_ID, NUMBERS, RECORDS, TENANT, TRUNK, directory, eventually, phone_is_there
from tests.asterisk.place import Place, fresh, heard_for
from tests.asterisk.test_telephony_audio import A_WHILE, VOICE, loudness, moments, over, raised, share
from tests.fakes.telephony import FarSide

pytestmark = pytest.mark.asterisk

OUR_NUMBER = "+15550100900"


async def caller_of(place: Place, session: SessionId, number: int = 1, **call: str) -> LegId:
    """The ``number``-th caller of this test, joined with the agent."""
    await place.carrier.call(OUR_NUMBER, **call)
    caller = (await place.heard.until(ev.CallerArrived, count=number)).leg_id
    place.do(cm.AnswerCaller(caller))
    place.do(cm.JoinAgent(caller, session, "tone"))
    await place.heard.until(ev.LegJoined, caller)
    return caller


async def kinds(place: Place) -> dict[str, str]:
    """What each bridge with somebody in it does with their sound."""
    bridges = await place.ours.ask("GET", "bridges")
    return {one["id"]: one["technology"] for one in bridges if one["channels"]}


def voices(place: Place, who: str) -> int:
    """Tenths of a second in which ``who`` has heard the other side."""
    return sum(share(moment, VOICE) > 0.8 for moment in moments(place.recorded(who)))


async def only_the_desk(place: Place) -> bool:
    return len(await place.carrier.ask("GET", "channels")) == 1


async def test_callers_hear_the_agent_whose_voice_is_passed_on_also_after_hold(place):
    session, line = await raised(place, "yes")
    for number in range(1, 5):
        caller = await caller_of(place, session, number, extension="listener")
        await heard_for(place, line, A_WHILE)
        assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
        place.do(cm.PartAgent(caller, session))
        await heard_for(place, caller, A_WHILE // 5)
        place.do(cm.JoinAgent(caller, session))
        await place.heard.until(ev.LegJoined, caller, count=2)
        await heard_for(place, line, A_WHILE)
        await place.hang_up(caller)
        await eventually(lambda: only_the_desk(place), "the caller's side has written what it heard")
        assert voices(place, "caller") >= 0.9 * (2 * A_WHILE / 5 - 4)
        assert share(moments(place.recorded("caller"))[-2], VOICE) > 0.8


async def test_the_agent_hears_each_caller_who_is_passed_on_also_after_hold(place):
    session, line = await raised(place, "no")
    for number in range(1, 5):
        caller = await caller_of(place, session, number)
        await heard_for(place, caller, A_WHILE)
        assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
        place.do(cm.PartAgent(caller, session))
        place.do(cm.JoinAgent(caller, session))
        await place.heard.until(ev.LegJoined, caller, count=2)
        await heard_for(place, caller, A_WHILE)
        await place.hang_up(caller)
    await over(place, "desk", line)
    assert voices(place, "desk") >= 0.9 * 4 * (2 * A_WHILE / 5 - 4)


async def dialled(place: Place, session: SessionId, number: str) -> LegId:
    """A customer as a campaign dials them: joined with the agent when they have answered."""
    leg = LegId(fresh())
    place.do(cm.DialCustomer("call", leg, None, TRUNK, number, CALLER_ID, 10))
    await place.heard.until(ev.LegAnswered, leg)
    place.do(cm.JoinAgent(leg, session, "tone"))
    await place.heard.until(ev.LegJoined, leg)
    return leg


async def test_customers_whom_a_campaign_dials_hear_the_agent_whose_voice_is_passed_on(place):
    session, line = await raised(place, "yes")
    for _ in range(3):
        customer = await dialled(place, session, RECORDS)
        await heard_for(place, line, A_WHILE)
        assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
        await place.hang_up(customer)
        await eventually(lambda: only_the_desk(place), "the customer's side has written what it heard")
        assert voices(place, "customer") >= 0.9 * (A_WHILE / 5 - 4)


async def test_the_agent_hears_customers_whom_a_campaign_dials(place):
    session, line = await raised(place, "no")
    for _ in range(3):
        customer = await dialled(place, session, NUMBERS[FarSide.ANSWERS])
        await heard_for(place, customer, A_WHILE)
        await place.hang_up(customer)
    await over(place, "desk", line)
    assert voices(place, "desk") >= 0.9 * 3 * (A_WHILE / 5 - 4)


async def test_callers_with_another_codec_than_the_phones_are_mixed_and_heard_one_after_the_other(place):
    session, line = await raised(place, "no")
    for number in range(1, 5):
        caller = await caller_of(place, session, number, trunk="callside-alaw")
        await heard_for(place, caller, A_WHILE)
        assert await kinds(place) == {line_bridge(TENANT, session): "softmix"}
        await place.hang_up(caller)
    await over(place, "desk", line)
    assert voices(place, "desk") >= 0.9 * 4 * (A_WHILE / 5 - 4)


async def test_in_countries_of_the_other_law_callers_are_passed_on_as_well(place):
    here = directory(place.carrier_access)
    await place.telephony.set_directory(dataclasses.replace(here, tenant=dataclasses.replace(here.tenant, region="DE")))
    try:
        await eventually(
            lambda: phone_is_there(place.ours), "the desk phone registers with its new endpoint", within=30
        )
        session, line = await raised(place, "no")
        caller = await caller_of(place, session, trunk="callside-alaw")
        await heard_for(place, caller, A_WHILE)
        assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
        await place.hang_up(caller, line)
    finally:
        await place.telephony.set_directory(here)
        await eventually(lambda: phone_is_there(place.ours), "the desk phone registers again", within=30)


async def test_an_agent_who_is_muted_is_not_heard_and_later_callers_of_that_line_are_mixed(place):
    session, line = await raised(place, "yes")
    caller = await caller_of(place, session, extension="listener")
    await heard_for(place, line, A_WHILE)
    place.do(cm.SetLineMuted(session, line, muted=True))
    await heard_for(place, line, A_WHILE)
    place.do(cm.SetLineMuted(session, line, muted=False))
    await heard_for(place, line, A_WHILE)
    await place.hang_up(caller)
    await eventually(lambda: only_the_desk(place), "the caller's side has written what it heard")
    heard = [share(moment, VOICE) > 0.8 for moment in moments(place.recorded("caller"))]
    assert heard.count(True) >= 0.9 * (2 * A_WHILE / 5 - 4)
    quiet = [loudness(moment) < 0.01 for moment in moments(place.recorded("caller"))]
    assert quiet.count(True) >= 0.7 * A_WHILE / 5
    assert heard[-2]
    await caller_of(place, session, 2, extension="listener")
    await heard_for(place, line, A_WHILE)
    assert await kinds(place) == {line_bridge(TENANT, session): "softmix"}
    await eventually(lambda: voices(place, "caller") >= 3, "the next caller hears the agent")


async def test_digits_for_a_caller_who_is_passed_on_arrive_and_the_talk_goes_on(place):
    session, line = await raised(place, "yes")
    await place.carrier.ask("POST", "asterisk/variable", variable="DIGITS", value="none")
    caller = await caller_of(place, session, extension="reader")
    await heard_for(place, line, A_WHILE)
    assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
    place.do(cm.PlayDigits(caller, "207"))

    async def arrived() -> bool:
        return await place.carrier.variable("DIGITS") == "207"

    await eventually(arrived, "the caller's side has read the digits")
    assert await kinds(place) == {passing_bridge(TENANT, session): "native_rtp"}
