"""What becomes of a dialer's line that was answered: a machine, an agent at once, an agent in time, or the safe message."""

from typing import Final

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import AnsweredBy, Cause, Party
from callside.dialer.laws.model import ClockStart
from callside.dialer.model import Campaign, MachineAction
from callside.floor.commands import AwaitBeep, DetectMachine, HangUpLeg, JoinAgent, Message, SayAndHangUp
from callside.floor.dialing_blocks import block
from callside.floor.dialing_desk import Desk
from callside.floor.dialing_ledger import is_sample
from callside.floor.events import BeepOver, LegJudged, MessageStarted
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.states import check_presence, is_present, move, settle
from callside.floor.talk import advance, connect, release_customer
from callside.floor.timers import TimerKind

_LISTEN_MS: Final = 8_000
"""The engine's detection is over in five seconds; this is the second line."""
_TO_JOIN_MS: Final = 400
"""Left of the law's time for putting somebody through after listening."""
_SHORTEST_LISTEN_MS: Final = 500
_PATIENCE_MS: Final = 2_000
_LINGER_S: Final = 4


def answered(ground: Ground, call: LiveCall) -> None:
    """The far side has picked up."""
    campaign = _campaign(ground, call)
    if call.state not in {CallState.PLANNED, CallState.RINGING}:
        return
    call.picked = ground.now
    ground.timers.cancel(TimerKind.RING_OUT, call.id)
    advance(ground, call, CallEvent.ANSWER, "call.picked_up")
    if call.hung_up_by is not None:
        _hung_up_on(ground, call)
        return
    if campaign is not None and campaign.plan.detect_machines and call.leg_id is not None:
        ground.command(DetectMachine(call.leg_id, _listen_at_most(ground, call)))
        ground.timers.set(TimerKind.LISTEN, call.id, ground.now.mono + _LISTEN_MS)
    else:
        _person(ground, call)


def judged(ground: Ground, call: LiveCall, event: LegJudged) -> None:
    """The engine has listened who it is."""
    if call.state is not CallState.ANSWERED or call.judged is not None or call.hung_up_by is not None:
        return
    ground.timers.cancel(TimerKind.LISTEN, call.id)
    call.judged, call.greeted = event.answered_by, ground.now
    campaign = _campaign(ground, call)
    is_machine = event.answered_by is AnsweredBy.MACHINE
    call.sampled = is_machine and is_sample(ground.dialing.desk(call.campaign_id), campaign)
    reason, sampled = event.reason, call.sampled
    ground.fact("call.judged", None, call, answered_by=event.answered_by, reason=reason, sampled=sampled)
    ground.touch_call(call)
    action = campaign.plan.machine_action if campaign is not None else MachineAction.HANG_UP
    if not is_machine or call.sampled or action is MachineAction.AGENT:
        _person(ground, call)
    else:
        _machine(ground, call, action)


def unheard(ground: Ground, call: LiveCall) -> None:
    """The engine says nothing: whoever it is, nobody is kept waiting."""
    if call.leg_id is not None and call.judged is None:
        judged(ground, call, LegJudged(call.leg_id, AnsweredBy.UNSURE, "no answer from the engine"))


def beep_over(ground: Ground, call: LiveCall, event: BeepOver) -> None:
    """The machine records: leave the message."""
    campaign = _campaign(ground, call)
    prompt = campaign.plan.machine_message if campaign is not None else None
    if call.judged is not AnsweredBy.MACHINE or call.hung_up_by is None:
        return
    if prompt is None:
        ground.command(HangUpLeg(event.leg_id))
    else:
        ground.command(SayAndHangUp(event.leg_id, Message.NOBODY_AVAILABLE, prompt))


def _hung_up_on(ground: Ground, call: LiveCall) -> None:
    """They picked up while we were hanging up: somebody answered, and nobody was there."""
    call.cause = Cause.ABANDONED
    ground.fact("call.abandoned", None, call)


