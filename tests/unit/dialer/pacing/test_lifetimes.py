"""What is asked for at every step is kept between the events that change it, and changes with each of them."""

import pytest

from callside.dialer.pacing.lifetimes import WRAP_EDGES_S, Lifetimes
from callside.dialer.pacing.model import Memory
from callside.dialer.pacing.ringing import Ringing


def wraps(ends=(), spent=()):
    return Lifetimes(WRAP_EDGES_S, 25.0, ends, spent)


def test_the_mean_begins_with_the_guess_and_follows_each_end():
    learnt = wraps()
    assert learnt.mean_s() == 25.0
    learnt.ended(5000)
    assert learnt.mean_s() == pytest.approx((3 * 25 + 5) / 4)
    learnt.ended(10_000)
    assert learnt.mean_s() == pytest.approx((3 * 25 + 15) / 5)


def test_the_mean_is_that_of_what_is_left_when_old_ends_have_faded():
    learnt = wraps()
    for _ in range(8000):
        learnt.ended(5000)
    before = learnt.mean_s()
    learnt.fade()
    assert learnt.mean_s() == wraps(learnt.ends, learnt.spent_s).mean_s() > before


def test_each_answer_makes_the_shape_less_doubtful():
    ringing = Ringing(Memory())
    doubts = [ringing.doubt]
    for _ in range(3):
        ringing.line_answered(8000)
        doubts.append(ringing.doubt)
    assert doubts == sorted(doubts, reverse=True)
    assert len(set(doubts)) == 4
