"""Who is called next: callbacks first, lists by weight and order, and never who is done, under way, blocked or asleep."""

from dataclasses import replace

import pytest

from callside.dialer.leads.model import Blocked, LeadState, ListOrder, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect, after_disposition, put_off
from tests.conformance.store.lead_samples import EAST, RULES, WEST, Desk, lead
from tests.conformance.store.samples import NOW

HOUR = 3_600_000


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


def named(*names: str, **more) -> list:
    return [lead(name=name, **more) for name in names]


async def callback(desk, one, at, agent_id=None):
    effect = LeadEffect(EffectKind.CALLBACK, personal=agent_id is not None)
    await desk.step(after_disposition(one, effect, RULES, NOW, callback_at=at, agent_id=agent_id))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ListOrder.OLDEST, "abc"),
        (ListOrder.NEWEST, "cba"),
        (ListOrder.ASCENDING, "cab"),
        (ListOrder.DESCENDING, "bac"),
    ],
)
async def test_a_list_has_its_order(desk, order, expected):
    into = await desk.new_list(order=order, order_column="score")
    scores = {"a": "7", "b": "30", "c": "-1"}
    await desk.add(into, *(lead(name=name, fields={"score": score}) for name, score in scores.items()))
    assert await desk.next_names() == list(expected)
    assert await desk.next_names(limit=2) == list(expected)[:2]


async def ranked(desk):
    """All lists are gone through, as the importer does it."""
    imports = desk.world.store.lead_imports
    for tenant_id, list_id, changes in await imports.unranked():
        after = 0
        while after is not None:
            after = await imports.rank_some(tenant_id, list_id, after, changes)


async def test_another_order_or_column_ranks_the_leads_that_are_there(desk):
    into = await desk.new_list(order=ListOrder.ASCENDING, order_column="score")
    fields = {"a": ("7", "2"), "b": ("30", "3"), "c": ("-1", "1"), "again": ("99", "99")}
    added = [
        (await desk.add(into, lead(name=name, fields={"score": score, "age": age})))[0]
        for name, (score, age) in fields.items()
    ]
    await desk.call(added[-1], Outcome.BUSY, at=NOW - 86_400_000)
    for order, column, expected in (
        (ListOrder.ASCENDING, "age", ["again", "c", "a", "b"]),
        (ListOrder.DESCENDING, "age", ["again", "b", "a", "c"]),
        (ListOrder.OLDEST, "", ["again", "a", "b", "c"]),
        (ListOrder.DESCENDING, "score", ["again", "b", "a", "c"]),
    ):
        into = replace(into, order=order, order_column=column)
        assert await desk.world.store.leads.change_list(into)
        await ranked(desk)
        assert await desk.next_names() == expected
        assert list(await desk.world.store.lead_imports.unranked()) == []


async def test_a_list_that_is_changed_again_while_it_is_ranked_is_gone_through_once_more(desk):
    into = await desk.new_list(order=ListOrder.ASCENDING, order_column="score")
    await desk.add(into, *(lead(name=name, fields={"score": score, "age": age}) for name, score, age in ("a12", "b21")))
    imports, leads = desk.world.store.lead_imports, desk.world.store.leads
    await leads.change_list(replace(into, order_column="age"))
    for tenant_id, list_id, changes in await imports.unranked():
        after = await imports.rank_some(tenant_id, list_id, 0, changes)
        await leads.change_list(into)
        assert await imports.rank_some(tenant_id, list_id, after, changes) is None
    await leads.change_list(into)  # what is kept in memory is always ranked, so that the loop had nothing to do
    await ranked(desk)
    assert await desk.next_names() == ["a", "b"]
    await leads.change_list(replace(into, name="Renamed", weight=2))
    assert list(await imports.unranked()) == []


async def test_zones_are_mixed_and_closed_ones_left_out(desk):
    into = await desk.new_list()
    for name, zone in (("a", EAST), ("b", WEST), ("c", EAST), ("d", WEST)):
        await desk.add(into, lead(name=name, zone_key=zone))
    assert await desk.next_names() == ["a", "b", "c", "d"]
    assert await desk.next_names(zones=[WEST]) == ["b", "d"]
    assert await desk.next_names(zones=[]) == []
    assert await desk.world.store.leads.zone_keys(desk.world.id, desk.world.campaign.id) == {EAST, WEST}


async def test_lists_that_are_closed_are_left_out_whatever_is_due_on_them(desk):
    leads, me = desk.world.store.leads, desk.world.agent.id
    first, second = await desk.new_list(), await desk.new_list(name="Second")
    await desk.add(first, lead(name="a"), lead(name="b", state=LeadState.CALLBACK, due_at=NOW - 1))
    await desk.add(second, lead(name="c"))
    where = {"open_zone_keys": {EAST, WEST}, "closed_lists": {first.id}}
    found = await leads.next_leads(desk.world.id, desk.world.campaign.id, NOW, **where)
    assert [one.name for one in found] == ["c"]
    found = await leads.leads_of_agent(desk.world.id, desk.world.campaign.id, me, NOW, **where)
    assert [one.name for one in found] == ["c"]


