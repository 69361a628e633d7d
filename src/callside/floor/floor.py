"""The floor's door: one event in, commands and a record out.

Deterministic: the same directory, ids, events and moments give the same outcomes, so a recorded day can be replayed.
"""

from collections.abc import Callable, Iterable
from typing import Any

from callside.calls.machine import CallState
from callside.dialer.leads.model import Lead
from callside.floor import (
    announcing,
    asking,
    breaks,
    callbacks,
    dialing_answer,
    dialing_blocks,
    dialing_ground,
    dialing_leads,
    dialing_past,
    dialing_preview,
    dialing_run,
    dialing_setup,
    inbound,
    lines,
    logins,
    missed,
    outbound,
    queueing,
    reception,
    recovery,
    standing,
    states,
    talk,
    voicemail,
)
from callside.floor import events as ev
from callside.floor.commands import HangUpLeg
from callside.floor.directory import Directory
from callside.floor.ground import Ground, Outcome, Policy
from callside.floor.ledger_events import LedgerRead
from callside.floor.live import LiveCall, LiveSession
from callside.floor.missed_events import CallersMissed
from callside.floor.timers import TimerKind
from callside.floor.voicemail_events import VoicemailEnded, VoicemailRemoved, VoicemailsCounted
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, IdSource, SessionId
from callside.sessions.model import EndCause

_OFFERED = CallState.OFFERED


class Floor:
    """One tenant's live floor."""

    def __init__(self, directory: Directory, ids: IdSource, policy: Policy | None = None) -> None:
        self.ground = Ground(directory, ids, policy or Policy())
        self.ground.estimate = queueing.estimate_in_seconds
        dialing_setup.set_up(self.ground)

    def restore(
        self, sessions: Iterable[LiveSession], calls: Iterable[LiveCall], now: Moment, leads: Iterable[Lead] = ()
    ) -> Outcome:
        """Begin with the rows that the process before us left; ``leads`` are those with an attempt under way."""
        self.ground.begin(now)
        recovery.restore(self.ground, sessions, calls, leads)
        logins.keep_assigned(self.ground)  # what was saved just before that process died was never told to it
        return self.ground.finish()

    def handle(self, event: ev.Event, now: Moment) -> Outcome:
        """Take one event in.

        Raises:
            RequestError: A request that cannot be done; nothing has changed.
        """
        ground = self.ground
        ground.begin(now)
        _HANDLERS[type(event)](ground, event)
        if ground.callbacks.attempts:
            callbacks.settle_attempts(ground)
        if ground.callbacks.unwanted:
            callbacks.withdraw(ground)
        if ground.mail.sent:
            voicemail.take_over(ground)
        inbound.match_all(ground)
        if ground.dialing.stirred or ground.dialing.due:
            dialing_run.run(ground)
        return ground.finish()

    def broken_off(self) -> Outcome:
        """What a step had done when a fault of ours broke it off: the floor stands on it, so it is to be written and done."""
        return self.ground.finish()

    def next_due(self) -> int | None:
        """Mono ms of the earliest timer; then hand in ``TimePassed``."""
        return self.ground.timers.next_due()


def _leg_ringing(ground: Ground, event: ev.LegRinging) -> None:
    call = _call_of(ground, event)
    if call is not None:
        outbound.ringing(ground, call, event)


def _leg_answered(ground: Ground, event: ev.LegAnswered) -> None:
    session_id = ground.line_legs.get(event.leg_id)
    if session_id is not None:
        lines.line_answered(ground, ground.sessions[session_id], event.leg_id)
        return
    call = _call_of(ground, event)
    if call is not None and call.dialled:
        dialing_answer.answered(ground, call)


def _leg_joined(ground: Ground, event: ev.LegJoined) -> None:
    call, session = _call_of(ground, event), ground.sessions.get(event.session_id)
    if call is None or session is None or call.session_id != session.id:
        return
    if call.dialled:
        dialing_answer.joined(ground, call, session)
        return
    if call.state is _OFFERED:
        inbound.joined(ground, call, session)
    else:
        outbound.customer_joined(ground, call, session)


