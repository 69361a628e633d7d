"""Leads before an agent: shown by themselves (PREVIEW) or when asked for (MANUAL), called, passed over, called again."""

from dataclasses import replace

from callside.agents.machine import AgentEvent, AgentState
from callside.calls.rules import read_number
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead, LeadState
from callside.dialer.model import Campaign
from callside.dialer.rules import check_dial
from callside.floor.dialing_checks import Refusal, check_number, is_running, is_with_us, token_of
from callside.floor.dialing_desk import Desk
from callside.floor.dialing_halts import check_goes_on, why_not
from callside.floor.dialing_leads import begin, count_down, said_no, show, take, take_away, with_notes, withdraw
from callside.floor.events import Dial, DialLead, ShowLead
from callside.floor.ground import Ground
from callside.floor.live import LiveSession
from callside.floor.outbound import may_dial, place
from callside.floor.states import is_present, leave_wrap_up, move, settle, wrap_call
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError, InvalidFieldError, NotAllowedError

_IN_WORDS = {
    "opt_out": "the customer does not want to be called",
    "windows": "it is not a time at which the customer may be called",
    "hours": "the campaign is closed now",
    "zone": "nobody knows what time it is where the customer is",
    "dial_rules": "the campaign's dial rules do not allow it",
    "busy_number": "that number is in a call already",
}


def show_next(ground: Ground, desk: Desk, campaign: Campaign, session: LiveSession) -> bool:
    """Put the next lead before a ready agent; false where there is none."""
    found = take(ground, desk, campaign, session, reserved=True)
    if found is None:
        return False
    lead, index = found
    _put_before(ground, desk, campaign, session, replace(lead, next_index=index))
    return True


def dial(ground: Ground, event: Dial) -> None:
    """Call a number by hand, under the campaign's rules."""
    session = ground.session(event.session_id)
    campaign = may_dial(ground, session)
    check_goes_on(ground, campaign)
    number = read_number(event.number, ground.directory.tenant.region)
    check_dial(number, campaign.dial_rules)
    if event.history is not None:
        ground.dialing.learn(campaign.id, {number: event.history}, ground.now.mono)
    desk = ground.dialing.desk(campaign.id)
    if desk is not None:
        allow(ground, desk, campaign, number)
    place(ground, session, campaign, number)
    if desk is not None:
        desk.turn += 1


def next_lead(ground: Ground, session: LiveSession) -> None:
    """The agent asks for the next lead."""
    desk, campaign = _place_of(ground, session)
    if session.state is not AgentState.READY:
        msg = "You can have the next lead when you are ready"
        raise ConflictError(msg)
    check_goes_on(ground, campaign)
    if not is_running(campaign):
        msg = "The campaign is not started, so no leads come to hand: choose one of your list, or have an administrator start it"
        raise NotAllowedError(msg)
    if not show_next(ground, desk, campaign, session):
        ground.dialing.due.add(desk.campaign_id)  # the next step asks for some: what a refused one wants is not brought
        msg = "There is no lead to call just now; try again in a moment"
        raise ConflictError(msg)


def show_lead(ground: Ground, event: ShowLead) -> None:
    """The agent has chosen a lead of their own list."""
    session = ground.session(event.session_id)
    desk, campaign = _place_of(ground, session)
    if session.state is not AgentState.READY:
        msg = "You can open a lead when you are ready"
        raise ConflictError(msg)
    check_goes_on(ground, campaign)
    lead = event.lead
    if lead.id in ground.dialing.leads or lead.state not in {LeadState.DUE, LeadState.CALLBACK}:
        msg = "lead: somebody else has it, or it is finished; choose another one"
        raise ConflictError(msg, field="lead")
    ground.dialing.learn(campaign.id, event.histories, ground.now.mono)
    desk.forget(lead.id)
    _put_before(ground, desk, campaign, session, lead)


def skip(ground: Ground, session: LiveSession, reason: str) -> None:
    """The agent passes the lead over."""
    if session.state is not AgentState.PREVIEW or session.lead_id is None:
        msg = "There is no lead to skip"
        raise ConflictError(msg)
    ground.fact("lead.skipped", session, lead_id=session.lead_id, reason=reason[:200])
    take_away(ground, session, passed_over=True)
    session.idle_since = ground.now
    move(ground, session, AgentEvent.WITHDRAW)
    settle(ground, session)


