"""Desks for the campaigns that there are, with their pacing; and what was being dialled before a restart."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Direction
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead, LeadState, Outcome
from callside.dialer.leads.rules import RecyclingRules, after_attempt
from callside.dialer.model import Campaign
from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.keeping import CampaignMemory, aged
from callside.dialer.pacing.model import Known, KnownLine, Memory, PacingMode, PacingSettings
from callside.floor import dialing_past
from callside.floor.dialing_checks import book_of
from callside.floor.dialing_desk import DaySoFar, Desk
from callside.floor.dialing_ground import check
from callside.floor.facts import Record
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.floor.timers import TimerKind
from callside.reception.calendar import next_change
from callside.reception.rules import is_open

DAY_MS: Final = 24 * 3_600_000
_HOLDING: Final = frozenset({AgentState.PREVIEW, AgentState.LOST})
"""Agents who may have a lead before them without a call."""
_FOUND_MS: Final = 15_000
"""Somebody who had answered when we died is put through or let go within this time of our return."""
_KEPT_EVERY_MS: Final = 60_000


def set_up(ground: Ground) -> None:
    """Desks for the campaigns that there are; what is known of one stays as long as its pacing does."""
    campaigns, desks = ground.directory.campaigns, ground.dialing.desks
    today = ground.now.wall // DAY_MS
    is_new_day, ground.dialing.day = today != ground.dialing.day, today
    for campaign_id in [one for one in desks if one not in campaigns]:
        del desks[campaign_id]
        for known in (ground.dialing.grounds, ground.dialing.began, ground.dialing.asked_past):
            known.pop(campaign_id, None)
    for campaign in campaigns.values():
        desk = desks.get(campaign.id)
        if desk is None:
            desk = desks[campaign.id] = Desk(campaign.id)
        desk.book = book_of(ground, campaign)
        desk.forget_leads()
        check(ground, desk, campaign)
        dialing_past.ask(ground, campaign)
        _set_pace(ground, desk, campaign)
        _set_window(ground, desk, campaign, is_new_day=is_new_day)
        ground.dialing.due.add(campaign.id)
    ground.dialing.stirred.update(one.id for one in ground.sessions.values() if one.campaign_id is not None)


def restore(ground: Ground, leads: Iterable[Lead]) -> None:
    """Take over what the process before us was dialling. A lead whose call is on no record comes up again."""
    dialing = ground.dialing
    for desk in dialing.desks.values():
        desk.pacer = None  # made anew by set_up, with these lines and what was learnt
    called = {call.lead_id: call.lead_asked for call in ground.calls.values()}
    holding = (one for one in ground.sessions.values() if one.state in _HOLDING and one.lead_id not in called)
    shown = {session.lead_id: session.lead_asked for session in holding}
    for lead in leads:
        if lead.id in shown:
            dialing.leads[lead.id] = _as_before(lead, asked=shown[lead.id])
        else:
            dialing.leads[lead.id] = replace(lead, asked=called.get(lead.id, False))
    _count_launches(ground)
    for call in ground.calls.values():
        under_way = call.direction is Direction.OUTBOUND and call.state is not CallState.ENDED
        if under_way and call.callback is None:  # a place that is kept for a callback is no call
            dialing.busy_numbers[call.customer_number] = call.id
            _take_over(ground, call)
    for lead in [one for one in dialing.leads.values() if one.id not in called and one.id not in shown]:
        # Whose campaign's rules it went by nobody knows any more; the standard ones call it again in a while.
        progress = after_attempt(lead, lead.next_index, Outcome.RECOVERED, RecyclingRules(), ground.now.wall)
        ground.record.leads += (progress,)
        ground.fact("lead.recovered", lead_id=lead.id)
        del dialing.leads[lead.id]
    set_up(ground)


def _as_before(lead: Lead, *, asked: bool) -> Lead:
    """A lead that was only shown, as it was before that: its row says "dialling", so that nobody else takes it."""
    asked = asked or lead.callback_agent_id is not None
    return replace(lead, state=LeadState.CALLBACK if asked else LeadState.DUE)


def _count_launches(ground: Ground) -> None:
    """Calls of the process before us whose minute may not be over: the limit of a minute holds for them, too."""
    for call in sorted(ground.calls.values(), key=lambda one: one.started.mono):
        desk = ground.dialing.desk(call.campaign_id)
        if desk is not None and call.lead_id is not None:
            desk.launched.append(call.started.mono)


def _take_over(ground: Ground, call: LiveCall) -> None:
    desk = ground.dialing.desk(call.campaign_id)
    if desk is None or not call.dialled or call.answered is not None:
        return
    desk.lines[call.id] = None
    if call.state is CallState.ANSWERED and call.session_id is None and not call.left_to_message:
        desk.answered[call.id] = None
        ground.timers.set(TimerKind.CONNECT, call.id, ground.now.mono + _FOUND_MS)


def _set_pace(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    if campaign.type not in {Mode.PROGRESSIVE, Mode.PREDICTIVE}:
        desk.pacer = None
        return
    settings = settings_of(campaign, desk.book.profile.abandonment.connect_deadline_ms if desk.book else 2000)
    if desk.pacer is not None and desk.pacer.settings == settings:
        return
    if desk.pacer is None:
        desk.told.clear()
    known = desk.pacer.known() if desk.pacer is not None else _known(ground, desk, campaign)
    desk.pacer = pacer_for(settings, known)


def _set_window(ground: Ground, desk: Desk, campaign: Campaign, *, is_new_day: bool) -> None:
    """Pacing goes by the day's own ledger: with each day kept, every longer window is."""
    if desk.pacer is None:
        return
    ends = _end_of_shift(ground, campaign)
    if is_new_day:
        so_far = ground.dialing.ledger_today.pop(campaign.id, DaySoFar())
        # Since the day's first answer: were the morning's calls counted as this minute's, far too much would be borrowed.
        began = ground.now.mono if so_far.began is None else min(ground.now.mono, mono_of(ground, so_far.began))
        desk.pacer.begin_window(began, ends, so_far.connected, so_far.abandoned)
    else:
        desk.pacer.shift_ends(ends)


