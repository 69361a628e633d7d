"""The end of each step for whoever dials: pacing hears of its agents, persons who answered get one, lines are launched."""

from typing import Final

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallState
from callside.calls.model import Direction
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead
from callside.dialer.model import Campaign
from callside.dialer.pacing.model import AgentMode
from callside.dialer.pacing.pacer import Pacer
from callside.floor import dialing_surplus
from callside.floor.commands import DialCustomer
from callside.floor.dialing_answer import serve
from callside.floor.dialing_checks import is_running, shown_to
from callside.floor.dialing_desk import Desk, Halt
from callside.floor.dialing_ground import check
from callside.floor.dialing_halts import halt_of
from callside.floor.dialing_leads import begin, present_agents, take, want, weed
from callside.floor.dialing_preview import show_next
from callside.floor.dialing_setup import DAY_MS, keep_learnt, mono_of, set_up
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.states import is_present, move
from callside.floor.timers import TimerKind
from callside.kernel.ids import CallId, CampaignId

_LEEWAY_MS: Final = 15_000
_MINUTE_MS: Final = 60_000
_LOOK_AGAIN_MS: Final = 10_000
_SPARE: Final = 10
_MOST_WANTED: Final = 200
_MODES: Final = {
    AgentState.READY: AgentMode.READY,
    AgentState.DIALING: AgentMode.READY,
    AgentState.RESERVED: AgentMode.TALKING,
    AgentState.TALKING: AgentMode.TALKING,
    AgentState.HELD: AgentMode.TALKING,
    AgentState.WRAP_UP: AgentMode.WRAPPING,
}


# ── each step ────────────────────────────────────────────────────────────────────────────────────────────────────────
def run(ground: Ground) -> None:
    """Look at every campaign that something has happened to, until nothing follows from it any more."""
    dialing = ground.dialing
    if dialing.day != ground.now.wall // DAY_MS:
        set_up(ground)  # other versions of the profiles may be in force
    while dialing.stirred or dialing.due:
        while dialing.stirred:
            _tell_pacer(ground, ground.sessions.get(session_id := dialing.stirred.pop()), session_id)
        if not ground.engine_up:
            return
        while dialing.due:
            campaign_id = dialing.due.pop()
            desk, campaign = dialing.desk(campaign_id), ground.directory.campaigns.get(campaign_id)
            if desk is not None and campaign is not None:
                _attend(ground, desk, campaign)
                keep_learnt(ground, desk)


