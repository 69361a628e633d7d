"""Login sessions' rows: found by their secrets' digests, bound to one browser, one open a time."""

import asyncio
from dataclasses import replace

import pytest

from callside.floor.facts import SessionEnded
from callside.kernel.errors import ConflictError
from callside.sessions.model import EndCause
from tests.conformance.store.samples import NOW, digest


def binding(session, who="browser", bearer="bearer", at=NOW + 10):
    return (session.tenant_id, session.id), {
        "binding_digest": digest(who),
        "bearer_digest": digest(bearer),
        "at": at,
    }


async def bind(store, session, *args, **more):
    keys, values = binding(session, *args, **more)
    return await store.sessions.bind(*keys, **values)


async def test_an_open_session_is_found_by_its_handle_and_its_id(world, store):
    session = await world.open_session()
    assert await store.sessions.by_handle(world.id, session.handle_digest) == session
    assert await store.sessions.by_id(world.id, session.id) == session
    assert await store.sessions.locate_handle(session.handle_digest) == (world.id, session.id)
    assert await store.sessions.locate_handle(digest("unknown")) is None
    assert await store.sessions.by_handle(world.id, digest("unknown")) is None


async def test_an_ended_session_is_found_by_its_tenant_only(world, store):
    session = await world.open_session()
    assert await bind(store, session)
    await world.write(ended=[SessionEnded(session.id, EndCause.TAKEN_OVER, NOW + 50)])
    found = await store.sessions.by_handle(world.id, session.handle_digest)
    assert (found.ended_at, found.end_cause) == (NOW + 50, EndCause.TAKEN_OVER)
    assert await store.sessions.locate_handle(session.handle_digest) is None
    assert await store.sessions.locate_bearer(digest("bearer")) is None
    assert not await bind(store, session)


async def test_a_session_ends_once(world, store):
    session = await world.open_session()
    await world.write(ended=[SessionEnded(session.id, EndCause.LOGOUT, NOW + 50)])
    await world.write(ended=[SessionEnded(session.id, EndCause.IDLE, NOW + 90)])
    assert (await store.sessions.by_id(world.id, session.id)).end_cause is EndCause.LOGOUT


async def test_the_first_redeem_binds_the_browser_and_later_ones_replace_the_bearer(world, store):
    session = await world.open_session()
    assert await bind(store, session, bearer="one")
    assert await store.sessions.locate_bearer(digest("one")) == (world.id, session.id)
    assert await bind(store, session, bearer="two", at=NOW + 99)
    assert await store.sessions.locate_bearer(digest("one")) is None
    assert await store.sessions.locate_bearer(digest("two")) == (world.id, session.id)
    found = await store.sessions.by_id(world.id, session.id)
    assert found == replace(session, binding_digest=digest("browser"), bearer_digest=digest("two"), bound_at=NOW + 10)


async def test_another_browser_is_refused_and_changes_nothing(world, store):
    session = await world.open_session()
    assert await bind(store, session, bearer="one")
    assert not await bind(store, session, "thief", "two")
    assert await store.sessions.locate_bearer(digest("one")) == (world.id, session.id)
    assert await store.sessions.locate_bearer(digest("two")) is None


async def test_of_many_browsers_at_once_one_wins(world, store):
    session = await world.open_session()
    done = await asyncio.gather(*(bind(store, session, f"browser {n}", f"bearer {n}") for n in range(12)))
    assert sum(done) == 1
    winner = done.index(True)
    assert (await store.sessions.by_id(world.id, session.id)).bearer_digest == digest(f"bearer {winner}")


async def test_an_agent_has_one_open_session(world, store):
    session = await world.open_session()
    with pytest.raises(ConflictError):
        await world.open_session()
    other = await world.open_session(world.second_agent.id)
    for one in (session, other):
        assert (await store.sessions.by_id(world.id, one.id)).ended_at is None


async def test_of_many_logins_at_once_one_is_kept(world, store):
    sessions = [world.session() for _ in range(8)]
    done = await asyncio.gather(*(world.write(opened=[one]) for one in sessions), return_exceptions=True)
    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, ConflictError) for one in done)


async def test_a_takeover_ends_one_session_and_opens_the_next_in_one_record(world, store):
    first, second = await world.open_session(), world.session()
    await world.write(ended=[SessionEnded(first.id, EndCause.TAKEN_OVER, NOW + 5)], opened=[second])
    assert await store.sessions.locate_handle(first.handle_digest) is None
    assert await store.sessions.locate_handle(second.handle_digest) == (world.id, second.id)


async def test_a_handle_is_given_once(world, store):
    first = await world.open_session()
    again = replace(world.session(world.second_agent.id), handle_digest=first.handle_digest)
    with pytest.raises(ConflictError):
        await world.write(opened=[again])


async def test_a_session_outlives_its_agent(world, store):
    session = await world.open_session()
    await store.directories.remove_agent(world.id, world.agent.id)
    assert await store.sessions.by_id(world.id, session.id) == session
