"""The windows behind the throttle: moving, on our own clock, and bounded in memory. What they are for: test_guide_throttle."""

import pytest

from callside.exchange import throttle
from callside.exchange.throttle import Throttle
from callside.kernel.clock import Moment
from callside.kernel.errors import TooManyRequestsError
from tests.fakes.logins import FakeClock

HERE = ("11111", "agent1", "203.0.113.9")


@pytest.fixture
def clock():
    return FakeClock()


def attempts_until_refused(guard, most=100):
    for count in range(most):
        try:
            guard.attempt(*HERE)
        except TooManyRequestsError as refused:
            return count, refused.retry_after
    return most, None


def test_the_window_moves_with_each_attempt(clock):
    guard = Throttle(clock)
    guard.attempt(*HERE)
    clock.pass_seconds(40)
    assert attempts_until_refused(guard) == (4, 20)
    clock.pass_seconds(20)
    assert attempts_until_refused(guard) == (1, 40)


def test_a_step_of_the_wall_clock_opens_no_window(clock):
    guard = Throttle(clock)
    attempts_until_refused(guard)
    now = clock.now()
    clock.now = lambda: Moment(now.mono, now.wall + 86_400_000)
    assert attempts_until_refused(guard) == (0, 60)


def test_an_attempt_that_is_withdrawn_does_not_count(clock):
    guard = Throttle(clock)
    for _ in range(20):
        guard.attempt(*HERE)
        guard.withdraw(*HERE)
    assert attempts_until_refused(guard) == (5, 60)


def test_memory_stays_bounded_however_many_keys_come(clock, monkeypatch):
    monkeypatch.setattr(throttle, "_MOST_KEYS", 30)
    guard = Throttle(clock)
    for number in range(100):
        guard.attempt("11111", f"agent{number}", "203.0.113.9")
    assert len(guard._windows._entries) == 30


def test_what_is_over_leaves_no_trace(clock):
    guard = Throttle(clock)
    guard.token_failed("203.0.113.9")
    clock.pass_seconds(61)
    guard._check(throttle._TOKENS, "token", "203.0.113.9")
    assert not guard._windows._entries


def test_a_client_without_an_address_is_counted_too(clock):
    guard = Throttle(clock)
    for _ in range(5):
        guard.attempt("11111", "agent1", "")
    with pytest.raises(TooManyRequestsError):
        guard.attempt("11111", "agent1", "")
