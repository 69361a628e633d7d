"""One call that rings at several agents (ring-all): the first who answers has it, all others stand where they stood before.

The floor alone decides who has answered, and only then is anybody joined: there are no legs of several agents that could be up
at once (Asterisk 176). While fewer ring than the queue asks for, the call keeps its place in the line, so that an agent who
becomes ready is rung too.
"""

from callside.acd.model import Queue, Strategy
from callside.agents.machine import AgentEvent
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Party
from callside.floor.facts import Plain
from callside.floor.ground import Ground
from callside.floor.live import LastCall, LiveCall, LiveSession
from callside.floor.queueing import leave_line, stay_in_line
from callside.floor.states import move, settle
from callside.floor.talk import advance
from callside.floor.timers import TimerKind
from callside.kernel.ids import SessionId


def ring_too(ground: Ground, call: LiveCall, session: LiveSession, queue: Queue, why: dict[str, Plain]) -> None:
    """One more agent is rung, who has the queue's whole ``ring_s`` to answer."""
    call.rung = (*call.rung, session.id)
    call.offer += 1
    session.call_id = call.id
    if call.state is CallState.QUEUED:
        leave_line(ground, call)
        advance(ground, call, CallEvent.OFFER, "call.rings_at_several")
    ground.fact("call.offered", session, call, offer=call.offer, **why)
    ground.timers.set(TimerKind.RING_TOGETHER, session.id, ground.now.mono + queue.ring_s * 1000)
    ground.touch_call(call)
    move(ground, session, AgentEvent.OFFER)
    more_may_ring(ground, call)


def more_may_ring(ground: Ground, call: LiveCall) -> None:
    """In line for more agents, or not any more, by what the queue asks for now."""
    queue = ground.queue_of(call)
    rings_all = queue is not None and queue.strategy is Strategy.RING_ALL
    if queue is not None and rings_all and (queue.ring_count == 0 or len(call.rung) < queue.ring_count):
        stay_in_line(ground, call, queue)
    else:
        leave_line(ground, call)


def ring_by_what_holds_now(ground: Ground) -> None:
    """Queues have changed: what rings at several rings on there, and at more only as its queue asks for now."""
    for call in list(ground.calls.values()):
        if call.rung:
            more_may_ring(ground, call)


def win(ground: Ground, call: LiveCall, winner: LiveSession) -> None:
    """This agent has it. The offer to the others ends; their places in the order of idleness are as if it had not been made."""
    leave_line(ground, call)
    others = [ground.sessions[one] for one in call.rung if one != winner.id]
    call.rung = ()
    call.session_id, call.agent_id = winner.id, winner.agent_id
    ground.offers += 1
    winner.last_offer = ground.offers
    ground.touch(winner)
    ground.touch_call(call)
    for other in others:
        other.call_id = None
        other.last_call = LastCall(call.id, Cause.CANCELLED, Party.SYSTEM)
        ground.fact("call.offer_withdrawn", other, call, why="answered_by_another")
        move(ground, other, AgentEvent.RELEASE)
        settle(ground, other)


def stop_ringing(ground: Ground, call: LiveCall, session: LiveSession, why: str) -> bool:
    """One agent less; the others ring on. Returns whether nobody is left: then the call waits again."""
    call.rung = tuple(one for one in call.rung if one != session.id)
    ground.timers.cancel(TimerKind.RING_TOGETHER, session.id)
    ground.offers += 1
    session.last_offer = ground.offers
    ground.fact("call.offer_missed", session, call, why=why)
    if call.rung:
        ground.touch_call(call)
        more_may_ring(ground, call)
        return False
    leave_line(ground, call)
    advance(ground, call, CallEvent.REQUEUE, "call.requeued", why="nobody_answered")
    return True


def of_session(ground: Ground, session_id: str) -> tuple[LiveCall, LiveSession] | None:
    """The call that rings at this agent together with others, while it does."""
    session = ground.sessions.get(SessionId(session_id))
    call = ground.call_of(session) if session is not None else None
    return (call, session) if session is not None and call is not None and session.id in call.rung else None
