"""What an agent's page shows: one snapshot of the agent's session, built from the floor's rows."""

from dataclasses import dataclass, replace
from typing import Final

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.rules import show_number
from callside.floor.ground import Ground
from callside.floor.lead_view import CampaignView, LeadView, callback_codes, campaign_view, lead_view
from callside.floor.live import LiveCall, LiveSession
from callside.floor.states import is_present, wrap_call
from callside.kernel.clock import Moment
from callside.sessions.model import LoginType
from callside.tenants.model import BreakReason, Disposition


@dataclass(frozen=True, slots=True)
class TenantView:
    """What the page needs of the tenant."""

    region: str


@dataclass(frozen=True, slots=True)
class AgentView:
    """Who is logged in."""

    id: str
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """A queue or the campaign."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class BreakView:
    """A reason for a break, and how long one such break may last (``None``: as long as it takes)."""

    code: str
    label: str
    limitMs: int | None  # noqa: N815 - the page's own spelling


@dataclass(frozen=True, slots=True)
class StateView:
    """The agent's state and how long it has lasted (ms); of a break its reason, with the limit that holds for this one."""

    name: str
    elapsedMs: int  # noqa: N815
    reason: BreakView | None


@dataclass(frozen=True, slots=True)
class LineView:
    """The line's state; ``extension`` is the desk phone's number."""

    state: str
    device: str
    extension: str | None


@dataclass(frozen=True, slots=True)
class CallView:
    """The call offered to the agent, or the one they are on."""

    id: str
    direction: str
    state: str
    number: str
    display: str
    name: str
    via: str
    callback: bool
    """The customer has asked to be called back: they are called when the agent takes it."""
    colour: str
    """The queue's, ``#rrggbb`` or empty."""
    script: str
    """What the queue's or the campaign's agents are to say."""
    leadId: str | None  # noqa: N815
    """Whom it calls, where it comes from a list."""
    elapsedMs: int  # noqa: N815
    talkMs: int  # noqa: N815
    muted: bool
    earlyMedia: bool  # noqa: N815
    notes: str


@dataclass(frozen=True, slots=True)
class WrappedCallView:
    """The call being wrapped up."""

    id: str
    direction: str
    number: str
    display: str
    name: str
    via: str
    talkMs: int  # noqa: N815
    cause: str
    hungUpBy: str  # noqa: N815
    notes: str
    disposition: str | None
    callbackAt: int | None  # noqa: N815
    """When the customer wants to be called again (wall ms), as far as the agent has put it."""
    callbackMine: bool  # noqa: N815


@dataclass(frozen=True, slots=True)
class LastCallView:
    """How the agent's last call ended, also where no wrap-up tells."""

    id: str
    cause: str
    hungUpBy: str  # noqa: N815
    talkMs: int  # noqa: N815


@dataclass(frozen=True, slots=True)
class WrapUpView:
    """Wrap-up and the time left of it (ms); ``callbacks``: those of the dispositions that ask for a callback's date."""

    call: WrappedCallView
    remainingMs: int | None  # noqa: N815
    dispositions: tuple[Disposition, ...]
    callbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """One of the agent's queues; ``longestMs`` is how long the first caller has waited (0: nobody does)."""

    id: str
    name: str
    colour: str
    waiting: int
    longestMs: int  # noqa: N815


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the agent has done since the tenant's midnight: calls with a customer, and the times of what is over (ms)."""

    calls: int = 0
    talkMs: int = 0  # noqa: N815
    wrapMs: int = 0  # noqa: N815
    avgHandleMs: int = 0  # noqa: N815


_NOTHING_YET: Final = TodayView()


@dataclass(frozen=True, slots=True)
class PhoneView:
    """All that the page shows."""

    seq: int
    tenant: TenantView
    agent: AgentView
    loginType: str  # noqa: N815
    assignment: tuple[AssignmentView, ...]
    state: StateView
    pending: dict[str, BreakView | bool | None]
    """What waits for the call's end: ``break`` (its reason) and ``logout``."""
    line: LineView
    engine: str
    call: CallView | None
    wrapUp: WrapUpView | None  # noqa: N815
    lastCall: LastCallView | None  # noqa: N815
    breaks: tuple[BreakView, ...]
    canDial: bool  # noqa: N815
    waiting: int
    queues: tuple[QueueView, ...]
    today: TodayView
    campaign: CampaignView | None = None
    lead: LeadView | None = None
    """Shown, called, or whose call is being wrapped up."""
    previewMs: int | None = None  # noqa: N815
    """Until the lead shown is called by itself."""