def _machine(ground: Ground, call: LiveCall, action: MachineAction) -> None:
    """No agent is needed; the one who was reserved is free at once."""
    desk = ground.dialing.desk(call.campaign_id)
    if desk is not None and desk.pacer is not None:
        desk.pacer.line_ended(call.id, ground.now.mono)
    _unbind(ground, call)
    if action is MachineAction.MESSAGE and call.leg_id is not None:
        call.hung_up_by, call.cause, call.left_to_message = Party.SYSTEM, Cause.MACHINE, True
        ground.touch_call(call)
        ground.command(AwaitBeep(call.leg_id))
    else:
        release_customer(ground, call, Party.SYSTEM, Cause.MACHINE)


def _person(ground: Ground, call: LiveCall) -> None:
    """Somebody is there: the agent who waits for them, or whoever is free, or the clock runs."""
    desk = ground.dialing.desk(call.campaign_id)
    if desk is None:
        release_customer(ground, call, Party.SYSTEM, Cause.FAILED)
        return
    if desk.pacer is not None:
        desk.pacer.line_answered(call.id, ground.now.mono)
    session = ground.sessions.get(call.session_id) if call.session_id else None
    if session is not None and session.call_id == call.id and is_present(ground, session):
        _join(ground, call, session)
        return
    _unbind(ground, call)
    desk.answered[call.id] = None
    start = call.picked or ground.now
    if desk.book is not None and desk.book.profile.abandonment.clock_start is ClockStart.GREETING_END:
        start = call.greeted or start
    patience = desk.book.profile.abandonment.connect_deadline_ms if desk.book is not None else _PATIENCE_MS
    ground.timers.set(TimerKind.CONNECT, call.id, max(ground.now.mono, start.mono + patience))
    ground.dialing.due.add(desk.campaign_id)


def serve(ground: Ground, desk: Desk) -> None:
    """Whoever has answered first gets whoever has been idle longest."""
    if not desk.answered or not desk.idle:
        return
    for session_id in desk.by_idleness():
        call = next((ground.calls[one] for one in desk.answered if not ground.calls[one].hung_up_by), None)
        if call is None:
            return
        session = ground.sessions[session_id]
        del desk.answered[call.id]
        ground.timers.cancel(TimerKind.CONNECT, call.id)
        call.session_id, call.agent_id = session.id, session.agent_id
        ground.touch_call(call)
        session.call_id, session.lead_id = call.id, call.lead_id
        move(ground, session, AgentEvent.RESERVE)
        desk.idle.pop(session_id, None)
        _join(ground, call, session)


