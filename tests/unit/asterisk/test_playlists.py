"""Playlists as music classes: what the engine is told, without an engine (tests/asterisk hears it)."""

import dataclasses

import pytest

from callside.asterisk.client import AriRefusedError
from callside.asterisk.folders import EngineFolders
from callside.asterisk.playlists import Playlists
from callside.floor.directory import Directory
from callside.reception.model import Playlist, Prompt, PromptSource
from callside.tenants.model import Tenant

RELOAD = ("PUT", "asterisk/modules/res_musiconhold.so")


class Link:
    """Keeps what is asked; refuses while it is told to."""

    def __init__(self) -> None:
        self.asked, self.refuses = [], False

    async def ask(self, method, where, *_args, **_more):
        if self.refuses:
            raise AriRefusedError(method, where, 409)
        self.asked.append((method, where))


class Place:
    """One tenant with two recordings, and an engine's folders."""

    def __init__(self, folder) -> None:
        self.prompts, self.folders, self.link = folder / "prompts", EngineFolders(folder / "engine"), Link()
        self.folders.etc.mkdir(parents=True)
        known = {}
        for number, digest in (("501", "a" * 64), ("502", "b" * 64)):
            for suffix in ("wav", "sln16"):
                path = self.prompts / "1012" / f"{digest}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{number} {suffix}")
            known[number] = Prompt(number, "1012", number, PromptSource.UPLOAD, "", digest, 1000)
        self.directories = {
            "1012": Directory(Tenant("1012", "T"), prompts=known),
            "1013": Directory(Tenant("1013", "U")),
        }
        self.playlists = Playlists(self.link, self.directories, self.prompts, self.folders)

    def has(self, *playlists) -> None:
        found = {one.id: one for one in playlists}
        self.directories["1012"] = dataclasses.replace(self.directories["1012"], playlists=found)

    @property
    def told(self) -> str:
        return (self.folders.etc / "playlists.conf").read_text()

    def heard(self) -> list[list[str]]:
        folders = [line.removeprefix("directory = ") for line in self.told.splitlines() if "directory" in line]
        root = self.folders.root
        return [sorted(f"{one.name}:{one.read_text()}" for one in (root / folder).iterdir()) for folder in folders]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


JAZZ = Playlist("505", "1012", "Jazz", ("502", "501"))


async def test_a_playlist_is_a_class_with_its_recordings_in_order(place):
    place.has(JAZZ)
    await place.playlists.bring_up()
    assert "[playlist-1012-505]\nmode = files\n" in place.told
    assert "sort = alpha" in place.told
    assert place.heard() == [["000.sln16:502 sln16", "000.wav:502 wav", "001.sln16:501 sln16", "001.wav:501 wav"]]
    assert place.link.asked == [RELOAD]


async def test_what_has_not_changed_is_not_told_again_and_what_has_is_a_new_folder(place):
    place.has(JAZZ)
    await place.playlists.bring_up()
    before = place.told
    await place.playlists.bring_up()
    assert place.link.asked == [RELOAD]
    place.has(dataclasses.replace(JAZZ, prompts=("501",), shuffle=True))
    await place.playlists.bring_up()
    assert place.link.asked == [RELOAD, RELOAD]
    assert "sort = random" in place.told
    assert len(list((place.folders.root / "spool/playlists/1012").iterdir())) == 2, "somebody may hear the older one"
    assert place.told != before


async def test_a_removed_playlist_is_taken_from_the_engine_and_means_the_default(place):
    place.has(JAZZ)
    await place.playlists.bring_up()
    assert place.playlists.class_of("1012", "505") == "playlist-1012-505"
    place.has()
    await place.playlists.bring_up()
    assert place.told == ""
    assert place.playlists.class_of("1012", "505") == ""


async def test_a_tenants_playlist_is_not_anothers_and_an_engines_own_class_stays_what_it_is(place):
    place.has(JAZZ)
    assert place.playlists.class_of("1013", "505") == ""
    assert place.playlists.class_of("1012", "rock") == "rock"


async def test_what_the_engine_refused_is_told_again(place):
    place.has(JAZZ)
    place.link.refuses = True
    with pytest.raises(AriRefusedError):
        await place.playlists.bring_up()
    place.link.refuses = False
    await place.playlists.bring_up()
    assert place.link.asked == [RELOAD]
    assert "playlist-1012-505" in place.told


async def test_a_restarted_engine_is_told_anew(place):
    place.has(JAZZ)
    await place.playlists.bring_up()
    (place.folders.etc / "playlists.conf").unlink()  # configuration is written anew at each start
    await place.playlists.bring_up()
    assert place.link.asked == [RELOAD, RELOAD]


async def test_recordings_whose_files_are_gone_are_left_out(place):
    (place.prompts / "1012" / f"{'b' * 64}.wav").unlink()
    place.has(JAZZ)
    await place.playlists.bring_up()
    assert place.heard() == [["000.sln16:501 sln16", "000.wav:501 wav"]]


async def test_somebody_elses_engine_has_its_own_classes_only(place):
    place.has(JAZZ)
    foreign = Playlists(place.link, place.directories, place.prompts, None)
    await foreign.bring_up()
    assert place.link.asked == []
    assert (foreign.class_of("1012", "505"), foreign.class_of("1012", "rock")) == ("", "rock")
