"""Recordings' names, and what happens where a message cannot be kept."""

import asyncio
import json
import os
from types import SimpleNamespace

import pytest

from callside.asterisk.client import AriRefusedError
from callside.asterisk.decode import LiveRecording, RecordingFailed, RecordingFinished
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.names import LegKind, LegMark
from callside.asterisk.playlists import Playlists
from callside.asterisk.prompts import Prompts
from callside.asterisk.tasks import OwnedTasks
from callside.asterisk.voicemail import Name, Voicemail
from callside.calls.model import VoicemailEnd
from callside.floor import commands as cm
from callside.floor.voicemail_events import VoicemailEnded
from tests.patience import PATIENCE_S

NAME = Name("1012", "279", "c0ffee")
SOUND = b"\0" * (44 + 16 * 3_000)


def test_a_name_says_whose_recording_it_is():
    assert Name.read(NAME.text) == NAME


@pytest.mark.parametrize(
    "text",
    ["", "voicemail", "voicemail.1.2", "voicemail.1.2.3.4", "other.1.2.3", "voicemail.1.2...", "voicemail.1.2.a/b"],
)
def test_other_recordings_are_none_of_ours(text):
    assert Name.read(text) is None


class Link:
    """An engine with recordings."""

    def __init__(self) -> None:
        self.stored = {NAME.text: SOUND}
        self.asked = []

    async def ask(self, method, where, query=None, body=None, *, tolerate=frozenset()):
        self.asked.append((method, where))
        if method == "GET" and where.startswith("recordings/live/"):
            return None
        if method == "GET" and where == "recordings/stored":
            return json.dumps([{"name": one, "format": "wav"} for one in self.stored])
        if method == "GET":
            return None
        if method == "DELETE":
            self.stored.pop(where.rsplit("/", 1)[-1], None)
        return ""

    async def download(self, where):
        name = where.split("/")[-2]
        if name not in self.stored:
            raise AriRefusedError("GET", where, 404)
        return self.stored[name]


class Scene:
    def __init__(self, folder) -> None:
        self.told, self.link, self.tasks = [], Link(), OwnedTasks()
        book = LegBook(lambda *_: None, lambda _: None)
        prompts = Prompts(self.link, {}, None, Playlists(self.link, {}, None, None))
        self.voicemail = Voicemail(
            self.link, book, prompts, self.tasks, lambda _, event: self.told.append(event), folder
        )
        self.leg = book.add(Leg("leg", LegMark(LegKind.IN, "1012", "11"), created=True))

    async def heard(self, count=1):
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told) < count:
                await asyncio.sleep(0)
        return self.told

    async def rest(self):
        async with asyncio.timeout(5):
            while len(self.tasks):
                await asyncio.sleep(0)

    def over(self, **fields) -> None:
        self.voicemail.hear(RecordingFinished(LiveRecording(NAME.text, **fields)))


async def test_what_was_said_is_kept_privately_and_taken_from_the_engine(tmp_path):
    scene = Scene(tmp_path / "voicemail")
    scene.over(talking_duration=3)
    assert await scene.heard() == [VoicemailEnded("c0ffee", "279", VoicemailEnd.KEPT, 3_000)]
    kept = tmp_path / "voicemail/1012/c0ffee.wav"
    assert kept.read_bytes() == SOUND
    assert kept.stat().st_mode & 0o777 == 0o600
    assert scene.link.stored == {}


async def test_a_full_disk_keeps_it_with_the_engine_for_the_next_time(tmp_path, monkeypatch):
    scene = Scene(tmp_path / "voicemail")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    scene.over(talking_duration=3)
    assert await scene.heard() == [VoicemailEnded("c0ffee", "279", VoicemailEnd.FAILED)]
    assert list((tmp_path / "voicemail/1012").iterdir()) == []
    assert scene.link.stored == {NAME.text: SOUND}
    monkeypatch.undo()
    await scene.voicemail.find()
    assert (await scene.heard(2))[1] == VoicemailEnded("c0ffee", "279", VoicemailEnd.KEPT, 3_000)


async def test_what_could_not_be_kept_is_tried_again_without_a_new_connection_and_complained_of_once(
    tmp_path, monkeypatch
):
    scene = Scene(tmp_path / "voicemail")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    scene.over(talking_duration=3)
    await scene.heard()
    for _ in range(3):
        await scene.voicemail.try_again()
        await scene.rest()
    assert scene.told == [VoicemailEnded("c0ffee", "279", VoicemailEnd.FAILED)]
    monkeypatch.undo()
    await scene.voicemail.try_again()
    assert (await scene.heard(2))[1] == VoicemailEnded("c0ffee", "279", VoicemailEnd.KEPT, 3_000)
    await scene.rest()
    asked = len(scene.link.asked)
    await scene.voicemail.try_again()
    assert len(scene.link.asked) == asked


async def test_where_there_is_no_room_nothing_is_recorded_and_the_floor_is_told(tmp_path, monkeypatch):
    scene = Scene(tmp_path / "voicemail")
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=4096))
    await scene.voicemail.record("1012", scene.leg, cm.RecordVoicemail("leg", "c0ffee", "279", (), (), 60, 5))
    assert await scene.heard() == [VoicemailEnded("c0ffee", "279", VoicemailEnd.FAILED)]
    assert not [one for one in scene.link.asked if one[0] == "POST"]


async def test_without_a_folder_nothing_is_recorded_either():
    scene = Scene(None)
    await scene.voicemail.record("1012", scene.leg, cm.RecordVoicemail("leg", "c0ffee", "279", (), (), 60, 5))
    assert [one.end for one in await scene.heard()] == [VoicemailEnd.FAILED]


@pytest.mark.parametrize("sound", [b"", SOUND[:44], SOUND[: 44 + 16 * 999]])
async def test_less_than_a_second_is_nothing(tmp_path, sound):
    scene = Scene(tmp_path)
    scene.link.stored[NAME.text] = sound
    scene.over()
    assert [one.end for one in await scene.heard()] == [VoicemailEnd.EMPTY]
    assert scene.link.stored == {}


async def test_silence_is_nothing_however_long(tmp_path):
    scene = Scene(tmp_path)
    scene.over(talking_duration=0)
    assert [one.end for one in await scene.heard()] == [VoicemailEnd.EMPTY]


async def test_a_recording_that_the_engine_could_not_make_is_told(tmp_path):
    scene = Scene(tmp_path)
    scene.voicemail.hear(RecordingFailed(LiveRecording(NAME.text, cause="disk")))
    assert [one.end for one in scene.told] == [VoicemailEnd.FAILED]


async def test_recordings_of_somebody_else_are_left_alone(tmp_path):
    scene = Scene(tmp_path)
    scene.link.stored = {"meeting": SOUND}
    await scene.voicemail.find()
    scene.voicemail.hear(RecordingFinished(LiveRecording("meeting")))
    assert scene.told == []
    assert scene.link.stored == {"meeting": SOUND}