def joined(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """They hear each other."""
    if call.state is not CallState.ANSWERED or session.call_id != call.id:
        return
    desk = ground.dialing.desk(call.campaign_id)
    connect(ground, call, session)
    if desk is not None:
        desk.lines.pop(call.id, None)
        if desk.pacer is not None:
            desk.pacer.call_connected(call.id, ground.now.mono)
    check_presence(ground, session)


def too_late(ground: Ground, call: LiveCall) -> None:
    """No agent in time: the person hears who has called them and how not to be called again."""
    if call.state is not CallState.ANSWERED or call.session_id is not None or call.hung_up_by is not None:
        return
    desk, campaign = ground.dialing.desk(call.campaign_id), _campaign(ground, call)
    call.cause, call.hung_up_by, call.left_to_message = Cause.ABANDONED, Party.SYSTEM, True
    ground.fact("call.abandoned", None, call)
    ground.touch_call(call)
    if desk is not None:
        desk.answered.pop(call.id, None)
        if desk.pacer is not None:
            desk.pacer.call_abandoned(call.id, ground.now.mono)
    if call.leg_id is None:
        return
    prompt = campaign.plan.safe_message if campaign is not None else None
    if prompt is None:
        ground.command(HangUpLeg(call.leg_id))
    else:
        ground.command(SayAndHangUp(call.leg_id, Message.NOBODY_AVAILABLE, prompt, linger_s=_LINGER_S))


def message_started(ground: Ground, call: LiveCall, _: MessageStarted) -> None:
    """They hear our message."""
    if call.left_to_message and call.message_at is None:
        call.message_at = ground.now
        ground.fact("call.message_started", None, call)
        ground.touch_call(call)


def key_pressed(ground: Ground, call: LiveCall, digit: str) -> None:
    """A key during the safe message: the one that means "do not call me again" does what it says at once."""
    desk = ground.dialing.desk(call.campaign_id)
    if not call.left_to_message or desk is None or desk.book is None or call.cause is not Cause.ABANDONED:
        return
    rule = desk.book.profile.safe_message
    if (
        not rule.opt_out_key
        or digit != rule.opt_out_key
        or ground.dialing.is_blocked(call.customer_number, call.campaign_id)
    ):
        return
    lead = ground.dialing.leads.get(call.lead_id) if call.lead_id is not None else None
    block(ground, call, lead, call.campaign_id if rule.opt_out_list == "campaign" else None, "key")
    ground.fact("call.opted_out", None, call)
    if call.leg_id is not None:
        ground.command(HangUpLeg(call.leg_id))


def agent_vanished(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """The agent's line went while the person was being put through: anybody may take them, as long as they may wait."""
    _unbind(ground, call)
    if call.state is CallState.ANSWERED and call.hung_up_by is None:
        _person(ground, call)


def resume(ground: Ground, call: LiveCall, *, is_answered: bool) -> None:
    """The engine is found again, the line still there: what was missed meanwhile is made up for."""
    if call.left_to_message:
        if call.leg_id is not None:
            ground.command(HangUpLeg(call.leg_id))
    elif is_answered and call.state in {CallState.PLANNED, CallState.RINGING}:
        answered(ground, call)
    elif call.state is CallState.ANSWERED:
        session = ground.sessions.get(call.session_id) if call.session_id else None
        if session is not None:
            _join(ground, call, session)
        elif call.judged is not None or not _listens(ground, call):
            _person(ground, call)
        else:
            ground.timers.set(TimerKind.LISTEN, call.id, ground.now.mono + _LISTEN_MS)


def _listen_at_most(ground: Ground, call: LiveCall) -> int:
    """Where the law's time begins with the answer, listening is over within it: who is in doubt then is a person, and in time."""
    desk = ground.dialing.desk(call.campaign_id)
    if desk is None or desk.book is None or not desk.book.profile.safe_message.required:
        return 0  # without a law's profile, or with the one that limits nothing
    rule = desk.book.profile.abandonment
    if rule.clock_start is not ClockStart.ANSWER:
        return 0
    return max(_SHORTEST_LISTEN_MS, rule.connect_deadline_ms - _TO_JOIN_MS)


def _listens(ground: Ground, call: LiveCall) -> bool:
    campaign = _campaign(ground, call)
    return campaign is not None and campaign.plan.detect_machines


def _join(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    if call.leg_id is not None:
        # Without the engine's tone: for as long as it plays (400 ms) the agent hears nothing else, and the first word is lost.
        ground.command(JoinAgent(call.leg_id, session.id))


def _unbind(ground: Ground, call: LiveCall) -> None:
    """The agent who waited for this call is free again; their place among the idle is what it was."""
    session = ground.sessions.get(call.session_id) if call.session_id else None
    call.session_id = call.agent_id = None
    call.reserved = False
    ground.touch_call(call)
    if session is None or session.call_id != call.id:
        return
    session.call_id = session.lead_id = None
    if call.campaign_id is not None:
        ground.dialing.due.add(call.campaign_id)
    move(ground, session, AgentEvent.RELEASE if session.state is AgentState.RESERVED else AgentEvent.CALL_OVER)
    settle(ground, session)
    if session.state is AgentState.READY:
        check_presence(ground, session)


def _campaign(ground: Ground, call: LiveCall) -> Campaign | None:
    return ground.directory.campaigns.get(call.campaign_id) if call.campaign_id else None
