"""Leads on the floor: at hand, begun, over. Every change is on record in the step that makes it; a lead is begun on disk first."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from callside.agents.machine import AgentState
from callside.calls.model import Cause
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead, LeadProgress, LeadState, Outcome
from callside.dialer.leads.rules import (
    EffectKind,
    LeadEffect,
    RecyclingRules,
    after_attempt,
    after_disposition,
    applied,
    begin_attempt,
    put_off,
    skipped,
)
from callside.dialer.leads.rules import blocked as all_blocked
from callside.dialer.model import Campaign
from callside.dialer.pacing.model import AgentMode
from callside.dialer.pacing.pacer import Pacer
from callside.floor import dialing_trunks as trunks
from callside.floor.dialing_blocks import after_blocked_attempt, block, with_blocked
from callside.floor.dialing_checks import Refusal, number_to_dial
from callside.floor.dialing_desk import BLOCKED_FOR_MS, Desk, LeadAtHand
from callside.floor.dialing_ledger import enter_over, enter_sampled
from callside.floor.events import LeadsChanged, LeadsFetched
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.timers import TimerKind
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, CallId, CampaignId

_FRESH_MS: Final = 60_000
"""A lead at hand for longer is fetched anew: somebody may have changed it."""
_DRY_MS: Final = 10_000
"""So long until leads are asked for again where there were none."""
_NO_MORE_MS: Final = 1_000
"""The same where there were none but those at hand."""
_LONGEST_NOTES: Final = 4_000
_MOST_HISTORIES: Final = 20_000
_DONE: Final = LeadEffect(EffectKind.SUCCESS)
_OUTCOMES: Final = {
    Cause.BUSY: Outcome.BUSY,
    Cause.NO_ANSWER: Outcome.NO_ANSWER,
    Cause.REJECTED: Outcome.REJECTED,
    Cause.UNALLOCATED: Outcome.UNALLOCATED,
    Cause.CONGESTION: Outcome.CONGESTION,
    Cause.CANCELLED: Outcome.CANCELLED,
    Cause.SURPLUS: Outcome.SURPLUS,
    Cause.MACHINE: Outcome.MACHINE,
    Cause.ABANDONED: Outcome.ABANDONED,
    Cause.RECOVERED: Outcome.RECOVERED,
    Cause.ENGINE_LOST: Outcome.RECOVERED,
    # Answered, and they hung up before an agent was there: as if they had not answered.
    Cause.NORMAL: Outcome.NO_ANSWER,
}


# ── at hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def want(ground: Ground, desk: Desk, count: int) -> None:
    """Ask for leads, unless that was done or there are none."""
    if not desk.asked and desk.dry_until <= ground.now.mono:
        desk.asked = True
        desk.begun.clear()
        desk.over.clear()
        desk.drop_stale(ground.now.mono - _FRESH_MS)
        ground.out.wants = {**ground.out.wants, desk.campaign_id: count}


def fetched(ground: Ground, event: LeadsFetched) -> None:
    """The leads that were asked for are here; those begun meanwhile, or at hand already, are left out."""
    desk = ground.dialing.desk(event.campaign_id)
    if desk is None:
        return
    desk.asked = False
    ground.dialing.learn(desk.campaign_id, event.histories, ground.now.mono, desk.over)
    ground.dialing.due.add(desk.campaign_id)
    if desk.outdated:
        desk.outdated = False
        return
    there = {one.lead.id for one in ground.dialing.at_hand()} | desk.begun | ground.dialing.leads.keys()
    present = present_agents(ground, desk)
    gone = event.agents - present
    new = [lead for lead in event.leads if lead.id not in there and _owner(lead) not in gone]
    _shelve(ground, desk, new, present)
    desk.is_dry = not new and not desk.hopper and not desk.personal
    if not new:
        desk.dry_until = ground.now.mono + (_DRY_MS if desk.is_dry else _NO_MORE_MS)
    _forget_numbers(ground)


def _forget_numbers(ground: Ground) -> None:
    """What is known of numbers is fetched with their leads: of those not at hand nothing need be kept."""
    dialing = ground.dialing
    if len(dialing.histories) > _MOST_HISTORIES:
        at_hand = {number.number for one in dialing.at_hand() for number in one.lead.numbers}
        at_hand |= dialing.busy_numbers.keys()
        dialing.keep_histories(at_hand)


def _shelve(ground: Ground, desk: Desk, new: Sequence[Lead], present: frozenset[AgentId]) -> None:
    """A personal callback waits for its agent where they are there; else it was fetched because anybody may make it.

    What was promised for this time goes before what is at hand already.
    """
    promised: list[LeadAtHand] = []
    for lead in new:
        one, owner = LeadAtHand(lead, ground.now.mono), _owner(lead)
        if owner is not None and owner in present:
            desk.personal.setdefault(owner, deque()).append(one)
        elif lead.state is LeadState.CALLBACK:
            promised.append(one)
        else:
            desk.hopper.append(one)
    desk.hopper.extendleft(reversed(promised))


def _owner(lead: Lead) -> AgentId | None:
    return lead.callback_agent_id if lead.state is LeadState.CALLBACK else None


def present_agents(ground: Ground, desk: Desk) -> frozenset[AgentId]:
    """Agents of the campaign who take calls now or soon."""
    there = (ground.sessions.get(one) for one, (mode, leaving) in desk.told.items() if mode is not AgentMode.AWAY)
    return frozenset(session.agent_id for session in there if session is not None)


def take(
    ground: Ground, desk: Desk, campaign: Campaign, session: LiveSession | None, *, reserved: bool
) -> tuple[Lead, int] | None:
    """The next lead that may be called at this instant, and on which number; others on the way are put off or put away."""
    own = desk.personal.get(session.agent_id) if session is not None else None
    for shelf in (own, desk.hopper):
        while shelf:
            one = shelf.popleft()
            if one.fetched + _FRESH_MS < ground.now.mono:
                continue
            index = number_to_dial(ground, desk, campaign, one.lead, reserved=reserved)
            if not isinstance(index, Refusal):
                return one.lead, index
            refuse(ground, campaign.id, one.lead, index)
    if own is not None and session is not None and not own:
        del desk.personal[session.agent_id]
    return None


def weed(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    """Put the first leads at hand off that may not be called now.

    Agents ask for the next one, and a request that is refused leaves nothing on record: they would stand in the way each time.
    Whose number is in a call just now, of an agent who has dialled it perhaps, stays where they are: in everybody's list, too.
    """
    for shelf in (*desk.personal.values(), desk.hopper):
        while shelf:
            one = shelf[0]
            if one.fetched + _FRESH_MS >= ground.now.mono:
                index = number_to_dial(ground, desk, campaign, one.lead, reserved=True)
                if not isinstance(index, Refusal) or index.rule == "busy_number":
                    break
                refuse(ground, campaign.id, one.lead, index)
            shelf.popleft()


def refuse(ground: Ground, campaign_id: CampaignId, lead: Lead, refusal: Refusal) -> None:
    """The lead is not called now: it comes up when it may be, or never."""
    if refusal.until is None and refusal.rule == "opt_out":
        # They may be off their list again since; the store, which knows, then has the lead come up when we have forgotten it.
        progress = replace(all_blocked(lead), due_at=ground.now.wall + BLOCKED_FOR_MS)
    elif refusal.until is None:
        progress = replace(put_off(lead, 0), state=LeadState.DONE)
    else:
        progress = put_off(lead, refusal.until, recycling_of(ground.directory.campaigns.get(campaign_id)))
    if refusal.index is not None:  # leads are fetched by the hours of the number that is next
        progress = replace(progress, next_index=refusal.index)
    ground.fact("lead.put_off", campaign_id=campaign_id, lead_id=lead.id, rule=refusal.rule, until=refusal.until)
    ground.record.leads += (progress,)


def changed(ground: Ground, event: LeadsChanged) -> None:
    """Somebody has changed lists or leads."""
    desk = ground.dialing.desk(event.campaign_id)
    if desk is not None:
        desk.forget_leads()
        ground.dialing.due.add(desk.campaign_id)
    trunks.forget_tries(ground, event.campaign_id)


# ── begun and over ───────────────────────────────────────────────────────────────────────────────────────────────────
def begin(ground: Ground, desk: Desk | None, lead: Lead, index: int, call_id: CallId) -> None:
    """The lead is being called."""
    _write(ground, lead, begin_attempt(lead, index, call_id, ground.now.wall))
    ground.calls[call_id].lead_asked = ground.dialing.leads[lead.id].asked
    if desk is not None:
        desk.begun.add(lead.id)
        desk.turn += 1
        desk.launched.append(ground.now.mono)


def show(ground: Ground, desk: Desk, session: LiveSession, lead: Lead) -> None:
    """The lead is before an agent: nobody else gets it."""
    ground.record.leads += (replace(put_off(lead, lead.due_at), state=LeadState.DIALLING),)
    ground.dialing.leads[lead.id] = lead  # as it was: passed over, a callback is a callback still
    desk.begun.add(lead.id)
    session.lead_id, session.lead_asked = lead.id, lead.state is LeadState.CALLBACK


def take_away(ground: Ground, session: LiveSession, *, passed_over: bool) -> None:
    """The lead that is shown is shown no more: the agent does not want it now, or it is as if it had never been shown."""
    lead = ground.dialing.leads.pop(session.lead_id, None) if session.lead_id is not None else None
    session.lead_id = session.preview_ends = None
    ground.timers.cancel(TimerKind.PREVIEW, session.id)
    if lead is not None:
        rules, wall = recycling_of(ground.campaign_of(session)), ground.now.wall
        ground.record.leads += (skipped(lead, rules, wall) if passed_over else put_off(lead, lead.due_at, rules),)


def count_down(ground: Ground, campaign: Campaign, session: LiveSession) -> None:
    """In a PREVIEW campaign the lead that is shown is called by itself after a while."""
    if campaign.type is Mode.PREVIEW and campaign.plan.preview_s:
        wait = campaign.plan.preview_s * 1000
        session.preview_ends = Moment(ground.now.mono + wait, ground.now.wall + wait)
        ground.timers.set(TimerKind.PREVIEW, session.id, session.preview_ends.mono)


def set_aside(ground: Ground, session: LiveSession) -> None:
    """The agent's line or page is gone (a reload): the lead shown waits for them for as long as a customer would."""
    if session.lead_id is not None:
        session.preview_ends = None
        ground.timers.set(TimerKind.PREVIEW, session.id, ground.now.mono + ground.policy.resume_ms)


