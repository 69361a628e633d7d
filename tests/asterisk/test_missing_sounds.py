"""Sounds that are not there, on a real engine: the caller hears something all the same, measured on what their phone recorded."""

import dataclasses
from pathlib import Path

import pytest

from callside.calls.machine import CallState
from callside.exchange.exchange import Exchange
from callside.exchange.prompt_audio import PromptLibrary
from callside.reception.model import Destination, Menu, MenuKey, Number, Target
from tests.asterisk.centre import Counted, MachineClock
from tests.asterisk.far_sides import TENANT, directory, eventually, telephony_of
from tests.asterisk.test_reception_sound import GREETING_HZ, IVR_NUMBER, pitches, seconds_of, so_far, tone
from tests.fakes.memory_store import MemoryStore

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize("sound", ["gone", "broken"])
async def test_a_caller_in_a_menu_whose_greeting_cannot_be_played_hears_music(place, tmp_path: Path, sound):
    await place.telephony.stop()
    (place.home / "carrier/heard/caller.sln").unlink(missing_ok=True)
    library = PromptLibrary(tmp_path / "prompts")
    prompt = await tone(library, "901", GREETING_HZ, 20)
    for file in (tmp_path / "prompts" / TENANT).iterdir():
        if sound == "gone":
            file.unlink()
        else:
            file.write_bytes(b"")
    store = MemoryStore()
    key = MenuKey("1", Destination(Target.MESSAGE))
    store.directories.by_tenant[TENANT] = dataclasses.replace(
        directory(place.carrier_access),
        numbers={"1": Number("1", TENANT, IVR_NUMBER, Destination(Target.MENU, "2"))},
        menus={"2": Menu("2", TENANT, "Main", "901", (key,), Destination(Target.MESSAGE), timeout_s=60)},
        prompts={prompt.id: prompt},
    )
    exchange = Exchange(store, telephony_of(place.access, prompts=tmp_path / "prompts"), MachineClock(), Counted())
    await exchange.start()
    try:
        await eventually(exchange.engine_is_up, "the engine is found")
        await place.carrier.call(IVR_NUMBER, extension="silent", trunk="callside-alaw")
        await eventually(lambda: exchange.live(TENANT)[1], "the call has come")
        await eventually(lambda: sum(1 for one in pitches(so_far(place)) if one) > 10, "a second of music")
        assert seconds_of(pitches(so_far(place)), GREETING_HZ) < 0.5
        assert [one.state for one in exchange.live(TENANT)[1]] == [CallState.IVR]
    finally:
        await exchange.stop()
