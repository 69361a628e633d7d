"""Imports: what a piece brings is on disk with its progress, hidden until all is in, and taken out again without a trace."""

from dataclasses import replace

import pytest

from callside.dialer.leads.model import Blocked, LeadNumber, LeadState, Outcome
from callside.dialer.leads.rules import after_attempt
from callside.exchange.lead_import.model import (
    Candidate,
    FileFound,
    ImportOptions,
    ImportState,
    Judgement,
    LeadImport,
    Scope,
)
from callside.kernel.errors import ConflictError, NotFoundError
from tests.conformance.store.lead_samples import EAST, RULES, WEST, Desk, lead
from tests.conformance.store.samples import NOW
from tests.fakes.memory_store import MemoryStore

COMING = "+15550100777"


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


class Paper:
    """Stands for the report."""

    def __init__(self):
        self.lines = []

    def __call__(self, judged):
        self.lines += judged
        return len(self.lines)


async def started(desk, into, **options) -> LeadImport:
    blank = LeadImport("", desk.world.id, into.id, "people.csv", NOW, options=ImportOptions(**options))
    return await desk.world.store.lead_imports.add_import(blank)


async def loaded(desk, one, *leads, others=(), paper=None):
    candidates = [Candidate(line, each) for line, each in enumerate(leads, one.rows_done + 2)]
    rows = len(candidates) + len(others)
    return await desk.world.store.lead_imports.load(one, candidates, list(others), rows, paper or Paper())


async def test_an_import_comes_back_as_it_was(desk, world):
    one = await started(desk, await desk.new_list(), region="GB", columns={"Tel": "number"}, duplicates=Scope.TENANT)
    changed = replace(
        one, state=ImportState.RUNNING, found=FileFound("CSV", (("Tel", "number"),), False, 3), counts={"imported": 2},
        rows_done=2, per_mille=700, report_bytes=99, first_lead=1001, message="m", ended_at=NOW,
    )  # fmt: skip
    assert await world.store.lead_imports.change_import(changed)
    assert await world.store.lead_imports.lead_import(world.id, one.id) == changed
    assert list(await world.store.lead_imports.imports(world.id)) == [changed]
    assert list(await world.store.lead_imports.unfinished()) == [changed]
    await world.store.lead_imports.change_import(replace(changed, state=ImportState.DONE))
    assert list(await world.store.lead_imports.unfinished()) == []


async def test_an_import_needs_a_list(desk, world):
    into = await desk.new_list()
    with pytest.raises(NotFoundError, match="list"):
        await started(desk, replace(into, id="999"))
    one = await started(desk, into)
    await world.store.leads.remove_list(world.id, into.id)
    with pytest.raises(ConflictError, match="list"):
        await loaded(desk, one, lead())


async def test_texts_that_no_database_takes_are_kept_with_a_mark_in_their_place(desk, world):
    into = await desk.new_list()
    odd = replace(lead(name="A\x00da \ud800", fields={"Plan\ud800": "go\ud800ld"}), notes="half \udfff")
    await world.store.lead_imports.publish(await loaded(desk, await started(desk, into), odd))
    [kept] = await world.store.leads.page(world.id, into.id, after=None, limit=2)
    if not isinstance(world.store, MemoryStore):  # which keeps whatever it is given
        assert (kept.name, kept.notes) == ("A\ufffdda \ufffd", "half \ufffd")
        assert kept.fields == {"Plan\ufffd": "go\ufffdld"}


async def test_leads_cannot_be_called_before_all_of_them_are_in(desk, world):
    into = await desk.new_list()
    one = await loaded(desk, await started(desk, into), lead(name="a"), lead(name="b", zone_key=WEST))
    assert await desk.next() == []
    assert await desk.tallies(into) == {}
    one = await loaded(desk, one, lead(name="c"))
    done = await world.store.lead_imports.publish(one)
    assert (done.state, done.rows_done, done.counts) == (ImportState.DONE, 3, {"imported": 3})
    assert await desk.next_names() == ["a", "b", "c"]
    assert await desk.tallies(into) == {"fresh": 3}
    assert await world.store.leads.zone_keys(world.id, world.campaign.id) == {EAST, WEST}