def withdraw(ground: Ground, session: LiveSession) -> None:
    """The agent goes (break, lost, logged out): the lead is as if it had never been shown. Their state is the caller's business."""
    if session.state in {AgentState.PREVIEW, AgentState.LOST}:
        take_away(ground, session, passed_over=False)


def attempt_over(ground: Ground, call: LiveCall) -> None:
    """A call that we made is over: its number may be called again, its lead is told what came of it, the ledger what was."""
    dialing = ground.dialing
    if dialing.busy_numbers.get(call.customer_number) == call.id:
        del dialing.busy_numbers[call.customer_number]
    desk = dialing.desk(call.campaign_id)
    campaign = ground.directory.campaigns.get(call.campaign_id) if call.campaign_id else None
    outcome = outcome_of(call)
    if call.dialled or call.lead_id is not None:  # what an agent types says more of their typing than of the trunk
        outcome = trunks.says(ground, call, outcome)
    if desk is not None:
        desk.lines.pop(call.id, None)
        desk.answered.pop(call.id, None)
        if desk.pacer is not None and call.dialled:
            _line_over(desk.pacer, call, ground.now.mono)
        dialing.due.add(desk.campaign_id)
    _remember(ground, call, outcome)
    if campaign is not None:
        enter_over(ground, call, campaign)
    lead = dialing.leads.get(call.lead_id) if call.lead_id is not None else None
    if lead is not None:
        lead = with_blocked(ground, lead, call.campaign_id)
        barred = call.answered is None and all(one.blocked for one in lead.numbers)
        after = after_blocked_attempt if barred else after_attempt
        _write(ground, lead, after(lead, call.lead_number, outcome, recycling_of(campaign), ground.now.wall))


