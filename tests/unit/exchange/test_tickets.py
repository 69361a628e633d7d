"""Tickets over sessions with a true compare-and-set."""

import asyncio
import itertools

import pytest

from callside.exchange.secrets import digest
from callside.exchange.tickets import UNBOUND_LIFE_MS, Tickets
from callside.kernel.errors import ConflictError, NotFoundError
from callside.sessions.model import EndCause
from tests.fakes.phone import TENANT, FakeExchange, SteppedClock


@pytest.fixture
def exchange():
    return FakeExchange(SteppedClock())


@pytest.fixture
def tickets(exchange):
    return Tickets(exchange.sessions, exchange.clock)


async def test_a_thousand_races_of_two_browsers_have_one_winner_each(exchange, tickets):
    for _ in range(1_000):
        _, handle = exchange.log_in()
        outcomes = await asyncio.gather(
            tickets.redeem(handle, ["a" * 43]), tickets.redeem(handle, ["b" * 43]), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in outcomes) == ["ConflictError", "Redemption"]


async def test_of_many_redeems_of_one_browser_only_the_last_bearer_is_good(exchange, tickets):
    _, handle = exchange.log_in()
    done = await asyncio.gather(*(tickets.redeem(handle, ["a" * 43]) for _ in range(20)))
    good = [one for one in done if await tickets.session_of(one.bearer)]
    assert len(good) == 1


async def test_bearers_are_never_the_same(exchange, tickets):
    _, handle = exchange.log_in()
    bearers = {(await tickets.redeem(handle, ["a" * 43])).bearer for _ in range(100)}
    assert len(bearers) == 100


async def test_only_digests_are_kept(exchange, tickets):
    row, handle = exchange.log_in()
    done = await tickets.redeem(handle, [])
    kept = repr(exchange.sessions.rows[row.tenant_id, row.id])
    for secret in (handle, done.bearer, done.binding):
        assert secret not in kept
        assert digest(secret) in kept


async def test_any_of_the_browsers_secrets_may_be_the_one_that_binds(exchange, tickets):
    _, handle = exchange.log_in()
    await tickets.redeem(handle, [None, "p" * 43])
    for offered in itertools.permutations(["p" * 43, "c" * 43, None, "bad"]):
        assert (await tickets.redeem(handle, offered)).binding == "p" * 43
    with pytest.raises(ConflictError):
        await tickets.redeem(handle, ["c" * 43])


async def test_the_cookie_is_preferred_when_a_session_is_bound_first(exchange, tickets):
    _, handle = exchange.log_in()
    assert (await tickets.redeem(handle, ["c" * 43, "p" * 43])).binding == "c" * 43


@pytest.mark.parametrize("binding", ["", "short", "a" * 42, "a" * 129, "ä" * 43, "a" * 42 + ";"])
async def test_a_secret_of_the_wrong_form_is_as_none(exchange, tickets, binding):
    _, handle = exchange.log_in()
    assert (await tickets.redeem(handle, [binding])).binding != binding


async def test_an_unbound_ticket_lives_a_minute_and_a_bound_one_as_long_as_its_session(exchange, tickets):
    _, late = exchange.log_in()
    row, bound = exchange.log_in()
    exchange.clock.step(UNBOUND_LIFE_MS)
    await tickets.redeem(bound, ["a" * 43])
    exchange.clock.step(1)
    with pytest.raises(NotFoundError):
        await tickets.redeem(late, ["a" * 43])
    exchange.clock.step(12 * 3_600_000)
    await tickets.redeem(bound, ["a" * 43])
    exchange.end(row)
    with pytest.raises(NotFoundError):
        await tickets.redeem(bound, ["a" * 43])


async def test_a_session_that_ends_during_the_redeem_is_not_found_rather_than_in_use(exchange, tickets, monkeypatch):
    row, handle = exchange.log_in()

    async def ended_meanwhile(*args, **fields):
        exchange.end(row)
        return False

    monkeypatch.setattr(exchange.sessions, "bind", ended_meanwhile)
    with pytest.raises(NotFoundError):
        await tickets.redeem(handle, [])


async def test_a_bearer_is_good_until_its_session_ends(exchange, tickets):
    row, handle = exchange.log_in()
    done = await tickets.redeem(handle, [])
    assert await tickets.session_of(done.bearer) == (TENANT, row.id)
    assert await tickets.end_cause(TENANT, row.id) is None
    exchange.end(row, EndCause.REVOKED)
    assert await tickets.session_of(done.bearer) is None
    assert await tickets.end_cause(TENANT, row.id) is EndCause.REVOKED


@pytest.mark.parametrize("text", ["", "x", "b" * 43, "0" * 10_000, "\ud800" * 43])
async def test_nonsense_opens_nothing(tickets, text):
    assert await tickets.session_of(text) is None
    assert await tickets.tenant_of(text) is None
    assert await tickets.tenant_of(None, text) is None
    with pytest.raises(NotFoundError):
        await tickets.redeem(text, [])


async def test_the_tenant_is_found_by_the_handle_or_its_digest_and_nothing_is_consumed(exchange, tickets):
    row, handle = exchange.log_in()
    assert await tickets.tenant_of(handle) == TENANT
    assert await tickets.tenant_of(None, digest(handle)) == TENANT
    assert exchange.sessions.rows[row.tenant_id, row.id] == row
