"""The agent's nailed-up line, as a table: raised once at login, raised again when it drops (DESIGN §3.2)."""

from enum import StrEnum


class LineState(StrEnum):
    """Where the line is."""

    DOWN = "down"
    RISING = "rising"
    UP = "up"
    RENEWING = "renewing"
    """Up, and a newer one is being raised beside it (the page was reloaded)."""


class LineEvent(StrEnum):
    """What moves the line from state to state."""

    RAISE = "raise"
    ANSWERED = "answered"
    """The newest leg is up."""
    RISING_GONE = "rising_gone"
    """The leg being raised failed."""
    UP_GONE = "up_gone"
    """The leg that was up is gone."""


_S, _E = LineState, LineEvent
TABLE: dict[LineState, dict[LineEvent, LineState]] = {
    _S.DOWN: {_E.RAISE: _S.RISING},
    _S.RISING: {_E.RAISE: _S.RISING, _E.ANSWERED: _S.UP, _E.RISING_GONE: _S.DOWN},
    _S.UP: {_E.RAISE: _S.RENEWING, _E.UP_GONE: _S.DOWN},
    _S.RENEWING: {_E.RAISE: _S.RENEWING, _E.ANSWERED: _S.UP, _E.RISING_GONE: _S.UP, _E.UP_GONE: _S.RISING},
}


class TransitionError(Exception):
    """The event cannot happen in that state: an error of ours, never of a user's."""


def step(state: LineState, event: LineEvent) -> LineState:
    """The state after ``event``.

    Raises:
        TransitionError: ``event`` cannot happen in ``state``.
    """
    try:
        return TABLE[state][event]
    except KeyError:
        msg = f"line event {event} cannot happen in state {state}"
        raise TransitionError(msg) from None
