"""Inbound calls: arrival, the wait, the offer to an agent, and back to the same place when it is not taken."""

from callside.acd.matching import Match
from callside.acd.model import SILENCE, TONE, Queue, Strategy
from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Direction, Party
from callside.calls.rules import arrival_id, caller_number, clean_caller
from callside.floor import asking, callbacks
from callside.floor.announcing import arm, music_again, pick_up
from callside.floor.commands import JoinAgent, Message
from callside.floor.events import CallerArrived
from callside.floor.facts import Plain
from callside.floor.ground import Ground
from callside.floor.live import LastCall, LiveCall, LiveSession
from callside.floor.queueing import WAIT_TIMERS, connected, leave_line, let_go, send_on_if_unstaffed, take_place
from callside.floor.reception import go_on, lead
from callside.floor.ringing import of_session, ring_too, stop_ringing, win
from callside.floor.states import move, settle
from callside.floor.talk import advance, advance_with, connect
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError
from callside.kernel.ids import CallId, QueueId
from callside.reception.model import Target
from callside.reception.rules import route

_QUEUE, _INBOUND, _QUEUED, _OFFERED = Target.QUEUE, Direction.INBOUND, CallState.QUEUED, CallState.OFFERED
_RING_ALL, _RESERVED = Strategy.RING_ALL, AgentState.RESERVED
_RESERVE, _OFFER, _RONA = AgentEvent.RESERVE, CallEvent.OFFER, TimerKind.RONA
_WITHDRAWN = {"no_answer": Cause.NO_ANSWER, "declined": Cause.REJECTED}
"""What the end of an offer is called for the agent; the call itself goes on."""


def caller_arrived(ground: Ground, event: CallerArrived) -> None:
    """Somebody calls one of our numbers. Every arrival becomes a call with a CDR, whatever becomes of it."""
    if event.leg_id in ground.call_legs:
        return
    sent = clean_caller(event.number)
    number = caller_number(sent, ground.directory.tenant.region)
    way = route(ground.directory.plan, event.our_number, event.number, ground.now.wall, number)
    there = way.destination
    queue_id = QueueId(there.id) if there is not None and there.kind is _QUEUE else None
    call_id = arrival_id(event.leg_id, event.our_number)
    call = LiveCall(
        id=call_id if call_id not in ground.calls else CallId(ground.ids.new()),
        direction=_INBOUND,
        state=_QUEUED,
        since=ground.now,
        started=ground.now,
        customer_number=number,
        customer_name=clean_caller(event.name),
        our_number=clean_caller(event.our_number),
        leg_id=event.leg_id,
        trunk_id=event.trunk_id,
        queue_id=queue_id,
        picked_up=False,
        sent_number=sent if sent != number else "",
    )
    ground.calls[call.id] = call
    ground.call_legs[event.leg_id] = call
    ground.touch_call(call)
    ground.fact_of_call("call.started", call, {"direction": call.direction, "queue_id": queue_id})
    if there is None:
        let_go(ground, call, Message.NUMBER_NOT_IN_SERVICE, Cause.UNALLOCATED)
    else:
        lead(ground, call, there, way.why)


def match_all(ground: Ground) -> None:
    """Give every waiting call that can have one its agent; called at the end of each step."""
    if not ground.engine_up:
        return
    if ground.direct:
        _offer_directly(ground)
    matcher = ground.matcher
    while (matcher.newcomers or matcher.fresh) and (match := matcher.next_match()) is not None:
        offer(ground, ground.calls[match.call_id], ground.sessions[match.session_id], match)


def _offer_directly(ground: Ground) -> None:
    """Calls that were led to one agent, who may have got another one in the same step."""
    while ground.direct:
        call_id, session_id = ground.direct.pop(0)
        call, session = ground.calls.get(call_id), ground.sessions.get(session_id)
        if call is None or call.state is not CallState.QUEUED or call.hung_up_by is not None:
            continue
        if session is not None and session.state is AgentState.READY:
            offer(ground, call, session)
        else:
            go_on(ground, call, "agent:not_ready")


def offer(ground: Ground, call: LiveCall, session: LiveSession, match: Match | None = None) -> None:
    """Reserve the agent for the call: connected at once, or ringing until answered. ``match``: why this agent."""
    if call.asking is not None:
        asking.interrupted(ground, call)
    queue = ground.queue_of(call)
    auto_answer = ground.directory.agents[session.agent_id].auto_answer
    if queue is not None and queue.strategy is _RING_ALL and match is not None and not match.personal:
        ring_too(ground, call, session, queue, _why(ground, match, queue))
        if auto_answer:  # whoever answers by themselves has answered first
            answer(ground, session, announce=True)
        return
    call.session_id, call.agent_id = session.id, session.agent_id
    call.offer += 1
    ground.offers += 1
    session.call_id, session.last_offer = call.id, ground.offers
    if match is None:
        leave_line(ground, call)
    else:  # it was taken out of its line
        ground.timers.cancel_all(WAIT_TIMERS, call.id)
    detail: dict[str, Plain] = _why(ground, match, queue) if match is not None else {}
    detail["offer"] = call.offer
    advance_with(ground, call, _OFFER, "call.offered", detail)
    watch(ground, call, queue)
    if auto_answer:
        move(ground, session, _RESERVE)
        _take(ground, call, session, announce=True)
    else:
        move(ground, session, AgentEvent.OFFER)