def _end_of_shift(ground: Ground, campaign: Campaign) -> int | None:
    """When the campaign stops dialling today as far as anybody has said (mono ms)."""
    plan, wall = campaign.plan, ground.now.wall
    hours = ground.directory.hours.get(plan.hours_id) if plan.hours_id is not None else None
    closing = next_change(hours, wall) if hours is not None and is_open(hours, wall) else None
    ends = [one for one in (closing, plan.ends_at or None) if one is not None]
    return mono_of(ground, min(ends)) if ends else None


def settings_of(campaign: Campaign, patience_ms: int) -> PacingSettings:
    """The campaign's pacing, in pacing's own words."""
    pace = campaign.plan.pace
    return PacingSettings(
        mode=PacingMode.PREDICTIVE if campaign.type is Mode.PREDICTIVE else PacingMode.PROGRESSIVE,
        target=pace.target,
        patience_ms=patience_ms,
        smallest_team=pace.smallest_team,
        lines_per_agent=pace.lines_per_agent,
        calls_per_second=pace.calls_per_second or None,
        max_lines=pace.max_lines or None,
    )


def keep_learnt(ground: Ground, desk: Desk) -> None:
    """Put on record what the campaign's pacing has learnt, once a minute while something happens in it."""
    now = ground.now.mono
    if desk.kept is None:
        desk.kept = now  # the process before us has kept it
    if now - desk.kept >= _KEPT_EVERY_MS:
        desk.kept = now
        ground.record.memories += _learnt(desk, ground.now.wall)


def last_words(ground: Ground, wall: int) -> Record:
    """What all pacing has learnt, for the process after us."""
    every = (one for desk in ground.dialing.desks.values() for one in _learnt(desk, wall))
    return Record(ground.tenant_id, memories=tuple(every))


def _learnt(desk: Desk, wall: int) -> tuple[CampaignMemory, ...]:
    """Nothing where nothing was learnt: what an earlier day has taught stays."""
    memory = desk.pacer.known().memory if desk.pacer is not None else Memory()
    return (CampaignMemory(desk.campaign_id, wall, memory),) if memory != Memory() else ()


def _known(ground: Ground, desk: Desk, campaign: Campaign) -> Known:
    lines = (ground.calls[one] for one in desk.lines)
    learnt = ground.dialing.learnt.pop(campaign.id, None)
    return Known(
        lines=tuple(
            KnownLine(one.id, one.started.mono, one.picked.mono if one.picked and one.id in desk.answered else None)
            for one in lines
        ),
        began_ms=ground.now.mono,
        ends_ms=_end_of_shift(ground, campaign),
        memory=aged(learnt.memory, ground.now.wall - learnt.at) if learnt is not None else Memory(),
    )


def mono_of(ground: Ground, wall: int) -> int:
    """The moment of ``wall`` on the clock that never goes back."""
    return ground.now.mono + wall - ground.now.wall
