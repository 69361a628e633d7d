"""Numbers, hours, menus, prompts, caller rules and announcements through `/v1`: what is set up, and what is refused."""

import asyncio
import io
import shutil

import numpy as np
import pytest
import soundfile

from callside.exchange import prompt_audio
from tests.fakes.installation import ROOT, furnish

RATE = 22_050


@pytest.fixture
async def motors(house):
    tenant = await house.tenant("Example Motors")
    tenant.ids = await furnish(tenant.client)
    return tenant


def recording(gain: float = 0.2, seconds: float = 1.0, kind: str = "WAV") -> bytes:
    time = np.arange(int(RATE * seconds)) / RATE
    file = io.BytesIO()
    soundfile.write(file, np.clip(gain * np.sin(2 * np.pi * 440 * time), -1, 1), RATE, format=kind)
    return file.getvalue()


async def upload(client, name="Welcome", file=None, base="/v1"):
    files = {"file": ("any.wav", recording() if file is None else file)}
    return await client.post(f"{base}/prompts/upload", data={"name": name}, files=files)


async def added(client, path, **values):
    answer = await client.post(f"/v1/{path}", json=values)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(answer, status, field, *words):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["field"] == field
    for word in words:
        assert word in error["message"]


def to(kind, item_id="", otherwise=None):
    return {"kind": kind, "id": item_id, **({"otherwise": otherwise} if otherwise else {})}


WEEK = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in ("mon", "tue")]


async def test_a_number_with_hours_and_a_closed_branch_is_set_up_shown_and_used(house, motors):
    hours = await added(
        motors.client,
        "hours",
        name="Office",
        zone="America/New_York",
        weekly=WEEK,
        holidays=[{"date": "2026-12-25"}],
    )
    queue = motors.ids["queue"]
    number = await added(
        motors.client,
        "numbers",
        number="+1 555 010 0902",
        destination=to("agent", motors.ids["agent"], to("queue", queue)),
        hours_id=hours["id"],
        closed=to("queue", queue),
    )
    assert (await motors.client.get("/v1/numbers")).json()["items"] == [number]
    kept = (await house.store.directories.directory(motors.id)).plan.numbers["15550100902"]
    assert (kept.destination.otherwise.id, kept.hours_id, kept.closed.id) == (queue, hours["id"], queue)
    await refused(await motors.client.delete(f"/v1/hours/{hours['id']}"), 409, "id", "+15550100902")
    await refused(await motors.client.delete(f"/v1/queues/{queue}"), 409, "id", "+15550100902")
    assert (await motors.client.delete(f"/v1/numbers/{number['id']}")).status_code == 204
    assert (await motors.client.delete(f"/v1/hours/{hours['id']}")).status_code == 204
    assert house.floors.changed


async def test_a_number_leads_to_one_place_only_wherever_it_was_written(motors):
    queue = motors.ids["queue"]
    taken = {"number": "+15550100101", "destination": to("queue", queue)}
    await refused(await motors.client.post("/v1/numbers", json=taken), 409, "number", "Support 1")
    await added(motors.client, "numbers", number="15550100902", destination=to("queue", queue))
    doubled = {"number": "+15550100902", "destination": to("queue", queue)}
    await refused(await motors.client.post("/v1/numbers", json=doubled), 409, "number", "already leads")
    in_queue = await motors.client.post("/v1/queues", json={"name": "Other", "numbers": ["+15550100902"]})
    await refused(in_queue, 409, "numbers", "number plan")


@pytest.mark.parametrize("kind", ["queue", "agent", "extension", "menu", "message"])
async def test_a_destination_that_is_not_there_is_refused(motors, kind):
    form = {"number": "+15550100902", "destination": to(kind, "99999")}
    await refused(await motors.client.post("/v1/numbers", json=form), 400, "destination", "99999")


