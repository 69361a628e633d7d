"""After a loss: of the engine, or of ourselves. Nothing is assumed; the engine's own list of legs decides (engine.md §1.1)."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.dialer.leads.model import Lead
from callside.floor import breaks
from callside.floor.callbacks import know
from callside.floor.commands import CloseLine, HangUpLeg, JoinAgent, PartAgent
from callside.floor.dialing_answer import joined as line_joined
from callside.floor.dialing_answer import resume as resume_line
from callside.floor.dialing_leads import set_aside
from callside.floor.dialing_setup import restore as restore_dialing
from callside.floor.events import EngineFound, LegSeen
from callside.floor.facts import SessionEnded
from callside.floor.ground import Ground
from callside.floor.inbound import agent_vanished, caller_arrived, joined, watch
from callside.floor.lines import absent, line_answered, line_gone, raise_line
from callside.floor.live import LiveCall, LiveSession
from callside.floor.outbound import customer_joined, watch_ringing
from callside.floor.queueing import AWAY, take_place
from callside.floor.reception import resume
from callside.floor.states import LINE_UP, check_presence, move
from callside.floor.talk import end_call, mute_line
from callside.floor.timers import TimerKind
from callside.floor.voicemail import remember
from callside.kernel.ids import LegId
from callside.sessions.machine import LineState
from callside.sessions.model import EndCause


def restore(
    ground: Ground, sessions: Iterable[LiveSession], calls: Iterable[LiveCall], leads: Iterable[Lead] = ()
) -> None:
    """Take over the rows of the process before us. Pages and engine are away until they are seen.

    ``leads``: those with an attempt under way by their own rows.
    """
    for call in calls:
        ground.calls[call.id] = call
        call.waits = False
        ground.waiting.note(call)
        if call.leg_id is not None and call.state is not CallState.ENDED:
            ground.call_legs[call.leg_id] = call
        ground.places_were(call.place)
    for session in sessions:
        if session.state is AgentState.CLOSED:
            _finish_end(ground, session)
        else:
            _restore_session(ground, session)
    for call in list(ground.calls.values()):
        know(ground, call)
        remember(ground, call)
        if call.state is CallState.QUEUED and call.queue_id is not None and call.cause is None:
            take_place(ground, call)
    restore_dialing(ground, leads)
    for session in list(ground.sessions.values()):
        _without_page(ground, session)
    ground.fact("floor.restored")


def _finish_end(ground: Ground, session: LiveSession) -> None:
    """It was over when its row was written (again, after the disk had failed), and the process died before it could write that."""
    ground.fact("session.ended", session, cause=EndCause.LOST)
    ground.record.ended += (SessionEnded(session.id, EndCause.LOST, session.since.wall),)
    ground.record.live_sessions[session.id] = None
    ground.command(CloseLine(session.id))


def _restore_session(ground: Ground, session: LiveSession) -> None:
    ground.sessions[session.id] = session
    ground.offers = max(ground.offers, session.last_offer)
    ground.session_of_agent[session.agent_id] = session.id
    ground.crew.log_in(session.id, session.queue_ids)
    ground.crew.serves(session.id, serves=session.state not in AWAY)
    for leg in (session.line_leg, session.rising_leg):
        if leg is not None:
            ground.line_legs[leg] = session.id
    ground.timers.set(TimerKind.ABSOLUTE, session.id, session.opened.mono + ground.policy.absolute_ms)
    if session.wrap_up_ends is not None:
        ground.timers.set(TimerKind.WRAP_UP, session.id, session.wrap_up_ends.mono)
    breaks.watch(ground, session)
    if session.phone_seen:
        ground.timers.set(TimerKind.IDLE, session.id, ground.now.mono + ground.policy.idle_ms)
    else:
        ground.timers.set(TimerKind.TICKET, session.id, session.opened.mono + ground.policy.ticket_ms)


def _without_page(ground: Ground, session: LiveSession) -> None:
    session.phone_connected = False
    ground.touch(session)
    call = ground.call_of(session)
    if session.state is AgentState.RINGING and call is not None:
        agent_vanished(ground, call, session)
    elif session.state is AgentState.RESERVED and call is not None and not call.dialled:
        watch(ground, call, ground.queue_of(call))
    elif session.state in {AgentState.READY, AgentState.PREVIEW}:
        move(ground, session, AgentEvent.LOSE)
    if session.state is AgentState.LOST:
        set_aside(ground, session)


def engine_lost(ground: Ground) -> None:
    """Nobody can be given a call now; what is going on may well go on."""
    ground.engine_up = False
    ground.fact("engine.lost")
    for session in list(ground.sessions.values()):
        ground.out.changed.add(session.id)
        if session.state in {AgentState.READY, AgentState.PREVIEW, AgentState.RINGING}:
            absent(ground, session)


def engine_found(ground: Ground, event: EngineFound) -> None:
    """Hold our rows against the engine's legs: what is missing there has ended, what is unknown here is let go or taken in."""
    ground.engine_up = True
    ground.fact("engine.found", legs=len(event.legs))
    seen = {leg.leg_id: leg for leg in event.legs}
    missing = Cause.RECOVERED if event.legs else Cause.ENGINE_LOST
    for session in list(ground.sessions.values()):
        _reconcile_lines(ground, session, seen)
    _reconcile_calls(ground, seen, event.went, missing)
    for leg in event.legs:
        if leg.leg_id not in ground.line_legs and leg.leg_id not in ground.call_legs:
            _unclaimed(ground, leg)
    for session in list(ground.sessions.values()):
        ground.out.changed.add(session.id)
        if session.extension_id is not None and session.line is LineState.DOWN:
            raise_line(ground, session, None)
        check_presence(ground, session)


