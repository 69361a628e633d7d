"""What pacing has learnt, on every store alike."""

import sqlite3

from callside.dialer.pacing.keeping import CampaignMemory
from callside.dialer.pacing.model import Memory
from callside.store import open_store
from tests.conformance.store.samples import NOW, World

LEARNT = Memory(
    answered=tuple(0.1 * n for n in range(64)),
    failed=(1.0,) * 64,
    ringing_s=(2.5,) * 64,
    talk_ends=(3.0,) * 24,
    wraps=(4.0, 1.0),
    recent=(5.25, 6.75),
    caution=-3.0903743,
    steered=0.0857,
)


async def test_what_was_learnt_comes_back_to_the_last_digit(world):
    kept = [CampaignMemory(world.campaign.id, NOW, LEARNT), CampaignMemory("9", NOW + 1, Memory(recent=(1.0, 2.0)))]
    await world.write(memories=kept)
    assert await world.store.recorder.learnt(world.id) == sorted(kept, key=lambda one: one.campaign_id)


async def test_of_each_campaign_only_the_last_is_kept(world):
    mine = world.campaign.id
    await world.write(memories=[CampaignMemory(mine, NOW, LEARNT), CampaignMemory(mine, NOW + 1, Memory())])
    await world.write(memories=[CampaignMemory(mine, NOW + 2, Memory(steered=1.0))])
    assert await world.store.recorder.learnt(world.id) == [CampaignMemory(mine, NOW + 2, Memory(steered=1.0))]


async def test_it_goes_with_its_campaign(world):
    other = CampaignMemory("9999", NOW, LEARNT)
    await world.write(memories=[CampaignMemory(world.campaign.id, NOW, LEARNT), other])
    await world.store.directories.remove_campaign(world.id, world.campaign.id)
    assert await world.store.recorder.learnt(world.id) == [other]


async def test_nobody_is_told_what_another_tenants_pacing_has_learnt(world, twin):
    await world.write(memories=[CampaignMemory(world.campaign.id, NOW, LEARNT)])
    await twin.write(memories=[CampaignMemory(world.campaign.id, NOW + 1, Memory())])
    assert await world.store.recorder.learnt(world.id) == [CampaignMemory(world.campaign.id, NOW, LEARNT)]
    await world.store.directories.remove_tenant(world.id)
    assert await world.store.recorder.learnt(world.id) == []
    assert len(await twin.store.recorder.learnt(twin.id)) == 1


async def test_a_row_that_cannot_be_read_is_passed_over(sqlite_url):
    store = open_store(sqlite_url)
    await store.open()
    world = await World.build(store, "Acme")
    await world.write(memories=[CampaignMemory("8", NOW, LEARNT), CampaignMemory("9", NOW, LEARNT)])
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as broken:
        broken.execute("UPDATE pacing_memories SET memory = '{\"answered\": [null]}' WHERE campaign_id = '8'")
    broken.close()
    assert await store.recorder.learnt(world.id) == [CampaignMemory("9", NOW, LEARNT)]
    await store.close()