async def test_a_queue_without_agents_is_warned_of(motors):
    empty = await added(motors.client, "queues", name="Empty")
    number = await added(motors.client, "numbers", number="+15550100902", destination=to("queue", empty["id"]))
    assert number["warnings"] == ["the queue Empty has no agents"]
    assert empty["warnings"] == [
        "agents: this queue has nobody who can log in for it; its callers wait until they give up"
    ]


async def test_a_number_written_twice_in_one_queue_is_one_number(motors):
    made = await added(motors.client, "queues", name="Twice", numbers=["+15550100955", "15550100955"])
    assert made["numbers"] == ["+15550100955"]


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"zone": "Mars/Olympus", "weekly": WEEK}, "zone"),
        ({"zone": "UTC"}, "weekly"),
        ({"zone": "UTC", "holidays": [{"date": "2026-12-25"}]}, "weekly"),
        (
            {"zone": "UTC", "holidays": [{"date": "2020-01-01", "windows": [{"opens": "09:00", "closes": "12:00"}]}]},
            "weekly",
        ),
        ({"zone": "UTC", "weekly": [{"day": "mon", "opens": "09:00", "closes": "09:00"}]}, "weekly"),
        ({"zone": "UTC", "weekly": [{"day": "mon", "opens": "25:00", "closes": "26:00"}]}, "weekly.0.opens"),
        ({"zone": "UTC", "weekly": WEEK, "holidays": [{"date": "2026-02-30"}]}, "holidays.0.date"),
        ({"zone": "UTC", "weekly": WEEK, "holidays": [{"date": "2026-12-25"}] * 2}, "holidays"),
    ],
)
async def test_hours_that_never_open_or_cannot_be_are_refused(motors, hours, field):
    await refused(await motors.client.post("/v1/hours", json={"name": "Odd", **hours}), 400, field)


async def test_menus_may_lead_back_by_a_key_but_not_by_themselves(motors):
    greeting = (await upload(motors.client)).json()["id"]
    queue = to("queue", motors.ids["queue"])
    main = await added(motors.client, "menus", name="Main", greeting=greeting, keys={"1": queue}, otherwise=queue)
    sub = await added(
        motors.client, "menus", name="Sub", greeting=greeting, keys={"*": to("menu", main["id"])},
        otherwise=to("menu", main["id"]),
    )  # fmt: skip
    loop = await motors.client.patch(f"/v1/menus/{main['id']}", json={"otherwise": to("menu", sub["id"])})
    await refused(loop, 400, "otherwise", "Main > Sub > Main")
    own = await motors.client.patch(f"/v1/menus/{sub['id']}", json={"otherwise": to("menu", sub["id"])})
    await refused(own, 400, "otherwise", "Sub > Sub")
    await refused(await motors.client.delete(f"/v1/prompts/{greeting}"), 409, "id", "the menu Main", "the menu Sub")
    await refused(await motors.client.delete(f"/v1/menus/{main['id']}"), 409, "id", "the menu Sub")
    bad_key = {"name": "X", "greeting": greeting, "keys": {"12": queue}}
    assert (await motors.client.post("/v1/menus", json=bad_key)).status_code == 400


async def test_caller_rules_stand_in_the_order_in_which_they_are_tried(motors):
    await added(motors.client, "caller-rules", pattern="+1555*", destination=to("queue", motors.ids["queue"]))
    await added(motors.client, "caller-rules", pattern="+15550100199", destination=to("block"), position=5)
    listed = (await motors.client.get("/v1/caller-rules")).json()["items"]
    assert [one["pattern"] for one in listed] == ["+15550100199", "+1555*"]
    doubled = await motors.client.post("/v1/caller-rules", json={"pattern": "+1555*", "destination": to("block")})
    await refused(doubled, 409, "pattern")
    odd = await motors.client.post("/v1/caller-rules", json={"pattern": "*", "destination": to("block")})
    await refused(odd, 400, "pattern")


