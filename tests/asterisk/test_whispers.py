"""What an agent hears before a caller, on what the desk phone recorded."""

import dataclasses

import pytest

from callside.exchange.prompt_audio import PromptLibrary
from callside.floor import commands as cm
from callside.floor import events as ev
from tests.asterisk.far_sides import Heard, directory, eventually, telephony_of
from tests.asterisk.place import RATE
from tests.asterisk.test_reception_sound import pitches, seconds_of, tone
from tests.asterisk.test_telephony_audio import raised

pytestmark = pytest.mark.asterisk

WHISPER, SHORT_HZ, LONG_HZ, VOICE_HZ = "903", 600, 1500, 1004


async def whispering(place, folder, hertz, seconds):
    """Our controller again, with the prompt that is to be whispered."""
    await place.telephony.stop()
    prompt = await tone(PromptLibrary(folder), WHISPER, hertz, seconds)
    place.telephony, place.heard = telephony_of(place.access, prompts=folder), Heard()
    known = dataclasses.replace(directory(place.carrier_access), prompts={WHISPER: prompt})
    await place.telephony.set_directory(known)
    await place.telephony.start(place.heard)
    await place.heard.until(ev.EngineFound)
    return await raised(place, "no")


async def connected(place, session, count=1):
    await place.carrier.call("+15550100900")
    caller = (await place.heard.until(ev.CallerArrived, count=count)).leg_id
    place.do(cm.AnswerCaller(caller))
    place.do(cm.JoinAgent(caller, session, WHISPER))
    await place.heard.until(ev.LegJoined, caller)
    return caller


async def eventually_heard(place, hertz, seconds):
    await eventually(lambda: seconds_of(pitches(place.recorded("desk")), hertz) >= seconds, f"{hertz} Hz at the desk")


async def test_an_agent_hears_the_queues_prompt_and_then_the_caller(place, tmp_path):
    session, _ = await whispering(place, tmp_path, SHORT_HZ, 1.0)
    await connected(place, session)
    await eventually_heard(place, VOICE_HZ, 1.0)
    heard = [one for one in pitches(place.recorded("desk")) if one]
    whispered = [index for index, one in enumerate(heard) if abs(one - SHORT_HZ) <= 10]
    spoken = [index for index, one in enumerate(heard) if abs(one - VOICE_HZ) <= 10]
    assert 8 <= len(whispered) <= 11
    assert whispered[-1] < spoken[-1]
    assert len([one for one in spoken if one < whispered[-1]]) <= 1, "the caller was heard into the whisper"


async def test_a_whisper_ends_with_its_caller_and_does_not_keep_the_next_one_waiting(place, tmp_path):
    session, _ = await whispering(place, tmp_path, LONG_HZ, 30.0)
    first = await connected(place, session)
    await eventually_heard(place, LONG_HZ, 0.5)
    before = seconds_of(pitches(place.recorded("desk")), LONG_HZ)
    await place.hang_up(first)
    await place.carrier.call("+15550100900")
    second = (await place.heard.until(ev.CallerArrived, count=2)).leg_id
    place.do(cm.AnswerCaller(second))
    place.do(cm.JoinAgent(second, session))
    await place.heard.until(ev.LegJoined, second)
    await eventually_heard(place, VOICE_HZ, 1.0)
    assert seconds_of(pitches(place.recorded("desk")), LONG_HZ) - before < 3
    assert len(place.recorded("desk")) < 20 * RATE
