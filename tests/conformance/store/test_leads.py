"""Lists and leads: kept as they came, found by number, counted where they stand."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callside.dialer.leads.model import Blocked, LeadList, LeadState, ListOrder, Outcome
from callside.dialer.leads.rules import after_attempt, applied, begin_attempt, put_off
from callside.kernel.errors import ConflictError, NotFoundError
from tests.conformance.store.lead_samples import EAST, RULES, WEST, Desk, lead
from tests.conformance.store.samples import NOW
from tests.examples import examples

SOON = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


async def test_a_list_comes_back_as_it_was_and_changes(desk, world):
    kept = await desk.new_list("People", weight=3, order=ListOrder.ASCENDING, order_column="score", enabled=False)
    assert list(await world.store.leads.lists(world.id)) == [kept]
    changed = replace(kept, name="Persons", campaign_id=None, weight=1, order=ListOrder.NEWEST, enabled=True)
    assert await world.store.leads.change_list(changed)
    assert list(await world.store.leads.lists(world.id)) == [changed]
    assert not await world.store.leads.change_list(replace(changed, id="999", name="Nobody"))


async def test_two_lists_cannot_have_one_name(desk, world):
    first, second = await desk.new_list("People"), await desk.new_list("Others")
    with pytest.raises(ConflictError, match="name"):
        await desk.new_list("PEOPLE")
    with pytest.raises(ConflictError, match="name"):
        await world.store.leads.change_list(replace(second, name="people"))
    assert await world.store.leads.change_list(first)


async def test_a_list_feeds_a_campaign_that_is_there(world, twin):
    with pytest.raises(NotFoundError, match="campaign_id"):
        await world.store.leads.add_list(LeadList("", world.id, "People", twin.campaign.id))
    with pytest.raises(NotFoundError, match="list"):
        await world.store.leads.add_leads(world.id, "999", [lead()])


async def test_a_campaign_that_is_removed_leaves_its_lists(desk, world):
    kept = await desk.new_list()
    await desk.add(kept, lead())
    assert await world.store.directories.remove_campaign(world.id, world.campaign.id)
    assert list(await world.store.leads.lists(world.id)) == [replace(kept, campaign_id=None)]
    assert await desk.tallies(kept) == {"fresh": 1}


async def test_a_lead_comes_back_as_it_was(desk, world):
    into = await desk.new_list()
    given_lead = lead(
        "+15550100101", "+15550100102", name="Ada 'Zoë' ☎", fields={"city": "Springfield", "=x": '"\\'}, zone=EAST,
        notes="before noon", due_at=NOW + 5,
    )  # fmt: skip
    (kept,) = await desk.add(into, given_lead)
    assert kept == replace(given_lead, id=kept.id, tenant_id=world.id, list_id=into.id)


async def test_leads_are_found_by_number_newest_first(desk, world):
    into = await desk.new_list()
    first, second, _ = await desk.add(
        into, lead("+15550100101"), lead("+15550100102", "+15550100101"), lead("+15550100103")
    )
    assert list(await world.store.leads.leads_with(world.id, "+15550100101")) == [second, first]
    assert list(await world.store.leads.leads_with(world.id, "+15550100109")) == []


async def test_what_the_floor_writes_is_what_the_rules_say(desk):
    into = await desk.new_list()
    (one,) = await desk.add(into, lead("+15550100101", "+15550100102"))
    begun = await desk.begin(one)
    assert begun == applied(one, begin_attempt(one, 0, "c1", NOW))
    step = after_attempt(begun, 0, Outcome.NO_ANSWER, RULES, NOW)
    await desk.step(replace(step, notes="rang long"))
    assert await desk.lead(one.id) == replace(applied(begun, step), notes="rang long")
    await desk.step(put_off(await desk.lead(one.id), NOW + 9))
    assert (await desk.lead(one.id)).notes == "rang long"


@SOON
@given(path=st.lists(st.tuples(st.sampled_from(Outcome), st.integers(0, 10**9)), max_size=6))
async def test_the_stored_lead_and_the_pure_one_go_the_same_way(desk, path):
    into = next((each for each in await desk.world.store.leads.lists(desk.world.id)), None) or await desk.new_list()
    (one,) = await desk.add(into, lead(zone_key=WEST))
    at = NOW
    for outcome, pause in path:
        at += pause
        expected = applied(one, begin_attempt(one, 0, "c", at))
        expected = applied(expected, after_attempt(expected, 0, outcome, RULES, at))
        one = await desk.call(one, outcome, at=at)
        assert replace(one, call_id="c") == expected


async def test_leads_are_counted_where_they_stand(desk):
    into = await desk.new_list()
    one, two, three, _ = await desk.add(into, lead(), lead(), lead(), lead())
    await desk.begin(one)
    await desk.call(two, Outcome.BUSY)
    await desk.call(three, Outcome.CONNECTED)
    assert await desk.tallies(into) == {"fresh": 1, "dialling": 1, "due": 1, "done": 1}


async def test_those_under_way_are_found_after_a_restart(desk, world):
    into = await desk.new_list()
    one, two, _ = await desk.add(into, lead(), lead(), lead())
    begun = [await desk.begin(each, call_id=f"call of {each.id}") for each in (one, two)]
    assert list(await world.store.leads.dialling(world.id)) == begun
    await desk.step(*(after_attempt(each, 0, Outcome.RECOVERED, RULES, NOW) for each in begun))
    assert list(await world.store.leads.dialling(world.id)) == []


async def test_a_list_goes_with_its_leads_unless_one_is_being_called(desk, world):
    into, other = await desk.new_list("People"), await desk.new_list("Others")
    one, two = await desk.add(into, lead("+15550100101"), lead())
    (beside,) = await desk.add(other, lead("+15550100101"))
    begun = await desk.begin(one)
    with pytest.raises(ConflictError, match="being called"):
        await world.store.leads.remove_list(world.id, into.id)
    await desk.step(after_attempt(begun, 0, Outcome.BUSY, RULES, NOW))
    assert await world.store.leads.remove_list(world.id, into.id)
    assert not await world.store.leads.remove_list(world.id, into.id)
    assert await world.store.leads.lead(world.id, two.id) is None
    assert await desk.tallies(into) == {}
    assert list(await world.store.leads.leads_with(world.id, "+15550100101")) == [beside]


async def test_progress_of_a_lead_that_was_taken_away_is_nothing(desk, world):
    into = await desk.new_list()
    (one,) = await desk.add(into, lead())
    assert await world.store.leads.remove_list(world.id, into.id)
    await desk.step(begin_attempt(one, 0, "c1", NOW))
    await desk.step(begin_attempt(replace(one, id="no id of ours"), 0, "c1", NOW))
    assert await world.store.leads.lead(world.id, one.id) is None
    assert await world.store.leads.lead(world.id, "no id of ours") is None


async def test_a_call_record_says_who_was_called(world):
    cdr = world.cdr(lead_id="1001")
    await world.write(cdrs=[cdr])
    assert await world.store.call_records.cdr(world.id, cdr.call_id) == cdr


async def test_an_opt_out_blocks_every_lead_that_has_no_other_number(desk, world):
    into = await desk.new_list()
    gone, other_left, under_way = await desk.add(
        into, lead("+15550100101"), lead("+15550100101", "+15550100102"), lead("+15550100101")
    )
    begun = await desk.begin(under_way)
    await world.write(blocked=[Blocked("+15550100101", None, "key", NOW)])
    assert (await desk.lead(gone.id)).state is LeadState.BLOCKED
    assert (await desk.lead(other_left.id)).state is LeadState.DUE
    assert (await desk.lead(under_way.id)).state is LeadState.DIALLING
    await desk.step(after_attempt(begun, 0, Outcome.BUSY, RULES, NOW))
    assert (await desk.lead(under_way.id)).state is LeadState.BLOCKED
    assert await desk.tallies(into) == {"blocked": 2, "fresh": 1}
    (kept,) = await desk.next()
    assert [number.blocked for number in kept.numbers] == [True, False]


async def test_an_opt_out_of_one_campaign_leaves_the_others(desk, world):
    into, unfed = await desk.new_list(), await desk.new_list("Elsewhere", campaign_id=None)
    (mine,), (beside,) = await desk.add(into, lead("+15550100101")), await desk.add(unfed, lead("+15550100101"))
    await world.write(blocked=[Blocked("+15550100101", world.campaign.id, "disposition", NOW)])
    assert (await desk.lead(mine.id)).state is LeadState.BLOCKED
    assert (await desk.lead(beside.id)).state is LeadState.DUE
    ask = world.store.leads.blocked_numbers
    given_numbers = ["+15550100101", "+15550100102"]
    assert set(await ask(world.id, world.campaign.id, given_numbers, NOW)) == {"+15550100101"}
    assert await ask(world.id, None, given_numbers, NOW) == {}


async def test_who_was_opted_out_before_is_blocked_when_added(desk, world):
    await world.write(blocked=[Blocked("+15550100101", None, "key", NOW), Blocked("+15550100101", None, "key", NOW)])
    (kept,) = await desk.add(await desk.new_list(), lead("+15550100101"))
    assert kept.state is LeadState.BLOCKED


async def test_leads_go_with_their_tenant(desk, world, twin):
    into = await desk.new_list()
    await desk.add(into, lead("+15550100101"))
    await world.write(blocked=[Blocked("+15550100102", None, "key", NOW)])
    assert await world.store.directories.remove_tenant(world.id)
    assert list(await world.store.leads.lists(world.id)) == []
    assert list(await world.store.leads.leads_with(world.id, "+15550100101")) == []
    assert await world.store.leads.blocked_numbers(world.id, None, ["+15550100102"], NOW) == {}
