"""An agent's way from state to state: presence, breaks, wrap-up, and what comes after a call."""

from callside.agents.machine import ON_A_CALL, TABLE, AgentEvent, AgentState, refused
from callside.floor import breaks
from callside.floor.commands import CloseLine
from callside.floor.dialing_leads import count_down, disposed, set_aside, withdraw
from callside.floor.facts import Plain, SessionEnded, WrappedUp
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.queueing import AWAY, agent_went_away
from callside.floor.standing import count_handled, count_state, stand_down, stand_ready
from callside.floor.timers import TimerKind
from callside.kernel.clock import Moment
from callside.kernel.errors import ConflictError, InvalidFieldError
from callside.sessions.machine import LineState
from callside.sessions.model import EndCause

_READY, _RINGING, _BREAK = AgentState.READY, AgentState.RINGING, AgentState.BREAK  # see decision 7
_WRAP_UP, _CALL_OVER, _RESUME = AgentState.WRAP_UP, AgentEvent.CALL_OVER, TimerKind.RESUME
LINE_UP = frozenset({LineState.UP, LineState.RENEWING})
_WITHOUT_LINE = frozenset({AgentState.CONNECTING, AgentState.LOST})
_WAITING = frozenset({AgentState.READY, AgentState.PREVIEW})
_ALIKE = frozenset(AgentEvent) - {event for state in TABLE for event, to in TABLE[state].items() if AWAY & {state, to}}
"""Events before and after which an agent takes calls, or would after the present one: they change nothing in the crew."""


def move(ground: Ground, session: LiveSession, event: AgentEvent, detail: dict[str, Plain] | None = None) -> None:
    """One step of the agent machine, on record; the only place where an agent's state changes."""
    before, since, now = session.state, session.since, ground.now
    lasted = now.mono - since.mono if now.mono > since.mono else 0
    try:
        session.state = after = TABLE[before][event]
    except KeyError:
        raise refused(before, event) from None
    session.since = now
    session.seq = seq = session.seq + 1
    if ground.directory.strategies and session.queue_ids:
        count_state(ground, session, before, lasted)
    if event not in _ALIKE and session.queue_ids:
        _count_crew(ground, session, before)
    if after is _READY:
        stand_ready(ground, session)
    elif before is _READY:
        stand_down(ground, session)
    if before in _ENDING:
        _ENDING[before](ground, session)
    told: dict[str, Plain] = {"seq": seq, "lasted_ms": lasted, "from": before, "to": after, "event": event}
    ground.state_changed(session, detail | told if detail else told)


def _ring_over(ground: Ground, session: LiveSession) -> None:
    ground.timers.cancel(TimerKind.RING_TOGETHER, session.id)


_ENDING = {_RINGING: _ring_over, _BREAK: breaks.ended}
"""What comes to its end with a state."""


def _count_crew(ground: Ground, session: LiveSession, before: AgentState) -> None:
    if session.state is AgentState.CLOSED:
        ground.crew.log_out(session.id)
    away = session.state in AWAY
    if away != (before in AWAY):
        ground.crew.serves(session.id, serves=not away)
    if away:
        agent_went_away(ground, session)


def is_present(ground: Ground, session: LiveSession) -> bool:
    """The engine, the line and the page are all there: the agent could talk to somebody this instant."""
    return ground.engine_up and session.line in LINE_UP and session.phone_connected


def check_presence(ground: Ground, session: LiveSession) -> None:
    """Ready only while present; back to ready when present again. Never shows an agent ready who isn't."""
    state = session.state
    if state in _WAITING:
        if not is_present(ground, session):
            set_aside(ground, session)
            move(ground, session, AgentEvent.LOSE)
    elif state in _WITHOUT_LINE and is_present(ground, session):
        if state is AgentState.CONNECTING:
            session.idle_since = ground.now
        move(ground, session, AgentEvent.LINE_READY)
        _show_again(ground, session)


def _show_again(ground: Ground, session: LiveSession) -> None:
    """The lead that was before the agent when they were lost is before them again."""
    campaign = ground.campaign_of(session)
    if session.lead_id not in ground.dialing.leads or campaign is None:
        session.lead_id = None
        return
    ground.fact("lead.shown_again", session, lead_id=session.lead_id)
    move(ground, session, AgentEvent.SHOW)
    ground.timers.cancel(TimerKind.PREVIEW, session.id)
    count_down(ground, campaign, session)


def go_ready(ground: Ground, session: LiveSession) -> None:
    """The agent says: ready. From wrap-up it ends the wrap-up."""
    if session.state is AgentState.WRAP_UP:
        finish_wrap_up(ground, session)
        return
    if session.state not in {AgentState.BREAK, AgentState.NOT_RESPONDING}:
        if session.state in _WAITING:
            return
        msg = f"You are {_in_words(session.state)}; ready comes after that"
        raise ConflictError(msg)
    session.idle_since = ground.now
    move(ground, session, AgentEvent.BECOME_READY)
    check_presence(ground, session)


def go_on_break(ground: Ground, session: LiveSession, reason: str) -> None:
    """A break now, or after what is going on."""
    if all(one.code != reason for one in ground.directory.tenant.breaks):
        known = ", ".join(one.code for one in ground.directory.tenant.breaks)
        msg = f"reason: {reason!r} is not one of this tenant's break reasons ({known})"
        raise InvalidFieldError(msg, field="reason")
    if session.state in ON_A_CALL or session.state in {AgentState.WRAP_UP, AgentState.RINGING}:
        session.pending_break = reason
        ground.fact("break.requested", session, ground.call_of(session), reason=reason)
        ground.touch(session)
        return
    withdraw(ground, session)
    session.pending_break = None
    move(ground, session, AgentEvent.TAKE_BREAK, {"reason": reason})
    breaks.begun(ground, session, reason)