def view_of(ground: Ground, session: LiveSession, now: Moment, seq: int, today: TodayView = _NOTHING_YET) -> PhoneView:
    """The page's snapshot at ``now``."""
    directory = ground.directory
    agent = directory.agents.get(session.agent_id)
    ready = session.state is AgentState.READY
    return PhoneView(
        seq=seq,
        tenant=TenantView(directory.tenant.region),
        agent=AgentView(session.agent_id, agent.name if agent else "", agent.username if agent else ""),
        loginType=session.login_type,
        assignment=_assignment(ground, session),
        state=StateView(session.state, session.since.elapsed_until(now), _present_break(ground, session)),
        pending={"break": _reason(ground, session.pending_break), "logout": session.pending_end is not None},
        line=_line(ground, session),
        engine="up" if ground.engine_up else "down",
        call=_call(ground, session, now),
        wrapUp=_wrap_up(ground, session, now),
        lastCall=_last_call(session),
        breaks=tuple(_break(one) for one in directory.tenant.breaks),
        canDial=ready and session.login_type is LoginType.MANUAL and is_present(ground, session),
        waiting=sum(ground.waiting.count(queue_id) for queue_id in session.queue_ids),
        queues=_queues(ground, session, now),
        today=today,
        campaign=campaign_view(ground, session, now),
        lead=lead_view(ground, session),
        previewMs=now.elapsed_until(session.preview_ends) if session.preview_ends else None,
    )


def _queues(ground: Ground, session: LiveSession, now: Moment) -> tuple[QueueView, ...]:
    known = (ground.directory.queues[one] for one in session.queue_ids if one in ground.directory.queues)
    return tuple(
        QueueView(
            queue.id,
            queue.name,
            queue.colour,
            ground.waiting.count(queue.id),
            oldest.elapsed_until(now) if (oldest := ground.waiting.oldest(queue.id)) else 0,
        )
        for queue in known
    )


def _assignment(ground: Ground, session: LiveSession) -> tuple[AssignmentView, ...]:
    directory = ground.directory
    if session.campaign_id is not None:
        campaign = directory.campaigns.get(session.campaign_id)
        return (AssignmentView(session.campaign_id, campaign.name if campaign else ""),)
    known = (directory.queues[one] for one in session.queue_ids if one in directory.queues)
    return tuple(AssignmentView(queue.id, queue.name) for queue in known)


def _break(reason: BreakReason) -> BreakView:
    return BreakView(reason.code, reason.label, reason.limit_s * 1000 if reason.limit_s is not None else None)


def _reason(ground: Ground, code: str | None) -> BreakView | None:
    if code is None:
        return None
    known = (one for one in ground.directory.tenant.breaks if one.code == code)
    return _break(next(known, BreakReason(code, code)))


def _present_break(ground: Ground, session: LiveSession) -> BreakView | None:
    reason, limit_s = _reason(ground, session.break_reason), session.break_limit_s
    return replace(reason, limitMs=limit_s * 1000 if limit_s is not None else None) if reason is not None else None


def _line(ground: Ground, session: LiveSession) -> LineView:
    if session.extension_id is None:
        return LineView(session.line, "browser", None)
    extension = ground.directory.extensions.get(session.extension_id)
    return LineView(session.line, "extension", extension.number if extension else None)


def via_of(ground: Ground, call: LiveCall) -> str:
    """The name of the queue or campaign a call came by."""
    directory = ground.directory
    if call.queue_id is not None and call.queue_id in directory.queues:
        return directory.queues[call.queue_id].name
    if call.campaign_id is not None and call.campaign_id in directory.campaigns:
        return directory.campaigns[call.campaign_id].name
    return ""


def _call(ground: Ground, session: LiveSession, now: Moment) -> CallView | None:
    call = ground.call_of(session)
    if call is None:
        return None
    so_far = call.since.elapsed_until(now)
    queue = ground.queue_of(call)
    return CallView(
        id=call.id,
        direction=call.direction,
        state=call.state,
        number=call.customer_number,
        display=show_number(call.customer_number, ground.directory.tenant.region),
        name=call.customer_name,
        via=via_of(ground, call),
        callback=call.callback is not None or call.callback_of is not None,
        colour=queue.colour if queue else "",
        script=_script(ground, call),
        leadId=call.lead_id,
        elapsedMs=so_far,
        talkMs=call.talk_ms + call.hold_ms + (so_far if call.state in {CallState.TALKING, CallState.HELD} else 0),
        muted=call.muted,
        earlyMedia=call.early_media,
        notes=call.notes,
    )


def _script(ground: Ground, call: LiveCall) -> str:
    queue = ground.queue_of(call)
    if queue is not None:
        return queue.script
    campaign = ground.directory.campaigns.get(call.campaign_id) if call.campaign_id else None
    return campaign.plan.script if campaign is not None else ""


def _wrap_up(ground: Ground, session: LiveSession, now: Moment) -> WrapUpView | None:
    call = wrap_call(ground, session)
    if call is None:
        return None
    wrapped = WrappedCallView(
        id=call.id,
        direction=call.direction,
        number=call.customer_number,
        display=show_number(call.customer_number, ground.directory.tenant.region),
        name=call.customer_name,
        via=via_of(ground, call),
        talkMs=call.talk_ms + call.hold_ms,
        cause=call.cause or "",
        hungUpBy=call.hung_up_by or "",
        notes=call.notes,
        disposition=call.disposition,
        callbackAt=call.callback_at,
        callbackMine=call.callback_mine,
    )
    remaining = now.elapsed_until(session.wrap_up_ends) if session.wrap_up_ends else None
    codes = callback_codes(ground, call.campaign_id) if call.lead_id is not None else ()
    return WrapUpView(wrapped, remaining, ground.directory.tenant.dispositions, codes)


def _last_call(session: LiveSession) -> LastCallView | None:
    last = session.last_call
    return LastCallView(last.id, last.cause, last.hung_up_by, last.talk_ms) if last else None
