"""Runs of scenarios: chance without surprise."""

import statistics

import pytest

from callside.simulation.chance import draw_ms, generator, next_arrival
from callside.simulation.page import page_of, row_of
from callside.simulation.results import simulate
from callside.simulation.scenario import Duration, QueuePlan, Scenario, read_scenario
from tests.unit.simulation.test_scenario import EXAMPLES

HELP_DESK = read_scenario(EXAMPLES / "one-queue.toml")
LANGUAGES = read_scenario(EXAMPLES / "two-languages.toml")


def small(**changes):
    queue = {"name": "Q", "calls_per_hour": 60, "talk": {"mean_s": 120}} | changes.pop("queue", {})
    agents = {"count": 3, "queues": ["Q"]} | changes.pop("agents", {})
    return Scenario.model_validate({"name": "small", "hours": 4, "queue": [queue], "agents": [agents]} | changes)


def test_the_same_seed_gives_the_same_day_and_another_seed_another_one():
    assert simulate(LANGUAGES) == simulate(LANGUAGES)
    assert simulate(LANGUAGES).queues != simulate(LANGUAGES.model_copy(update={"seed": 8})).queues


def test_every_caller_is_accounted_for():
    for queue in simulate(LANGUAGES).queues:
        assert queue.offered == queue.answered + queue.abandoned + queue.let_go
        assert queue.offered == sum(one.offered for one in queue.intervals)


def test_two_more_agents_shorten_the_wait_of_the_same_callers():
    now, then = simulate(HELP_DESK).queues[0], simulate(HELP_DESK.with_agents(2)).queues[0]
    assert now.offered == then.offered
    assert then.asa_ms < now.asa_ms
    assert then.service_level > now.service_level


def test_nobody_there_means_nobody_is_answered_and_the_run_ends():
    [queue] = simulate(small(agents={"count": 0})).queues
    assert queue.answered == 0
    assert queue.service_level == 0.0


def test_who_has_waited_too_long_is_let_go():
    [queue] = simulate(small(agents={"count": 1}, queue={"max_wait_s": 60, "calls_per_hour": 120})).queues
    assert queue.let_go > 50
    assert queue.p95_ms <= 60_000


def test_agents_who_are_slow_to_answer_are_not_asked_twice_at_once():
    [queue] = simulate(small(agents={"answer_s": 30}, queue={"ring_s": 20, "max_wait_s": 300})).queues
    assert queue.answered == 0  # each offer ends before they take it
    assert queue.let_go == queue.offered


def test_a_shift_ends_after_the_last_call():
    [queue] = simulate(small(agents={"end_h": 1.0}, queue={"patience": {"mean_s": 60}})).queues
    late = [one for one in queue.intervals if one.begin_s >= 3600]
    assert all(one.service_level == 0 for one in late)
    assert queue.answered > 30


def test_draws_have_the_mean_and_spread_asked_for():
    dice = generator(3, "test")
    drawn = [draw_ms(dice, Duration(mean_s=100, shape="lognormal", cv=0.5)) / 1000 for _ in range(20_000)]
    assert statistics.fmean(drawn) == pytest.approx(100, rel=0.02)
    assert statistics.stdev(drawn) == pytest.approx(50, rel=0.05)
    assert draw_ms(dice, Duration(mean_s=2, shape="fixed")) == 2000


def test_arrivals_follow_the_rate_of_their_quarter_of_an_hour():
    plan = QueuePlan(name="Q", calls_per_interval=(400, 0, 800), talk=Duration(mean_s=1))
    dice, now, counts = generator(5, "test"), 0, [0, 0, 0]
    while (now := next_arrival(dice, plan, now, 10**9)) is not None:
        counts[now // 900_000] += 1
    assert counts[0] == pytest.approx(400, abs=4 * 400**0.5)
    assert counts[1] == 0
    assert counts[2] == pytest.approx(800, abs=4 * 800**0.5)


def test_the_page_stands_alone_and_escapes_names():
    page = page_of(simulate(small(name="<script>alert(1)</script>")))
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<svg") == 3
    assert row_of(simulate(small()).queues[0])[0] == "Q"
