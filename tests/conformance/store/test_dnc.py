"""Do-not-call lists: what is put on one takes leads out at once, what is taken off lets them in again."""

from dataclasses import replace

import pytest

from callside.dialer.leads.model import DncList, LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect, after_disposition, blocked
from callside.exchange.dnc_port import EVERYWHERE, DncEntry
from callside.exchange.leads_port import LeadChange
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError
from tests.conformance.store.lead_samples import RULES, Desk, lead
from tests.conformance.store.samples import NOW

A, B, C = "+15550100101", "+15550100102", "+15550100103"


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


async def new_list(world, tenant_id=None, name="Register", **more) -> DncList:
    owner = world.id if tenant_id is None else tenant_id
    return await world.store.dnc.add_dnc_list(DncList("", owner, name, **more))


async def put(world, one, *numbers, **more):
    return await world.store.dnc.add_dnc(one.tenant_id, one.id, [DncEntry(each, NOW, **more) for each in numbers])


async def test_a_list_comes_back_as_it_was_and_changes(world):
    one = await new_list(world, campaign_id=world.campaign.id, scrubbed_at=NOW)
    assert list(await world.store.dnc.dnc_lists(world.id)) == [one]
    changed = replace(one, name="Other", scrubbed_at=NOW + 1)
    assert await world.store.dnc.change_dnc_list(changed)
    assert list(await world.store.dnc.dnc_lists(world.id)) == [changed]
    assert not await world.store.dnc.change_dnc_list(replace(one, id="999", name="x"))
    with pytest.raises(ConflictError, match="name"):
        await new_list(world, name="OTHER")
    with pytest.raises(NotFoundError, match="campaign"):
        await new_list(world, name="x", campaign_id="999")


async def test_entries_are_kept_once_and_paged_by_number(world):
    one = await new_list(world)
    assert await put(world, one, B, A) == {A, B}
    assert await put(world, one, A, C, reason="again") == {C}
    entries = list(await world.store.dnc.dnc_entries(world.id, one.id, limit=2))
    assert entries == [DncEntry(A, NOW, None, "again"), DncEntry(B, NOW)]
    assert [each.number for each in await world.store.dnc.dnc_entries(world.id, one.id, after=B)] == [C]
    with pytest.raises(ConflictError, match="entries"):
        await world.store.dnc.remove_dnc_list(world.id, one.id)
    assert await world.store.dnc.remove_dnc(world.id, one.id, [A, B, C, "+15550100109"]) == 3
    assert await world.store.dnc.remove_dnc_list(world.id, one.id)
    with pytest.raises(NotFoundError, match="list"):
        await put(world, one, A)


async def test_a_number_whose_entry_had_ended_is_new_on_the_list_again(world):
    one = await new_list(world)
    await put(world, one, A, B, expires_at=NOW + 1000)
    later = [DncEntry(each, NOW + 1000) for each in (A, B)]
    assert await world.store.dnc.add_dnc(one.tenant_id, one.id, [DncEntry(A, NOW + 999, NOW + 5000)]) == set()
    assert await world.store.dnc.add_dnc(one.tenant_id, one.id, later) == {B}


async def test_a_number_that_is_put_on_a_list_takes_its_leads_out_and_off_it_lets_them_in(desk, world):
    into = await desk.new_list()
    only, both, done = await desk.add(into, lead(A), lead(A, B), lead(A))
    await desk.call(done, Outcome.CONNECTED)
    one = await new_list(world)
    await put(world, one, A)
    assert (await desk.lead(only.id)).state is LeadState.BLOCKED
    assert [each.id for each in await desk.next()] == [both.id]
    await put(world, one, B)
    assert await desk.next() == []
    assert await desk.tallies(into) == {"blocked": 2, "done": 1}
    await world.store.dnc.remove_dnc(world.id, one.id, [A])
    assert [each.id for each in await desk.next()] == [only.id, both.id]
    assert await desk.tallies(into) == {"fresh": 2, "done": 1}


async def test_an_entry_that_ends_puts_leads_off_until_then(desk, world):
    (one,) = await desk.add(await desk.new_list(), lead(A))
    await put(world, await new_list(world), A, expires_at=NOW + 1000)
    assert (await desk.lead(one.id)).state is LeadState.DUE
    assert await desk.next(NOW + 999) == []
    assert [each.id for each in await desk.next(NOW + 1000)] == [one.id]
    asked = world.store.leads.blocked_numbers
    assert await asked(world.id, None, [A], NOW + 999) == {A: "Register"}
    assert await asked(world.id, None, [A], NOW + 1000) == {}


async def test_an_entry_that_is_given_an_end_lets_its_leads_in_after_it(desk, world):
    (one,) = await desk.add(await desk.new_list(), lead(A))
    register = await new_list(world)
    await put(world, register, A)
    await put(world, register, A, expires_at=NOW + 1000)
    assert await desk.next(NOW + 999) == []
    assert [each.id for each in await desk.next(NOW + 1000)] == [one.id]


async def test_a_list_of_leads_goes_by_the_do_not_call_lists_of_the_campaign_that_it_feeds(desk, world):
    into = await desk.new_list(campaign_id=None)
    one, other = await desk.add(into, lead(A), lead(B))
    await put(world, await new_list(world, campaign_id=world.campaign.id), A)
    assert (await desk.lead(one.id)).state is LeadState.DUE
    assert await world.store.leads.change_list(replace(into, campaign_id=world.campaign.id))
    assert (await desk.lead(one.id)).state is LeadState.BLOCKED
    assert await desk.tallies(into) == {"blocked": 1, "fresh": 1}
    assert await world.store.leads.change_list(into)
    assert (await desk.lead(one.id)).state is LeadState.DUE
    assert (await desk.lead(other.id)).state is LeadState.DUE
    assert await desk.tallies(into) == {"fresh": 2}


