"""What a queue's agents hear before a caller, as programs set it."""

from tests.contract.test_v1_reception import motors, recording, refused, upload

__all__ = ["motors"]


async def test_a_queue_whispers_a_tone_nothing_or_a_prompt(motors):
    place = f"/v1/queues/{motors.ids['queue']}"
    assert (await motors.client.get(place)).json()["whisper"] == "tone"
    prompt = (await upload(motors.client, "Support")).json()["id"]
    for whisper in ("none", prompt, "tone"):
        changed = await motors.client.patch(place, json={"whisper": whisper})
        assert changed.status_code == 200, changed.text
        assert (await motors.client.get(place)).json()["whisper"] == whisper
    await refused(await motors.client.patch(place, json={"whisper": "999999"}), 400, "whisper", "999999")
    assert (await motors.client.patch(place, json={"whisper": "loud"})).status_code == 400


async def test_a_prompt_that_a_queue_whispers_cannot_be_removed_and_is_missed_when_its_sound_is_gone(house, motors):
    place = f"/v1/queues/{motors.ids['queue']}"
    prompt = (await upload(motors.client, "Support")).json()["id"]
    await motors.client.patch(place, json={"whisper": prompt})
    gone = await motors.client.delete(f"/v1/prompts/{prompt}")
    assert gone.status_code == 409
    assert "(whisper)" in gone.text
    for file in (house.prompts / motors.id).iterdir():
        file.unlink()
    warnings = (await motors.client.get(place)).json()["warnings"]
    assert [one for one in warnings if one.startswith("whisper: the sound of the prompt Support is missing")]


async def test_a_long_whisper_is_warned_of(motors):
    place = f"/v1/queues/{motors.ids['queue']}"
    short = (await upload(motors.client, "Support")).json()["id"]
    long = (await upload(motors.client, "Story", recording(seconds=8))).json()["id"]
    warned = {}
    for prompt in (short, long):
        changed = (await motors.client.patch(place, json={"whisper": prompt})).json()
        warned[prompt] = [one for one in changed["warnings"] if one.startswith("whisper")]
    assert warned[short] == []
    assert "the prompt Story lasts 8 s" in warned[long][0]