def _leg_gone(ground: Ground, event: ev.LegGone) -> None:
    call = ground.call_legs.get(event.leg_id)
    if call is not None:
        call.went_out = event.went_out or call.rang
        talk.end_call(ground, call, event.cause)
        return
    session_id = ground.line_legs.get(event.leg_id)
    if session_id is not None:
        lines.line_gone(ground, ground.sessions[session_id], event.leg_id, event.cause)


def _call_of(ground: Ground, event: Any) -> LiveCall | None:
    """The call of a leg that something is said of. One that is nobody's is let go: its person would sit in silence there."""
    call = ground.call_legs.get(event.leg_id)
    if call is None:
        ground.fact("leg.unclaimed", leg_id=event.leg_id)
        ground.command(HangUpLeg(event.leg_id))
    return call


def _leg_digit(ground: Ground, event: ev.LegDigit) -> None:
    call = ground.call_legs.get(event.leg_id)
    if call is None:
        return
    if call.dialled:
        dialing_answer.key_pressed(ground, call, event.digit)
    else:
        reception.key_pressed(ground, call, event.digit)


def _dispose(ground: Ground, event: ev.Dispose) -> None:
    session = ground.session(event.session_id)
    talk.choose_disposition(ground, session, event.disposition, event.callback_at, mine=event.callback_mine)
    if event.finish and session.wrap_call_id is not None:
        states.finish_wrap_up(ground, session)


def _directory_changed(ground: Ground, event: ev.DirectoryChanged) -> None:
    ground.dialing.grounds.update(event.grounds)
    logins.directory_changed(ground, event.directory)


def _writing_changed(ground: Ground, event: ev.WritingChanged) -> None:
    ground.can_write = event.can_write
    if event.can_write:
        ground.dialing.due.update(ground.dialing.desks)


def _time_passed(ground: Ground, _: ev.TimePassed) -> None:
    while (due := ground.timers.pop_due(ground.now.mono)) is not None:
        _DUE[due[0]](ground, due[1])


def _on_session(act: Callable[[Ground, LiveSession], None]) -> Callable[[Ground, str], None]:
    def run(ground: Ground, key: str) -> None:
        session = ground.sessions.get(SessionId(key))
        if session is not None:
            act(ground, session)

    return run


def _on_call(act: Callable[[Ground, LiveCall], None]) -> Callable[[Ground, str], None]:
    def run(ground: Ground, key: str) -> None:
        call = ground.calls.get(CallId(key))
        if call is not None and call.state is not CallState.ENDED:
            act(ground, call)

    return run


def _on_line(act: Callable[[Ground, LiveCall, Any], None]) -> Callable[[Ground, Any], None]:
    """For what the engine says of a dialer's line; one that is nobody's any more is let go."""

    def run(ground: Ground, event: Any) -> None:
        call = _call_of(ground, event)
        if call is not None and call.dialled:
            act(ground, call, event)

    return run


def _wrap_up_over(ground: Ground, session: LiveSession) -> None:
    if session.wrap_call_id is not None:
        ground.fact("wrap_up.timed_out", session, states.wrap_call(ground, session))
        states.finish_wrap_up(ground, session)


_DUE: dict[TimerKind, Callable[[Ground, str], None]] = {
    TimerKind.TICKET: _on_session(lambda ground, session: logins.end_softly(ground, session, EndCause.NO_PHONE)),
    TimerKind.IDLE: _on_session(lambda ground, session: logins.end_softly(ground, session, EndCause.IDLE)),
    TimerKind.ABSOLUTE: _on_session(lambda ground, session: logins.end_softly(ground, session, EndCause.EXPIRED)),
    TimerKind.RESUME: _on_session(lines.resume_over),
    TimerKind.WRAP_UP: _on_session(_wrap_up_over),
    TimerKind.BREAK: _on_session(breaks.limit_reached),
    TimerKind.RONA: _on_call(inbound.rona),
    TimerKind.RING_TOGETHER: inbound.rung_in_vain,
    TimerKind.RING_OUT: _on_call(outbound.ring_out),
    TimerKind.MAX_WAIT: _on_call(queueing.max_wait_over),
    TimerKind.MENU: _on_call(reception.no_key),
    TimerKind.ANNOUNCE: _on_call(announcing.announce),
    TimerKind.CALLBACK_OFFER: _on_call(asking.offer_is_due),
    TimerKind.CALLBACK_LOOK: _on_call(asking.look),
    TimerKind.CALLBACK_STEP: _on_call(asking.no_key),
    TimerKind.CALLBACK_DUE: _on_call(callbacks.due),
    TimerKind.VOICEMAIL: _on_call(voicemail.overdue),
    TimerKind.RELAX: _on_call(queueing.relax),
    TimerKind.STICKY: _on_call(queueing.owner_over),
    TimerKind.OVERFLOW: _on_call(queueing.waited_out),
    TimerKind.STANDING: _on_session(standing.refresh),
    TimerKind.DIAL: dialing_run.due,
    TimerKind.CONNECT: _on_call(dialing_answer.too_late),
    TimerKind.LISTEN: _on_call(dialing_answer.unheard),
    TimerKind.PREVIEW: _on_session(dialing_preview.time_to_dial),
}

