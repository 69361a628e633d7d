"""A caller's place in a queue: taken, kept, widened by relaxation, held for one agent, given up for another queue."""

from typing import Final

from callside.acd.estimates import Estimate
from callside.acd.groups import SkillSet, skill_set
from callside.acd.model import PRIORITY_STEP_MS, CallbackOffer, Overflow, OverflowWhen, Queue
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Party
from callside.floor.announcing import hear_other_queue
from callside.floor.callback_hours import hours_of, window_of
from callside.floor.commands import Message, SayAndHangUp
from callside.floor.ground import Ground
from callside.floor.live import Callback, CallbackStep, LiveCall, LiveSession
from callside.floor.timers import TimerKind
from callside.kernel.ids import PromptId, QueueId, SessionId
from callside.reception.calendar import next_opening

AWAY: Final = frozenset(
    {AgentState.CONNECTING, AgentState.LOST, AgentState.BREAK, AgentState.NOT_RESPONDING, AgentState.CLOSED}
)
"""States in which an agent takes no call until something else has happened."""
CALLBACK_LONGEST_MS: Final = 24 * 3_600_000
"""Whoever could not be called for a day (a trunk that is down, nobody logged in) is not surprised with it later."""
CALLBACK_LOOK_MS: Final = 15_000
"""How often a waiting caller's estimate is looked at, where a long one is a reason to offer a callback."""
_BEYOND_MS: Final = 60_000
_PUT_OFF_MS: Final = 5_000
"""How often a caller is looked at again whose limit of waiting is over at a bad moment."""
WAIT_TIMERS: Final = (
    *(TimerKind.MAX_WAIT, TimerKind.RELAX, TimerKind.STICKY, TimerKind.OVERFLOW),
    *(TimerKind.CALLBACK_OFFER, TimerKind.CALLBACK_LOOK, TimerKind.CALLBACK_DUE),
)


def enqueue(ground: Ground, call: LiveCall, queue: Queue) -> None:
    """The caller, who was led to ``queue``, begins to wait there, unless a rule sends them on at once."""
    if call.queued is None:
        call.queued = ground.now
        call.place = ground.next_place()
    if queue.max_waiting or queue.overflow:
        rule = _overflow_on_arrival(ground, queue)
        if rule is not None:
            overflow(ground, call, rule)
            return
    owner = _last_agent(ground, call, queue) if queue.sticky_s > 0 else None
    if owner is not None:
        call.owner_id, call.owned_until = owner.id, ground.now.mono + queue.sticky_s * 1000
    _take_place_in(ground, call, queue)


def take_place(ground: Ground, call: LiveCall) -> None:
    """Into the line at the place of the call's arrival; also after an offer that came to nothing, and after a restart."""
    queue = ground.queue_of(call)
    if call.callback is not None:
        _take_callback_place(ground, call, call.callback, queue)
        return
    if queue is None:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
    else:
        _take_place_in(ground, call, queue)


def _take_place_in(ground: Ground, call: LiveCall, queue: Queue) -> None:
    owner = _owner(ground, call) if call.owner_id is not None else None
    demands = _demands(ground, call, queue) if queue.skills or queue.relaxation else ()
    ground.matcher.call_waits(call.id, queue.id, _key(call, queue), call.place, demands, owner)
    if owner is not None:
        ground.timers.set(TimerKind.STICKY, call.id, call.owned_until)
    if queue.callback is not None or queue.max_wait_s or queue.overflow:
        _limit_wait(ground, call, queue)


def _limit_wait(ground: Ground, call: LiveCall, queue: Queue) -> None:
    """The instants at which something else is done with a caller who waits still. Talking is no waiting."""
    since = _waiting_since(call) + call.talk_ms + call.hold_ms
    if queue.callback is not None and call.asking is None:
        _time_offer(ground, call, queue.callback, since)
    if queue.max_wait_s > 0:
        ground.timers.set(TimerKind.MAX_WAIT, call.id, _limit(ground, call, since + queue.max_wait_s * 1000))
    waited_out = queue.overflow_when(OverflowWhen.WAITED)
    if waited_out is not None:
        ground.timers.set(TimerKind.OVERFLOW, call.id, _limit(ground, call, since + waited_out.seconds * 1000))


def _limit(ground: Ground, call: LiveCall, due: int) -> int:
    """A limit that is past comes after this step, at whose end an idle agent may take the call.

    Not for ever: who comes back from offers that nobody answers is handed about no longer than a minute beyond it.
    """
    now = ground.now.mono
    is_back = call.since.mono == now
    return due if is_back and now - due > _BEYOND_MS else max(due, now + 1)


