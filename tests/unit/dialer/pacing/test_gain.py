from dataclasses import replace

import pytest

from callside.dialer.pacing.gain import CampaignFigures, expected_gain
from callside.kernel.errors import InvalidFieldError

TYPICAL = CampaignFigures(agents=10, answer_rate=0.25, answer_s=10.2, failure_s=20.6, talk_s=120, wrap_s=20)


@pytest.mark.parametrize(("rate", "utilisation"), [(0.10, 0.417), (0.25, 0.660), (0.50, 0.820)])
def test_progressive_is_the_closed_form_whatever_the_team(rate, utilisation):
    for agents in (5, 100):
        gain = expected_gain(replace(TYPICAL, agents=agents, answer_rate=rate))
        assert gain.progressive == pytest.approx(utilisation, abs=0.002)


@pytest.mark.parametrize(
    ("agents", "rate", "simulated"),
    [(5, 0.10, 71.5), (5, 0.25, 77.8), (5, 0.50, 85), (10, 0.10, 80.3), (10, 0.25, 83.3), (25, 0.25, 89.6),
     (50, 0.10, 92.7), (50, 0.25, 93.1), (100, 0.25, 95.8), (250, 0.25, 98.0)],
)  # fmt: skip
def test_predictive_is_near_what_the_simulator_measures(agents, rate, simulated):
    gain = expected_gain(replace(TYPICAL, agents=agents, answer_rate=rate))
    assert gain.predictive * 100 == pytest.approx(simulated, abs=3)


@pytest.mark.parametrize(
    ("change", "simulated"),
    [({"talk_s": 60, "wrap_s": 10}, 78.2), ({"talk_s": 240, "wrap_s": 40}, 88.5), ({"target": 0.005}, 74.9),
     ({"target": 0.05}, 85.4), ({"agents": 50, "target": 0.01}, 90.6), ({"agents": 50, "talk_s": 60, "wrap_s": 10}, 92.1)],
    ids=str,
)  # fmt: skip
def test_other_calls_and_targets_too(change, simulated):
    assert expected_gain(replace(TYPICAL, **change)).predictive * 100 == pytest.approx(simulated, abs=3)


def test_a_small_team_that_is_answered_often_is_told_to_stay_progressive():
    assert not expected_gain(replace(TYPICAL, agents=5, answer_rate=0.5)).worth_it
    assert expected_gain(replace(TYPICAL, agents=50, answer_rate=0.1)).worth_it


def test_nothing_may_be_abandoned_and_nothing_is_gained():
    gain = expected_gain(replace(TYPICAL, target=0.0))
    assert (gain.more_calls, gain.worth_it) == (1.0, False)


def test_idle_times_and_calls_go_with_the_utilisation():
    gain = expected_gain(TYPICAL)
    assert gain.progressive_idle_s == pytest.approx(72, abs=0.1)
    assert gain.predictive_idle_s < gain.progressive_idle_s
    assert gain.more_calls == pytest.approx((140 + gain.progressive_idle_s) / (140 + gain.predictive_idle_s))


@pytest.mark.parametrize("wrong", [{"agents": 0}, {"answer_rate": 0.0}, {"answer_rate": 1.2}, {"talk_s": 0}], ids=str)
def test_figures_that_cannot_be_are_refused_by_name(wrong):
    with pytest.raises(InvalidFieldError, match=next(iter(wrong))):
        replace(TYPICAL, **wrong)
