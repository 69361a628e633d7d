"""Trunks that take no call: found out by calls that did not even ring, left alone for a while, tried again by themselves."""

from typing import Final

from callside.dialer.leads.model import Outcome
from callside.dialer.leads.rules import after_attempt
from callside.floor.dialing_desk import FailedTry, TrunkHealth
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.kernel.ids import CampaignId

_FAILURES: Final = 5
_PAUSE_MS: Final = 10_000
_LONGEST_PAUSE_MS: Final = 300_000


def says(ground: Ground, call: LiveCall, outcome: Outcome) -> Outcome:
    """What the call came to, as far as its trunk is concerned.

    Several in a row that did not even ring: the trunk is down, and no lead of theirs has been called.
    """
    if call.trunk_id is None or outcome is Outcome.RECOVERED:
        return outcome
    health = ground.dialing.trunk(call.trunk_id)
    if outcome is Outcome.CANCELLED and not call.rang:
        return outcome  # the agent gave up before anything was heard of it
    if call.rang or outcome not in {Outcome.FAILED, Outcome.CONGESTION}:
        if health.failures >= _FAILURES:
            ground.fact("trunk.up_again", None, call, trunk_id=call.trunk_id)
            _wake_all(ground)
        health.failures = health.until = 0
        health.tries.clear()
        return outcome
    health.failures += 1
    if health.failures < _FAILURES:
        if call.went_out:
            _note(ground, call, health)
        return outcome if call.went_out else Outcome.TRUNK_DOWN  # of the latter it is known already
    _take_back(ground, health)
    _pause(ground, call, health)
    return Outcome.TRUNK_DOWN


def forget_tries(ground: Ground, campaign_id: CampaignId) -> None:
    """Somebody has changed leads of the campaign: what they say of them stands."""
    for health in ground.dialing.trunks.values():
        health.tries = [one for one in health.tries if one.campaign_id != campaign_id]


def _note(ground: Ground, call: LiveCall, health: TrunkHealth) -> None:
    lead = ground.dialing.leads.get(call.lead_id) if call.lead_id is not None else None
    if lead is not None and call.campaign_id is not None:
        health.tries.append(FailedTry(lead, call.lead_number, call.campaign_id))


def _take_back(ground: Ground, health: TrunkHealth) -> None:
    """The calls by which it was found out were no attempts."""
    tries, health.tries = health.tries, []
    at_hand = {one.lead.id for one in ground.dialing.at_hand()} if tries else set()
    for one in tries:
        campaign = ground.directory.campaigns.get(one.campaign_id)
        if campaign is not None and one.lead.id not in ground.dialing.leads and one.lead.id not in at_hand:
            rules = campaign.plan.recycling
            ground.record.leads += (after_attempt(one.lead, one.index, Outcome.TRUNK_DOWN, rules, ground.now.wall),)


def _pause(ground: Ground, call: LiveCall, health: TrunkHealth) -> None:
    longer = min(health.failures - _FAILURES, 5)
    pause = min(_LONGEST_PAUSE_MS, _PAUSE_MS * 2**longer)
    if health.until <= ground.now.mono:
        ground.fact("trunk.down", None, call, trunk_id=call.trunk_id, pause_ms=pause, cause=call.cause)
        health.until = ground.now.mono + pause
        _wake_all(ground)


def _wake_all(ground: Ground) -> None:
    ground.dialing.due.update(ground.dialing.desks)