async def test_announcements_are_one_for_a_queue_and_go_with_it(house, motors):
    welcome, queue = (await upload(motors.client)).json()["id"], motors.ids["queue"]
    made = await added(motors.client, "announcements", queue_id=queue, welcome=[welcome], say_position=True)
    assert made["warnings"] == ["every_s is 0: nothing is announced after the welcome"]
    changed = await motors.client.patch(f"/v1/announcements/{queue}", json={"every_s": 30, "music": "jazz"})
    assert changed.json()["warnings"] == []
    await refused(await motors.client.post("/v1/announcements", json={"queue_id": queue}), 409, "queue_id")
    assert (await motors.client.delete(f"/v1/queues/{queue}")).status_code == 204
    assert (await house.store.directories.directory(motors.id)).announcements == {}


async def test_a_playlist_is_a_tenants_own_music_and_may_go_while_a_queue_has_it(house, motors):
    first, second = [(await upload(motors.client, name)).json()["id"] for name in ("One", "Two")]
    jazz = await added(motors.client, "playlists", name="Jazz", prompts=[second, first])
    assert (jazz["prompts"], jazz["shuffle"], jazz["duration_ms"]) == ([second, first], False, 2000)
    made = await added(motors.client, "announcements", queue_id=motors.ids["queue"], music=jazz["id"])
    assert made["music"] == jazz["id"]
    await refused(await motors.client.delete(f"/v1/prompts/{first}"), 409, "id", "the playlist Jazz")
    place = f"/v1/playlists/{jazz['id']}"
    assert (await motors.client.patch(place, json={"prompts": [first], "shuffle": True})).json()["prompts"] == [first]
    await refused(await motors.client.patch(place, json={"prompts": ["999"]}), 400, "prompts")
    await refused(await motors.client.post("/v1/playlists", json={"name": "jazz", "prompts": [first]}), 409, "name")
    assert (await motors.client.delete(place)).status_code == 204
    change = f"/v1/announcements/{motors.ids['queue']}"
    await refused(await motors.client.patch(change, json={"music": jazz["id"]}), 400, "music")
    await refused(await motors.client.patch(change, json={"music": "playlist-1013-505"}), 400, "music")


async def test_a_tenants_playlist_is_not_anothers(house, motors):
    other = await house.tenant("Other")
    song = (await upload(motors.client)).json()["id"]
    jazz = await added(motors.client, "playlists", name="Jazz", prompts=[song])
    assert (await other.client.get(f"/v1/playlists/{jazz['id']}")).status_code == 404
    await refused(await other.client.post("/v1/playlists", json={"name": "Jazz", "prompts": [song]}), 400, "prompts")


async def test_an_uploaded_recording_is_levelled_and_kept_in_both_rates(house, motors):
    sheet = (await upload(motors.client, file=recording(0.05, 1.5))).json()
    assert (sheet["source"], sheet["duration_ms"], sheet["level_dbfs"]) == ("upload", 1500, -29)
    prompt = (await house.store.directories.directory(motors.id)).prompts[sheet["id"]]
    low, rate = soundfile.read(house.prompts / motors.id / f"{prompt.digest}.wav")
    wide = np.fromfile(house.prompts / motors.id / f"{prompt.digest}.sln16", dtype="<i2") / 32768
    assert (rate, len(low), len(wide)) == (8000, 12_000, 24_000)
    for samples in (low, wide):
        assert 10 * np.log10(np.mean(samples**2)) == pytest.approx(-19, abs=0.5)


@pytest.mark.parametrize("kind", ["MP3", "FLAC", "OGG"])
async def test_compressed_recordings_are_read_too(motors, kind):
    answer = await upload(motors.client, file=recording(kind=kind))
    assert answer.status_code == 201
    assert answer.json()["duration_ms"] == pytest.approx(1000, abs=60)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"This is a letter, not a song." * 50, "no audio"),
        (b"", "no audio"),
        (recording(0.0), "silent"),
        (recording(0.003), "too quiet"),
        (recording(3.0), "clipped"),
        (recording(seconds=0.05), "no sound"),
        (recording(seconds=301, kind="FLAC"), "5 minutes"),
        (recording()[:30], "no audio"),
    ],
    ids=["text", "empty", "silence", "quiet", "clipped", "tick", "long", "cut off"],
)
async def test_what_cannot_be_a_prompt_is_refused_with_what_to_do(motors, file, words):
    await refused(await upload(motors.client, file=file), 400, "file", words)
    assert (await motors.client.get("/v1/prompts")).json()["items"] == []


