from dataclasses import replace

import pytest

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.keeping import aged
from callside.dialer.pacing.model import Known, Memory, PacingMode, PacingSettings
from callside.simulation.dialing import DialFloor
from callside.simulation.dialing_model import published

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
SETTINGS = PacingSettings(mode=PacingMode.PREDICTIVE, smallest_team=0)


@pytest.fixture(scope="module")
def learnt():
    floor = DialFloor(replace(published(20, 0.25), hours=0.5), pacer_for(SETTINGS), 3)
    floor.run()
    return floor.pacer.known().memory


def experience(memory):
    return pacer_for(SETTINGS, Known(memory=memory))._experience._ringing


def test_what_was_kept_a_moment_ago_holds_as_it_is(learnt):
    after = aged(learnt, 0)
    assert after == learnt
    assert pacer_for(SETTINGS, Known(memory=after)).caution == learnt.caution


def test_the_last_minutes_are_nothing_after_some_of_them_and_the_shape_stays(learnt):
    after = aged(learnt, 10 * MINUTE)
    assert after.recent[1] < 0.001 * learnt.recent[1]
    assert sum(after.answered) > 0.98 * sum(learnt.answered)
    assert after.caution == learnt.caution


def test_yesterday_is_evidence_not_truth(learnt):
    today, tomorrow = experience(learnt), experience(aged(learnt, DAY))
    assert sum(tomorrow.answered) == pytest.approx(sum(today.answered) / 2)
    assert tomorrow.doubt > 2 * today.doubt
    assert tomorrow.level == pytest.approx(1, abs=0.01)
    rate = [one.answered.sum() / (one.answered.sum() + one.failed.sum()) for one in (today, tomorrow)]
    assert rate[0] == pytest.approx(rate[1])
    assert aged(learnt, 16 * HOUR).caution is None


def test_after_some_weeks_it_is_as_if_nothing_had_been_learnt(learnt):
    long_ago, fresh = experience(aged(learnt, 30 * DAY)), experience(Memory())
    assert long_ago.doubt == pytest.approx(fresh.doubt, rel=0.001)
    assert long_ago.level == pytest.approx(fresh.level, rel=0.001)


def test_a_clock_that_was_put_back_makes_nothing_of_more_weight(learnt):
    assert aged(learnt, -HOUR) == learnt


@pytest.mark.parametrize(
    "wrong",
    [
        {"answered": (-1.0,) * 64},
        {"recent": (float("nan"), 1.0)},
        {"talk_s": (float("inf"),)},
        {"caution": float("nan")},
        {"caution": 700.0},
        {"steered": -1.0},
    ],
    ids=str,
)
def test_what_cannot_have_been_learnt_is_not_believed(learnt, wrong):
    assert aged(replace(learnt, **wrong), 0) == Memory()