def _why(ground: Ground, match: Match, queue: Queue | None) -> dict[str, Plain]:
    """Of how many agents by which rule: plain values that stay on the call's record."""
    return {
        "rule": "last_agent" if match.personal or queue is None else queue.strategy,
        "candidates": match.candidates,
        "agent_key": match.agent_key,
        "others": ",".join(ground.sessions[one].agent_id for one in match.others) if match.others else "",
        "call_key": match.call_key,
        "waiting_on": match.passed,
    }


def watch(ground: Ground, call: LiveCall, queue: Queue | None) -> None:
    """An offer, or its join, does not go on for ever."""
    ring_s = queue.ring_s if queue is not None else 20
    ground.timers.set(_RONA, call.id, ground.now.mono + ring_s * 1000)


def answer(ground: Ground, session: LiveSession, *, announce: bool = False) -> None:
    """The agent takes the offered call; they talk when the engine has joined them, for which it has as long as for ringing."""
    call = ground.call_of(session)
    if call is None or session.state is not AgentState.RINGING:
        msg = "There is no call to answer"
        raise ConflictError(msg)
    move(ground, session, AgentEvent.RESERVE)
    if call.rung:
        win(ground, call, session)
    watch(ground, call, ground.queue_of(call))
    _take(ground, call, session, announce=announce)


def decline(ground: Ground, session: LiveSession) -> None:
    """The agent does not take it: as if it had not been answered."""
    call = ground.call_of(session)
    if call is None or session.state is not AgentState.RINGING:
        msg = "There is no call to decline"
        raise ConflictError(msg)
    missed(ground, call, session, "declined")


def rona(ground: Ground, call: LiveCall) -> None:
    """Ring on no answer."""
    session = ground.sessions.get(call.session_id) if call.session_id else None
    if session is None or call.state is not CallState.OFFERED:
        return
    if session.state is _RESERVED and not ground.engine_up:  # they have answered: it is not their miss
        agent_vanished(ground, call, session)
    else:
        missed(ground, call, session, "no_answer")


def rung_in_vain(ground: Ground, key: str) -> None:
    """One of several agents has not answered in time."""
    found = of_session(ground, key)
    if found is not None:
        missed(ground, *found, "no_answer")


def missed(ground: Ground, call: LiveCall, session: LiveSession, why: str) -> None:
    """The agent gets no further call until they say so; the call goes back to its own place in the queue."""
    give_back(ground, call, session, why)
    move(ground, session, AgentEvent.MISS, {"why": why})
    if session.pending_end is not None or session.pending_break is not None:
        settle(ground, session)


def agent_vanished(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """Line or page went while the call was being offered."""
    give_back(ground, call, session, "agent_lost")
    move(ground, session, AgentEvent.LOSE)
    if session.pending_end is not None or session.pending_break is not None:
        settle(ground, session)


def give_back(ground: Ground, call: LiveCall, session: LiveSession, why: str) -> None:
    """Back to the queue, at the place of its arrival; while it rings at others as well, it rings on there."""
    ground.timers.cancel(TimerKind.RONA, call.id)
    was_joining = session.state is AgentState.RESERVED
    waits_again = True
    if call.rung:
        waits_again = stop_ringing(ground, call, session, why)
    else:
        advance(ground, call, CallEvent.REQUEUE, "call.requeued", why=why)
    ground.touch(session)
    session.call_id = None
    session.last_call = LastCall(call.id, _WITHDRAWN.get(why, Cause.CANCELLED), Party.SYSTEM)
    if not waits_again:
        return
    call.session_id = call.agent_id = None
    if was_joining:
        music_again(ground, call, session)
    requeue(ground, call)


def requeue(ground: Ground, call: LiveCall) -> None:
    """Waits again; if its queue is gone meanwhile it is let go with a message. One led to an agent only is led on."""
    if call.hung_up_by is not None:  # its agent has hung up before they were joined: it is on its way out
        call.cause = call.cause or Cause.NORMAL
        ground.touch_call(call)
    elif call.queue_id is not None:
        arm(ground, call)
        take_place(ground, call)
        send_on_if_unstaffed(ground, call.queue_id)
    elif ground.engine_up:  # Else it is led on when the engine is found again.
        go_on(ground, call, "agent:not_taken")


def joined(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """The engine has joined customer and agent, who belong together."""
    if call.state is _OFFERED and session.state is _RESERVED:
        connect(ground, call, session)
        connected(ground, call)


def _take(ground: Ground, call: LiveCall, session: LiveSession, *, announce: bool) -> None:
    if call.callback is not None:
        callbacks.dial(ground, call, session)
    elif call.leg_id is not None:
        pick_up(ground, call)
        queue = ground.queue_of(call)
        whisper = TONE if queue is None else queue.whisper
        if whisper == SILENCE or (whisper == TONE and not announce):
            whisper = ""
        ground.command(JoinAgent(call.leg_id, session.id, whisper))
