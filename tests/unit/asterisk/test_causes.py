import pytest

from callside.asterisk.causes import cause_of
from callside.calls.model import Cause


@pytest.mark.parametrize(
    ("q850", "sip", "cause"),
    [
        (17, 486, Cause.BUSY),
        (17, None, Cause.BUSY),
        (19, 480, Cause.NO_ANSWER),
        (19, None, Cause.NO_ANSWER),
        (18, 408, Cause.NO_ANSWER),
        (21, 403, Cause.REJECTED),
        (21, 603, Cause.REJECTED),
        (1, 404, Cause.UNALLOCATED),
        (22, 410, Cause.UNALLOCATED),
        (34, 503, Cause.CONGESTION),
        (42, None, Cause.CONGESTION),
        (16, 487, Cause.CANCELLED),
        (0, None, Cause.FAILED),
        (127, 500, Cause.FAILED),
    ],
)
def test_a_call_that_was_not_answered_ends_with_its_cause(q850, sip, cause):
    assert cause_of(q850, sip, answered=False, hang_up_asked=False) is cause


def test_a_call_that_we_take_back_is_cancelled_whatever_the_far_side_says():
    assert cause_of(16, 603, answered=False, hang_up_asked=True) is Cause.CANCELLED


def test_a_conversation_ends_normally():
    assert cause_of(16, None, answered=True, hang_up_asked=False) is Cause.NORMAL
    assert cause_of(0, None, answered=True, hang_up_asked=False) is Cause.NORMAL
    assert cause_of(38, None, answered=True, hang_up_asked=True) is Cause.NORMAL


def test_a_conversation_that_breaks_off_has_failed():
    assert cause_of(44, None, answered=True, hang_up_asked=False) is Cause.FAILED