async def test_sounds_are_unpacked_one_at_a_time_because_each_takes_a_hundred_megabytes(house, motors, monkeypatch):
    under_way, most, decode = [], [], prompt_audio._decode

    def watched(file):
        under_way.append(file)
        most.append(len(under_way))
        decoded = decode(file)
        under_way.pop()
        return decoded

    monkeypatch.setattr(prompt_audio, "_decode", watched)
    song = recording(seconds=60)
    answers = await asyncio.gather(*(upload(motors.client, f"Song {n}", file=song) for n in range(4)))
    assert [one.status_code for one in answers] == [201] * 4
    assert most == [1] * 4


async def test_a_file_over_ten_megabytes_is_refused_and_other_bodies_keep_their_smaller_limit(motors):
    await refused(await upload(motors.client, file=b"x" * (10 * 1024 * 1024 + 1)), 400, "file", "10 MB")
    assert (await upload(motors.client, file=b"x" * (11 * 1024 * 1024))).status_code == 413
    large = await motors.client.post("/v1/prompts", json={"name": "x", "text": "x" * (2 << 20)})
    assert large.status_code == 413


async def test_the_same_sound_twice_is_kept_until_the_last_prompt_goes(house, motors):
    first, second = [(await upload(motors.client, name)).json() for name in ("One", "Two")]
    folder = house.prompts / motors.id
    assert len(list(folder.iterdir())) == 2
    await motors.client.delete(f"/v1/prompts/{first['id']}")
    assert len(list(folder.iterdir())) == 2
    await motors.client.delete(f"/v1/prompts/{second['id']}")
    assert list(folder.iterdir()) == []


async def test_a_tenants_prompts_are_not_anothers(house, motors):
    other = await house.tenant("Other")
    mine = (await upload(motors.client)).json()["id"]
    assert (await other.client.get(f"/v1/prompts/{mine}")).status_code == 404
    form = {"number": "+15550100902", "destination": to("message", mine)}
    await refused(await other.client.post("/v1/numbers", json=form), 400, "destination")
    theirs = await upload(house.client(ROOT), base=f"/v1/admin/tenants/{other.id}")
    assert theirs.status_code == 201
    assert sorted(one.name for one in house.prompts.iterdir()) == sorted([motors.id, other.id])


async def test_text_is_spoken_where_the_voice_is_installed(house, motors):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    sheet = await added(motors.client, "prompts", name="Spoken", text="Welcome to Example Motors. -v x; $(rm)")
    assert sheet["source"] == "speech"
    assert sheet["duration_ms"] > 1000
    place = f"/v1/prompts/{sheet['id']}"
    changed = (await motors.client.patch(place, json={"text": "Bye."})).json()
    assert changed["duration_ms"] < sheet["duration_ms"]
    assert len(list((house.prompts / motors.id).iterdir())) == 2
    await refused(await motors.client.post("/v1/prompts", json={"name": "N", "text": "?!"}), 400, "text")
    odd = await motors.client.post("/v1/prompts", json={"name": "N", "text": "Hello", "voice": "klingonese"})
    await refused(odd, 400, "voice", "klingonese")


async def test_without_the_voice_the_remedy_is_named(motors, monkeypatch):
    monkeypatch.setattr("callside.exchange.voices.voice_program", lambda: None)
    answer = await motors.client.post("/v1/prompts", json={"name": "N", "text": "Hello"})
    await refused(answer, 409, "text", "apt install espeak-ng", "upload")
