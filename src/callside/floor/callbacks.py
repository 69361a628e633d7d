"""Callbacks: a place in the queue whose customer has hung up and is called when it is their turn (dialer-acd.md §4.4).

The agent comes first: a callback is offered as a call is, and whoever takes it hears the customer's phone ring. Each attempt is an
outbound call with a record of its own. The place is a row like a waiting call's, so it outlives us; it is moved on in the same
step, and so in the same transaction, as the call that is made for it.
"""

from typing import Final

from callside.acd.model import CallbackOffer, Queue
from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Direction, Party
from callside.calls.rules import read_number
from callside.dialer.model import DialRules
from callside.dialer.rules import check_dial
from callside.floor.callback_hours import owed_ms, window_of
from callside.floor.dialing_checks import is_with_us
from callside.floor.ground import Ground
from callside.floor.live import Callback, LastCall, LiveCall, LiveSession
from callside.floor.outbound import start
from callside.floor.queueing import callback_limit, leave_line, take_place
from callside.floor.states import forget_call, move, settle
from callside.floor.talk import advance, release_customer
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError, NotFoundError, RequestError
from callside.kernel.ids import CallId

_NOT_THEIRS: Final = frozenset({Cause.FAILED, Cause.ENGINE_LOST, Cause.AGENT_LOST})
"""Ends of an attempt that do not count: the customer's phone cannot have rung, or not for long."""
_UNANSWERED: Final = frozenset({CallState.PLANNED, CallState.RINGING})
_TAIL: Final = 7
"""Digits at the end of a number that are compared before the whole is read."""


def number_to_call(ground: Ground, offer: CallbackOffer, text: str) -> str | None:
    """The number in E.164; ``None`` where there is none, or none that may be called."""
    region = ground.directory.tenant.region
    rules = DialRules(frozenset(offer.countries or (region,)), offer.blocked_prefixes)
    try:
        number = read_number(text, region)
        check_dial(number, rules)
    except RequestError:
        return None
    return number


def may_open(ground: Ground, queue: Queue) -> bool:
    """Whether one more callback can be promised."""
    return queue.callback is not None and ground.callbacks.open_in(queue.id) < queue.callback.most


def open_callback(ground: Ground, call: LiveCall, queue: Queue, number: str) -> None:
    """Keep the caller's place. Where one is kept for that number already, that one stays: it is the better one."""
    ground.fact("callback.asked", None, call, queue_id=queue.id)
    if (queue.id, number) in ground.callbacks.places:
        return
    kept = LiveCall(
        id=CallId(ground.ids.new()),
        direction=Direction.OUTBOUND,
        state=CallState.QUEUED,
        since=ground.now,
        started=call.started,
        customer_number=number,
        customer_name=call.customer_name,
        our_number=call.our_number,
        leg_id=None,
        queue_id=queue.id,
        queued=call.queued,
        place=call.place,
        callback=Callback(call.id),
    )
    ground.calls[kept.id] = kept
    ground.callbacks.keep(queue.id, number, kept.id)
    ground.touch_call(kept)
    ground.fact("callback.opened", None, kept, queue_id=queue.id, came_by=call.id)
    take_place(ground, kept)


def know(ground: Ground, call: LiveCall) -> None:
    """After a restart: a row of the process before us."""
    if call.callback is not None and call.queue_id is not None:
        ground.callbacks.keep(call.queue_id, call.customer_number, call.id)
        under_way = any(one.callback_of == call.id for one in ground.calls.values())
        if call.state is CallState.PLANNED and not under_way:
            _again_later(ground, call, call.callback, 0, "restarted")


def due(ground: Ground, call: LiveCall) -> None:
    """The next attempt may be made, unless the queue calls nobody back any more; hours open or shut; or it is too old."""
    queue = ground.queue_of(call)
    if call.state is not CallState.QUEUED or call.callback is None:
        return
    if queue is None or queue.callback is None:
        close(ground, call, "switched_off")
    elif ground.now.mono >= callback_limit(ground, call):
        close(ground, call, "too_old")
    else:
        take_place(ground, call)