def _time_offer(ground: Ground, call: LiveCall, offer: CallbackOffer, since: int) -> None:
    if offer.after_s > 0:
        ground.timers.set(TimerKind.CALLBACK_OFFER, call.id, since + offer.after_s * 1000)
    if offer.wait_over_s > 0:
        ground.timers.set(TimerKind.CALLBACK_LOOK, call.id, ground.now.mono + CALLBACK_LOOK_MS)


def _take_callback_place(ground: Ground, call: LiveCall, callback: Callback, queue: Queue | None) -> None:
    """Nobody is on the line: no limit of waiting holds, and before its time it waits for nobody.

    Outside the queue's hours for callbacks it waits apart, and is in its old place, before all who came later, when they open.
    """
    ground.matcher.call_leaves(call.id)
    too_old = callback_limit(ground, call)
    if queue is None or queue.callback is None:  # looked at at once, and closed
        ground.timers.set(TimerKind.CALLBACK_DUE, call.id, min(too_old, ground.now.mono))
        return
    window = window_of(ground, queue.callback, max(ground.now.wall, callback.due))
    if callback.opens != window.opens:
        callback.opens = window.opens
        ground.touch_call(call)
        if window.opens:
            ground.fact("callback.out_of_hours", None, call, queue_id=queue.id, opens_at=window.opens)
    again_ms = max(callback.due, window.opens) - ground.now.wall
    if again_ms > 0:
        ground.timers.set(TimerKind.CALLBACK_DUE, call.id, min(too_old, ground.now.mono + again_ms))
        return
    shuts = ground.now.mono + window.shuts - ground.now.wall if window.shuts else too_old
    ground.timers.set(TimerKind.CALLBACK_DUE, call.id, min(too_old, shuts))
    stay_in_line(ground, call, queue)


def callback_limit(ground: Ground, call: LiveCall) -> int:
    """When a callback is kept no longer (mono ms): a day after it was asked for, or after its hours have opened next."""
    queue, since = ground.queue_of(call), call.queued or call.started
    hours = hours_of(ground, queue.callback) if queue is not None and queue.callback is not None else None
    opened = next_opening(hours, since.wall) if hours is not None else None
    return since.mono + (max(0, opened - since.wall) if opened is not None else 0) + CALLBACK_LONGEST_MS


def stay_in_line(ground: Ground, call: LiveCall, queue: Queue) -> None:
    """In its own place and by what it may do without after its wait; a call that rings already can take more agents."""
    ground.matcher.call_waits(call.id, queue.id, _key(call, queue), call.place, _demands(ground, call, queue))


def replace_all(ground: Ground) -> None:
    """Queues have changed: every waiting call takes its place by what holds now; those of removed queues are let go."""
    for call in list(ground.calls.values()):
        if call.state is CallState.QUEUED and call.queue_id is not None and call.cause is None:
            leave_line(ground, call)
            take_place(ground, call)
    for queue in ground.directory.queues.values():
        if queue.overflow:
            send_on_if_unstaffed(ground, queue.id)


def leave_line(ground: Ground, call: LiveCall) -> None:
    """The call waits no longer, whatever becomes of it."""
    ground.matcher.call_leaves(call.id)
    ground.timers.cancel_all(WAIT_TIMERS, call.id)


def let_go(ground: Ground, call: LiveCall, message: Message, cause: Cause, prompt_id: PromptId | None = None) -> None:
    """Nobody will take this call: say so (in the tenant's own words, if there are), and hang up."""
    leave_line(ground, call)
    call.cause, call.hung_up_by = cause, Party.SYSTEM
    ground.touch_call(call)
    if call.leg_id is not None:
        ground.command(SayAndHangUp(call.leg_id, message, prompt_id))


def max_wait_over(ground: Ground, call: LiveCall) -> None:
    """The caller has waited as long as the queue allows."""
    if call.state is CallState.QUEUED and call.cause is None and not _is_put_off(ground, call, TimerKind.MAX_WAIT):
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)


def relax(ground: Ground, call: LiveCall) -> None:
    """The caller has waited for the next step of relaxation: more agents can take the call now."""
    queue = ground.queue_of(call)
    if queue is None or call.cause is not None or call.state not in {CallState.QUEUED, CallState.OFFERED}:
        return
    ground.fact("call.relaxed", None, call, after_ms=ground.now.mono - _queued_at(call))
    if call.state is CallState.QUEUED:
        take_place(ground, call)
    else:  # it rings at some: more may be rung now
        stay_in_line(ground, call, queue)


