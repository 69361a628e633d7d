import itertools

import pytest

from callside.sessions import machine

STATES = next(kind for name, kind in vars(machine).items() if name.endswith("State"))
EVENTS = next(kind for name, kind in vars(machine).items() if name.endswith("Event"))
START = next(iter(STATES))


@pytest.mark.parametrize(("state", "event"), list(itertools.product(STATES, EVENTS)))
def test_each_event_in_each_state_does_what_the_table_says_or_is_an_error(state, event):
    if event in machine.TABLE[state]:
        assert machine.step(state, event) is machine.TABLE[state][event]
    else:
        with pytest.raises(machine.TransitionError, match=str(event)):
            machine.step(state, event)


def test_every_state_has_a_row_and_every_event_a_use():
    assert set(machine.TABLE) == set(STATES)
    assert {event for row in machine.TABLE.values() for event in row} == set(EVENTS)


def test_every_state_can_be_reached():
    reached = {START}
    while new := {after for state in reached for after in machine.TABLE[state].values()} - reached:
        reached |= new
    assert reached == set(STATES)
