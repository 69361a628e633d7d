"""What the floor leaves behind: whole or not at all, in order, and the same again after a restart."""

import asyncio
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from callside.floor.facts import Record, SessionEnded, WrappedUp
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.errors import ConflictError
from callside.sessions.model import EndCause
from tests.conformance.store.samples import NOW, fresh, live_call, live_session
from tests.examples import examples

SOON = settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MS = st.integers(min_value=-(2**53), max_value=2**53)
for kind, strategy in ((int, MS), (Moment, st.builds(Moment, MS, MS))):
    st.register_type_strategy(kind, strategy)


def rows_of(kind):
    return st.from_type(kind)


@SOON
@given(row=rows_of(LiveSession))
async def test_a_live_session_comes_back_as_it_was(world, row):
    await world.write(live_sessions={row.id: row})
    assert row in (await world.store.recorder.live(world.id))[0]
    await world.write(live_sessions={row.id: None})
    assert await world.store.recorder.live(world.id) == ([], [])


@SOON
@given(row=rows_of(LiveCall))
async def test_a_live_call_comes_back_as_it_was(world, row):
    await world.write(live_calls={row.id: row})
    assert row in (await world.store.recorder.live(world.id))[1]
    await world.write(live_calls={row.id: None})
    assert await world.store.recorder.live(world.id) == ([], [])


async def test_live_rows_are_replaced_and_deleted(world):
    first, second, call = live_session(), live_session(), live_call()
    await world.write(live_sessions={first.id: first, second.id: second}, live_calls={call.id: call})
    changed = replace(first, seq=7, break_reason="lunch")
    await world.write(live_sessions={first.id: changed, second.id: None})
    assert await world.store.recorder.live(world.id) == ([changed], [call])
    await world.write(live_sessions={first.id: None, "never there": None}, live_calls={call.id: None})
    assert await world.store.recorder.live(world.id) == ([], [])


async def test_a_row_is_kept_as_it_was_when_it_was_given_though_the_floor_goes_on(world):
    row = live_session()
    writing = world.store.recorder.write(Record(world.id, live_sessions={row.id: row}))
    task = asyncio.get_running_loop().create_task(writing)
    await asyncio.sleep(0)
    row.seq = 99
    await task
    assert (await world.store.recorder.live(world.id))[0][0].seq == 0


async def test_facts_of_a_call_come_back_in_order_with_their_details(world):
    call_id = fresh()
    facts = [world.fact(f"call.step{n}", call_id, n=n, text="ü ☎ '\"", yes=True, none=None) for n in range(30)]
    await world.write(facts=[*facts[:10], world.fact("agent.state_changed")])
    for n in range(10, 30):
        await world.write(facts=[facts[n]])
    assert list(await world.store.call_records.facts(world.id, call_id)) == facts


async def test_records_given_without_waiting_keep_their_order(world):
    call_id = fresh()
    facts = [world.fact("call.step", call_id, n=n) for n in range(60)]
    row = live_call()
    await asyncio.gather(
        *(world.write(facts=[fact], live_calls={row.id: replace(row, offer=n)}) for n, fact in enumerate(facts))
    )
    assert list(await world.store.call_records.facts(world.id, call_id)) == facts
    assert (await world.store.recorder.live(world.id))[1] == [replace(row, offer=59)]


async def test_a_record_that_cannot_be_kept_leaves_nothing(world):
    await world.open_session()
    call_id, row = fresh(), live_session()
    with pytest.raises(ConflictError):
        await world.write(
            facts=[world.fact(call_id=call_id)], opened=[world.session()], live_sessions={row.id: row},
            cdrs=[world.cdr(call_id)],
        )  # fmt: skip
    assert list(await world.store.call_records.facts(world.id, call_id)) == []
    assert await world.store.call_records.cdr(world.id, call_id) is None
    assert await world.store.recorder.live(world.id) == ([], [])