def _reconcile_lines(ground: Ground, session: LiveSession, seen: dict[LegId, LegSeen]) -> None:
    for leg_id in (session.line_leg, session.rising_leg):
        if leg_id is not None and (leg_id not in seen or _may_not_ring(session, seen[leg_id])):
            line_gone(ground, session, leg_id, Cause.ENGINE_LOST)
    rising = session.rising_leg
    if rising is not None and seen[rising].answered and seen[rising].session_id == session.id:
        line_answered(ground, session, rising)
    in_call = session.state in {AgentState.TALKING, AgentState.HELD, AgentState.DIALING}
    if in_call and session.line not in LINE_UP:
        absent(ground, session)


def _may_not_ring(session: LiveSession, leg: LegSeen) -> bool:
    """A desk phone's leg that we made and perhaps did not live to dial; a page asks for another line by itself."""
    return leg.leg_id == session.rising_leg and not leg.answered and session.extension_id is not None


def _reconcile_calls(ground: Ground, seen: dict[LegId, LegSeen], went: AbstractSet[LegId], missing: Cause) -> None:
    for call in list(ground.calls.values()):
        for rung in call.rung:
            agent_vanished(ground, call, ground.sessions[rung])
        if call.state is not CallState.ENDED and call.callback is None:
            # Who hung up is no lost call: one who still waited has given up.
            _reconcile_call(ground, call, seen, Cause.NORMAL if call.leg_id in went else missing)


def _reconcile_call(ground: Ground, call: LiveCall, seen: dict[LegId, LegSeen], missing: Cause) -> None:
    leg = seen.get(call.leg_id) if call.leg_id is not None else None
    if leg is None:
        end_call(ground, call, missing)
        return
    if call.hung_up_by is not None:
        ground.command(HangUpLeg(leg.leg_id))
        return
    session = ground.sessions.get(call.session_id) if call.session_id else None
    if leg.session_id is not None and (session is None or session.id != leg.session_id):
        # Joined, or taken back, in our last moments: what the engine has done of it is on no record.
        ground.command(PartAgent(leg.leg_id, leg.session_id))
    if call.state in {CallState.PLANNED, CallState.RINGING}:
        watch_ringing(ground, call)
    if call.dialled and call.answered is None:
        _reconcile_dialled(ground, call, leg, session)
    elif session is None:
        resume(ground, call)
    else:
        _reconcile_with(ground, call, leg, session)


def _reconcile_with(ground: Ground, call: LiveCall, leg: LegSeen, session: LiveSession) -> None:
    if call.muted:
        mute_line(ground, session, muted=True)
    if call.state is CallState.HELD:
        ground.command(PartAgent(leg.leg_id, session.id))
    elif leg.session_id == session.id:
        if leg.answered:
            joined(ground, call, session)
            customer_joined(ground, call, session)
    elif call.state is CallState.OFFERED:
        agent_vanished(ground, call, session)
    elif call.state is CallState.TALKING:
        ground.command(JoinAgent(leg.leg_id, session.id))


def _reconcile_dialled(ground: Ground, call: LiveCall, leg: LegSeen, session: LiveSession | None) -> None:
    if session is not None and leg.session_id == session.id and leg.answered:
        resume_line(ground, call, is_answered=True)
        line_joined(ground, call, session)
    else:
        resume_line(ground, call, is_answered=leg.answered)


def _unclaimed(ground: Ground, leg: LegSeen) -> None:
    if leg.arrival is not None:
        caller_arrived(ground, leg.arrival)
    else:
        ground.command(HangUpLeg(leg.leg_id))