async def test_what_an_import_has_brought_is_seen_by_nobody_before_it_is_through(desk, world):
    into = await desk.new_list()
    await desk.add(into, lead(name="there"))
    one = await loaded(
        desk, await started(desk, into), replace(lead(name="coming"), numbers=(LeadNumber(COMING, "", EAST),))
    )
    leads = world.store.leads

    async def names():
        return [each.name for each in await leads.page(world.id, into.id, after=None, limit=9)]

    assert (await names(), list(await leads.leads_with(world.id, COMING))) == (["there"], [])
    one = await world.store.lead_imports.publish(one)
    [found] = await leads.leads_with(world.id, COMING)
    assert (await names(), (await leads.lead(world.id, found.id)).name) == (["there", "coming"], "coming")


async def test_a_list_is_removed_with_what_an_import_has_brought_so_far(desk, world):
    into = await desk.new_list()
    one = await loaded(desk, await started(desk, into), replace(lead(), numbers=(LeadNumber(COMING, "", EAST),)))
    assert await world.store.leads.remove_list(world.id, into.id)
    other = await desk.new_list(name="Other")
    again = await loaded(
        desk,
        await started(desk, other, duplicates=Scope.TENANT),
        replace(lead(), numbers=(LeadNumber(COMING, "", EAST),)),
    )
    assert (again.counts, one.counts) == ({"imported": 1}, {"imported": 1})


async def test_a_second_import_is_sorted_in_with_the_first(desk, world):
    into = await desk.new_list()
    for names in ("ab", "cd", "ef"):
        one = await started(desk, into)
        one = await loaded(desk, one, *(lead(name=name) for name in names))
        assert "".join(await desk.next_names()) < names
        await world.store.lead_imports.publish(one)
        assert (await desk.next_names())[-2:] == list(names)
        while await world.store.lead_imports.merge_some(world.id, one.id):
            pass
    assert await desk.next_names() == list("abcdef")


async def test_a_lead_that_was_being_called_while_its_import_was_sorted_in_is_not_lost(desk, world):
    into = await desk.new_list()
    await desk.add(into, lead(name="first"))
    one = await loaded(desk, await started(desk, into), lead(name="second"))
    await world.store.lead_imports.publish(one)
    second = next(each for each in await desk.next() if each.name == "second")
    begun = await desk.begin(second)
    while await world.store.lead_imports.merge_some(world.id, one.id):
        pass
    await desk.step(after_attempt(begun, 0, Outcome.BUSY, RULES, NOW))
    assert await desk.next_names(NOW + 3_600_000) == ["second", "first"]


async def test_every_row_is_judged_in_the_report_in_its_order(desk):
    paper = Paper()
    one = await started(desk, await desk.new_list())
    others = [Judgement(3, "refused", "no number")]
    rows = [Candidate(2, lead("+15550100101")), Candidate(4, lead("+15550100102"), "mended")]
    one = await desk.world.store.lead_imports.load(one, rows, others, 3, paper)
    assert [(row.line, row.verdict, row.reason) for row in paper.lines] == [
        (2, "imported", ""), (3, "refused", "no number"), (4, "imported", "mended"),
    ]  # fmt: skip
    assert (one.report_bytes, one.rows_done) == (3, 3)
    assert one.counts == {"imported": 2, "refused": 1}


