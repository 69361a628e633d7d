"""Every state machine against its table: all states × all events."""

import itertools

import pytest

from callside.agents import machine as agent
from callside.agents.machine import AgentEvent, AgentState
from callside.calls import machine as call
from callside.calls.machine import CallEvent, CallState
from callside.sessions import machine as line
from callside.sessions.machine import LineEvent, LineState

MACHINES = {
    "agent": (agent, AgentState, AgentEvent, {AgentState.CONNECTING}),
    "call": (call, CallState, CallEvent, {CallState.QUEUED, CallState.PLANNED}),
    "line": (line, LineState, LineEvent, {LineState.DOWN}),
}
CELLS = [
    pytest.param(machine, state, event, id=f"{name}-{state}-{event}")
    for name, (machine, states, events, _) in MACHINES.items()
    for state, event in itertools.product(states, events)
]
EACH = pytest.mark.parametrize(("machine", "states", "events", "starts"), list(MACHINES.values()), ids=list(MACHINES))


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_each_event_in_each_state_does_what_the_table_says_or_is_an_error(machine, state, event):
    if event in machine.TABLE[state]:
        assert machine.step(state, event) is machine.TABLE[state][event]
    else:
        with pytest.raises(machine.TransitionError, match=str(event)):
            machine.step(state, event)


@EACH
def test_every_state_has_a_row_and_every_event_a_use(machine, states, events, starts):
    assert set(machine.TABLE) == set(states)
    assert {event for row in machine.TABLE.values() for event in row} == set(events)


@EACH
def test_every_state_can_be_reached(machine, states, events, starts):
    reached = set(starts)
    while new := {after for state in reached for after in machine.TABLE[state].values()} - reached:
        reached |= new
    assert reached == set(states)


def test_what_is_over_stays_over():
    assert agent.TABLE[AgentState.CLOSED] == {}
    assert call.TABLE[CallState.ENDED] == {}


def test_nobody_becomes_reserved_but_from_ready_or_ringing():
    reserving = {state for state, row in agent.TABLE.items() if AgentState.RESERVED in row.values()}
    assert reserving == {AgentState.READY, AgentState.RINGING}


def test_a_missed_offer_leads_to_not_responding_and_only_the_agent_leads_out():
    row = agent.TABLE[AgentState.NOT_RESPONDING]
    assert set(row) == {AgentEvent.BECOME_READY, AgentEvent.TAKE_BREAK, AgentEvent.LOSE, AgentEvent.CLOSE}
