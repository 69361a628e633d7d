"""Voicemails: kept with the record of the step they ended in, listed, counted and removed."""

from dataclasses import replace

from callside.exchange.ports import VoicemailQuery
from tests.conformance.store.samples import NOW


async def test_they_come_newest_first_with_every_field(world):
    said = [world.voice_message(recorded_at=NOW + n, duration_ms=n) for n in range(3)]
    await world.write(voicemails=said)
    assert list(await world.store.voicemails.page(world.id, VoicemailQuery())) == said[::-1]
    assert await world.store.voicemails.one(world.id, said[1].id) == said[1]
    assert await world.store.voicemails.one(world.id, "unknown") is None


async def test_one_that_is_told_twice_is_kept_once_as_it_was_told_first(world):
    said = world.voice_message()
    await world.write(voicemails=[said])
    await world.write(voicemails=[replace(said, number="", name="")])
    assert list(await world.store.voicemails.page(world.id, VoicemailQuery())) == [said]


async def test_they_are_counted_by_queue(world):
    other = world.voice_message(queue_id="999999")
    await world.write(voicemails=[world.voice_message(), world.voice_message(), other])
    assert await world.store.voicemails.counts(world.id) == {world.queue.id: 2, "999999": 1}


async def test_who_spoke_is_taken_from_the_call_s_record_where_nobody_knows_any_more(world):
    cdr = world.cdr(customer_number="+15550100177", customer_name="Grace")
    await world.write(cdrs=[cdr])
    await world.write(voicemails=[world.voice_message(cdr.call_id, number="", name="")])
    kept = await world.store.voicemails.one(world.id, cdr.call_id)
    assert (kept.number, kept.name) == ("+15550100177", "Grace")


async def test_all_ids_are_given(world):
    said = [world.voice_message(), world.voice_message(queue_id="999999")]
    await world.write(voicemails=said)
    assert await world.store.voicemails.ids(world.id) == {one.id for one in said}


async def test_what_is_removed_is_gone(world):
    said = world.voice_message()
    await world.write(voicemails=[said])
    assert await world.store.voicemails.remove(world.id, said.id)
    assert not await world.store.voicemails.remove(world.id, said.id)
    assert list(await world.store.voicemails.page(world.id, VoicemailQuery())) == []


async def test_what_a_caller_calls_themselves_keeps_nothing_from_the_disk(world):
    said = world.voice_message(name="A\x00da \ud800")
    await world.write(voicemails=[said])
    [kept] = await world.store.voicemails.page(world.id, VoicemailQuery())
    assert kept.name.startswith("A")


async def test_with_its_tenant_everything_goes(world):
    await world.write(voicemails=[world.voice_message()])
    await world.store.directories.remove_tenant(world.id)
    assert await world.store.voicemails.counts(world.id) == {}


async def test_pages_follow_on_from_each_other_and_leave_none_out_of_the_same_moment(world):
    said = [world.voice_message(recorded_at=NOW + n // 3) for n in range(10)]
    await world.write(voicemails=said)
    newest_first = sorted(said, key=lambda one: (one.recorded_at, one.id), reverse=True)
    seen, query = [], VoicemailQuery(limit=4)
    while page := list(await world.store.voicemails.page(world.id, query)):
        assert len(page) <= 4
        seen += page
        query = replace(query, before=(page[-1].recorded_at, page[-1].id))
    assert seen == newest_first


async def test_a_page_may_be_of_one_queue(world):
    other = world.voice_message(queue_id="999999", recorded_at=NOW + 1)
    mine = [world.voice_message(recorded_at=NOW + n) for n in range(3)]
    await world.write(voicemails=[*mine, other])
    query = VoicemailQuery(limit=2, queue_id=world.queue.id)
    assert list(await world.store.voicemails.page(world.id, query)) == mine[:0:-1]
    assert list(await world.store.voicemails.page(world.id, VoicemailQuery(queue_id="999999"))) == [other]
