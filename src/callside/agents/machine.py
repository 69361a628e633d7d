"""The states of a logged-in agent, as a table (research: dialer-acd.md §5.1).

Rules of this file: the table is all there is; nothing here knows of lines, bridges, timers or who asked. Flags that wait for a
call's end (a break asked for, a logout asked for) are not states: they live in the session.
"""

from enum import StrEnum


class AgentState(StrEnum):
    """Where an agent is."""

    CONNECTING = "connecting"
    """Logged in; the line is not up yet."""
    READY = "ready"
    """Line up, waiting for a call."""
    RESERVED = "reserved"
    """A call was chosen for the agent and is being connected (auto-answer)."""
    RINGING = "ringing"
    """A call is offered and waits for the agent's answer."""
    PREVIEW = "preview"
    """A lead is shown; the agent decides about the call."""
    DIALING = "dialing"
    """The agent is calling out."""
    TALKING = "talking"
    HELD = "held"
    """On a call, the customer hears music."""
    WRAP_UP = "wrap_up"
    BREAK = "break"
    NOT_RESPONDING = "not_responding"
    """Missed or declined an offer; takes no call until the agent says so."""
    LOST = "lost"
    """The line or the page is gone; takes no call until it is back."""
    CLOSED = "closed"


class AgentEvent(StrEnum):
    """What moves an agent from state to state."""

    LINE_READY = "line_ready"
    RESERVE = "reserve"
    OFFER = "offer"
    RELEASE = "release"
    """The offered call went away."""
    MISS = "miss"
    SHOW = "show"
    """A lead is put before the agent."""
    WITHDRAW = "withdraw"
    """The lead shown is taken away again."""
    DIAL = "dial"
    CONNECT = "connect"
    HOLD = "hold"
    UNHOLD = "unhold"
    CALL_OVER = "call_over"
    """The call is over and leaves nothing to do."""
    WRAP = "wrap"
    """The call is over; wrap-up begins."""
    BECOME_READY = "become_ready"
    TAKE_BREAK = "take_break"
    LOSE = "lose"
    CLOSE = "close"


_S, _E = AgentState, AgentEvent
TABLE: dict[AgentState, dict[AgentEvent, AgentState]] = {
    _S.CONNECTING: {_E.LINE_READY: _S.READY, _E.TAKE_BREAK: _S.BREAK, _E.CLOSE: _S.CLOSED},
    _S.READY: {
        _E.RESERVE: _S.RESERVED,
        _E.OFFER: _S.RINGING,
        _E.SHOW: _S.PREVIEW,
        _E.DIAL: _S.DIALING,
        _E.TAKE_BREAK: _S.BREAK,
        _E.LOSE: _S.LOST,
        _E.CLOSE: _S.CLOSED,
    },
    _S.RESERVED: {
        _E.CONNECT: _S.TALKING,
        _E.DIAL: _S.DIALING,
        _E.RELEASE: _S.READY,
        _E.MISS: _S.NOT_RESPONDING,
        _E.LOSE: _S.LOST,
        _E.CLOSE: _S.CLOSED,
    },
    _S.RINGING: {
        _E.RESERVE: _S.RESERVED,
        _E.RELEASE: _S.READY,
        _E.MISS: _S.NOT_RESPONDING,
        _E.LOSE: _S.LOST,
        _E.CLOSE: _S.CLOSED,
    },
    _S.PREVIEW: {
        _E.DIAL: _S.DIALING,
        _E.WITHDRAW: _S.READY,
        _E.TAKE_BREAK: _S.BREAK,
        _E.LOSE: _S.LOST,
        _E.CLOSE: _S.CLOSED,
    },
    _S.DIALING: {_E.CONNECT: _S.TALKING, _E.CALL_OVER: _S.READY, _E.WRAP: _S.WRAP_UP, _E.CLOSE: _S.CLOSED},
    _S.TALKING: {_E.HOLD: _S.HELD, _E.CALL_OVER: _S.READY, _E.WRAP: _S.WRAP_UP, _E.CLOSE: _S.CLOSED},
    _S.HELD: {_E.UNHOLD: _S.TALKING, _E.CALL_OVER: _S.READY, _E.WRAP: _S.WRAP_UP, _E.CLOSE: _S.CLOSED},
    _S.WRAP_UP: {
        _E.BECOME_READY: _S.READY,
        _E.DIAL: _S.DIALING,
        _E.TAKE_BREAK: _S.BREAK,
        _E.LOSE: _S.LOST,
        _E.CLOSE: _S.CLOSED,
    },
    _S.BREAK: {_E.BECOME_READY: _S.READY, _E.TAKE_BREAK: _S.BREAK, _E.LOSE: _S.LOST, _E.CLOSE: _S.CLOSED},
    _S.NOT_RESPONDING: {_E.BECOME_READY: _S.READY, _E.TAKE_BREAK: _S.BREAK, _E.LOSE: _S.LOST, _E.CLOSE: _S.CLOSED},
    _S.LOST: {_E.LINE_READY: _S.READY, _E.TAKE_BREAK: _S.BREAK, _E.CLOSE: _S.CLOSED},
    _S.CLOSED: {},
}
"""``TABLE[state][event]`` is the next state; an event that is missing cannot happen in that state."""

ON_A_CALL = frozenset({_S.RESERVED, _S.DIALING, _S.TALKING, _S.HELD})
"""States in which a customer is bound to the agent; a session is not ended under them."""


class TransitionError(Exception):
    """The event cannot happen in that state: an error of ours, never of a user's."""


def step(state: AgentState, event: AgentEvent) -> AgentState:
    """The state after ``event``.

    Raises:
        TransitionError: ``event`` cannot happen in ``state``.
    """
    try:
        return TABLE[state][event]
    except KeyError:
        raise refused(state, event) from None


def refused(state: AgentState, event: AgentEvent) -> TransitionError:
    """What is raised where ``TABLE`` has no such step."""
    return TransitionError(f"agent event {event} cannot happen in state {state}")