async def test_a_callback_that_administration_gives_another_date_is_its_agents_still(desk, world):
    agent = "111"
    (one,) = await desk.add(await desk.new_list(), lead(A))
    begun = await desk.begin(one)
    effect = LeadEffect(EffectKind.CALLBACK, personal=True)
    await desk.step(after_disposition(begun, effect, RULES, NOW, callback_at=NOW + 1000, agent_id=agent))
    assert await world.store.leads.change_lead(world.id, one.id, LeadChange(due_at=NOW + 5000))
    kept = await desk.lead(one.id)
    assert (kept.state, kept.callback_agent_id, kept.due_at) == (LeadState.CALLBACK, agent, NOW + 5000)
    assert await desk.next(NOW + 4999, agents=(agent,)) == []
    assert await desk.next(NOW + 5000) == []
    assert [each.id for each in await desk.next(NOW + 5000, agents=(agent,))] == [one.id]
    assert await world.store.leads.change_lead(world.id, one.id, LeadChange(state=LeadState.DUE))
    assert (await desk.lead(one.id)).callback_agent_id is None


async def test_whom_the_floor_takes_for_blocked_and_no_list_has_any_more_comes_up_later(desk, world):
    into = await desk.new_list()
    one, listed = await desk.add(into, lead(A), lead(B))
    await put(world, await new_list(world), B)
    await desk.step(*(replace(blocked(each), due_at=NOW + 1000) for each in (one, listed)))
    assert [(await desk.lead(each.id)).state for each in (one, listed)] == [LeadState.DUE, LeadState.BLOCKED]
    assert [each.id for each in await desk.next(NOW + 1000)] == [one.id]
    assert await desk.next(NOW + 999) == []
    assert await desk.tallies(into) == {"fresh": 1, "blocked": 1}


async def test_a_list_of_the_installation_counts_for_every_tenant(desk, world, twin):
    beside = Desk(twin)
    (mine,), (theirs,) = (
        await desk.add(await desk.new_list(), lead(A)),
        await beside.add(await beside.new_list(), lead(A)),
    )
    one = await new_list(world, EVERYWHERE, "National")
    await put(world, one, A)
    assert (await desk.lead(mine.id)).state is LeadState.BLOCKED
    assert (await beside.lead(theirs.id)).state is LeadState.BLOCKED
    assert await world.store.leads.blocked_numbers(twin.id, None, [A], NOW) == {A: "National"}
    assert list(await world.store.dnc.dnc_lists(world.id)) == []
    await world.store.dnc.remove_dnc(EVERYWHERE, one.id, [A])
    assert (await beside.lead(theirs.id)).state is LeadState.DUE


async def test_another_tenants_list_blocks_nobody_here(desk, world, twin):
    (mine,) = await desk.add(await desk.new_list(), lead(A))
    await put(world, await new_list(world, twin.id), A)
    assert (await desk.lead(mine.id)).state is LeadState.DUE


async def test_a_newer_register_takes_off_what_it_no_longer_has(desk, world):
    (one,) = await desk.add(await desk.new_list(), lead(A))
    register = await new_list(world)
    await put(world, register, A, B)
    await world.store.dnc.add_dnc(world.id, register.id, [DncEntry(B, NOW + 5)])
    while await world.store.dnc.remove_dnc_some(world.id, register.id, added_before=NOW + 5):
        pass
    assert [each.number for each in await world.store.dnc.dnc_entries(world.id, register.id)] == [B]
    assert (await desk.lead(one.id)).state is LeadState.DUE


async def test_administration_changes_a_lead(desk, world):
    into = await desk.new_list()
    one, under_way = await desk.add(into, lead(A, name="Ada"), lead(B))
    change = world.store.leads.change_lead
    assert await change(world.id, one.id, LeadChange(notes="after six", fields={"x": "y"}))
    assert await change(world.id, one.id, LeadChange(name="Ann"))
    kept = await desk.lead(one.id)
    assert (kept.name, kept.notes, kept.fields) == ("Ann", "after six", {"x": "y"})
    await desk.call(kept, Outcome.CONNECTED)
    assert await change(world.id, one.id, LeadChange(state=LeadState.DUE, due_at=NOW + 5))
    assert [each.id for each in await desk.next(NOW + 5)] == [one.id, under_way.id]
    assert await change(world.id, one.id, LeadChange(state=LeadState.DONE))
    assert await desk.tallies(into) == {"done": 1, "fresh": 1}
    await desk.begin(under_way)
    with pytest.raises(ConflictError, match="being called"):
        await change(world.id, under_way.id, LeadChange(name="x"))
    with pytest.raises(InvalidFieldError, match="state"):
        await change(world.id, one.id, LeadChange(state=LeadState.BLOCKED))
    assert not await change(world.id, "999", LeadChange(name="x"))


async def test_a_blocked_lead_cannot_be_made_due_by_hand(desk, world):
    (one,) = await desk.add(await desk.new_list(), lead(A))
    await put(world, await new_list(world), A)
    assert await world.store.leads.change_lead(world.id, one.id, LeadChange(state=LeadState.DUE))
    assert (await desk.lead(one.id)).state is LeadState.BLOCKED


async def test_a_lists_leads_come_in_pages(desk, world):
    into = await desk.new_list()
    leads = await desk.add(into, *(lead() for _ in range(5)))
    page = world.store.leads.page
    assert list(await page(world.id, into.id, after=None, limit=3)) == leads[:3]
    assert list(await page(world.id, into.id, after=leads[2].id, limit=3)) == leads[3:]