def dial_lead(ground: Ground, event: DialLead) -> None:
    """Call the lead that is shown, or the one that is being wrapped up once more."""
    session = ground.session(event.session_id)
    wrapped = wrap_call(ground, session) if session.state is AgentState.WRAP_UP else None
    desk, campaign = _place_of(ground, session, again=wrapped is not None)
    lead_id = wrapped.lead_id if wrapped is not None else session.lead_id
    lead = ground.dialing.leads.get(lead_id) if lead_id is not None else None
    if lead is None or session.state not in {AgentState.PREVIEW, AgentState.WRAP_UP}:
        msg = "There is no lead to call"
        raise ConflictError(msg)
    if not 0 <= event.number_index < len(lead.numbers):
        msg = f"number: this lead has {len(lead.numbers)} numbers; there is no number {event.number_index + 1}"
        raise InvalidFieldError(msg, field="number")
    if not is_present(ground, session):
        msg = "You can dial when your line is up"
        raise ConflictError(msg)
    check_goes_on(ground, campaign)
    if wrapped is not None and said_no(campaign, wrapped):
        msg = f"number: not called, for {_IN_WORDS['opt_out']} (by the disposition of the call before)"
        raise NotAllowedError(msg, field="number")
    allow(ground, desk, campaign, lead.numbers[event.number_index].number, lead)
    if wrapped is not None:
        lead = with_notes(lead, wrapped)
        leave_wrap_up(ground, session)
    ground.timers.cancel(TimerKind.PREVIEW, session.id)
    session.preview_ends = None
    _call(ground, desk, campaign, session, lead, event.number_index)


def time_to_dial(ground: Ground, session: LiveSession) -> None:
    """The countdown is over: the lead is called, or taken away where that is not allowed any more, or its agent is not back.

    Where the campaign does not go on meanwhile it is as if the lead had never been shown.
    """
    if session.state is AgentState.LOST:
        withdraw(ground, session)
        ground.touch(session)
        return
    lead = ground.dialing.leads.get(session.lead_id) if session.lead_id is not None else None
    if session.state is not AgentState.PREVIEW or lead is None:
        return
    campaign = ground.campaign_of(session)
    if campaign is not None and why_not(ground, campaign) is not None:
        withdraw(ground, session)
        move(ground, session, AgentEvent.WITHDRAW)
        settle(ground, session)
        return
    try:
        dial_lead(ground, DialLead(session.id, lead.next_index))
    except (ConflictError, NotAllowedError):
        skip(ground, session, "not allowed any more")


def allow(ground: Ground, desk: Desk, campaign: Campaign, number: str, lead: Lead | None = None) -> None:
    """Let a number pass that an agent calls (typed, or a lead's), or refuse it in words.

    Raises:
        NotAllowedError: The campaign's rules, its jurisdiction's, or the customer's own wish are against it.
    """
    refusal = None
    if ground.dialing.is_blocked(number, campaign.id):
        refusal = Refusal("opt_out", None)
    elif number in ground.dialing.busy_numbers or is_with_us(ground, number):
        refusal = Refusal("busy_number", None)
    elif desk.book is not None:
        zone, list_id = (lead.zone, lead.list_id) if lead is not None else ("", None)
        token = token_of(ground, campaign, list_id)
        refusal = check_number(ground, desk, campaign, number, zone, reserved=True, token=token)
    if refusal is not None:
        why = _IN_WORDS.get(refusal.rule, "the rules of the jurisdiction do not allow it now")
        msg = f"number: not called, for {why} ({refusal.rule})"
        raise NotAllowedError(msg, field="number")


def _call(ground: Ground, desk: Desk, campaign: Campaign, session: LiveSession, lead: Lead, index: int) -> None:
    call = place(ground, session, campaign, lead.numbers[index].number)
    call.lead_id, call.lead_number = lead.id, index
    call.customer_name = lead.name
    session.lead_id = lead.id
    begin(ground, desk, lead, index, call.id)


def _put_before(ground: Ground, desk: Desk, campaign: Campaign, session: LiveSession, lead: Lead) -> None:
    show(ground, desk, session, lead)
    ground.fact("lead.shown", session, lead_id=lead.id)
    move(ground, session, AgentEvent.SHOW)
    count_down(ground, campaign, session)


def _place_of(ground: Ground, session: LiveSession, *, again: bool = False) -> tuple[Desk, Campaign]:
    """Where leads are opened by hand; whoever is wrapped up may be called again in a dialer's campaign, too."""
    desk, campaign = ground.dialing.desk(session.campaign_id), ground.campaign_of(session)
    if desk is None or campaign is None or not (again or campaign.type in {Mode.MANUAL, Mode.PREVIEW}):
        msg = "Only an agent logged in as MANUAL opens leads"
        raise NotAllowedError(msg)
    return desk, campaign
