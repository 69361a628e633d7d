"""The agent's nailed-up line: raised, renewed beside the old one after a reload, lost, and back in time."""

from callside.agents.machine import AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Direction, Party
from callside.floor.announcing import music_again
from callside.floor.commands import HangUpLeg, RaiseLine
from callside.floor.dialing_answer import agent_vanished as line_agent_vanished
from callside.floor.ground import Ground
from callside.floor.inbound import agent_vanished, requeue
from callside.floor.live import LiveCall, LiveSession
from callside.floor.states import LINE_UP, check_presence, close
from callside.floor.talk import advance, release_customer
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError
from callside.kernel.ids import LegId
from callside.sessions.machine import LineEvent, step
from callside.sessions.model import EndCause

_BOUND = frozenset({AgentState.RINGING, AgentState.RESERVED})
_IN_CALL = frozenset({AgentState.DIALING, AgentState.TALKING, AgentState.HELD})


def raise_line(ground: Ground, session: LiveSession, endpoint: str | None) -> None:
    """Call the agent's device. A line being raised already is given up for this one; one that is up stays until this one is."""
    target = session.endpoint if session.extension_id is not None else endpoint
    if not target:
        msg = "The phone must register first (line.credentials)"
        raise ConflictError(msg)
    if not ground.engine_up:
        msg = "The telephone engine is down; the line comes up when it is back"
        raise ConflictError(msg)
    session.endpoint = target
    if session.rising_leg is not None:
        ground.line_legs.pop(session.rising_leg, None)
        ground.command(HangUpLeg(session.rising_leg))
    session.rising_leg = ground.new_leg()
    ground.line_legs[session.rising_leg] = session.id
    _line(ground, session, LineEvent.RAISE)
    call = ground.call_of(session)
    ground.command(RaiseLine(session.id, session.rising_leg, target, muted=call.muted if call else False))


def line_answered(ground: Ground, session: LiveSession, leg_id: LegId) -> None:
    """The device has answered; an older line is let go."""
    if leg_id != session.rising_leg:
        return
    if session.line_leg is not None:
        ground.line_legs.pop(session.line_leg, None)
        ground.command(HangUpLeg(session.line_leg))
    session.line_leg, session.rising_leg = leg_id, None
    _line(ground, session, LineEvent.ANSWERED)
    ground.timers.cancel(TimerKind.RESUME, session.id)
    check_presence(ground, session)


def line_gone(ground: Ground, session: LiveSession, leg_id: LegId, cause: Cause) -> None:
    """A line's leg is gone."""
    ground.line_legs.pop(leg_id, None)
    if leg_id == session.rising_leg:
        session.rising_leg = None
        _line(ground, session, LineEvent.RISING_GONE, cause=cause)
    elif leg_id == session.line_leg:
        session.line_leg = None
        _line(ground, session, LineEvent.UP_GONE, cause=cause)
        absent(ground, session)


def absent(ground: Ground, session: LiveSession) -> None:
    """The agent cannot talk just now: an offered call goes back, a running one waits a while for the line."""
    call = ground.call_of(session)
    is_bound = session.state in _BOUND or (session.line not in LINE_UP and _is_put_through(ground, call, session))
    if call is not None and is_bound:
        (line_agent_vanished if call.dialled else agent_vanished)(ground, call, session)
    elif session.state in _IN_CALL and session.line not in LINE_UP:
        ground.timers.set(TimerKind.RESUME, session.id, ground.now.mono + ground.policy.resume_ms)
    check_presence(ground, session)


def _is_put_through(ground: Ground, call: LiveCall | None, session: LiveSession) -> bool:
    """Whether the person on a dialer's line, of whom it is known that they are one, is just being joined with the agent."""
    if call is None or session.state is not AgentState.DIALING or not call.dialled:
        return False
    return call.state is CallState.ANSWERED and not ground.timers.is_set(TimerKind.LISTEN, call.id)


def resume_over(ground: Ground, session: LiveSession) -> None:
    """The line has not come back: the customer is not kept in silence any longer."""
    call = ground.call_of(session)
    if call is None or session.state not in _IN_CALL:
        return
    session.pending_end = EndCause.LOST
    ground.touch(session)
    if call.direction is Direction.INBOUND and call.leg_id is not None and call.hung_up_by is None:
        _back_to_queue(ground, call, session)
        return
    release_customer(ground, call, Party.SYSTEM, Cause.AGENT_LOST)


def _back_to_queue(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    music_again(ground, call, session)
    advance(ground, call, CallEvent.REQUEUE, "call.requeued", why="agent_lost")
    session.call_id = None
    call.session_id = call.agent_id = None
    call.muted = False
    close(ground, session, EndCause.LOST)
    requeue(ground, call)


def _line(ground: Ground, session: LiveSession, event: LineEvent, **detail: str) -> None:
    before = session.line
    session.line = step(before, event)
    ground.fact(
        "line.state_changed", session, ground.call_of(session), **{"from": before, "to": session.line}, **detail
    )
    ground.touch(session)