def _line_over(pacer: Pacer, call: LiveCall, now: int) -> None:
    """Pacing learns from how lines end by themselves, and not from how we end them."""
    if call.cause is Cause.ABANDONED:  # perhaps by an agent's hang-up, of which pacing knows nothing yet
        pacer.line_answered(call.id, now)
        pacer.call_abandoned(call.id, now)
    by_us = call.cause in {Cause.SURPLUS, Cause.CANCELLED} or not call.went_out
    (pacer.line_withdrawn if by_us else pacer.line_ended)(call.id, now)


def disposed(ground: Ground, call: LiveCall) -> None:
    """The agent is done with the call: what they said decides about the lead, who then leaves the floor."""
    lead = ground.dialing.leads.pop(call.lead_id, None) if call.lead_id is not None else None
    campaign = ground.directory.campaigns.get(call.campaign_id) if call.campaign_id else None
    if campaign is not None:
        enter_sampled(ground, call, campaign)
    if call.disposition is None or campaign is None:
        return
    effect = campaign.plan.effects.get(call.disposition)
    if call.callback_at is not None and (effect is None or effect.kind is not EffectKind.DNC):
        effect = LeadEffect(EffectKind.CALLBACK)
    if effect is not None and effect.kind is EffectKind.DNC:
        block(ground, call, lead, None, "disposition")
    if lead is None or (effect is None and not call.answered):
        return
    effect = replace(effect or _DONE, personal=call.callback_mine or (effect is not None and effect.personal))
    progress = after_disposition(
        lead,
        effect,
        campaign.plan.recycling,
        ground.now.wall,
        callback_at=call.callback_at,
        agent_id=call.agent_id,
    )
    ground.record.leads += (replace(progress, notes=_noted(lead, call)),)


