"""Callbacks, voicemail and blending on the command line."""

import asyncio

import pytest

from callside.calls.model import VoiceMessage
from callside.floor.facts import Record
from callside.reception.model import Prompt, PromptSource
from callside.store import open_store

WAV = b"RIFF....WAVE-what was said"


@pytest.fixture
def centre(callside):
    """A tenant with a queue, a trunk, a prompt, and one message of a caller."""
    tenant = callside.json("tenant", "add", "Example Motors")["id"]
    queue = callside.json("queue", "add", "Support")["id"]
    callside.json("trunk", "add", "Carrier", "--host", "sip.carrier.example", "--caller-id", "+15550100155")

    async def leave():
        store = open_store(f"sqlite:///{callside.home / 'callside.db'}")
        await store.open()
        prompt = Prompt("", tenant, "Press 1", PromptSource.SPEECH, "Press 1", "d" * 64, 2_000)
        await store.directories.add_reception(prompt)
        message = VoiceMessage("a" * 32, tenant, queue, "+15550100123", "Ada", 1_800_000_000_000, 7_000)
        await store.recorder.write(Record(tenant, voicemails=[message]))
        await store.close()

    asyncio.run(leave())
    place = callside.home / "voicemail" / tenant
    place.mkdir(parents=True)
    (place / f"{'a' * 32}.wav").write_bytes(WAV)
    return callside


def test_callbacks_are_switched_on_changed_and_off(centre):
    assert centre.json("queue", "callback", "Support") == {"name": "Support", "callback": "off"}
    shown = centre.json("queue", "callback", "Support", "--prompt", "Press 1", "--trunk", "Carrier", "--after-s", "30")
    assert (shown["after_s"], shown["key"], shown["attempts"]) == (30, "1", 3)
    changed = centre.json("queue", "callback", "Support", "--country", "gb", "--attempts", "5")
    assert (changed["countries"], changed["attempts"], changed["after_s"]) == (["GB"], 5, 30)
    centre.json("hours", "add", "Office", "--zone", "UTC", "--open", "mon-fri 09:00-17:00")
    own = centre.json("queue", "callback", "Support", "--hours", "Office", "--say", "confirm=Press 1")
    assert own["hours_id"] is not None
    assert [name for name, prompt in own["words"].items() if prompt] == ["confirm"]
    plain = centre.json("queue", "callback", "Support", "--hours", "", "--say", "confirm=")
    assert (plain["hours_id"], set(plain["words"].values())) == (None, {None})
    assert centre.run("queue", "callback", "Support", "--say", "hello=Press 1").refusal.startswith("--say: write WHAT=")
    assert centre.json("queue", "callback", "Support", "--off") == {"name": "Support", "callback": "off"}


def test_callbacks_that_cannot_be_are_refused(centre):
    refusal = centre.run("queue", "callback", "Support", "--trunk", "Carrier").refusal
    assert refusal.startswith("callback.prompt_id: give the prompt that offers it")
    assert centre.run("queue", "callback", "Support", "--off", "--key", "5").refusal.startswith("--off:")


def test_messages_are_listed_fetched_and_removed(centre, tmp_path):
    [message] = centre.json("voicemail", "list", "--queue", "Support")
    assert (message["number"], message["duration_ms"]) == ("+15550100123", 7000)
    file = tmp_path / "said.wav"
    assert centre.run("voicemail", "fetch", message["id"], "--file", str(file)).code == 0
    assert file.read_bytes() == WAV
    again = centre.run("voicemail", "fetch", message["id"], "--file", str(file))
    assert again.refusal.endswith("is there already; name another")
    assert centre.run("voicemail", "remove", message["id"], "--yes").code == 0
    assert centre.json("voicemail", "list") == []
    assert "there is no voicemail" in centre.run("voicemail", "remove", message["id"], "--yes").refusal


def test_a_voicemail_greets_and_ends_as_it_is_told(centre):
    first = centre.json("voicemail", "settings", "Support", "--greeting", "Press 1", "--max-s", "60")
    assert (first["voicemail_max_s"], first["voicemail_silence_s"]) == (60, 5)
    assert centre.json("voicemail", "settings", "Support", "--greeting", "")["voicemail_greeting"] == ""
    assert centre.run("prompt", "remove", "Press 1", "--yes").code == 0


def test_callers_are_led_to_it_by_a_number_and_by_overflow(centre):
    number = centre.json("number", "add", "+15550100905", "--to", "voicemail:Support")
    assert number["destination"]["kind"] == "voicemail"
    changed = centre.json("queue", "matching", "Support", "--overflow", "waited:300:voicemail")
    assert changed["overflow"] == [{"when": "waited", "to": None, "seconds": 300, "voicemail": True}]


def test_a_campaign_s_agents_take_their_queues_calls_too(centre):
    words = ("campaign", "add", "Renewals", "--type", "manual", "--trunk", "Carrier", "--country", "us")
    assert centre.json(*words, "--blend-queues")["blend_queues"] is True
    assert centre.json("campaign", "change", "Renewals", "--no-blend-queues")["blend_queues"] is False
