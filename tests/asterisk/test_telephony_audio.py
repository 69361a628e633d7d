"""Who hears what: measured on what the far sides recorded, not on events."""

import numpy as np
import pytest

from callside.floor import commands as cm
from callside.floor import events as ev
from callside.kernel.ids import LegId, SessionId
from tests.asterisk.far_sides import CALLER_ID, NUMBERS, RECORDS, TENANT, TRUNK, eventually
from tests.asterisk.place import RATE, Place, fresh, heard_for
from tests.fakes.telephony import FarSide

pytestmark = pytest.mark.asterisk

VOICE = (1004,)
RINGBACK = (440, 480)
ANNOUNCEMENT = (700,)
A_WHILE = 50
"""Packets of 20 ms."""


def share(samples: np.ndarray, hertz: tuple[int, ...]) -> float:
    """How much of the sound is these tones: 1 is all of it; silence is 0."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / RATE)
    wanted = sum(spectrum[np.abs(at - one) < 20].sum() for one in hertz)
    return float(wanted / spectrum.sum()) if loudness(samples) > 0.01 else 0.0


def loudness(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def moments(samples: np.ndarray) -> list[np.ndarray]:
    """Tenths of a second."""
    size = RATE // 10
    return [samples[start : start + size] for start in range(0, len(samples) - size, size)]


@pytest.fixture
async def agent(place):
    """A line on the desk phone, which records what the agent hears."""
    return await raised(place, "no")


async def raised(place: Place, speaks: str, **options) -> tuple[SessionId, LegId]:
    await place.carrier.ask("POST", "asterisk/variable", variable="DESK_SPEAKS", value=speaks)
    session = SessionId(fresh())
    return session, await place.line(session, **options)


async def over(place: Place, who: str, *legs: LegId) -> np.ndarray:
    """End it, and give what ``who`` has heard."""
    await place.hang_up(*legs)

    async def complete() -> bool:
        return not await place.carrier.ask("GET", "channels")

    await eventually(complete, "the far sides are gone")
    return place.recorded(who)


async def test_the_customers_voice_reaches_the_agent(place, agent):
    session, line = agent
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
    await heard_for(place, customer, A_WHILE)
    heard = await over(place, "desk", customer, line)
    assert share(heard[-RATE // 2 :], VOICE) > 0.9


async def test_the_agents_voice_reaches_the_customer_but_not_before_a_muted_line_is_unmuted(place):
    session, line = await raised(place, "yes", muted=True)
    customer = await place.customer(session, RECORDS)
    await heard_for(place, line, A_WHILE)
    place.do(cm.SetLineMuted(session, line, muted=False))
    await heard_for(place, line, A_WHILE)
    heard = await over(place, "customer", customer, line)
    assert share(heard[-RATE // 2 :], VOICE) > 0.9
    assert share(heard[: RATE // 4], VOICE) < 0.1


async def test_a_customer_on_hold_hears_music_and_nothing_of_the_agent(place):
    session, line = await raised(place, "yes")
    customer = await place.customer(session, RECORDS)
    await heard_for(place, line, A_WHILE)
    place.do(cm.PartAgent(customer, session))
    await heard_for(place, line, 2 * A_WHILE)
    on_hold = await over(place, "customer", customer, line)
    assert share(on_hold[: RATE // 2], VOICE) > 0.9
    assert share(on_hold[-RATE // 2 :], VOICE) < 0.1
    assert loudness(on_hold[-RATE // 2 :]) > 0.01


async def test_a_customer_taken_back_from_hold_hears_the_agent_again_without_music(place):
    session, line = await raised(place, "yes")
    customer = await place.customer(session, RECORDS)
    place.do(cm.PartAgent(customer, session))
    await heard_for(place, line, A_WHILE)
    place.do(cm.JoinAgent(customer, session))
    await place.heard.until(ev.LegJoined, customer, count=2)
    await heard_for(place, line, A_WHILE)
    heard = await over(place, "customer", customer, line)
    assert share(heard[-RATE // 2 :], VOICE) > 0.9


async def test_every_customer_is_heard_on_one_line_also_after_hold(place, agent):
    """A phone that sees one stream's packets numbered anew throws them away: the line has to be one steady stream."""
    session, line = agent
    for _ in range(3):
        customer = await place.customer(session, NUMBERS[FarSide.ANSWERS])
        await heard_for(place, customer, A_WHILE)
        place.do(cm.PartAgent(customer, session))
        place.do(cm.JoinAgent(customer, session))
        await place.heard.until(ev.LegJoined, customer, count=2)
        await heard_for(place, customer, A_WHILE)
        await place.hang_up(customer)
    heard = moments(await over(place, "desk", line))
    assert sum(share(moment, VOICE) > 0.8 for moment in heard) >= 0.9 * 3 * 2 * A_WHILE / 5