_HANDLERS: dict[type, Callable[[Ground, Any], None]] = {
    ev.OpenSession: logins.open_session,
    ev.EndSession: logins.end_session,
    ev.PhoneChanged: lambda g, e: logins.phone_changed(g, g.session(e.session_id), connected=e.connected),
    ev.RaiseLineRequested: lambda g, e: lines.raise_line(g, g.session(e.session_id), e.endpoint),
    ev.GoReady: lambda g, e: states.go_ready(g, g.session(e.session_id)),
    ev.GoOnBreak: lambda g, e: states.go_on_break(g, g.session(e.session_id), e.reason),
    ev.CancelBreak: lambda g, e: states.cancel_break(g, g.session(e.session_id)),
    ev.Dial: dialing_preview.dial,
    ev.NextLead: lambda g, e: dialing_preview.next_lead(g, g.session(e.session_id)),
    ev.ShowLead: dialing_preview.show_lead,
    ev.SkipLead: lambda g, e: dialing_preview.skip(g, g.session(e.session_id), e.reason),
    ev.DialLead: dialing_preview.dial_lead,
    ev.Answer: lambda g, e: inbound.answer(g, g.session(e.session_id)),
    ev.Decline: lambda g, e: inbound.decline(g, g.session(e.session_id)),
    ev.HangUp: lambda g, e: talk.hang_up(g, g.session(e.session_id)),
    ev.SetMute: lambda g, e: talk.set_mute(g, g.session(e.session_id), muted=e.muted),
    ev.SetHold: lambda g, e: talk.set_hold(g, g.session(e.session_id), held=e.held),
    ev.SendDigits: lambda g, e: talk.send_digits(g, g.session(e.session_id), e.digits),
    ev.WriteNotes: lambda g, e: talk.write_notes(g, g.session(e.session_id), e.notes),
    ev.Dispose: _dispose,
    ev.ExtendWrapUp: lambda g, e: states.extend_wrap_up(g, g.session(e.session_id)),
    ev.CancelCallback: lambda g, e: callbacks.cancel(g, e.call_id),
    ev.CallerArrived: inbound.caller_arrived,
    CallersMissed: missed.callers_missed,
    ev.LegRinging: _leg_ringing,
    ev.LegAnswered: _leg_answered,
    ev.LegJudged: _on_line(dialing_answer.judged),
    ev.BeepOver: _on_line(dialing_answer.beep_over),
    ev.MessageStarted: _on_line(dialing_answer.message_started),
    ev.LegJoined: _leg_joined,
    ev.LegGone: _leg_gone,
    ev.LegDigit: _leg_digit,
    VoicemailEnded: voicemail.ended,
    VoicemailsCounted: voicemail.counted,
    VoicemailRemoved: voicemail.removed,
    ev.EngineLost: lambda g, _: recovery.engine_lost(g),
    ev.EngineFound: recovery.engine_found,
    ev.DirectoryChanged: _directory_changed,
    ev.GroundsFound: dialing_ground.found,
    LedgerRead: dialing_past.read,
    ev.LeadsFetched: dialing_leads.fetched,
    ev.LeadsChanged: dialing_leads.changed,
    ev.NumbersBlocked: dialing_blocks.numbers_blocked,
    ev.WritingChanged: _writing_changed,
    ev.TimePassed: _time_passed,
}
