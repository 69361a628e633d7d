"""Calls that an agent makes."""

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Direction, Party
from callside.dialer.model import Campaign
from callside.dialer.rules import choose_caller_id
from callside.floor.commands import DialCustomer, StartRinging, StopRinging
from callside.floor.events import LegRinging
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.states import is_present, move
from callside.floor.talk import advance, connect, release_customer
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError, NotAllowedError
from callside.kernel.ids import CallId
from callside.sessions.model import LoginType

_LEEWAY_MS = 15_000
_LONGEST_RING_S = 120
"""Of a callback's call after a restart; as long as any may ring."""


def place(ground: Ground, session: LiveSession, campaign: Campaign, number: str) -> LiveCall:
    """Call a number for an agent, who hears how it goes; on record before the engine is asked.

    Raises:
        ConflictError: The campaign has no trunk.
    """
    trunk = ground.directory.trunks.get(campaign.trunk_id)
    if trunk is None:
        msg = f"The campaign {campaign.name!r} has no trunk; an administrator must give it one"
        raise ConflictError(msg)
    desk = ground.dialing.desk(campaign.id)
    caller_id = choose_caller_id(campaign, number, desk.turn if desk else 0, trunk.caller_id)
    call = LiveCall(
        id=CallId(ground.ids.new()),
        direction=Direction.OUTBOUND,
        state=CallState.PLANNED,
        since=ground.now,
        started=ground.now,
        customer_number=number,
        customer_name="",
        our_number=caller_id,
        leg_id=ground.new_leg(),
        trunk_id=trunk.id,
        campaign_id=campaign.id,
        session_id=session.id,
        agent_id=session.agent_id,
    )
    start(ground, call, session, campaign.ring_s)
    return call


def start(ground: Ground, call: LiveCall, session: LiveSession, ring_s: int) -> None:
    """Dial a call that has been planned, on the agent's line; on record before the engine is asked."""
    ground.calls[call.id] = call
    ground.dialing.busy_numbers[call.customer_number] = call.id
    session.call_id = call.id
    ground.fact("call.started", None, call, direction=call.direction, campaign_id=call.campaign_id)
    ground.touch_call(call)
    move(ground, session, AgentEvent.DIAL)
    assert call.leg_id is not None  # noqa: S101 - chosen with the call, as the trunk was
    assert call.trunk_id is not None  # noqa: S101
    ground.call_legs[call.leg_id] = call
    ground.timers.set(TimerKind.RING_OUT, call.id, ground.now.mono + ring_s * 1000 + _LEEWAY_MS)
    ground.command(
        DialCustomer(call.id, call.leg_id, session.id, call.trunk_id, call.customer_number, call.our_number, ring_s)
    )


def may_dial(ground: Ground, session: LiveSession) -> Campaign:
    """The campaign on which the agent can call by hand now.

    Raises:
        NotAllowedError: They are logged in for something else.
        ConflictError: They are not ready.
    """
    campaign = ground.campaign_of(session)
    if session.login_type is not LoginType.MANUAL or campaign is None:
        msg = "Only an agent logged in as MANUAL can dial"
        raise NotAllowedError(msg)
    if session.state is not AgentState.READY or not is_present(ground, session):
        msg = "You can dial when you are ready and your line is up"
        raise ConflictError(msg)
    return campaign


def ringing(ground: Ground, call: LiveCall, event: LegRinging) -> None:
    """The customer is being rung; the agent hears the carrier, or our own tone where the carrier sends none."""
    session = ground.sessions.get(call.session_id) if call.session_id else None
    if event.early_media and not call.early_media:
        call.early_media = True
        ground.touch_call(call)
        if session is not None and call.state is CallState.RINGING and not call.dialled:
            ground.command(StopRinging(session.id))
    if call.state is CallState.PLANNED:
        call.rang = True
        advance(ground, call, CallEvent.RING, "call.ringing")
        if call.dialled:
            return
        if session is not None and not call.early_media:
            ground.command(StartRinging(session.id))


def watch_ringing(ground: Ground, call: LiveCall) -> None:
    """After a loss: a leg that was made and perhaps never dialled is not waited for for ever."""
    if not ground.timers.is_set(TimerKind.RING_OUT, call.id):
        campaign = ground.directory.campaigns.get(call.campaign_id) if call.campaign_id is not None else None
        ring_s = campaign.ring_s if campaign is not None else _LONGEST_RING_S
        ground.timers.set(TimerKind.RING_OUT, call.id, ground.now.mono + ring_s * 1000 + _LEEWAY_MS)


def customer_joined(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """The customer has answered and hears the agent."""
    if call.state in {CallState.PLANNED, CallState.RINGING} and session.state is AgentState.DIALING:
        connect(ground, call, session)
        if call.callback_of is not None:
            ground.last_agents.remember(call.customer_number, session.agent_id)
            ground.callbacks.attempts.append(call)


def ring_out(ground: Ground, call: LiveCall) -> None:
    """The engine has not ended an unanswered call in time: do it."""
    if call.state in {CallState.PLANNED, CallState.RINGING}:
        release_customer(ground, call, Party.SYSTEM, Cause.NO_ANSWER)
