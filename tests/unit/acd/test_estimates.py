import math
import random
import statistics

import pytest

from callside.acd.estimates import Pace


def pace(*, handling_ms=180_000, abandoned=0, waited_ms=0):
    made = Pace()
    for _ in range(10):
        made.handled(0, handling_ms)
    if waited_ms:
        for number in range(100):
            made.waited(0, waited_ms // 100, abandoned=number < abandoned)
    return made


def test_nothing_is_said_where_nobody_serves_or_too_little_was_seen():
    assert pace().estimate(0, 3) is None
    assert Pace().estimate(5, 3) is None


def test_the_range_is_that_of_the_sum_of_exponential_steps():
    made = pace(abandoned=40, waited_ms=40 * 300_000)
    assert made.abandonment_rate() == pytest.approx(1 / 300_000)
    dice = random.Random(4)
    for staffed, ahead in ((10, 0), (10, 7), (3, 20), (50, 150)):
        rates = [staffed / 180_000 + i / 300_000 for i in range(ahead + 1)]
        drawn = sorted(sum(dice.expovariate(one) for one in rates) for _ in range(4_000))
        estimate = made.estimate(staffed, ahead)
        assert estimate.median_ms == pytest.approx(drawn[2_000], rel=0.06)
        assert estimate.likely_ms == pytest.approx(drawn[3_200], rel=0.06)


def test_a_long_line_is_summed_as_exactly_as_a_short_one():
    for made in (pace(), pace(abandoned=40, waited_ms=40 * 300_000)):
        theta = made.abandonment_rate()
        mean = math.fsum(1 / (20 / 180_000 + i * theta) for i in range(5_001))
        assert made.estimate(20, 5_000).median_ms == pytest.approx(mean, rel=0.01)


def test_more_agents_and_fewer_ahead_shorten_it():
    made = pace()
    waits = [made.estimate(staffed, ahead).likely_ms for staffed, ahead in ((2, 9), (3, 9), (3, 8), (30, 0))]
    assert waits == sorted(waits, reverse=True)


def test_only_the_last_hour_counts():
    made = pace(handling_ms=600_000)
    for number in range(10):
        made.handled(3_700_000 + number, 60_000)
    assert made.handling_ms() == 60_000


def test_it_is_nearer_to_the_truth_than_a_moving_average_of_past_waits():
    """app_queue announces a quarter-weight average of answered waits, whatever the position (dialer-acd.md §4.3)."""
    dice, agents, handling, errors, theirs = random.Random(9), 10, 180_000, [], []
    free, now, average = [0.0] * agents, 0.0, 0.0
    made, waiting = pace(), []
    for _ in range(3_000):
        now += dice.expovariate(agents / handling * 0.93)
        while waiting and waiting[0][0] <= now:  # answered meanwhile: first come, first served
            start, arrived = waiting.pop(0)
            average += (start - arrived - average) / 4
        first = min(range(agents), key=free.__getitem__)
        start = max(now, free[first])
        free[first] = start + dice.expovariate(1 / handling)
        if start > now:
            errors.append((made.estimate(agents, len(waiting)).median_ms - (start - now)) ** 2)
            theirs.append((average - (start - now)) ** 2)
        waiting.append((start, now))
    assert statistics.fmean(errors) < 0.8 * statistics.fmean(theirs)
