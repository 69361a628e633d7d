"""A call once it has an agent: talking, hold, mute, digits, notes, and its end."""

import re

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import TABLE, CallEvent, CallState, refused
from callside.calls.model import Cause, Cdr, Direction, Party
from callside.floor.commands import HangUpLeg, JoinAgent, PartAgent, PlayDigits, SetLineMuted, StopRinging
from callside.floor.dialing_leads import attempt_over
from callside.floor.facts import Fact, Plain
from callside.floor.ground import Ground
from callside.floor.live import LastCall, LiveCall, LiveSession
from callside.floor.queueing import wait_over
from callside.floor.states import after_call, forget_call, move, settle, wrap_call, wrap_up_seconds
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError, InvalidFieldError

_DIGITS = re.compile(r"[0-9*#A-D]{1,32}")
_LONGEST_NOTES = 4000
_CLOCK_LEEWAY_MS = 300_000
_A_YEAR_MS = 366 * 24 * 3_600_000
_OUTBOUND, _ABANDONED, _CUSTOMER = Direction.OUTBOUND, Cause.ABANDONED, Party.CUSTOMER
_END, _CONNECT, _CONNECT_AGENT = CallEvent.END, CallEvent.CONNECT, AgentEvent.CONNECT
_RONA, _TALKING = TimerKind.RONA, CallState.TALKING
_WITH_AGENT = frozenset({CallState.TALKING, CallState.HELD})
_CALLED = frozenset({CallState.PLANNED, CallState.RINGING})
_OFFERED = frozenset({AgentState.RINGING, AgentState.RESERVED})
_BY_THE_SYSTEM = frozenset({Cause.ENGINE_LOST, Cause.RECOVERED, Cause.FAILED, Cause.CONGESTION, Cause.UNALLOCATED})

_WAITED = frozenset({CallState.QUEUED, CallState.IVR, CallState.VOICEMAIL, CallState.ANSWERED})
_RANG = frozenset({CallState.OFFERED, CallState.PLANNED, CallState.RINGING})
"""States whose time is counted as waiting, and as ringing."""

DIALER_TIMERS = (TimerKind.CONNECT, TimerKind.LISTEN)
_TILL_TALK = (TimerKind.RONA, TimerKind.RING_OUT, TimerKind.MAX_WAIT)


def advance(ground: Ground, call: LiveCall, event: CallEvent, kind: str, **detail: Plain) -> None:
    """One step of the call machine, on record."""
    advance_with(ground, call, event, kind, detail)


def advance_with(ground: Ground, call: LiveCall, event: CallEvent, kind: str, detail: dict[str, Plain]) -> None:
    """The same where the detail is a dictionary already, which becomes the fact's.

    The time of the state that ends is added up here and nowhere else.
    """
    before, since, now = call.state, call.since, ground.now
    lasted = now.mono - since.mono if now.mono > since.mono else 0
    try:
        call.state = TABLE[before][event]
    except KeyError:
        raise refused(before, event) from None
    call.since = now
    if before in _WAITED:
        call.wait_ms += lasted
    elif before in _RANG:
        call.ring_ms += lasted
    elif before is _TALKING:
        call.talk_ms += lasted
    else:
        call.hold_ms += lasted
    detail["lasted_ms"] = lasted
    record, call_id = ground.record, call.id
    record.facts.append(Fact(kind, ground.tenant_id, now, call.session_id, call.agent_id, call_id, detail))
    record.live_calls[call_id] = call