def dial(ground: Ground, kept: LiveCall, session: LiveSession) -> None:
    """The agent has taken it: call the customer on their line. What cannot be called any more is closed."""
    queue = ground.queue_of(kept)
    offer = queue.callback if queue is not None else None
    trunk = ground.directory.trunks.get(offer.trunk_id) if offer is not None else None
    if kept.callback is None or queue is None or offer is None or trunk is None:
        close(ground, kept, "switched_off")
        return
    if number_to_call(ground, offer, kept.customer_number) is None:
        close(ground, kept, "not_allowed")
        return
    if why := _why_not_now(ground, kept, offer):
        _not_now(ground, kept, kept.callback, session, 0 if why == "out_of_hours" else offer.retry_s, why)
        return
    ground.timers.cancel(TimerKind.RONA, kept.id)
    kept.callback.attempts += 1
    advance(ground, kept, CallEvent.CALL_BACK, "callback.taken", attempt=kept.callback.attempts)
    call_id = _make_room(ground, kept)
    call = LiveCall(
        id=call_id,
        direction=Direction.OUTBOUND,
        state=CallState.PLANNED,
        since=ground.now,
        started=ground.now,
        customer_number=kept.customer_number,
        customer_name=kept.customer_name,
        our_number=offer.caller_id or trunk.caller_id,
        leg_id=ground.new_leg(),
        trunk_id=trunk.id,
        queue_id=queue.id,
        session_id=session.id,
        agent_id=session.agent_id,
        callback_of=kept.id,
    )
    start(ground, call, session, offer.ring_s)
    waited_ms, owed = ground.now.mono - (kept.queued or kept.started).mono, owed_ms(ground, offer, kept)
    ground.fact(
        "callback.dialled", None, call,
        queue_id=queue.id, came_by=kept.callback.came_by, attempt=kept.callback.attempts,
        waited_ms=waited_ms, owed_ms=owed, in_time=owed <= offer.within_s * 1000,
    )  # fmt: skip


def _why_not_now(ground: Ground, kept: LiveCall, offer: CallbackOffer) -> str:
    if kept.customer_number in ground.dialing.busy_numbers:  # a campaign calls them at this moment
        return "being_called"
    if is_with_us(ground, kept.customer_number):  # they have called another number of ours
        return "with_us"
    if not ground.can_write:  # nothing is dialled then, and no attempt is to be lost by it
        return "not_recorded"
    # The hours may have ended while it rang at the agent.
    return "out_of_hours" if window_of(ground, offer, ground.now.wall).opens else ""


def _not_now(ground: Ground, kept: LiveCall, callback: Callback, session: LiveSession, retry_s: int, why: str) -> None:
    ground.timers.cancel(TimerKind.RONA, kept.id)
    kept.session_id = kept.agent_id = session.call_id = None
    move(ground, session, AgentEvent.RELEASE)
    settle(ground, session)
    _again_later(ground, kept, callback, retry_s, why)


def _make_room(ground: Ground, kept: LiveCall) -> CallId:
    """The call that is made goes by the id under which it was offered, so that page and record see one call; the place moves on."""
    offered_as = kept.id
    del ground.calls[offered_as]
    kept.id = CallId(ground.ids.new())
    kept.session_id = kept.agent_id = None
    ground.calls[kept.id] = kept
    if kept.queue_id is not None:
        ground.callbacks.keep(kept.queue_id, kept.customer_number, kept.id)
    ground.touch_call(kept)
    return offered_as


def settle_attempts(ground: Ground) -> None:
    """At the end of a step: what has become of the attempts that were answered or have ended in it."""
    while ground.callbacks.attempts:
        call = ground.callbacks.attempts.pop(0)
        kept = ground.calls.get(call.callback_of) if call.callback_of is not None else None
        if kept is None or kept.callback is None or kept.state is not CallState.PLANNED:
            continue
        if call.answered is not None:
            close(ground, kept, "answered")
        else:
            _unanswered(ground, kept, kept.callback, call.cause or Cause.FAILED)


def _unanswered(ground: Ground, kept: LiveCall, callback: Callback, cause: Cause) -> None:
    queue = ground.queue_of(kept)
    offer = queue.callback if queue is not None else None
    if offer is None:
        close(ground, kept, "switched_off")
        return
    if cause in _NOT_THEIRS:
        callback.attempts -= 1
    if cause is Cause.UNALLOCATED or callback.attempts >= offer.attempts:
        close(ground, kept, "no_such_number" if cause is Cause.UNALLOCATED else "not_reached")
        return
    _again_later(ground, kept, callback, offer.retry_s, cause)
    if queue is not None:
        _calls_in_now(ground, kept, queue, offer)


