"""The states of a call, as a table (research: dialer-acd.md §5.2)."""

from enum import StrEnum


class CallState(StrEnum):
    """Where a call is."""

    QUEUED = "queued"
    """Inbound: waits for an agent and hears music."""
    IVR = "ivr"
    """Inbound: is asked by a menu."""
    VOICEMAIL = "voicemail"
    """Inbound: the caller speaks to a queue's voicemail."""
    OFFERED = "offered"
    """Inbound: reserved for one agent."""
    PLANNED = "planned"
    """Outbound: on record, not yet known to be ringing. Of a callback: its customer is being called."""
    RINGING = "ringing"
    """Outbound: the customer's phone rings."""
    ANSWERED = "answered"
    """Outbound: somebody or something has answered a dialer's line; no agent talks with them yet."""
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


class CallEvent(StrEnum):
    """What moves a call from state to state."""

    OFFER = "offer"
    REQUEUE = "requeue"
    ENTER_MENU = "enter_menu"
    LEAVE_MENU = "leave_menu"
    SPEAK = "speak"
    """Voicemail begins."""
    RING = "ring"
    CALL_BACK = "call_back"
    """An agent has taken a callback: the customer is called, which is a call of its own."""
    ANSWER = "answer"
    """The far side has picked up a dialer's line."""
    CONNECT = "connect"
    HOLD = "hold"
    UNHOLD = "unhold"
    END = "end"


_S, _E = CallState, CallEvent
TABLE: dict[CallState, dict[CallEvent, CallState]] = {
    _S.QUEUED: {_E.OFFER: _S.OFFERED, _E.ENTER_MENU: _S.IVR, _E.SPEAK: _S.VOICEMAIL, _E.END: _S.ENDED},
    _S.VOICEMAIL: {_E.END: _S.ENDED},
    _S.IVR: {_E.LEAVE_MENU: _S.QUEUED, _E.END: _S.ENDED},
    _S.OFFERED: {_E.REQUEUE: _S.QUEUED, _E.CALL_BACK: _S.PLANNED, _E.CONNECT: _S.TALKING, _E.END: _S.ENDED},
    _S.PLANNED: {
        _E.RING: _S.RINGING,
        _E.ANSWER: _S.ANSWERED,
        _E.CONNECT: _S.TALKING,
        _E.REQUEUE: _S.QUEUED,
        _E.END: _S.ENDED,
    },
    _S.RINGING: {_E.ANSWER: _S.ANSWERED, _E.CONNECT: _S.TALKING, _E.END: _S.ENDED},
    _S.ANSWERED: {_E.CONNECT: _S.TALKING, _E.END: _S.ENDED},
    _S.TALKING: {_E.HOLD: _S.HELD, _E.REQUEUE: _S.QUEUED, _E.END: _S.ENDED},
    _S.HELD: {_E.UNHOLD: _S.TALKING, _E.REQUEUE: _S.QUEUED, _E.END: _S.ENDED},
    _S.ENDED: {},
}
"""``TABLE[state][event]`` is the next state; an event that is missing cannot happen in that state."""


class TransitionError(Exception):
    """The event cannot happen in that state: an error of ours, never of a user's."""


def step(state: CallState, event: CallEvent) -> CallState:
    """The state after ``event``.

    Raises:
        TransitionError: ``event`` cannot happen in ``state``.
    """
    try:
        return TABLE[state][event]
    except KeyError:
        raise refused(state, event) from None


def refused(state: CallState, event: CallEvent) -> TransitionError:
    """What is raised where ``TABLE`` has no such step."""
    return TransitionError(f"call event {event} cannot happen in state {state}")