def owner_over(ground: Ground, call: LiveCall) -> None:
    """The agent whom the caller waited for was not free in time: anybody may take the call."""
    if call.owner_id is None:
        return
    call.owner_id = None
    ground.fact("call.owner_released", None, call)
    ground.touch_call(call)
    if call.state is CallState.QUEUED and call.cause is None:
        take_place(ground, call)


def agent_went_away(ground: Ground, session: LiveSession) -> None:
    """The agent takes no calls now: who waited for them alone need not wait longer; a queue may have nobody left."""
    for call_id in ground.matcher.waiting_for(session.id):
        ground.timers.cancel(TimerKind.STICKY, call_id)
        owner_over(ground, ground.calls[call_id])
    if session.state is not AgentState.CLOSED:
        return
    for queue_id in session.queue_ids:
        send_on_if_unstaffed(ground, queue_id)


def send_on_if_unstaffed(ground: Ground, queue_id: QueueId) -> None:
    """Nobody may be logged in for the queue any more: then its rule for that, if it has one, holds for all who wait."""
    queue = ground.directory.queues.get(queue_id)
    rule = queue.overflow_when(OverflowWhen.UNSTAFFED) if queue is not None else None
    if rule is None or ground.crew.logged_in(queue_id) > 0:
        return
    for call_id in ground.matcher.calls_of(queue_id):
        call = ground.calls[call_id]
        if call.state is CallState.QUEUED and call.callback is None:
            overflow(ground, call, rule)


def waited_out(ground: Ground, call: LiveCall) -> None:
    """The caller has waited as long as the queue's overflow rule says."""
    queue = ground.queue_of(call)
    rule = queue.overflow_when(OverflowWhen.WAITED) if queue is not None else None
    if rule is None or call.state is not CallState.QUEUED or call.cause is not None:
        return
    if _has_no_room(ground, rule):  # they would be sent away: better to wait on, and look again
        ground.timers.set(TimerKind.OVERFLOW, call.id, ground.now.mono + _PUT_OFF_MS)
    elif not _is_put_off(ground, call, TimerKind.OVERFLOW):
        overflow(ground, call, rule)


def _has_no_room(ground: Ground, rule: Overflow) -> bool:
    queue = ground.directory.queues.get(rule.to) if rule.to is not None and not rule.voicemail else None
    return queue is not None and _is_full(ground, queue) and queue.overflow_when(OverflowWhen.FULL) is None


def _is_put_off(ground: Ground, call: LiveCall, limit: TimerKind) -> bool:
    """A limit holds once the caller has left off saying how to be called back, and once the engine can tell them, or an agent."""
    if ground.engine_up and (call.asking is None or call.asking.step is CallbackStep.OFFERED):
        return False
    ground.timers.set(limit, call.id, ground.now.mono + _PUT_OFF_MS)
    return True


def overflow(ground: Ground, call: LiveCall, rule: Overflow) -> None:
    """Send the caller on. Nobody comes to a queue twice: who has been in all of a circle is let go with a message."""
    came_from = call.queue_id
    if rule.voicemail:
        ground.fact("call.overflowed", None, call, rule=rule.when, queue_id=came_from, to=None, voicemail=True)
        leave_line(ground, call)
        ground.mail.sent.append(call.id)
        return
    been = (*call.been_in, *((came_from,) if came_from else ()))
    target = ground.directory.queues.get(rule.to) if rule.to is not None and rule.to not in been else None
    if rule.to is not None and target is None and rule.when is OverflowWhen.WAITED:
        return  # there is nowhere else: better to wait on than to be sent away
    ground.fact("call.overflowed", None, call, rule=rule.when, queue_id=came_from, to=target.id if target else None)
    leave_line(ground, call)
    if target is None:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
        return
    call.been_in, call.owner_id, call.asking = been, None, None
    ground.touch_call(call)
    ground.lead_to(call, target.id)
    enqueue(ground, call, target)
    ground.touch_call(call)
    if call.queue_id != came_from and call.cause is None:
        hear_other_queue(ground, call, came_from)


def estimated_wait(ground: Ground, call: LiveCall) -> Estimate | None:
    """How much longer the call will wait; ``None``: nothing can be said (nobody serves, or too little was seen)."""
    if call.queue_id is None:
        return None
    return ground.paces[call.queue_id].estimate(ground.crew.staffed(call.queue_id), ground.matcher.ahead(call.id))


