"""Numbers, hours, menus, prompts, caller rules and announcements: kept whole, unique in their kind, one tenant's only."""

from dataclasses import replace

import pytest

from callside.kernel.errors import ConflictError
from callside.reception.model import (
    Announcement,
    CallerRule,
    Destination,
    Holiday,
    Menu,
    MenuKey,
    Number,
    OpeningHours,
    Playlist,
    Prompt,
    PromptSource,
    Target,
    WeekWindow,
    Window,
    noun_of,
)

PLACES = {
    "number": "numbers",
    "hours": "hours",
    "menu": "menus",
    "prompt": "prompts",
    "caller-rule": "caller_rules",
    "announcement": "announcements",
    "playlist": "playlists",
}
DEEP = Destination(Target.AGENT, "1", Destination(Target.EXTENSION, "2", Destination(Target.MESSAGE)))


def things(world):
    mine, queue = world.id, Destination(Target.QUEUE, world.queue.id)
    return [
        Number("", mine, "+15550100700", DEEP, "5", queue),
        OpeningHours("", mine, "Öffnungszeiten", "Europe/Berlin", (WeekWindow(0, 540, 1020),),
                     (Holiday("2026-12-24", (Window(540, 720),)), Holiday("2026-12-25"))),
        Menu("", mine, "Main", "7", (MenuKey("1", queue), MenuKey("#", DEEP)), DEEP, 7, 3),
        Prompt("", mine, "Welcome", PromptSource.SPEECH, "Grüß Gott", "a" * 64, 1234, -20),
        CallerRule("", mine, "+1555*", Destination(Target.BLOCK), 10, "pest"),
        Announcement(world.queue.id, mine, answer_at_once=False, welcome=("7",), music="jazz", every_s=30, say_wait=True),
        Playlist("", mine, "Jazz", ("7", "8"), shuffle=True),
    ]  # fmt: skip


async def test_each_thing_is_given_back_as_it_was_set_up_changed_and_removed(world, twin):
    kept = world.store.directories
    for item in things(world):
        noun, place = noun_of(item), PLACES[noun_of(item)]
        added = await kept.add_reception(item)
        assert added.id
        assert added == replace(item, id=added.id)
        assert getattr(await world.directory(), place) == {added.id: added}
        changed = replace(added, music="rock") if noun == "announcement" else added
        changed = replace(changed, name="Other") if hasattr(changed, "name") else changed
        assert await kept.change_reception(changed)
        assert getattr(await world.directory(), place) == {added.id: changed}
        assert not await kept.change_reception(replace(changed, tenant_id=twin.id))
        assert not await kept.remove_reception(twin.id, noun, added.id)
        assert getattr(await twin.directory(), place) == {}
        assert await kept.remove_reception(world.id, noun, added.id)
        assert not await kept.remove_reception(world.id, noun, added.id)
        assert getattr(await world.directory(), place) == {}


async def test_what_must_be_unique_in_its_kind_is_refused_naming_the_field(world):
    fields = {"number": "number", "caller-rule": "pattern"}
    for item in things(world)[:5]:
        await world.store.directories.add_reception(item)
        with pytest.raises(ConflictError) as refused:
            await world.store.directories.add_reception(item)
        assert refused.value.field == fields.get(noun_of(item), "name")


async def test_two_tenants_may_use_the_same_numbers_and_names(world, twin):
    for mine, theirs in zip(things(world)[:5], things(twin)[:5], strict=True):
        await world.store.directories.add_reception(mine)
        await world.store.directories.add_reception(theirs)


async def test_what_was_set_up_goes_with_its_tenant(world):
    for item in things(world):
        await world.store.directories.add_reception(item)
    await world.store.directories.remove_tenant(world.id)
    assert await world.directory() is None
