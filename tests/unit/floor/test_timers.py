from hypothesis import given
from hypothesis import strategies as st

from callside.floor.timers import TimerKind, Timers


def test_the_earliest_is_due_first():
    timers = Timers()
    timers.set(TimerKind.RONA, "a", 20)
    timers.set(TimerKind.WRAP_UP, "b", 10)
    assert timers.next_due() == 10
    assert timers.pop_due(15) == (TimerKind.WRAP_UP, "b")
    assert timers.pop_due(15) is None


def test_setting_again_moves_a_timer():
    timers = Timers()
    timers.set(TimerKind.RONA, "a", 10)
    timers.set(TimerKind.RONA, "a", 30)
    assert timers.pop_due(20) is None
    assert timers.pop_due(30) == (TimerKind.RONA, "a")


def test_a_cancelled_timer_never_comes():
    timers = Timers()
    timers.set(TimerKind.RONA, "a", 10)
    timers.cancel(TimerKind.RONA, "a")
    timers.cancel(TimerKind.RONA, "unknown")
    assert timers.next_due() is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 50))), max_size=40))
def test_what_comes_due_is_what_was_last_set(steps):
    timers, wanted = Timers(), {}
    for key, due in steps:
        if due is None:
            timers.cancel(TimerKind.IDLE, key)
            wanted.pop(key, None)
        else:
            timers.set(TimerKind.IDLE, key, due)
            wanted[key] = due
    came = []
    while (one := timers.pop_due(100)) is not None:
        came.append(one[1])
    assert sorted(came) == sorted(wanted)
    assert came == sorted(came, key=lambda key: wanted[key])
