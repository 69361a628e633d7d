"""The dialling simulator: progressive against its closed form, and that a day is the same every time."""

from dataclasses import replace

import pytest

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import PacingMode, PacingSettings
from callside.simulation.dialing import DialFloor
from callside.simulation.dialing_model import Leave, answer_times, failure_times, published, with_leaves

ANYWAY = PacingSettings(smallest_team=0)


def day(campaign, mode, seed=1):
    return DialFloor(campaign, pacer_for(replace(ANYWAY, mode=mode)), seed).run()


def closed_form(rate, *, answer_s=10.2, failure_s=20.6, busy_s=140.0):
    """Utilisation of progressive: idle per connect is the answer, and the failures that come before it."""
    return busy_s / (busy_s + answer_s + (1 / rate - 1) * failure_s)


@pytest.mark.parametrize("log_normal", [False, True], ids=["exponential", "log-normal"])
@pytest.mark.parametrize("rate", [0.10, 0.25, 0.50])
def test_progressive_agrees_with_its_closed_form_and_abandons_nobody(rate, log_normal):
    result = day(published(100, rate, log_normal=log_normal), PacingMode.PROGRESSIVE)
    assert result.utilisation == pytest.approx(closed_form(rate), abs=0.01)
    assert result.abandoned == 0
    assert result.most_lines <= 100


def test_progressive_loses_next_to_nobody_when_half_the_team_leaves_at_once():
    result = day(with_leaves(published(100, 0.25)), PacingMode.PROGRESSIVE)
    assert result.drop <= 0.0005


def test_the_times_have_the_means_that_were_published():
    import numpy as np

    dice = np.random.default_rng(1)
    assert answer_times(dice, 200_000).mean() == pytest.approx(10.2, abs=0.1)
    assert failure_times(dice, 200_000).mean() == pytest.approx(20.6, abs=0.1)


@pytest.mark.parametrize("mode", list(PacingMode))
def test_the_same_seed_gives_the_same_day_and_another_seed_another(mode):
    campaign = replace(published(8, 0.25), hours=0.3)
    assert day(campaign, mode) == day(campaign, mode)
    assert day(campaign, mode) != day(campaign, mode, seed=2)


def test_predictive_gains_over_progressive_within_the_limit():
    campaign = replace(published(20, 0.25), hours=1.5)
    plain, ahead = day(campaign, PacingMode.PROGRESSIVE), day(campaign, PacingMode.PREDICTIVE)
    assert ahead.utilisation > plain.utilisation + 0.15
    assert 0 < ahead.drop <= 0.03


def test_lines_let_go_when_the_whole_team_leaves_are_fewer_people_abandoned():
    minute = 60_000
    meetings = tuple(Leave(at, at + 2 * minute, 1.0) for at in range(10 * minute, 60 * minute, 10 * minute))
    ring_out = replace(published(100, 0.25), hours=1.0, leaves=meetings)
    let_go = replace(ring_out, min_ring_ms=16_500)
    before, after = (day(one, PacingMode.PROGRESSIVE) for one in (ring_out, let_go))
    assert (before.withdrawn, after.withdrawn > 20) == (0, True)
    assert 0 < after.abandoned < before.abandoned


def test_nobody_is_let_go_who_has_an_agent():
    campaign = replace(published(10, 0.25), hours=0.5, min_ring_ms=16_500)
    assert day(campaign, PacingMode.PROGRESSIVE) == day(replace(campaign, min_ring_ms=None), PacingMode.PROGRESSIVE)
