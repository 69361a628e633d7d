"""The abandonment ledger and what is known of numbers, on every store alike."""

from dataclasses import replace

import msgspec

from callside.calls.model import Direction
from callside.dialer.laws.ledger import Answered, Detected, LedgerEntry, Outcome
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MachineSample
from callside.dialer.leads.model import Blocked
from tests.conformance.store.samples import NOW

HOUR, DAY = 3_600_000, 24 * 3_600_000
NUMBER, OTHER = "+15550100123", "+15550100124"


def entry(campaign, call, at, outcome=Outcome.CONNECTED, number=NUMBER):
    answered = Answered(at, at + 5, at + 40, None, None, Detected.HUMAN)
    return LedgerEntry(campaign, call, "9001", number, answered, outcome, "none-1")


async def test_entries_come_back_as_they_were_oldest_first(world):
    kept = [entry(world.campaign.id, f"c{n}", NOW + n) for n in (2, 1, 3)]
    await world.write(ledger=kept)
    assert await world.store.ledger.entries(world.id, world.campaign.id, NOW + 2) == [kept[0], kept[2]]
    assert await world.store.ledger.entries(world.id, world.campaign.id, NOW, before=NOW + 3) == [kept[1], kept[0]]


async def test_an_entry_is_never_changed(world):
    first = entry(world.campaign.id, "c1", NOW)
    await world.write(ledger=[first])
    await world.write(ledger=[replace(first, outcome=Outcome.ABANDONED)])
    assert await world.store.ledger.entries(world.id, world.campaign.id, 0) == [first]


async def test_outcomes_are_counted_by_campaign(world):
    mine = world.campaign.id
    await world.write(
        ledger=[
            entry(mine, "c1", NOW),
            entry(mine, "c2", NOW, Outcome.ABANDONED),
            entry(mine, "c3", NOW),
            entry("77", "c4", NOW, Outcome.MACHINE),
            entry(mine, "c5", NOW - DAY),
        ]
    )
    assert await world.store.ledger.outcomes(world.id, NOW) == {
        mine: {"connected": 2, "abandoned": 1},
        "77": {"machine": 1},
    }


async def test_a_number_that_was_never_called_has_no_history(world):
    assert await world.store.ledger.histories(world.id, world.campaign.id, [NUMBER], NOW) == {NUMBER: NumberHistory()}
    assert await world.store.ledger.histories(world.id, world.campaign.id, [], NOW) == {}


async def test_a_numbers_history_is_told_over_all_campaigns(world):
    outbound = msgspec.structs.replace(world.cdr(), direction=Direction.OUTBOUND, customer_number=NUMBER)

    def made(call, at):
        return msgspec.structs.replace(outbound, call_id=call, started_at=at, ended_at=at + 1000)

    await world.write(
        ledger=[
            entry("77", "l1", NOW - 5 * HOUR, Outcome.ABANDONED),
            entry("78", "l2", NOW - 3 * HOUR, Outcome.ABANDONED),
            entry("78", "l3", NOW - 2 * HOUR, Outcome.MACHINE),
            entry("78", "l4", NOW - HOUR),
            entry("78", "l5", NOW - HOUR, Outcome.MACHINE, OTHER),
        ],
        cdrs=[
            made("c1", NOW - HOUR),
            made("c2", NOW - 2 * DAY),
            made("c3", NOW - 8 * DAY),
            msgspec.structs.replace(made("c4", NOW - HOUR), direction=Direction.INBOUND),
            msgspec.structs.replace(made("c5", NOW - HOUR), went_out=False),
        ],
    )
    found = await world.store.ledger.histories(world.id, None, [NUMBER, OTHER], NOW)
    assert found[NUMBER] == NumberHistory(
        last_abandoned_at=NOW - 3 * HOUR, last_machine_at=NOW - 2 * HOUR, attempts_today=1, attempts_week=2
    )
    assert found[OTHER] == NumberHistory(last_machine_at=NOW - HOUR)


async def test_nothing_of_another_tenant_is_told(world, twin):
    mine = world.campaign.id
    await world.write(ledger=[entry(mine, "c1", NOW, Outcome.ABANDONED)], samples=[sample(mine, "c1", NOW)])
    theirs = twin.store.ledger
    assert await theirs.entries(twin.id, world.campaign.id, 0) == []
    assert await theirs.outcomes(twin.id, 0) == {}
    assert await theirs.samples(twin.id, mine, 0, 10) == []
    assert await theirs.histories(twin.id, None, [NUMBER], NOW) == {NUMBER: NumberHistory()}


def sample(campaign, call, at, *, was_person=False):
    return MachineSample(campaign, call, at, was_person)


async def test_the_newest_samples_come_back_as_they_were_oldest_first(world):
    mine = world.campaign.id
    kept = [sample(mine, f"c{n}", NOW + n, was_person=n == 3) for n in (2, 1, 3, 4)]
    await world.write(samples=[*kept, sample("77", "c5", NOW + 5)])
    ledger = world.store.ledger
    assert await ledger.samples(world.id, mine, NOW, 10) == [kept[1], kept[0], kept[2], kept[3]]
    assert await ledger.samples(world.id, mine, NOW, 2) == [kept[2], kept[3]]
    assert await ledger.samples(world.id, mine, NOW + 3, 10) == [kept[2], kept[3]]
    assert await ledger.samples(world.id, "78", NOW, 10) == []


async def test_a_sample_is_never_changed(world):
    first = sample(world.campaign.id, "c1", NOW, was_person=True)
    await world.write(samples=[first])
    await world.write(samples=[replace(first, was_person=False, at=NOW + 1)])
    assert await world.store.ledger.samples(world.id, world.campaign.id, 0, 10) == [first]


async def test_an_opt_out_and_the_ledger_are_written_together(world):
    await world.write(
        ledger=[entry(world.campaign.id, "c1", NOW, Outcome.ABANDONED)], blocked=[Blocked(NUMBER, None, "key", NOW)]
    )
    assert NUMBER in await world.store.leads.blocked_numbers(world.id, None, [NUMBER], NOW)
    assert len(await world.store.ledger.entries(world.id, world.campaign.id, 0)) == 1