def said_no(campaign: Campaign, call: LiveCall) -> bool:
    """Whether the disposition that was chosen means that its person is not to be called again."""
    effect = campaign.plan.effects.get(call.disposition) if call.disposition is not None else None
    return effect is not None and effect.kind is EffectKind.DNC


def _noted(lead: Lead, call: LiveCall) -> str | None:
    """The lead's notes with what the agent wrote of this call below; the oldest go first when they are too long."""
    if not call.notes:
        return None
    return f"{lead.notes}\n{call.notes}".strip()[-_LONGEST_NOTES:]


def with_notes(lead: Lead, call: LiveCall) -> Lead:
    """The lead with what the agent wrote of the call before, for the call that follows from its wrap-up."""
    return replace(lead, notes=_noted(lead, call) or lead.notes)


def outcome_of(call: LiveCall) -> Outcome:
    """What the attempt came to."""
    if call.answered is not None:
        return Outcome.CONNECTED
    return _OUTCOMES.get(call.cause or Cause.FAILED, Outcome.FAILED)


def recycling_of(campaign: Campaign | None) -> RecyclingRules:
    """The campaign's rules; of one that was removed meanwhile nobody knows them, and the standard ones call the lead again."""
    return campaign.plan.recycling if campaign is not None else RecyclingRules()


def _write(ground: Ground, lead: Lead, progress: LeadProgress) -> None:
    ground.record.leads += (progress,)
    under_way = progress.state is LeadState.DIALLING
    asked = under_way and (lead.asked or lead.state is LeadState.CALLBACK)
    ground.dialing.leads[lead.id] = replace(applied(lead, progress), asked=asked)


def _remember(ground: Ground, call: LiveCall, outcome: Outcome) -> None:
    known = ground.dialing.histories.get(call.customer_number)
    if known is None and not call.dialled:
        return
    known = known or NumberHistory()
    wall, attempt = ground.now.wall, int(call.went_out)
    ground.dialing.histories[call.customer_number] = replace(
        known,
        attempts_today=known.attempts_today + attempt,
        attempts_week=known.attempts_week + attempt,
        last_abandoned_at=wall if outcome is Outcome.ABANDONED else known.last_abandoned_at,
        last_machine_at=wall if outcome is Outcome.MACHINE else known.last_machine_at,
    )
    for desk in ground.dialing.desks.values():
        if desk.asked:
            desk.over.add(call.customer_number)
