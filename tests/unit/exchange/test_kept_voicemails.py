"""A crash between a voicemail's file and its row: the next start finds the message, and nothing is counted twice."""

import asyncio
import dataclasses
import os

import pytest
import structlog

from callside.calls.model import VoicemailEnd, VoiceMessage
from callside.exchange.exchange import Exchange
from callside.exchange.voicemail_files import VoicemailFiles
from callside.floor.voicemail_events import VoicemailEnded, VoicemailRemoved
from callside.reception.model import Destination, Number, Target
from tests.fakes.live_centre import Hand
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stage import SUPPORT, TENANT, TRUNK, Counter, directory
from tests.fakes.telephony import FakeTelephony

NIGHT_NUMBER = "+15550100905"
SOUND = b"\0" * (44 + 16 * 3_000)


class Centre:
    def __init__(self, folder):
        self.store, self.engine, self.clock, self.ids = MemoryStore(), FakeTelephony(), Hand(), Counter()
        night = Number("6", TENANT, NIGHT_NUMBER, Destination(Target.VOICEMAIL, SUPPORT))
        self.store.directories.by_tenant[TENANT] = dataclasses.replace(directory(), numbers={"6": night})
        self.folder = folder
        self.exchange = None

    async def start(self):
        files = VoicemailFiles(self.folder)
        self.exchange = Exchange(self.store, self.engine, self.clock, self.ids, voicemail_files=files)
        await self.exchange.start()
        await self.settle()

    async def settle(self):
        for _ in range(60):
            for runner in self.exchange._runners.values():
                runner.journal.hurry()
            await asyncio.sleep(0)

    async def caller(self):
        """Somebody speaks; the call's id."""
        self.engine.call_in(TENANT, TRUNK, NIGHT_NUMBER, "+15550100123")
        await self.settle()
        [call] = self.exchange.live(TENANT)[1]
        return call.id

    def file(self, call_id, tenant=TENANT, name="wav"):
        place = self.folder / tenant / f"{call_id}.{name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(SOUND)
        os.utime(place, (1_790_000_000, 1_790_000_000))
        return place

    @property
    def rows(self):
        return list(self.store.recorder.voicemails.values())

    @property
    def kept(self):
        return self.exchange._runners[TENANT].floor.ground.mail.kept


@pytest.fixture
async def centre(tmp_path):
    made = Centre(tmp_path / "voicemail")
    await made.start()
    yield made
    await made.exchange.stop()


async def test_a_file_whose_row_a_crash_has_taken_gets_it_at_the_next_start(centre):
    call_id = await centre.caller()
    await centre.exchange.stop()  # before the floor had heard of the recording's end
    centre.file(call_id)
    await centre.start()
    assert centre.rows == [VoiceMessage(call_id, TENANT, SUPPORT, "+15550100123", "", 1_790_000_000_000, 3_000)]
    assert centre.kept == {SUPPORT: 1}
    assert [one.call_id for one in centre.store.recorder.facts if one.kind == "voicemail.kept"] == [call_id]


async def test_what_the_engine_brings_once_more_is_kept_and_counted_once(centre):
    call_id = await centre.caller()
    await centre.exchange.stop()
    centre.file(call_id)
    await centre.start()
    centre.exchange._from_engine(TENANT, VoicemailEnded(call_id, SUPPORT, VoicemailEnd.KEPT, 3_000))
    await centre.settle()
    assert len(centre.rows) == 1
    assert centre.kept == {SUPPORT: 1}
    assert len([one for one in centre.store.recorder.facts if one.kind == "voicemail.kept"]) == 1


async def test_a_second_start_finds_nothing_new(centre):
    call_id = await centre.caller()
    await centre.exchange.stop()
    centre.file(call_id)
    await centre.start()
    await centre.exchange.stop()
    await centre.start()
    assert (len(centre.rows), centre.kept) == (1, {SUPPORT: 1})


async def test_a_file_of_which_nothing_at_all_is_known_is_still_a_message(centre):
    await centre.exchange.stop()
    centre.file("c0ffee")
    await centre.start()
    assert centre.rows == [VoiceMessage("c0ffee", TENANT, "", "", "", 1_790_000_000_000, 3_000)]


async def test_a_file_half_written_is_no_message_and_does_not_stay(centre):
    await centre.exchange.stop()
    half, other = centre.file("c0ffee", name="new"), centre.file("notes", name="txt")
    await centre.start()
    assert (half.exists(), other.exists(), centre.rows) == (False, True, [])


async def test_a_row_without_a_file_stays_for_it_says_who_called_and_the_log_says_so(centre):
    await centre.exchange.stop()
    lost = VoiceMessage("c0ffee", TENANT, SUPPORT, "+15550100123", "Ada", 1_790_000_000_000, 3_000)
    centre.store.recorder.voicemails[TENANT, lost.id] = lost
    with structlog.testing.capture_logs() as logs:
        await centre.start()
    assert centre.rows == [lost]
    assert [one["ids"] for one in logs if one["event"] == "voicemail.sound_missing"] == [["c0ffee"]]


async def test_another_tenant_s_files_are_none_of_ours(centre):
    await centre.exchange.stop()
    centre.file("c0ffee", tenant="2024")
    await centre.start()
    assert centre.rows == []


async def test_a_folder_that_cannot_be_read_does_not_keep_the_house_from_starting(centre, monkeypatch):
    await centre.exchange.stop()

    async def unreadable(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(VoicemailFiles, "kept", unreadable)
    with structlog.testing.capture_logs() as logs:
        await centre.start()
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["voicemail.folder_unreadable"]


async def test_a_message_that_comes_while_another_is_removed_is_not_forgotten_by_the_count(centre):
    call_id = await centre.caller()
    centre.store.recorder.voicemails[TENANT, "old"] = VoiceMessage("old", TENANT, SUPPORT, "", "", 1, 1)
    await centre.exchange.stop()
    await centre.start()
    assert centre.kept == {SUPPORT: 1}
    # Its row is on its way to disk when the other is removed.
    centre.exchange._from_engine(TENANT, VoicemailEnded(call_id, SUPPORT, VoicemailEnd.KEPT, 3_000))
    centre.exchange.tell(TENANT, VoicemailRemoved(SUPPORT))
    await centre.settle()
    assert centre.kept == {SUPPORT: 1}