def connect(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """They hear each other."""
    if call.direction is _OUTBOUND:
        _stop_ringing(ground, call, session)
        ground.timers.cancel_all(_TILL_TALK, call.id)
    else:  # the limits of its wait ended with the offer
        ground.timers.cancel(_RONA, call.id)
    if call.answered is None:
        call.answered = ground.now
    advance_with(ground, call, _CONNECT, "call.answered", {"direction": call.direction})
    move(ground, session, _CONNECT_AGENT)


def talking_call(ground: Ground, session: LiveSession) -> LiveCall:
    """The call that agent and customer are in.

    Raises:
        ConflictError: There is none.
    """
    call = ground.call_of(session)
    if call is None or call.state not in _WITH_AGENT:
        msg = "You are not on a call"
        raise ConflictError(msg)
    return call


def set_hold(ground: Ground, session: LiveSession, *, held: bool) -> None:
    """The customer hears music, or is back."""
    call = talking_call(ground, session)
    if held == (call.state is CallState.HELD) or call.leg_id is None:
        return
    if held:
        ground.command(PartAgent(call.leg_id, session.id))
        advance(ground, call, CallEvent.HOLD, "call.held")
        move(ground, session, AgentEvent.HOLD)
    else:
        ground.command(JoinAgent(call.leg_id, session.id))
        advance(ground, call, CallEvent.UNHOLD, "call.resumed")
        move(ground, session, AgentEvent.UNHOLD)


def set_mute(ground: Ground, session: LiveSession, *, muted: bool) -> None:
    """The customer does not hear the agent, or does again."""
    call = talking_call(ground, session)
    if call.muted == muted:
        return
    call.muted = muted
    mute_line(ground, session, muted=muted)
    ground.fact("call.muted" if muted else "call.unmuted", None, call)
    ground.touch_call(call)


def send_digits(ground: Ground, session: LiveSession, digits: str) -> None:
    """DTMF to the customer's side."""
    call = talking_call(ground, session)
    if not _DIGITS.fullmatch(digits):
        msg = "digits: only 0-9, *, # and A-D, at most 32"
        raise InvalidFieldError(msg, field="digits")
    if call.leg_id is not None:
        ground.command(PlayDigits(call.leg_id, digits))


def write_notes(ground: Ground, session: LiveSession, notes: str) -> None:
    """Notes of the present call, or of the one being wrapped up."""
    call = _of_call(ground, session, "write notes for")
    if len(notes) > _LONGEST_NOTES:
        msg = f"text: notes can have {_LONGEST_NOTES} characters; these have {len(notes)}"
        raise InvalidFieldError(msg, field="text")
    call.notes = "".join(one for one in notes if one.isprintable() or one == "\n")
    ground.touch_call(call)
    ground.out.changed.add(session.id)


def choose_disposition(
    ground: Ground, session: LiveSession, code: str, callback_at: int | None = None, *, mine: bool = False
) -> None:
    """What came of the call."""
    call = _of_call(ground, session, "choose a disposition for")
    if all(one.code != code for one in ground.directory.tenant.dispositions):
        msg = f"disposition: {code!r} is not one of this tenant's dispositions"
        raise InvalidFieldError(msg, field="disposition")
    if (
        callback_at is not None
        and not ground.now.wall - _CLOCK_LEEWAY_MS <= callback_at <= ground.now.wall + _A_YEAR_MS
    ):
        msg = "callbackAt: choose a time between now and a year from now"
        raise InvalidFieldError(msg, field="callbackAt")
    if callback_at is not None and call.lead_id is None:
        msg = (
            "callbackAt: whom you spoke with is on no list, so nobody would be reminded; write the date into the notes"
        )
        raise InvalidFieldError(msg, field="callbackAt")
    call.disposition = code
    call.callback_at, call.callback_mine = callback_at, mine
    ground.touch_call(call)
    ground.out.changed.add(session.id)


def _of_call(ground: Ground, session: LiveSession, what: str) -> LiveCall:
    """The call of which the agent says something: theirs now, or the one being wrapped up.

    One that only rings at them may become somebody else's, whose page and whose record would have their words.
    """
    call = ground.call_of(session) or wrap_call(ground, session)
    if call is None:
        msg = f"There is no call to {what}"
        raise ConflictError(msg)
    if session.state is AgentState.RINGING:
        msg = f"The call is not yours yet: answer it, then there is a call to {what}"
        raise ConflictError(msg)
    return call


def hang_up(ground: Ground, session: LiveSession) -> None:
    """The agent ends the call; it is over when the engine says so."""
    call = ground.call_of(session)
    if call is None or session.state is AgentState.RINGING:
        msg = "You are not on a call"
        raise ConflictError(msg)
    release_customer(ground, call, Party.AGENT, None)


def release_customer(ground: Ground, call: LiveCall, by: Party, cause: Cause | None) -> None:
    """Hang the customer's leg up, for a reason that the record keeps."""
    if call.hung_up_by is None:
        call.hung_up_by = by
        call.cause = cause
        ground.touch_call(call)
    if call.leg_id is not None:
        ground.command(HangUpLeg(call.leg_id))


def end_call(ground: Ground, call: LiveCall, cause: Cause) -> None:
    """The customer's leg is gone: the call is over and its CDR is written."""
    session = ground.sessions.get(call.session_id) if call.session_id else None
    rung = call.rung
    if rung:
        call.rung = ()
    ground.timers.cancel_every(call.id)
    was = call.state
    if was not in _WITH_AGENT:
        ground.matcher.call_leaves(call.id)
    call.cause, call.hung_up_by = cause, by = _verdict(call, cause)
    if cause is _ABANDONED:
        wait_over(ground, call, abandoned=True)
    call.ended = ground.now
    if call.leg_id is not None:
        ground.call_legs.pop(call.leg_id, None)
    advance_with(ground, call, _END, "call.ended", {"cause": cause, "hung_up_by": by})
    ground.record.cdrs += (cdr_of(ground, call),)
    if call.direction is _OUTBOUND:
        _call_of_ours_over(ground, call, session if was in _CALLED else None)
    if session is not None and session.call_id == call.id:
        _over_for(ground, session, call)
        return
    forget_call(ground, call)
    for one in rung:
        _offer_gone(ground, ground.sessions[one], call)


def _call_of_ours_over(ground: Ground, call: LiveCall, waited: LiveSession | None) -> None:
    """``waited``: who heard it ring."""
    if waited is not None:
        _stop_ringing(ground, call, waited)
    attempt_over(ground, call)
    if call.callback_of is not None:
        ground.callbacks.attempts.append(call)


def _over_for(ground: Ground, session: LiveSession, call: LiveCall) -> None:
    session.last_call = LastCall(
        call.id, call.cause or Cause.FAILED, call.hung_up_by or Party.SYSTEM, call.talk_ms + call.hold_ms
    )
    if call.muted:
        call.muted = False
        mute_line(ground, session, muted=False)
    if session.state in _OFFERED:
        forget_call(ground, call)
        _offer_gone(ground, session, call)
        return
    after_call(ground, session, call, wrap_up_seconds(ground, call))


def _stop_ringing(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    if not call.early_media and not call.dialled:
        ground.command(StopRinging(session.id))


def _offer_gone(ground: Ground, session: LiveSession, call: LiveCall) -> None:
    session.call_id = session.lead_id = None
    session.last_call = LastCall(call.id, call.cause or Cause.FAILED, call.hung_up_by or Party.SYSTEM)
    move(ground, session, AgentEvent.RELEASE)
    settle(ground, session)


def _verdict(call: LiveCall, cause: Cause) -> tuple[Cause, Party]:
    if call.hung_up_by is not None:
        if call.cause is not None:
            return call.cause, call.hung_up_by
        if call.picked is not None and call.answered is None:  # a dialer's line: somebody was there, and nobody of ours
            return _ABANDONED, call.hung_up_by
        cancelled = call.direction is Direction.OUTBOUND and call.answered is None
        return (Cause.CANCELLED if cancelled else Cause.NORMAL), call.hung_up_by
    if cause in _BY_THE_SYSTEM:
        return cause, Party.SYSTEM
    if call.answered is None and call.direction is not _OUTBOUND:
        cause = Cause.VOICEMAIL if call.state is CallState.VOICEMAIL else _ABANDONED
    return cause, _CUSTOMER


def mute_line(ground: Ground, session: LiveSession, *, muted: bool) -> None:
    """Silence the agent's line, or let it be heard again; one that is being raised was told what held then."""
    for leg in (session.line_leg, session.rising_leg):
        if leg is not None:
            ground.command(SetLineMuted(session.id, leg, muted))


def cdr_of(ground: Ground, call: LiveCall) -> Cdr:
    """The call's record as it stands at its end."""
    started = call.started
    # By position: where arguments and twice the keywords are more than 30 CPython makes a dictionary of them at each call (1 µs).
    return Cdr(
        call.id,
        ground.tenant_id,
        call.direction,
        call.customer_number,
        call.customer_name,
        call.our_number,
        call.queue_id,
        call.campaign_id,
        call.agent_id,
        call.session_id,
        started.wall,
        call.answered.wall if call.answered is not None else None,
        started.wall + started.elapsed_until(ground.now),
        call.wait_ms + call.ring_ms + call.talk_ms + call.hold_ms,
        call.wait_ms,
        call.ring_ms,
        call.talk_ms,
        call.hold_ms,
        call.cause or Cause.FAILED,
        call.hung_up_by or Party.SYSTEM,
        lead_id=call.lead_id,
        went_out=call.went_out,
        sent_number=call.sent_number,
    )