async def test_the_zone_that_counts_is_that_of_the_number_whose_turn_it_is(desk):
    into = await desk.new_list()
    away = replace(lead("+15550100101", "+15550100102"), name="a")
    numbers = (away.numbers[0], replace(away.numbers[1], zone_key=WEST))
    (one,) = await desk.add(into, replace(away, numbers=numbers))
    await desk.call(one, Outcome.NO_ANSWER)
    assert await desk.next_names(NOW + HOUR, zones=[EAST]) == []
    assert await desk.next_names(NOW + HOUR, zones=[WEST]) == ["a"]


async def test_done_leads_and_those_under_way_are_not_next(desk):
    into = await desk.new_list()
    one, two, *_ = await desk.add(into, *named("a", "b", "c"))
    await desk.begin(one)
    await desk.call(two, Outcome.CONNECTED)
    assert await desk.next_names() == ["c"]


async def test_what_is_due_again_comes_before_what_was_never_tried(desk):
    into = await desk.new_list()
    _, busy = await desk.add(into, *named("fresh", "busy"))
    await desk.call(busy, Outcome.BUSY)
    assert await desk.next_names(NOW + HOUR - 1) == ["busy", "fresh"]
    assert await desk.next_names(NOW + 1) == ["fresh"]


async def test_the_newest_come_before_what_is_due_again_where_that_is_the_order(desk):
    into = await desk.new_list(order=ListOrder.NEWEST)
    busy, _ = await desk.add(into, *named("busy", "fresh"))
    await desk.call(busy, Outcome.BUSY)
    assert await desk.next_names(NOW + HOUR) == ["fresh", "busy"]


async def test_what_was_put_off_comes_when_it_is_time(desk):
    (one,) = await desk.add(await desk.new_list(), *named("a"))
    await desk.step(put_off(one, NOW + HOUR))
    assert await desk.next_names(NOW + HOUR - 1) == []
    assert await desk.next_names(NOW + HOUR) == ["a"]


async def test_lists_are_mixed_by_weight_and_disabled_ones_left_out(desk, world):
    heavy, light = await desk.new_list("Heavy", weight=3), await desk.new_list("Light", weight=1)
    await desk.add(heavy, *named(*(f"h{n}" for n in range(8))))
    await desk.add(light, *named(*(f"l{n}" for n in range(8))))
    found = await desk.next_names(limit=8)
    assert sorted(found) == ["h0", "h1", "h2", "h3", "h4", "h5", "l0", "l1"]
    assert len(await desk.next_names()) == 16
    assert await world.store.leads.change_list(replace(heavy, enabled=False))
    assert await desk.next_names(limit=3) == ["l0", "l1", "l2"]


async def test_a_list_of_another_campaign_or_of_none_is_not_asked(desk, world):
    other = await world.store.directories.add_campaign(replace(world.campaign, id="", name="Autumn"))
    await desk.add(await desk.new_list("A", campaign_id=other.id), lead())
    await desk.add(await desk.new_list("B", campaign_id=None), lead())
    assert await desk.next() == []


async def test_due_callbacks_come_first_the_earliest_before_all(desk):
    into = await desk.new_list()
    _, late, early, to_come = await desk.add(into, *named("fresh", "late", "early", "to come"))
    for one, at in ((late, NOW + 20), (early, NOW + 10), (to_come, NOW + HOUR)):
        await callback(desk, one, at)
    assert await desk.next_names(NOW + 30) == ["early", "late", "fresh"]
    assert await desk.next_names(NOW + 30, limit=1) == ["early"]


async def test_a_personal_callback_waits_for_its_agent_but_not_for_ever(desk, world):
    into = await desk.new_list()
    (one,) = await desk.add(into, *named("a"))
    await callback(desk, one, NOW + 10, world.agent.id)
    assert await desk.next_names(NOW + 20) == []
    assert await desk.next_names(NOW + 20, agents=[world.second_agent.id]) == []
    assert await desk.next_names(NOW + 20, agents=[world.second_agent.id, world.agent.id]) == ["a"]
    assert await desk.next_names(NOW + 9, agents=[world.agent.id]) == []
    assert await desk.next_names(NOW + 20, agents=[world.agent.id], zones=[WEST]) == []
    assert await desk.next_names(NOW + 10 + RULES.personal_for_s * 1000) == ["a"]


async def test_an_agent_sees_their_callbacks_and_then_the_campaigns_next(desk, world):
    into = await desk.new_list()
    _, mine, theirs = await desk.add(into, *named("fresh", "mine", "theirs"))
    await callback(desk, mine, NOW + HOUR, world.agent.id)
    await callback(desk, theirs, NOW, world.second_agent.id)
    found = await world.store.leads.leads_of_agent(
        world.id, world.campaign.id, world.agent.id, NOW, open_zone_keys={EAST}, limit=10
    )
    assert [one.name for one in found] == ["mine", "fresh"]
    assert found[0].state is LeadState.CALLBACK


async def test_blocked_leads_are_passed_over_though_there_are_many(desk, world):
    into = await desk.new_list()
    numbers = [f"+155501002{n:02d}" for n in range(60)]
    await desk.add(into, *(lead(number, name="x") for number in numbers), *named("a"))
    await world.write(blocked=[Blocked(number, None, "key", NOW) for number in numbers])
    assert await desk.next_names(limit=1) == ["a"]