def _attend(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    serve(ground, desk)
    dialing_surplus.let_go(ground, desk)
    if is_running(campaign) and ground.now.wall >= desk.checked_until:
        check(ground, desk, campaign)
    before, desk.halt = desk.halt, halt_of(ground, desk, campaign) if is_running(campaign) else None
    if desk.halt is not before:
        rules = ", ".join(one.rule for one in desk.broken) if desk.halt is Halt.FORBIDDEN else None
        kind = "campaign.halted" if desk.halt else "campaign.goes_on"
        ground.fact(kind, campaign_id=campaign.id, halt=desk.halt, rules=rules)
        ground.out.changed.update(desk.told)  # agents who wait are shown why
    if not is_running(campaign) or desk.halt not in {None, Halt.NO_LEADS}:
        _look_again(ground, desk, campaign)
        return
    if desk.pacer is None:
        _preview(ground, desk, campaign)
    elif ground.can_write:
        _launch(ground, desk, campaign, desk.pacer)
    _look_again(ground, desk, campaign)


def _look_again(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    """When to look at the campaign though nothing has happened to it."""
    now = ground.now.mono
    dues = [dialing_surplus.due(ground, desk)]
    if is_running(campaign) and desk.told:
        dues.append(desk.pacer.next_due(now) if desk.pacer is not None else None)
        dues += [max(desk.dry_until, ground.dialing.trunk(campaign.trunk_id).until, now + _LOOK_AGAIN_MS)]
        dues += [mono_of(ground, at) for at in (campaign.plan.starts_at, campaign.plan.ends_at) if at > ground.now.wall]
    if is_running(campaign):
        # Also where nobody is there to be given a call: it is told all the same when it may not run any more.
        dues.append(mono_of(ground, desk.checked_until))
    due = min((one for one in dues if one is not None), default=None)
    if due is None:
        ground.timers.cancel(TimerKind.DIAL, campaign.id)
    else:
        ground.timers.set(TimerKind.DIAL, campaign.id, max(now + 1, due))


def due(ground: Ground, key: str) -> None:
    """The time to look again has come."""
    ground.dialing.due.add(CampaignId(key))


def _tell_pacer(ground: Ground, session: LiveSession | None, session_id: str) -> None:
    for desk in ground.dialing.desks.values() if session is None else [ground.dialing.desk(session.campaign_id)]:
        if desk is None:
            continue
        if session is None or session.state is AgentState.CLOSED:
            _gone(ground, desk, session_id)
        else:
            _tell(ground, desk, session)


def _gone(ground: Ground, desk: Desk, session_id: str) -> None:
    known = desk.told.pop(session_id, None)  # type: ignore[call-overload]
    desk.idle.pop(session_id, None)  # type: ignore[call-overload]
    if known is not None:
        ground.dialing.due.add(desk.campaign_id)
        if desk.pacer is not None:
            desk.pacer.agent_gone(session_id, ground.now.mono)


def _tell(ground: Ground, desk: Desk, session: LiveSession) -> None:
    mode = _MODES.get(session.state, AgentMode.AWAY)
    call = ground.call_of(session)
    if call is not None and not _is_for_pacing(call, desk):
        mode = AgentMode.AWAY
    leaving = session.pending_break is not None or session.pending_end is not None
    if session.state is AgentState.READY and is_present(ground, session):
        desk.idle[session.id] = session.idle_since.mono
    else:
        desk.idle.pop(session.id, None)
    before = desk.told.get(session.id)
    if before == (mode, leaving):
        return
    desk.told[session.id] = (mode, leaving)
    ground.dialing.due.add(desk.campaign_id)
    if desk.pacer is not None:
        # Of agents found after a restart: since when they are so, or pacing would learn conversations that never were so short.
        at = ground.now.mono if before is not None else min(ground.now.mono, session.since.mono)
        _change(desk.pacer, session.id, mode, at, leaving=leaving, was=before)


def _is_for_pacing(call: LiveCall, desk: Desk) -> bool:
    """Whether the call is one that pacing reckons with: no queue's, and not one that an agent makes again from the wrap-up."""
    by_dialer = call.dialled or desk.pacer is None
    return by_dialer and call.campaign_id == desk.campaign_id and call.direction is not Direction.INBOUND


def _change(
    pacer: Pacer, session_id: str, mode: AgentMode, now: int, *, leaving: bool, was: tuple[AgentMode, bool] | None
) -> None:
    if was is None or was[0] is not mode:
        match mode:
            case AgentMode.READY:
                pacer.agent_ready(session_id, now)
            case AgentMode.TALKING:
                pacer.agent_talking(session_id, now)
            case AgentMode.WRAPPING:
                pacer.agent_wrapping(session_id, now)
            case _:
                pacer.agent_leaving(session_id, now)
                return
    if leaving:
        pacer.agent_leaving(session_id, now)
    elif was is not None and was[1]:
        pacer.agent_staying(session_id, now)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _preview(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    if campaign.type is Mode.PREVIEW:
        for session_id in desk.by_idleness():
            show_next(ground, desk, campaign, ground.sessions[session_id])
    else:
        weed(ground, desk, campaign)
    if len(desk.hopper) < len(desk.told) and desk.told:
        want(ground, desk, len(desk.told) + _SPARE)


def _launch(ground: Ground, desk: Desk, campaign: Campaign, pacer: Pacer) -> None:
    wanted = min(
        pacer.lines_to_launch(ground.now.mono), _per_minute(ground, desk, campaign), _per_trunk(ground, campaign)
    )
    reserve = campaign.type is Mode.PROGRESSIVE
    idle = [ground.sessions[one] for one in desk.by_idleness()] if wanted or desk.personal else []
    for session in idle:
        if wanted <= 0:
            break
        own = session.agent_id in desk.personal
        if not (own or reserve):
            continue
        found = take(ground, desk, campaign, session, reserved=True)
        if found is None:
            continue
        _dial(ground, desk, campaign, *found, session=session)
        wanted -= 1
    while wanted > 0 and not reserve:
        found = take(ground, desk, campaign, None, reserved=False)
        if found is None:
            break
        _dial(ground, desk, campaign, *found, session=None)
        wanted -= 1
    soon = max(wanted, pacer.in_flight) + len(desk.told)
    if desk.told and present_agents(ground, desk) and len(desk.hopper) <= 2 * soon:
        want(ground, desk, min(_MOST_WANTED, 4 * soon + _SPARE))


def _per_minute(ground: Ground, desk: Desk, campaign: Campaign) -> int:
    while desk.launched and desk.launched[0] <= ground.now.mono - _MINUTE_MS:
        desk.launched.popleft()
    most = campaign.plan.pace.calls_per_minute
    return most - len(desk.launched) if most else _MOST_WANTED


def _per_trunk(ground: Ground, campaign: Campaign) -> int:
    """A trunk that was down is tried with one call at a time."""
    health = ground.dialing.trunk(campaign.trunk_id)
    if not health.failures:
        return _MOST_WANTED
    out = sum(one.trunk_id == campaign.trunk_id and not one.rang for one in _lines_out(ground))
    return max(0, (1 if health.until else _MOST_WANTED) - out)


def _lines_out(ground: Ground) -> list[LiveCall]:
    return [ground.calls[call_id] for desk in ground.dialing.desks.values() for call_id in desk.lines]


def _dial(
    ground: Ground, desk: Desk, campaign: Campaign, lead: Lead, index: int, *, session: LiveSession | None
) -> None:
    """One line: on record first, dialled when that is on disk."""
    trunk = ground.directory.trunks[campaign.trunk_id]
    number = lead.numbers[index].number
    call = LiveCall(
        id=CallId(ground.ids.new()),
        direction=Direction.OUTBOUND,
        state=CallState.PLANNED,
        since=ground.now,
        started=ground.now,
        customer_number=number,
        customer_name=lead.name,
        our_number=shown_to(ground, desk, campaign, number),
        leg_id=ground.new_leg(),
        trunk_id=trunk.id,
        campaign_id=campaign.id,
        session_id=session.id if session else None,
        agent_id=session.agent_id if session else None,
        dialled=True,
        reserved=session is not None,
        lead_id=lead.id,
        lead_number=index,
    )
    ground.calls[call.id] = call
    ground.dialing.busy_numbers[number] = call.id
    desk.lines[call.id] = None
    begin(ground, desk, lead, index, call.id)
    ground.fact("call.started", None, call, direction=call.direction, campaign_id=campaign.id, lead_id=lead.id)
    ground.touch_call(call)
    if session is not None:
        session.call_id, session.lead_id = call.id, lead.id
        move(ground, session, AgentEvent.DIAL)
    if desk.pacer is not None:
        desk.pacer.line_launched(call.id, ground.now.mono)
    assert call.leg_id is not None  # noqa: S101 - chosen above
    ground.call_legs[call.leg_id] = call
    ground.timers.set(TimerKind.RING_OUT, call.id, ground.now.mono + campaign.ring_s * 1000 + _LEEWAY_MS)
    ground.command(DialCustomer(call.id, call.leg_id, None, trunk.id, number, call.our_number, campaign.ring_s))
