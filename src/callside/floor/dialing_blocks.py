"""Numbers that must not be called: from this instant on, also where a phone rings already or a lead is under way."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from callside.calls.machine import CallState
from callside.calls.model import Cause, Party
from callside.dialer.leads.model import Blocked, Lead, LeadProgress, LeadState, Outcome
from callside.dialer.leads.rules import RecyclingRules, after_attempt
from callside.floor.commands import HangUpLeg
from callside.floor.dialing_desk import BLOCKED_FOR_MS
from callside.floor.events import NumbersBlocked
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.kernel.ids import CampaignId

_UNANSWERED: Final = frozenset({CallState.PLANNED, CallState.RINGING})


def numbers_blocked(ground: Ground, event: NumbersBlocked) -> None:
    """Numbers went to a do-not-call list: none of them is dialled from what is at hand, none of them rings on."""
    _block(ground, event.numbers, event.campaign_id)


def block(ground: Ground, call: LiveCall, lead: Lead | None, campaign_id: CampaignId | None, reason: str) -> None:
    """Somebody does not want to be called: on record, and from this instant on. That is the person's word, not one phone's."""
    numbers = dict.fromkeys([call.customer_number, *(one.number for one in (lead.numbers if lead else ()))])
    ground.record.blocked += tuple(Blocked(one, campaign_id, reason, ground.now.wall) for one in numbers)
    _block(ground, numbers, campaign_id)


def with_blocked(ground: Ground, lead: Lead, campaign_id: CampaignId | None) -> Lead:
    """The lead with the numbers marked that were blocked since it was fetched: another one may be called still."""
    dialing = ground.dialing
    if not any(dialing.is_blocked(one.number, campaign_id) for one in lead.numbers):
        return lead
    every = (replace(one, blocked=one.blocked or dialing.is_blocked(one.number, campaign_id)) for one in lead.numbers)
    return replace(lead, numbers=tuple(every))


def after_blocked_attempt(lead: Lead, index: int, outcome: Outcome, rules: RecyclingRules, now: int) -> LeadProgress:
    """What is left of a lead that was being called while the last of its numbers went on a list.

    Of one that would come up again the store, which knows the lists, has the last word when we have forgotten it.
    """
    as_if_free = replace(lead, numbers=tuple(replace(one, blocked=False) for one in lead.numbers))
    progress = after_attempt(as_if_free, index, outcome, rules, now)
    due_at = 0 if progress.state is LeadState.DONE else now + BLOCKED_FOR_MS
    return replace(progress, state=LeadState.BLOCKED, due_at=due_at, callback_agent_id=None, anybody_from=0)


def _block(ground: Ground, numbers: Iterable[str], campaign_id: CampaignId | None) -> None:
    given = tuple(dict.fromkeys(numbers))
    if campaign_id is None and ground.callbacks.places:  # the later word holds; see callbacks.withdraw
        ground.callbacks.unwanted.update(given)
    ground.dialing.block(given, ground.now.mono, campaign_id)
    _show(ground, frozenset(given))
    for number in given:
        call = ground.calls.get(ground.dialing.busy_numbers.get(number, ""))  # type: ignore[call-overload]
        if call is not None and _must_not_ring(call, campaign_id):
            call.hung_up_by, call.cause = Party.SYSTEM, Cause.CANCELLED
            ground.fact("call.blocked", None, call, campaign_id=call.campaign_id, lead_id=call.lead_id)
            ground.touch_call(call)
            if call.leg_id is not None:
                ground.command(HangUpLeg(call.leg_id))


def _show(ground: Ground, numbers: frozenset[str]) -> None:
    """Agents who have one of their leads before them see that it must not be called."""
    leads = ground.dialing.leads
    for session in ground.sessions.values():
        lead = leads.get(session.lead_id) if session.lead_id is not None else None
        if lead is not None and any(one.number in numbers for one in lead.numbers):
            ground.out.changed.add(session.id)


def _must_not_ring(call: LiveCall, campaign_id: CampaignId | None) -> bool:
    """A campaign's call that nobody has answered. Who asked a queue to be called back took that back only by a list for all."""
    if call.state not in _UNANSWERED or call.hung_up_by is not None or call.campaign_id is None:
        return False
    return campaign_id is None or call.campaign_id == campaign_id
