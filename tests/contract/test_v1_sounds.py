"""Music that the engine does not have is refused; sounds whose files are gone are told of wherever they are used."""

import pytest

from tests.contract.test_v1_reception import added, motors, refused, to, upload

__all__ = ["motors"]


@pytest.fixture
async def lost(house, motors):
    """A prompt whose files somebody has removed."""
    prompt = (await upload(motors.client, "Welcome")).json()["id"]
    for file in (house.prompts / motors.id).iterdir():
        file.unlink()
    return prompt


async def test_a_music_class_that_the_engine_does_not_have_is_refused_with_those_that_there_are(motors):
    queue = motors.ids["queue"]
    wrong = await motors.client.post("/v1/announcements", json={"queue_id": queue, "music": "folk"})
    await refused(wrong, 400, "music", "'folk'", "playlist", "empty for the default music", "default, jazz")
    await added(motors.client, "announcements", queue_id=queue, music="jazz")
    await refused(await motors.client.patch(f"/v1/announcements/{queue}", json={"music": "folk"}), 400, "music")


async def test_a_queue_whose_playlist_is_gone_or_has_no_sound_is_warned_of(house, motors):
    song = (await upload(motors.client, "Song")).json()["id"]
    jazz = (await added(motors.client, "playlists", name="Jazz", prompts=[song]))["id"]
    place = f"/v1/announcements/{motors.ids['queue']}"
    made = await added(motors.client, "announcements", queue_id=motors.ids["queue"], music=jazz)
    assert made["warnings"] == []
    for file in (house.prompts / motors.id).iterdir():
        file.unlink()
    (warning,) = (await motors.client.get(place)).json()["warnings"]
    assert warning.startswith("music: no sound of the playlist Jazz is there, so callers hear the default music")
    await motors.client.delete(f"/v1/playlists/{jazz}")
    (warning,) = (await motors.client.get(place)).json()["warnings"]
    assert warning.startswith(f"music: the playlist {jazz} is not there any more")


async def test_a_menu_whose_greeting_has_no_sound_is_warned_of_with_the_remedy(motors, lost):
    keys = {"1": to("queue", motors.ids["queue"]), "2": to("message", lost)}
    menu = await added(motors.client, "menus", name="Main", greeting=lost, keys=keys)
    assert [one.partition(":")[0] for one in menu["warnings"]] == ["greeting", "keys.2"]
    assert "the sound of the prompt Welcome is missing" in menu["warnings"][0]
    assert "backup, or speak or upload it anew" in menu["warnings"][0]


async def test_a_prompt_whose_sound_is_missing_says_so_and_one_whose_is_there_does_not(motors, lost):
    (warning,) = (await motors.client.get(f"/v1/prompts/{lost}")).json()["warnings"]
    assert warning.startswith("file: its sound is missing")
    assert [one["warnings"] for one in (await motors.client.get("/v1/prompts")).json()["items"]] == [[warning]]
    assert (await upload(motors.client, "Again")).json()["warnings"] == []


async def test_wherever_a_prompt_without_sound_is_used_its_field_is_named(motors, lost):
    queue = motors.ids["queue"]
    sound = await added(
        motors.client,
        "announcements",
        queue_id=queue,
        welcome=[lost],
        periodic=[lost],
        every_s=30,
        voicemail_greeting=lost,
    )
    number = await added(motors.client, "numbers", number="+15550100150", destination=to("message", lost))
    rule = await added(motors.client, "caller-rules", pattern="+1555*", destination=to("block", lost))
    callback = {"prompt_id": lost, "trunk_id": motors.ids["trunk"], "caller_id": "+12125550123", "after_s": 60}
    changed = (await motors.client.patch(f"/v1/queues/{queue}", json={"callback": callback})).json()
    campaign = f"/v1/campaigns/{motors.ids['campaign']}"
    said = (await motors.client.patch(campaign, json={"safe_message": lost})).json()
    named = [
        {one.partition(":")[0] for one in each["warnings"] if "the sound of the prompt Welcome" in one}
        for each in (sound, number, rule, changed, said)
    ]
    assert named == [
        {"welcome", "periodic", "voicemail_greeting"},
        {"destination"},
        {"destination"},
        {"callback.prompt_id"},
        {"safe_message"},
    ]