@pytest.mark.parametrize(
    ("scope", "kept"), [(Scope.LIST, {"b", "c", "d"}), (Scope.CAMPAIGN, {"c", "d"}), (Scope.TENANT, {"d"})]
)
async def test_who_is_known_is_not_brought_in_again(desk, world, scope, kept):
    other = await world.store.directories.add_campaign(replace(world.campaign, id="", name="Autumn"))
    into, beside = await desk.new_list("Here"), await desk.new_list("Same campaign")
    elsewhere = await desk.new_list("Elsewhere", campaign_id=other.id)
    for where, number in ((into, "+15550100101"), (beside, "+15550100102"), (elsewhere, "+15550100103")):
        await desk.add(where, lead(number))
    paper = Paper()
    rows = [
        lead(number, name=name) for name, number in zip("abcd", [f"+1555010010{n}" for n in (1, 2, 3, 4)], strict=True)
    ]
    one = await loaded(desk, await started(desk, into, duplicates=scope), *rows, paper=paper)
    await world.store.lead_imports.publish(one)
    brought = [(await desk.lead(row.lead_id)).name for row in paper.lines if row.verdict == "imported"]
    assert set(brought) == kept
    assert one.counts == {"imported": len(kept), "duplicate": 4 - len(kept)}


async def test_twice_in_one_file_is_once(desk):
    one = await started(desk, await desk.new_list())
    one = await loaded(desk, one, lead("+15550100101"), lead("+15550100101"))
    one = await loaded(desk, one, lead("+15550100101"))
    assert one.counts == {"imported": 1, "duplicate": 2}


async def test_a_person_with_one_new_number_is_brought_in_with_that(desk, world):
    paper = Paper()
    one = await started(desk, await desk.new_list())
    one = await loaded(desk, one, lead("+15550100101"), lead("+15550100101", "+15550100102"), paper=paper)
    await world.store.lead_imports.publish(one)
    second = await desk.lead(paper.lines[1].lead_id)
    assert [number.number for number in second.numbers] == ["+15550100102"]
    assert "+15550100101" in paper.lines[1].reason


async def test_who_must_not_be_called_is_kept_and_blocked(desk, world):
    await world.write(blocked=[Blocked("+15550100101", None, "key", NOW)])
    paper = Paper()
    one = await started(desk, into := await desk.new_list())
    one = await loaded(desk, one, lead("+15550100101"), lead("+15550100101", "+15550100102"), paper=paper)
    await world.store.lead_imports.publish(one)
    assert [row.verdict for row in paper.lines] == ["blocked", "imported"]
    assert (await desk.lead(paper.lines[0].lead_id)).state is LeadState.BLOCKED
    assert await desk.tallies(into) == {"blocked": 1, "fresh": 1}


async def test_an_import_that_is_undone_leaves_no_trace(desk, world):
    into = await desk.new_list()
    (stays,) = await desk.add(into, lead("+15550100101", name="stays"))
    await world.write(blocked=[Blocked("+15550100103", None, "key", NOW)])
    paper = Paper()
    one = await started(desk, into)
    one = await loaded(desk, one, lead("+15550100102"), lead("+15550100103"), paper=paper)
    (later,) = await desk.add(into, lead("+15550100104", name="later"))
    while await world.store.lead_imports.undo_some(world.id, one.id):
        pass
    for row in paper.lines:
        assert await world.store.leads.lead(world.id, row.lead_id) is None
        assert list(await world.store.leads.leads_with(world.id, row.number)) == []
    assert await desk.next() == [stays, later]
    assert await desk.tallies(into) == {"fresh": 2}


async def test_what_cannot_be_committed_leaves_no_progress(desk, world):
    one = await started(desk, await desk.new_list())

    def broken(judged):
        raise ConflictError("the report cannot be written")

    with pytest.raises(ConflictError):
        await world.store.lead_imports.load(one, [Candidate(2, lead("+15550100101"))], [], 1, broken)
    if not isinstance(world.store, MemoryStore):  # which has no transactions
        assert await world.store.lead_imports.lead_import(world.id, one.id) == one
        assert list(await world.store.leads.leads_with(world.id, "+15550100101")) == []