def cancel_break(ground: Ground, session: LiveSession) -> None:
    """A waiting break is taken back."""
    if session.pending_break is not None:
        session.pending_break = None
        ground.fact("break.cancelled", session)
        ground.touch(session)


def after_call(ground: Ground, session: LiveSession, call: LiveCall, wrap_up_s: int) -> None:
    """The call is over for the agent: wrap-up, or straight on. Who waited while nobody answered keeps their place."""
    session.call_id = None
    if not call.dialled or call.answered is not None:
        session.idle_since = ground.now
    if session.line not in LINE_UP:
        ground.timers.cancel(_RESUME, session.id)
    if session.pending_end is None and wrap_up_s > 0:
        session.wrap_call_id = call.id
        start_wrap_up(ground, session, wrap_up_s)
        move(ground, session, AgentEvent.WRAP)
        return
    session.lead_id = None
    count_handled(ground, call, 0)
    forget_call(ground, call)
    if session.pending_end is not None:
        close(ground, session, session.pending_end)
        return
    move(ground, session, _CALL_OVER)
    settle(ground, session)


def start_wrap_up(ground: Ground, session: LiveSession, seconds: int) -> None:
    """A (further) period of wrap-up from now on."""
    due = Moment(ground.now.mono + seconds * 1000, ground.now.wall + seconds * 1000)
    session.wrap_up_ends = due
    ground.timers.set(TimerKind.WRAP_UP, session.id, due.mono)
    ground.touch(session)


def extend_wrap_up(ground: Ground, session: LiveSession) -> None:
    """Again as long as the queue or campaign gives."""
    call = wrap_call(ground, session)
    if call is None:
        msg = "There is no wrap-up to extend"
        raise ConflictError(msg)
    start_wrap_up(ground, session, max(30, wrap_up_seconds(ground, call)))
    ground.fact("wrap_up.extended", session, call)


def wrap_up_seconds(ground: Ground, call: LiveCall) -> int:
    """How long wrap-up is after this call: none where no agent was on a dialer's line, or nobody answered a callback."""
    if (call.dialled or call.callback_of is not None) and call.answered is None:
        return 0
    queue = ground.queue_of(call)
    if queue is not None:
        return queue.wrap_up_s
    if call.campaign_id is not None and call.campaign_id in ground.directory.campaigns:
        return ground.directory.campaigns[call.campaign_id].wrap_up_s
    return 0


def wrap_call(ground: Ground, session: LiveSession) -> LiveCall | None:
    """The call being wrapped up."""
    return ground.calls.get(session.wrap_call_id) if session.wrap_call_id else None


def finish_wrap_up(ground: Ground, session: LiveSession) -> None:
    """The wrap-up is done, by the agent or by its timer."""
    leave_wrap_up(ground, session)
    settle(ground, session)


def leave_wrap_up(ground: Ground, session: LiveSession) -> None:
    """Keep what the agent said of the call, and let the call go."""
    ground.timers.cancel(TimerKind.WRAP_UP, session.id)
    session.wrap_up_ends = None
    session.idle_since = ground.now
    call = wrap_call(ground, session)
    session.wrap_call_id = session.lead_id = None
    ground.touch(session)
    if call is not None:
        count_handled(ground, call, session.since.elapsed_until(ground.now))
        forget_call(ground, call)


def forget_call(ground: Ground, call: LiveCall) -> None:
    """An ended call leaves the floor; what the agent said of it completes its CDR."""
    if call.disposition is not None or call.notes:
        ground.record.wrapped_up += (WrappedUp(call.id, call.disposition, call.notes),)
        ground.fact("call.wrapped_up", None, call, disposition=call.disposition)
    if call.campaign_id is not None or call.lead_id is not None:
        disposed(ground, call)
    ground.forget_call(call)


def settle(ground: Ground, session: LiveSession) -> None:
    """After a call or its wrap-up: end, break, or ready."""
    if session.pending_end is not None:
        close(ground, session, session.pending_end)
        return
    if session.pending_break is not None:
        reason, session.pending_break = session.pending_break, None
        move(ground, session, AgentEvent.TAKE_BREAK, {"reason": reason})
        breaks.begun(ground, session, reason)
        return
    if session.state is _WRAP_UP:
        move(ground, session, AgentEvent.BECOME_READY)
    check_presence(ground, session)


def close(ground: Ground, session: LiveSession, cause: EndCause) -> None:
    """The session is over. Its agent is on no call any more (the caller saw to that)."""
    if session.state is AgentState.WRAP_UP:
        leave_wrap_up(ground, session)
    withdraw(ground, session)
    move(ground, session, AgentEvent.CLOSE, {"cause": cause})
    for kind in (TimerKind.TICKET, TimerKind.IDLE, TimerKind.ABSOLUTE, TimerKind.RESUME, TimerKind.WRAP_UP):
        ground.timers.cancel(kind, session.id)
    for leg in (session.line_leg, session.rising_leg):
        if leg is not None:
            ground.line_legs.pop(leg, None)
    ground.matcher.forget(session.id)
    ground.crew.log_out(session.id)  # also of who had no queues
    ground.command(CloseLine(session.id))
    ground.fact("session.ended", session, cause=cause)
    ground.record.ended += (SessionEnded(session.id, cause, ground.now.wall),)
    ground.record.live_sessions[session.id] = None
    del ground.sessions[session.id]
    del ground.session_of_agent[session.agent_id]


def _in_words(state: AgentState) -> str:
    return {
        AgentState.CONNECTING: "still being connected",
        AgentState.LOST: "without a line",
        AgentState.RINGING: "being offered a call",
    }.get(state, "on a call")
