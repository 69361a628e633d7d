"""A caller's whole way on a real engine: menu, key, queue, welcome, agent; measured on what the caller's phone recorded."""

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callside.acd.model import Queue
from callside.agents.machine import AgentState
from callside.agents.model import Agent
from callside.calls.machine import CallState
from callside.exchange.exchange import Exchange
from callside.exchange.prompt_audio import PromptLibrary
from callside.floor import events as ev
from callside.kernel.ids import AgentId, QueueId, SessionId
from callside.reception.model import Announcement, Destination, Menu, MenuKey, Number, Prompt, PromptSource, Target
from callside.sessions.model import LoginSession, LoginType
from tests.asterisk.centre import Counted, MachineClock
from tests.asterisk.far_sides import DESK_PHONE, TENANT, directory, eventually, telephony_of
from tests.asterisk.place import RATE
from tests.fakes.memory_store import MemoryStore

pytestmark = pytest.mark.asterisk

IVR_NUMBER, AGENT, SALES, SUPPORT = "+15550100902", AgentId("111"), QueueId("280"), QueueId("279")
GREETING_HZ, WELCOME_HZ, AGENT_HZ = 600, 1500, 1004
WELCOME_S = 30


async def tone(library: PromptLibrary, prompt_id: str, hertz: int, seconds: float) -> Prompt:
    """A prompt that can be told from music and from speech."""
    rate = 44_100
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate), rate, format="WAV")
    sound = await library.upload(TENANT, file.getvalue())
    return Prompt(prompt_id, TENANT, prompt_id, PromptSource.UPLOAD, "", sound.digest, sound.duration_ms)


def pitches(samples: np.ndarray) -> list[int]:
    """What is heard in each tenth of a second: the strongest frequency, 0 for (near) silence."""
    size = RATE // 10
    frames = [samples[start : start + size] for start in range(0, len(samples) - size, size)]
    found = []
    for frame in frames:
        spectrum = np.abs(np.fft.rfft(frame * np.hanning(size)))
        loud = np.sqrt(np.mean(frame**2)) > 0.01
        found.append(int(np.argmax(spectrum)) * RATE // size if loud else 0)
    return found


def so_far(place) -> np.ndarray:
    """What the caller has heard; without a header, so that it can be read while it is written."""
    path = place.home / "carrier/heard/caller.sln"
    return np.fromfile(path, dtype="<i2") / 32768 if path.exists() else np.zeros(0)


def seconds_of(heard: list[int], hertz: int) -> float:
    return sum(1 for one in heard if abs(one - hertz) <= 10) / 10


async def test_a_caller_goes_through_the_menu_to_a_queue_and_a_match_interrupts_the_welcome(place, tmp_path: Path):
    await place.telephony.stop()
    await place.carrier.ask("POST", "asterisk/variable", variable="DESK_SPEAKS", value="yes")
    library = PromptLibrary(tmp_path / "prompts")
    prompts = [await tone(library, "901", GREETING_HZ, 20), await tone(library, "902", WELCOME_HZ, WELCOME_S)]
    store = MemoryStore()
    store.directories.by_tenant[TENANT] = dataclasses.replace(
        directory(place.carrier_access),
        agents={AGENT: Agent(AGENT, TENANT, "asha", "Asha", "-", auto_answer=True)},
        queues={
            SALES: Queue(SALES, TENANT, "Sales"),
            SUPPORT: Queue(SUPPORT, TENANT, "Support", frozenset({AGENT})),
        },
        numbers={"1": Number("1", TENANT, IVR_NUMBER, Destination(Target.MENU, "2"))},
        menus={
            "2": Menu(
                "2", TENANT, "Main", "901",
                (MenuKey("1", Destination(Target.QUEUE, SALES)), MenuKey("2", Destination(Target.QUEUE, SUPPORT))),
                Destination(Target.MESSAGE),
            )
        },
        prompts={one.id: one for one in prompts},
        announcements={SUPPORT: Announcement(SUPPORT, TENANT, welcome=("902",))},
    )  # fmt: skip
    telephony = telephony_of(place.access, prompts=tmp_path / "prompts")
    exchange = Exchange(store, telephony, MachineClock(), Counted())
    await exchange.start()
    try:
        await eventually(exchange.engine_is_up, "the engine is found")
        await place.carrier.call(IVR_NUMBER, extension="chooser", trunk="callside-alaw")

        def call():
            return next(iter(exchange.live(TENANT)[1]), None)

        await eventually(lambda: call() and call().state is CallState.IVR, "the caller is in the menu")
        await eventually(lambda: call().state is CallState.QUEUED, "the key led to a queue")
        assert call().queue_id == SUPPORT
        row = LoginSession(
            SessionId("a" * 32), TENANT, AGENT, LoginType.AUTO, None, DESK_PHONE, "digest", MachineClock().now().wall
        )
        await eventually_heard(place, WELCOME_HZ)
        await exchange.request(TENANT, ev.OpenSession(row))
        await exchange.request(TENANT, ev.PhoneChanged(row.id, connected=True))
        await eventually(lambda: exchange.live(TENANT)[0][0].state is AgentState.TALKING, "they talk")
        await eventually_heard(place, AGENT_HZ)
        heard = pitches(so_far(place))
        assert seconds_of(heard, GREETING_HZ) > 1.5
        assert 0.5 < seconds_of(heard, WELCOME_HZ) < WELCOME_S / 2
        last = [one for one in heard if one][-5:]
        assert all(abs(one - AGENT_HZ) <= 10 for one in last), heard
    finally:
        await exchange.stop()


async def eventually_heard(place, hertz: int) -> None:
    def heard() -> bool:
        return seconds_of(pitches(so_far(place)), hertz) > 0.5

    try:
        await eventually(heard, f"{hertz} Hz reach the caller")
    except AssertionError as failed:
        raise AssertionError(f"{failed}; heard were {pitches(so_far(place))}") from None
