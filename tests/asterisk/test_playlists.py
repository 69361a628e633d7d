"""A tenant's own music, heard on a real engine: made while calls go on, shared with nobody, gone without anybody noticing."""

import dataclasses

import pytest

from callside.asterisk.console import EngineConsole
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.folders import EngineFolders
from callside.exchange.prompt_audio import PromptLibrary
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.reception.model import Playlist
from tests.asterisk.far_sides import OUR_NUMBER, TENANT, Heard, directory, eventually
from tests.asterisk.test_reception_sound import pitches, seconds_of, so_far, tone

pytestmark = pytest.mark.asterisk

FIRST_HZ, SECOND_HZ = 700, 1300


async def test_callers_hear_a_playlist_made_while_they_wait_and_its_removal_interrupts_nobody(place, tmp_path):
    await place.telephony.stop()
    library = PromptLibrary(tmp_path / "prompts")
    prompts = [await tone(library, "901", FIRST_HZ, 2), await tone(library, "902", SECOND_HZ, 2)]
    console = EngineConsole(place.program, EngineFolders.of(place.home / "ours"))
    access, heard = place.access, Heard()
    telephony = AsteriskTelephony(
        access.ari_url, access.user, access.password, app_name="callside", prompts=tmp_path / "prompts", console=console
    )
    known = dataclasses.replace(directory(place.carrier_access), prompts={one.id: one for one in prompts})
    await telephony.set_directory(known)
    await telephony.start(heard)
    try:
        await heard.until(ev.EngineFound)
        await place.carrier.call(OUR_NUMBER, extension="chooser")
        leg = (await heard.until(ev.CallerArrived)).leg_id
        telephony.execute(TENANT, cm.AnswerCaller(leg))
        mine = Playlist("905", TENANT, "Mine", ("901", "902"))
        await telephony.set_directory(dataclasses.replace(known, playlists={mine.id: mine}))
        telephony.execute(TENANT, cm.StartMusic(leg, mine.id))

        def both() -> bool:
            there = pitches(so_far(place))
            return seconds_of(there, FIRST_HZ) > 1 and seconds_of(there, SECOND_HZ) > 1

        await eventually(both, "both recordings are heard")
        there = pitches(so_far(place))
        assert there.index(next(one for one in there if abs(one - FIRST_HZ) <= 10)) < there.index(
            next(one for one in there if abs(one - SECOND_HZ) <= 10)
        ), "in their order"
        await telephony.set_directory(known)
        before = seconds_of(pitches(so_far(place)), FIRST_HZ)
        await eventually(
            lambda: seconds_of(pitches(so_far(place)), FIRST_HZ) > before + 1, "it goes on for who hears it already"
        )
        telephony.execute(TENANT, cm.StartMusic(leg, mine.id))
        await eventually(lambda: _other_than_ours(pitches(so_far(place))[-20:]), "then it is the default music")
    finally:
        await telephony.stop()


def _other_than_ours(newest: list[int]) -> bool:
    """Two seconds with sound, and none of it ours."""
    loud = [one for one in newest if one]
    return len(loud) > 10 and all(min(abs(one - FIRST_HZ), abs(one - SECOND_HZ)) > 10 for one in loud)
