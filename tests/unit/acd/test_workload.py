import random

import pytest

from callside.acd.workload import WINDOW_MS, Workload

MINUTE = 60_000


class Remembered:
    """Everything that was ever added, looked through at each question: by whole minutes, as the workload counts."""

    def __init__(self):
        self.all = []

    def add(self, now, **added):
        self.all.append((now // MINUTE, added))

    def sum(self, now, word):
        oldest = (now - WINDOW_MS) // MINUTE
        return sum(added.get(word, 0) for minute, added in self.all if minute >= oldest)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_was_done_in_the_last_hour(seed):
    dice, workload, plain, now = random.Random(seed), Workload(), Remembered(), 7 * MINUTE
    for _ in range(2_000):
        now += dice.choice([0, 1, 900, MINUTE, 20 * MINUTE, 3 * WINDOW_MS] if dice.random() < 0.1 else [0, 500, 40_000])
        added = {word: dice.randrange(5_000) for word in ("busy", "idle", "talk", "calls") if dice.random() < 0.7}
        workload.add(now, **added)
        plain.add(now, **added)
        assert (workload.talk, workload.calls) == (plain.sum(now, "talk"), plain.sum(now, "calls"))
        busy, idle = plain.sum(now, "busy"), plain.sum(now, "idle")
        assert workload.occupancy(50) == busy * 1_000_000 // (busy + idle + 50)


def test_an_hour_without_anything_leaves_nothing():
    workload = Workload()
    workload.add(5, busy=10, talk=7, calls=1)
    workload.forget(WINDOW_MS + 2 * MINUTE)
    assert (workload.talk, workload.calls, workload.occupancy()) == (0, 0, 0)


def test_who_begins_again_after_it_counts_from_there():
    workload = Workload()
    workload.add(5, busy=10, talk=7, calls=1)
    workload.add(3 * WINDOW_MS, busy=4, talk=4, calls=1)
    assert (workload.talk, workload.calls) == (4, 1)
    workload.forget(3 * WINDOW_MS + MINUTE)
    assert (workload.talk, workload.calls) == (4, 1)
