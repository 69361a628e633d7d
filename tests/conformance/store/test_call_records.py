"""Reading call records: newest first, page after page, by what they have in common."""

import pytest
from msgspec.structs import replace

from callside.exchange.ports import CdrQuery
from callside.kernel.clock import Moment
from tests.conformance.store.samples import NOW


@pytest.fixture
async def calls(world):
    """Twelve calls of different kinds, newest first; some end in the same millisecond."""
    made = []
    for n in range(12):
        of_queue = n % 3 == 0
        made.append(
            world.cdr(
                ended_at=NOW + (n // 2) * 1000, agent_id=world.agent.id if n % 2 else world.second_agent.id,
                queue_id=world.queue.id if of_queue else None, campaign_id=None if of_queue else world.campaign.id,
                customer_number=f"+1555010012{n % 4}", answered_at=None if n == 5 else NOW,
                sent_number="" if n % 2 else f"555010012{n % 4}", went_out=n != 7,
            )
        )  # fmt: skip
    await world.write(cdrs=made)
    return sorted(made, key=lambda one: (one.ended_at, one.call_id), reverse=True)


async def ids(world, **query):
    return [one.call_id for one in await world.store.call_records.cdrs(world.id, CdrQuery(**query))]


async def test_calls_come_newest_first_with_every_field(world, calls):
    assert list(await world.store.call_records.cdrs(world.id, CdrQuery())) == calls


async def test_pages_hold_every_call_once(world, calls):
    seen, before = [], None
    while page := list(await world.store.call_records.cdrs(world.id, CdrQuery(limit=5, before=before))):
        seen += page
        before = (page[-1].ended_at, page[-1].call_id)
    assert seen == calls


@pytest.mark.parametrize("field", ["agent_id", "queue_id", "campaign_id"])
async def test_calls_are_found_by_whose_they_are(world, calls, field):
    wanted = getattr(calls[-1], field) or getattr(calls[-2], field)
    expected = [one.call_id for one in calls if getattr(one, field) == wanted]
    assert 0 < len(expected) < len(calls)
    assert await ids(world, **{field: wanted}) == expected


async def test_calls_are_found_by_number_and_time_and_both(world, calls):
    of_number = [one.call_id for one in calls if one.customer_number == "+15550100121"]
    assert await ids(world, number="+15550100121") == of_number
    assert await ids(world, since=NOW + 3000) == [one.call_id for one in calls if one.ended_at >= NOW + 3000]
    both = [one.call_id for one in calls if one.customer_number == "+15550100121" and one.ended_at >= NOW + 3000]
    assert await ids(world, number="+15550100121", since=NOW + 3000) == both
    every = {"agent_id": calls[0].agent_id, "queue_id": calls[0].queue_id, "campaign_id": calls[0].campaign_id}
    every = {key: value for key, value in every.items() if value}
    first = calls[0].call_id
    before = (calls[0].ended_at + 1, "")
    assert first in await ids(world, since=NOW, number=calls[0].customer_number, before=before, **every)


async def test_numbers_are_values_and_never_part_of_a_query(world, calls):
    assert await ids(world, number="' OR '1'='1") == []


async def test_one_call_is_found_by_its_id(world, calls):
    assert await world.store.call_records.cdr(world.id, calls[3].call_id) == calls[3]
    assert await world.store.call_records.cdr(world.id, "unknown") is None
    assert list(await world.store.call_records.facts(world.id, "unknown")) == []


async def test_a_call_record_outlives_agent_queue_and_campaign(world, calls):
    kept = world.store.directories
    await kept.remove_agent(world.id, world.agent.id)
    await kept.remove_queue(world.id, world.queue.id)
    await kept.remove_campaign(world.id, world.campaign.id)
    assert list(await world.store.call_records.cdrs(world.id, CdrQuery())) == calls


async def test_large_times_and_durations_are_kept(world):
    cdr = replace(world.cdr(), duration_ms=2**40, talk_ms=2**40, ended_at=2**45, answered_at=None)
    await world.write(cdrs=[cdr])
    assert await world.store.call_records.cdr(world.id, cdr.call_id) == cdr


async def some_facts(world, *walls):
    """One record, a fact at each of these moments in this order."""
    facts = [replace(world.fact("call.held", str(n)), at=Moment(n, wall)) for n, wall in enumerate(walls)]
    await world.write(facts=facts)
    return facts


async def numbered(world, since, limit=500):
    """All pages of facts from then on."""
    found, after = [], None
    while page := await world.store.call_records.facts_since(world.id, since, after=after, limit=limit):
        assert len(page) <= limit
        found += page
        after = page[-1][0]
    return found


async def test_facts_are_read_from_a_time_on_in_pages_that_hold_each_once(world, twin):
    facts = await some_facts(world, *(NOW + n * 10 for n in range(11)))
    await some_facts(twin, *(NOW + n * 10 for n in range(5)))
    found = await numbered(world, NOW + 30, limit=3)
    assert [one for _, one in found] == facts[3:]
    assert [n for n, _ in found] == sorted({n for n, _ in found})
    assert await world.store.call_records.newest_fact(world.id) == found[-1][0]
    assert await numbered(world, NOW + 1_000) == []
    assert await numbered(world, 0) == await numbered(world, NOW)


async def test_facts_keep_their_order_where_the_clock_was_set_back(world):
    facts = await some_facts(world, NOW, NOW + 50, NOW + 20, NOW + 30)
    assert [one for _, one in await numbered(world, NOW + 50)] == facts[1:]


async def test_a_tenant_without_facts_has_no_newest_one(world):
    assert await world.store.call_records.newest_fact(world.id) == 0


async def test_what_was_missed_is_found_by_its_time_whenever_it_was_written_and_nothing_begins_with_it(world, twin):
    before = await some_facts(world, NOW, NOW + 10)
    after = await some_facts(world, NOW + 50, NOW + 60)
    late = [
        replace(world.fact("call.unavailable", f"late-{n}"), at=Moment(n, wall), detail={"queue_id": "279"})
        for n, wall in enumerate((NOW + 40, NOW + 20, NOW + 30))
    ]
    await world.write(facts=late)
    await twin.write(facts=[replace(twin.fact("call.unavailable", "theirs"), at=Moment(1, NOW + 25))])
    ordered = [late[1], late[2], late[0]]
    assert list(await world.store.call_records.unavailable(world.id, NOW + 20, NOW + 41)) == ordered
    assert list(await world.store.call_records.unavailable(world.id, NOW + 21, NOW + 40)) == [late[2]]
    assert [one for _, one in await numbered(world, NOW + 20)] == after + late
    assert [one for _, one in await numbered(world, NOW)] == before + after + late
