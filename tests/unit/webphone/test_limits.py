"""Token buckets by key."""

import pytest

from callside.webphone import limits
from callside.webphone.limits import Allowance, address_key
from tests.fakes.phone import SteppedClock


def spend(allowance, key, times):
    """How many of ``times`` tries were allowed."""
    allowed = 0
    for _ in range(times):
        if not allowance.is_spent(key):
            allowed += 1
            allowance.spend(key)
    return allowed


def test_the_burst_is_allowed_and_then_one_for_each_refill():
    clock = SteppedClock()
    allowance = Allowance(clock, burst=20, refill_ms=3_000)
    assert spend(allowance, "a", 30) == 20
    clock.step(2_999)
    assert spend(allowance, "a", 5) == 0
    clock.step(1)
    assert spend(allowance, "a", 5) == 1
    clock.step(600_000)
    assert spend(allowance, "a", 30) == 20


def test_the_wait_is_exact():
    clock = SteppedClock()
    allowance = Allowance(clock, burst=2, refill_ms=1_000)
    spend(allowance, "a", 2)
    assert allowance.wait_ms("a") == 1_000
    clock.step(400)
    assert allowance.wait_ms("a") == 600


def test_spending_on_while_refused_does_not_lengthen_the_wait_without_end():
    clock = SteppedClock()
    allowance = Allowance(clock, burst=3, refill_ms=1_000)
    for _ in range(1_000):
        allowance.spend("a")
    assert allowance.wait_ms("a") == 1_000


def test_keys_do_not_share():
    allowance = Allowance(SteppedClock(), burst=1, refill_ms=1_000)
    allowance.spend("a")
    assert allowance.is_spent("a")
    assert not allowance.is_spent("b")


def test_memory_is_bounded_and_the_oldest_key_goes_first(monkeypatch):
    monkeypatch.setattr(limits, "MAX_KEYS", 3)
    allowance = Allowance(SteppedClock(), burst=1, refill_ms=1_000)
    for key in "abcd":
        allowance.spend(key)
    assert [allowance.is_spent(key) for key in "abcd"] == [False, True, True, True]


@pytest.mark.parametrize(
    ("client", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_is_counted_by_the_line_it_stands_for(client, key):
    assert address_key(client) == key