def estimate_in_seconds(ground: Ground, call: LiveCall, _place: int) -> tuple[int, int] | None:
    """The same for announcements: median and four of five, in seconds."""
    estimate = estimated_wait(ground, call)
    return (estimate.median_ms // 1000, -(-estimate.likely_ms // 1000)) if estimate is not None else None


def wait_over(ground: Ground, call: LiveCall, *, abandoned: bool) -> None:
    """The caller was answered for the first time, or has given up: the queue's estimates learn from it."""
    if call.queue_id is not None:
        now = ground.now.mono
        ground.paces[call.queue_id].waited(now, now - _waiting_since(call), abandoned=abandoned)


def connected(ground: Ground, call: LiveCall) -> None:
    """Caller and agent talk: the next call may go to the same agent (queues with ``sticky_s``)."""
    if call.answered == ground.now:
        wait_over(ground, call, abandoned=False)
    # A number that is withheld comes as a word, the same one for everybody.
    if call.agent_id is not None and _has_digits(call.customer_number):
        ground.last_agents.remember(call.customer_number, call.agent_id)


def _has_digits(number: str) -> bool:
    return number[-1:].isdigit() or any(one.isdigit() for one in number)


def _is_full(ground: Ground, queue: Queue) -> bool:
    """As many wait as may. Who is to be called back is not on the line, and takes nobody's room."""
    waiting = ground.matcher.waiting(queue.id)
    if not 0 < queue.max_waiting <= waiting:
        return False
    if ground.callbacks.open_in(queue.id) == 0:
        return True
    kept = sum(
        1 for (there, _), call_id in ground.callbacks.places.items() if there == queue.id and call_id in ground.matcher
    )
    return queue.max_waiting <= waiting - kept


def _overflow_on_arrival(ground: Ground, queue: Queue) -> Overflow | None:
    if _is_full(ground, queue):
        return queue.overflow_when(OverflowWhen.FULL) or Overflow(OverflowWhen.FULL)
    if not queue.overflow:
        return None
    unstaffed = queue.overflow_when(OverflowWhen.UNSTAFFED)
    if unstaffed is not None and ground.crew.logged_in(queue.id) == 0:
        return unstaffed
    long_wait = queue.overflow_when(OverflowWhen.ESTIMATE)
    if long_wait is None or ground.matcher.has_idle(queue.id, skill_set(queue.skills)):
        return None
    estimate = ground.paces[queue.id].estimate(ground.crew.staffed(queue.id), ground.matcher.waiting(queue.id))
    return long_wait if estimate is not None and estimate.likely_ms > long_wait.seconds * 1000 else None


def _last_agent(ground: Ground, call: LiveCall, queue: Queue) -> LiveSession | None:
    agent_id = ground.last_agents.of(call.customer_number)
    session = ground.sessions.get(ground.session_of_agent.get(agent_id, SessionId(""))) if agent_id else None
    if session is None or queue.id not in session.queue_ids or session.state in AWAY:
        return None
    return session


def _owner(ground: Ground, call: LiveCall) -> SessionId | None:
    session = ground.sessions.get(call.owner_id) if call.owner_id is not None else None
    if session is not None and call.queue_id in session.queue_ids and call.owned_until > ground.now.mono:
        return session.id
    if call.owner_id is not None:
        call.owner_id = None
        ground.touch_call(call)
    return None


def _demands(ground: Ground, call: LiveCall, queue: Queue) -> SkillSet:
    """What an agent must be able to do, after the caller's wait so far; the next step is timed."""
    demands = queue.skills
    if queue.relaxation:
        since = _queued_at(call)
        for step in queue.relaxation:
            due = since + step.after_s * 1000
            if due > ground.now.mono:
                ground.timers.set(TimerKind.RELAX, call.id, due)
                break
            demands = step.skills
    return skill_set(demands)


def _queued_at(call: LiveCall) -> int:
    return (call.queued or call.started).mono


def _waiting_since(call: LiveCall) -> int:
    """As ``_queued_at``, but of who called in again while a callback kept their place: since they are on the line again."""
    queued, started = call.queued, call.started.mono
    return queued.mono if queued is not None and queued.mono > started else started


def _key(call: LiveCall, queue: Queue) -> int:
    return (call.queued or call.started).mono - queue.priority * PRIORITY_STEP_MS