async def test_a_record_that_cannot_be_kept_takes_no_other_with_it(world):
    await world.open_session()
    cdrs = [world.cdr() for _ in range(10)]
    done = await asyncio.gather(
        *(world.write(cdrs=[cdr], opened=[world.session()] if n == 4 else []) for n, cdr in enumerate(cdrs)),
        return_exceptions=True,
    )
    assert [n for n, one in enumerate(done) if one is not None] == [4]
    for n, cdr in enumerate(cdrs):
        assert await world.store.call_records.cdr(world.id, cdr.call_id) == (None if n == 4 else cdr)


async def test_a_call_has_exactly_one_record_of_its_end(world):
    cdr = world.cdr()
    await world.write(cdrs=[cdr])
    await world.write(cdrs=[cdr])
    assert await world.store.call_records.cdr(world.id, cdr.call_id) == cdr


async def test_a_wrap_up_completes_the_record_of_the_call(world):
    cdr, other = world.cdr(), world.cdr()
    await world.write(cdrs=[cdr, other], wrapped_up=[WrappedUp(cdr.call_id, "sale", "two lines\nof notes")])
    found = await world.store.call_records.cdr(world.id, cdr.call_id)
    assert found == replace(cdr, disposition="sale", notes="two lines\nof notes")
    assert await world.store.call_records.cdr(world.id, other.call_id) == other


async def test_a_wrap_up_without_disposition_keeps_its_notes(world):
    cdr = world.cdr()
    await world.write(cdrs=[cdr])
    await world.write(wrapped_up=[WrappedUp(cdr.call_id, None, "rang off")])
    assert await world.store.call_records.cdr(world.id, cdr.call_id) == replace(cdr, notes="rang off")


async def test_a_record_tried_again_is_kept_once(world):
    """The first answer may be lost on the way: the exchange then gives the same record again."""
    session, cdr, row = world.session(), world.cdr(), live_session()
    record = Record(
        world.id, facts=[world.fact(call_id=cdr.call_id), world.fact("call.ended", cdr.call_id)], opened=[session],
        live_sessions={row.id: row}, cdrs=[cdr], wrapped_up=[WrappedUp(cdr.call_id, "sale", "")],
    )  # fmt: skip
    await world.store.recorder.write(record)
    await world.store.recorder.write(record)
    assert await world.store.sessions.by_id(world.id, session.id) == session
    assert (await world.store.recorder.live(world.id))[0] == [row]
    assert (await world.store.call_records.cdr(world.id, cdr.call_id)).disposition == "sale"
    assert list(await world.store.call_records.facts(world.id, cdr.call_id)) == record.facts


async def test_what_a_strangers_text_holds_does_not_stop_the_record(world):
    nasty = "\x00 \ud800 \x1b[31m ' \" ; DROP TABLE cdrs; -- \U0001f4de " + string.printable
    cdr, row = world.cdr(customer_name=nasty, notes=nasty), live_call(customer_name=nasty, notes=nasty)
    await world.write(facts=[world.fact(call_id=cdr.call_id, name=nasty)], cdrs=[cdr], live_calls={row.id: row})
    found = await world.store.call_records.cdr(world.id, cdr.call_id)
    assert "DROP TABLE" in found.customer_name
    assert (await world.store.recorder.live(world.id))[1][0].id == row.id
    assert len(await world.store.call_records.facts(world.id, cdr.call_id)) == 1


async def test_an_end_of_a_session_nobody_knows_is_no_matter(world):
    await world.write(ended=[SessionEnded(fresh(), EndCause.LOST, NOW)])


async def test_big_records_are_kept_whole(world):
    cdrs = [world.cdr(notes="n" * 2000) for _ in range(300)]
    await world.write(cdrs=cdrs, facts=[world.fact(call_id=one.call_id) for one in cdrs])
    for one in cdrs[::60]:
        assert await world.store.call_records.cdr(world.id, one.call_id) == one


async def test_on_one_boot_of_the_machine_stored_times_stay_as_they_are(world):
    await world.store.recorder.anchor(1_000, NOW)
    session = live_session()
    await world.write(live_sessions={session.id: session})
    await world.store.recorder.anchor(9_000, NOW + 8_000)
    assert await world.store.recorder.live(world.id) == ([session], [])