async def test_the_agent_hears_ringing_where_the_network_sends_none_and_no_more_when_it_stops(place, agent):
    session, line = agent
    leg = LegId(fresh())
    place.do(cm.DialCustomer("call", leg, session, TRUNK, NUMBERS[FarSide.RINGS], CALLER_ID, 10))
    await place.heard.until(ev.LegRinging, leg)
    place.do(cm.StartRinging(session))
    await heard_for(place, line, A_WHILE)
    place.do(cm.StopRinging(session))
    await heard_for(place, line, A_WHILE)
    heard = [share(moment, RINGBACK) > 0.8 for moment in moments(await over(place, "desk", leg, line))]
    assert 5 <= sum(heard) <= 1.6 * A_WHILE / 5


async def test_the_agent_hears_what_the_network_says_before_the_customer_answers(place, agent):
    session, line = agent
    customer = await place.customer(session, NUMBERS[FarSide.ANSWERS_AFTER_EARLY_MEDIA])
    await heard_for(place, customer, A_WHILE)
    heard = moments(await over(place, "desk", customer, line))
    early = [index for index, moment in enumerate(heard) if share(moment, RINGBACK) > 0.8]
    voice = [index for index, moment in enumerate(heard) if share(moment, VOICE) > 0.8]
    assert len(early) >= 5
    assert early[-1] < voice[0]


async def test_an_announced_call_begins_with_a_short_tone_and_goes_on_with_the_caller(place, agent):
    session, line = agent
    await place.carrier.call("+15550100900")
    caller = (await place.heard.until(ev.CallerArrived)).leg_id
    place.do(cm.AnswerCaller(caller))
    place.do(cm.StartMusic(caller))
    place.do(cm.JoinAgent(caller, session, "tone"))
    await place.heard.until(ev.LegJoined, caller)
    await heard_for(place, caller, 2 * A_WHILE)
    heard = moments(await over(place, "desk", caller, line))
    tone = [index for index, moment in enumerate(heard) if share(moment, ANNOUNCEMENT) > 0.8]
    voice = [index for index, moment in enumerate(heard) if share(moment, VOICE) > 0.8]
    assert 1 <= len(tone) <= 8
    assert tone[-1] < voice[-1]
    assert len(voice) >= 5
    assert place.heard.of(ev.LegGone, caller, TENANT)


async def test_every_caller_is_heard_on_one_line_behind_the_tone_that_announces_them(place, agent):
    session, line = agent
    for number in range(6):
        await place.carrier.call("+15550100900")
        caller = (await place.heard.until(ev.CallerArrived, count=number + 1)).leg_id
        place.do(cm.AnswerCaller(caller))
        place.do(cm.JoinAgent(caller, session, "tone"))
        await place.heard.until(ev.LegJoined, caller)
        await heard_for(place, caller, A_WHILE)
        await place.hang_up(caller)
    heard = moments(await over(place, "desk", line))
    assert sum(share(moment, ANNOUNCEMENT) > 0.8 for moment in heard) >= 6
    assert sum(share(moment, VOICE) > 0.8 for moment in heard) >= 0.9 * 6 * (A_WHILE / 5 - 4)


async def test_every_customer_hears_the_agent_of_one_line_also_after_hold(place):
    session, line = await raised(place, "yes")
    for _ in range(6):
        customer = await place.customer(session, RECORDS)
        await heard_for(place, line, A_WHILE)
        place.do(cm.PartAgent(customer, session))
        place.do(cm.JoinAgent(customer, session))
        await place.heard.until(ev.LegJoined, customer, count=2)
        await heard_for(place, line, A_WHILE)
        await place.hang_up(customer)
        await eventually(lambda: _only_the_desk(place), "the customer's side has written what it heard")
        heard = moments(place.recorded("customer"))
        assert sum(share(moment, VOICE) > 0.8 for moment in heard) >= 0.9 * 2 * A_WHILE / 5
        assert share(heard[-2], VOICE) > 0.8


async def _only_the_desk(place: Place) -> bool:
    return len(await place.carrier.ask("GET", "channels")) == 1
