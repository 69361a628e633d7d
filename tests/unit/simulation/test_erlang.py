"""The simulator against queueing theory: where there is a closed form, the real floor must agree with it.

Erlang A (M/M/N+M): the number of calls is a birth-death process with deaths min(n, N)·μ + max(0, n - N)·θ; its stationary
law is summed here. Erlang C (M/M/N): the classical formula.
"""

import math
import statistics

import pytest

from callside.reporting.figures import Figures
from callside.simulation.centre import BEGIN, Centre
from callside.simulation.scenario import Scenario

SEEDS = range(1, 11)
T_99 = 3.25  # Student's t, 9 degrees of freedom, two-sided 99 %


def run(seed, *, agents, per_hour, talk_s, patience_s=None, hours=20, **queue):
    scenario = Scenario.model_validate(
        {
            "name": "theory",
            "hours": hours,
            "seed": seed,
            "queue": [
                {"name": "Q", "calls_per_hour": per_hour, "talk": {"mean_s": talk_s}}
                | ({"patience": {"mean_s": patience_s}} if patience_s else {})
                | queue
            ],
            "agents": [{"count": agents, "queues": ["Q"]}],
        }
    )
    figures = Figures(BEGIN.wall, step_ms=1 << 62)
    centre = Centre(scenario, figures.take)
    centre.run()
    return figures.queue(centre.queue_ids["Q"])


def agrees(values, expected):
    """Whether ``expected`` lies within the 99 % confidence limits of the mean."""
    limit = T_99 * statistics.stdev(values) / math.sqrt(len(values))
    mean = statistics.fmean(values)
    assert mean == pytest.approx(expected, abs=limit), f"{mean:.4f} ± {limit:.4f}, theory {expected:.4f}"
    assert limit < 0.25 * expected, "limits too wide to say anything"


def erlang_a(agents, per_hour, talk_s, patience_s):
    """Share of callers who give up, share who wait, and mean wait (s) of all callers."""
    arrivals, served, gone = per_hour / 3600, 1 / talk_s, 1 / patience_s
    weights = [1.0]
    for n in range(1, 20 * agents):
        weights.append(weights[-1] * arrivals / (min(n, agents) * served + max(0, n - agents) * gone))
    whole = math.fsum(weights)
    waiting = math.fsum((n - agents) * one for n, one in enumerate(weights) if n > agents) / whole
    return gone * waiting / arrivals, math.fsum(weights[agents:]) / whole, waiting / arrivals


def erlang_c(agents, per_hour, talk_s):
    """Share of callers who wait, and mean wait (s) of all callers."""
    load = per_hour * talk_s / 3600
    blocked = load**agents / math.factorial(agents) * agents / (agents - load)
    waits = blocked / (math.fsum(load**n / math.factorial(n) for n in range(agents)) + blocked)
    return waits, waits * talk_s / (agents - load)


def share_who_wait(queue):
    return 1 - queue.answered.within(0) / queue.offered


@pytest.mark.parametrize("strategy", ["longest_idle", "occupancy"])
def test_it_agrees_with_erlang_a(strategy):
    load = {"agents": 10, "per_hour": 210, "talk_s": 180, "patience_s": 240}
    gives_up, waits, mean_wait = erlang_a(**load)
    runs = [run(seed, strategy=strategy, **load) for seed in SEEDS]
    agrees([one.abandoned.count / one.offered for one in runs], gives_up)
    agrees([share_who_wait(one) for one in runs], waits)
    agrees([(one.answered.total_ms + one.abandoned.total_ms) / 1000 / one.offered for one in runs], mean_wait)


def test_it_agrees_with_erlang_c_where_nobody_gives_up():
    load = {"agents": 10, "per_hour": 150, "talk_s": 180}
    waits, mean_wait = erlang_c(**load)
    runs = [run(seed, hours=40, **load) for seed in SEEDS]
    assert all(one.abandoned.count == 0 and one.answered.count == one.offered for one in runs)
    agrees([share_who_wait(one) for one in runs], waits)
    agrees([one.answered.mean_ms() / 1000 for one in runs], mean_wait)


def test_the_closed_forms_are_right():
    # Ten agents at 8 erlangs: 0.4092, as tables of Erlang C have it. Erlang A without impatience is Erlang C.
    assert erlang_c(10, 160, 180)[0] == pytest.approx(0.4092, abs=0.0001)
    assert erlang_a(10, 150, 180, 1e9)[1] == pytest.approx(erlang_c(10, 150, 180)[0], rel=1e-4)
