"""May this campaign dial now, and may this lead's number be dialled at this instant? Asked when the line is dialled."""

from dataclasses import dataclass, replace
from typing import Final

from callside.calls.machine import CallState
from callside.calls.model import Direction
from callside.dialer.laws.line_rules import LineTerms, NumberHistory, check_line
from callside.dialer.laws.model import Profile
from callside.dialer.laws.windows import CallingBook
from callside.dialer.laws.zones import zones_of
from callside.dialer.leads.model import Lead
from callside.dialer.leads.rules import pick_number
from callside.dialer.model import Campaign, Run
from callside.dialer.rules import check_dial, choose_caller_id
from callside.floor.dialing_blocks import with_blocked
from callside.floor.dialing_desk import Desk
from callside.floor.ground import Ground
from callside.kernel.errors import InvalidFieldError, NotAllowedError
from callside.kernel.ids import CampaignId, LeadListId

_LATER_MS: Final = 24 * 3_600_000
"""What no clock heals is looked at again after a day: an administrator may have."""
_SOON_MS: Final = 60_000
_OF_THE_NUMBER: Final = frozenset({"dial_rules", "zone"})
"""No time heals these: the lead is called on another of its numbers."""
_UNKNOWN: Final = NumberHistory()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a lead is not dialled now.

    Attributes:
        until: When it may be tried again, wall ms; ``None``: never, every number asked not to be called.
        index: Which of its numbers was to be called; ``None``: none can be.
    """

    rule: str
    until: int | None
    index: int | None = None


def profile_of(ground: Ground, campaign: Campaign) -> Profile | None:
    """The jurisdiction's rules that are in force today for the campaign."""
    return ground.directory.profile_at(campaign.plan.profile, ground.now.wall)


def book_of(ground: Ground, campaign: Campaign) -> CallingBook | None:
    """The profile's windows together with the campaign's opening hours; ``None`` where there is no such profile."""
    profile = profile_of(ground, campaign)
    hours = ground.directory.hours.get(campaign.plan.hours_id) if campaign.plan.hours_id is not None else None
    return CallingBook(profile, hours) if profile is not None else None


def is_running(campaign: Campaign | None) -> bool:
    """Whether an administrator lets it call its leads."""
    return campaign is not None and campaign.plan.run is Run.RUNNING


def closed_keys(ground: Ground, campaign_id: CampaignId, keys: frozenset[str], wall: int) -> frozenset[str]:
    """Of the zone keys of a campaign's leads those where nobody may be called now; leads with them need not be fetched."""
    desk = ground.dialing.desk(campaign_id)
    if desk is None or desk.book is None:
        return frozenset()
    book = desk.book
    return frozenset(key for key in keys if not book.may_call(zones_in(key), wall).allowed)


def zones_in(key: str) -> tuple[str, ...]:
    """The zones a zone key names."""
    return tuple(key.split("|")) if key else ()


def number_to_dial(ground: Ground, desk: Desk, campaign: Campaign, lead: Lead, *, reserved: bool) -> int | Refusal:
    """Which of the lead's numbers may be called at this instant, or why none.

    ``reserved``: an agent is kept free for this very call.
    """
    lead, first = with_blocked(ground, lead, campaign.id), None
    while (index := pick_number(lead, campaign.plan.recycling)) is not None:
        refusal = _against(ground, desk, campaign, lead, index, reserved=reserved)
        if refusal is None:
            return index
        first = first or replace(refusal, index=index)
        if refusal.rule not in _OF_THE_NUMBER:
            return replace(refusal, index=index)
        lead = _without(lead, index)
    return first or Refusal("opt_out" if all(one.blocked for one in lead.numbers) else "attempts", None)


def is_with_us(ground: Ground, number: str) -> bool:
    """Whether the number's owner has called us and is on the line: some carriers leave the plus away."""
    theirs = (number, number.removeprefix("+"))
    return any(
        one.customer_number in theirs
        and one.direction is Direction.INBOUND
        and one.state is not CallState.ENDED
        and one.callback is None  # a place that is kept for a callback is no call
        for one in ground.calls.values()
    )


def _against(
    ground: Ground, desk: Desk, campaign: Campaign, lead: Lead, index: int, *, reserved: bool
) -> Refusal | None:
    """What is against calling one of the lead's numbers now."""
    number = lead.numbers[index].number
    busy = Refusal("busy_number", ground.now.wall + _SOON_MS)
    if number in ground.dialing.busy_numbers:
        return busy
    token = token_of(ground, campaign, lead.list_id)
    refusal = check_number(ground, desk, campaign, number, lead.zone, reserved=reserved, token=token)
    if refusal is None and is_with_us(ground, number):
        return busy  # asked last: it looks at every call
    return refusal


def _without(lead: Lead, index: int) -> Lead:
    """The lead as if one of its numbers must not be called."""
    barred = replace(lead.numbers[index], blocked=True)
    return replace(lead, numbers=(*lead.numbers[:index], barred, *lead.numbers[index + 1 :]))


def token_of(ground: Ground, campaign: Campaign, list_id: LeadListId | None) -> int | None:
    """Until when the scrub token of a list's leads holds (wall ms): its own, else the campaign's; ``None``: there is none."""
    known = ground.dialing.grounds.get(campaign.id)
    own = known.tokens.get(list_id) if known is not None and list_id is not None else None
    return own if own is not None else campaign.plan.token_expires_at


def check_number(
    ground: Ground, desk: Desk, campaign: Campaign, number: str, zone: str, *, reserved: bool, token: int | None
) -> Refusal | None:
    """The campaign's dial rules and its jurisdiction's, for one number now; ``token``: until when its scrub holds."""
    try:
        check_dial(number, campaign.dial_rules)
        zones = zones_of(number, zone)
    except NotAllowedError:
        return Refusal("dial_rules", ground.now.wall + _LATER_MS)
    except InvalidFieldError:
        return Refusal("zone", ground.now.wall + _LATER_MS)
    if desk.book is None:
        return None  # a campaign dialled by hand without a profile; the others do not run without one
    plan, shown = campaign.plan, shown_to(ground, desk, campaign, number)
    terms = LineTerms(zones, plan.purpose, reserved, shown, plan.regulated, token)
    history, known = ground.dialing.history(number), ground.dialing.grounds.get(campaign.id)
    if known is not None and known.scrubbed_at != history.dnc_scrubbed_at:
        history = replace(history, dnc_scrubbed_at=known.scrubbed_at)  # what was read last may be another campaign's
    found = check_line(desk.book, terms, history, ground.now.wall)
    if not found:
        return None
    ends = [one.until for one in found]
    until = max((one for one in ends if one is not None), default=None)
    return Refusal(found[0].rule, until if until is not None and None not in ends else ground.now.wall + _LATER_MS)


def shown_to(ground: Ground, desk: Desk, campaign: Campaign, number: str) -> str:
    """The caller id that the number is called with."""
    trunk = ground.directory.trunks.get(campaign.trunk_id)
    return choose_caller_id(campaign, number, desk.turn, trunk.caller_id if trunk else "")
