"""Voicemail on a real engine: what a caller says is a file with their voice in it; silence and early hang-ups leave none."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callside.acd.model import Queue
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.exchange.exchange import Exchange
from callside.exchange.ports import CdrQuery
from callside.exchange.prompt_audio import PromptLibrary
from callside.kernel.ids import QueueId
from callside.reception.model import Announcement, Destination, Number, Target
from tests.asterisk.centre import Counted, MachineClock
from tests.asterisk.far_sides import TENANT, directory, eventually, telephony_of
from tests.asterisk.place import RATE, heard_for
from tests.asterisk.test_reception_sound import AGENT_HZ, eventually_heard, pitches, seconds_of, tone
from tests.fakes.memory_store import MemoryStore

pytestmark = pytest.mark.asterisk

SUPPORT, NUMBER = QueueId("279"), "+15550100905"
GREETING_HZ = 600
PACKETS_A_SECOND = 50


@pytest.fixture
async def opened(place, tmp_path: Path):
    await place.telephony.stop()
    greeting = await tone(PromptLibrary(tmp_path / "prompts"), "901", GREETING_HZ, 2)
    store = MemoryStore()
    store.directories.by_tenant[TENANT] = dataclasses.replace(
        directory(place.carrier_access),
        queues={SUPPORT: Queue(SUPPORT, TENANT, "Support")},
        numbers={"1": Number("1", TENANT, NUMBER, Destination(Target.VOICEMAIL, SUPPORT))},
        prompts={"901": greeting},
        announcements={
            SUPPORT: Announcement(SUPPORT, TENANT, voicemail_greeting="901", voicemail_max_s=20, voicemail_silence_s=3)
        },
    )
    telephony = telephony_of(place.access, prompts=tmp_path / "prompts", voicemail=tmp_path / "voicemail")
    exchange = Exchange(store, telephony, MachineClock(), Counted())
    await exchange.start()
    await eventually(exchange.engine_is_up, "the engine is found")
    place.exchange, place.store, place.kept = exchange, store, tmp_path / "voicemail" / TENANT
    yield place
    await exchange.stop()


def call(place):
    return next(iter(place.exchange.live(TENANT)[1]), None)


async def records(place):
    return list(await place.store.call_records.cdrs(TENANT, CdrQuery()))


async def facts(place, kind):
    return [one for one in place.store.recorder.facts if one.kind == kind]


async def end_far_sides(place):
    for channel in await place.carrier.ask("GET", "channels"):
        await place.carrier.ask("DELETE", f"channels/{channel['id']}")


async def stored(place):
    return [one["name"] for one in await place.ours.ask("GET", "recordings/stored")]


async def is_recorded(place, call_id: str) -> bool:
    try:
        return bool(await place.ours.ask("GET", f"recordings/live/voicemail.{TENANT}.{SUPPORT}.{call_id}"))
    except AssertionError:  # not yet, or over
        return False


async def test_what_a_caller_says_after_the_greeting_is_kept_when_they_hang_up(opened):
    await opened.carrier.call(NUMBER, extension="talker")
    await eventually_heard(opened, GREETING_HZ)
    await eventually(lambda: call(opened) and call(opened).state is CallState.VOICEMAIL, "the voicemail")
    call_id = call(opened).id
    await eventually(lambda: is_recorded(opened, call_id), "it is recorded")
    await heard_for(opened, call(opened).leg_id, 3 * PACKETS_A_SECOND)
    await end_far_sides(opened)
    [message] = await eventually(opened.store.recorder.voicemails.values, "the message is kept")
    assert (message.queue_id, message.number, message.name) == (SUPPORT, "+15550100123", "Ada")
    samples, rate = soundfile.read(opened.kept / f"{message.id}.wav")
    assert rate == RATE
    assert abs(len(samples) * 1000 / RATE - message.duration_ms) < 5
    assert 2_000 < message.duration_ms < 10_000
    found = pitches(samples)
    assert seconds_of(found, AGENT_HZ) > 1.5, found
    assert seconds_of(found, GREETING_HZ) == 0
    [cdr] = await records(opened)
    assert (cdr.cause, cdr.queue_id) == (Cause.VOICEMAIL, SUPPORT)
    assert await stored(opened) == []


async def test_silence_ends_it_and_what_nobody_said_is_dropped(opened):
    await opened.carrier.call(NUMBER, extension="silent")
    [dropped] = await eventually(lambda: facts(opened, "voicemail.empty"), "the empty message is dropped", within=30)
    await eventually(lambda: records(opened), "the call is let go")
    assert dropped.call_id == (await records(opened))[0].call_id
    assert not opened.kept.exists()
    assert not opened.store.recorder.voicemails
    assert await stored(opened) == []


async def test_hanging_up_during_the_greeting_leaves_nothing(opened):
    await opened.carrier.call(NUMBER, extension="silent")
    await eventually_heard(opened, GREETING_HZ)
    await end_far_sides(opened)
    await eventually(lambda: facts(opened, "voicemail.empty"), "it is dropped")
    await eventually(lambda: records(opened), "the call has its record")
    assert await stored(opened) == []


async def test_one_that_ends_while_nobody_is_connected_is_brought_afterwards(opened, tmp_path: Path):
    await opened.carrier.call(NUMBER, extension="talker")
    await eventually(lambda: call(opened) and call(opened).state is CallState.VOICEMAIL, "the voicemail")
    call_id = call(opened).id

    await eventually(lambda: is_recorded(opened, call_id), "it is recorded")
    await heard_for(opened, call(opened).leg_id, 3 * PACKETS_A_SECOND)
    await opened.exchange.stop()
    await end_far_sides(opened)

    async def over() -> bool:
        return not await is_recorded(opened, call_id)

    await eventually(over, "the recording has ended")
    again = Exchange(
        opened.store,
        telephony_of(opened.access, prompts=tmp_path / "prompts", voicemail=tmp_path / "voicemail"),
        MachineClock(),
        Counted(),
    )
    await again.start()
    try:
        [message] = await eventually(opened.store.recorder.voicemails.values, "it is brought")
        assert (message.id, message.number) == (call_id, "+15550100123")
        assert np.abs(soundfile.read(opened.kept / f"{call_id}.wav")[0]).max() > 0.1
    finally:
        await again.stop()