def _calls_in_now(ground: Ground, kept: LiveCall, queue: Queue, offer: CallbackOffer) -> None:
    """Perhaps they could not be reached because they were calling us."""
    for call in ground.waiting.calls(queue.id):
        same_end = call.customer_number[-_TAIL:] == kept.customer_number[-_TAIL:]
        if same_end and number_to_call(ground, offer, call.customer_number) == kept.customer_number:
            call.queued, call.place = kept.queued, kept.place
            ground.touch_call(call)
            ground.waiting.moved(call)
            close(ground, kept, "called_again")
            if call.state is CallState.QUEUED:
                take_place(ground, call)
            return


def _again_later(ground: Ground, kept: LiveCall, callback: Callback, seconds: int, why: str) -> None:
    callback.due = ground.now.wall + seconds * 1000
    advance(ground, kept, CallEvent.REQUEUE, "callback.postponed", why=why, attempts=callback.attempts, by_s=seconds)
    take_place(ground, kept)


def take_kept_place(ground: Ground, call: LiveCall, queue: Queue) -> LiveCall | None:
    """A customer who is to be called back calls in: the place that was kept for them is theirs; returns what kept it."""
    if queue.callback is None:
        return None
    number = number_to_call(ground, queue.callback, call.customer_number)
    kept = ground.calls.get(ground.callbacks.places.get((queue.id, number or ""), CallId("")))
    if (
        kept is None or kept.state is CallState.PLANNED
    ):  # being called at this moment: that attempt will find them engaged
        return None
    call.queued, call.place = kept.queued, kept.place
    return kept


def called_again(ground: Ground, call: LiveCall, kept: LiveCall) -> None:
    """They wait on the line now, and are called no more. Whom a rule has sent on instead is called back all the same."""
    if call.id in ground.matcher and call.queue_id == kept.queue_id:
        close(ground, kept, "called_again")


def cancel(ground: Ground, call_id: CallId) -> None:
    """An administrator takes it back.

    Raises:
        NotFoundError: There is none, or it is over.
        ConflictError: The customer is being called at this moment.
    """
    places = (ground.calls[one] for one in ground.callbacks.places.values())
    kept = next((one for one in places if one.callback is not None and one.callback.came_by == call_id), None)
    if kept is None:
        msg = "callback_id: no open callback was asked for in that call"
        raise NotFoundError(msg, field="callback_id")
    if kept.state is CallState.PLANNED:
        msg = "callback_id: the customer is being called at this moment"
        raise ConflictError(msg, field="callback_id")
    close(ground, kept, "taken_back")


def withdraw(ground: Ground) -> None:
    """At the end of a step: who has said that they do not want to be called takes back that they once asked for it.

    Whom we are calling at this moment hears their phone ring no more; a call that they have answered goes on.
    """
    unwanted, ground.callbacks.unwanted = ground.callbacks.unwanted, set()
    for (_, number), call_id in list(ground.callbacks.places.items()):
        if number not in unwanted:
            continue
        for call in [one for one in ground.calls.values() if one.callback_of == call_id]:
            if call.state in _UNANSWERED and call.hung_up_by is None:
                ground.fact("call.blocked", None, call, campaign_id=None, lead_id=None)
                release_customer(ground, call, Party.SYSTEM, Cause.CANCELLED)
        close(ground, ground.calls[call_id], "do_not_call")


def close(ground: Ground, kept: LiveCall, why: str) -> None:
    """Nobody needs to be called any more. An agent whom it is offered to is ready again."""
    leave_line(ground, kept)
    ground.timers.cancel(TimerKind.RONA, kept.id)
    ground.fact("callback.closed", None, kept, queue_id=kept.queue_id, why=why)
    if kept.queue_id is not None:
        ground.callbacks.drop(kept.queue_id, kept.customer_number)
    asked = (kept.rung or (kept.session_id,)) if kept.state is CallState.OFFERED else ()
    kept.rung = ()
    forget_call(ground, kept)
    for session_id in asked:
        session = ground.sessions.get(session_id) if session_id is not None else None
        if session is not None and session.state in {AgentState.RINGING, AgentState.RESERVED}:
            session.call_id = None
            session.last_call = LastCall(kept.id, Cause.CANCELLED, Party.SYSTEM)
            move(ground, session, AgentEvent.RELEASE)
            settle(ground, session)
