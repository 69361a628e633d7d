"""A campaign that runs is held against its rules again when what it stands on changes: it halts, and goes on, by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from callside.dialer.model import Campaign
from callside.dialer.starting import Footing, broken_rules
from callside.floor.dialing_checks import profile_of
from callside.floor.dialing_desk import Desk
from callside.floor.events import GroundsFound
from callside.floor.ground import Ground
from callside.kernel.zones import DAY_MS

_OF_GROUNDS: Final = frozenset({"scrub.max_age_d"})
"""Rules that nothing can be said about while the store was not asked."""


def found(ground: Ground, event: GroundsFound) -> None:
    """The store has said what campaigns stand on."""
    ground.dialing.grounds.update(event.grounds)
    for campaign_id in event.grounds:
        desk, campaign = ground.dialing.desk(campaign_id), ground.directory.campaigns.get(campaign_id)
        if desk is not None and campaign is not None:
            check(ground, desk, campaign)
            ground.dialing.due.add(campaign_id)


def check(ground: Ground, desk: Desk, campaign: Campaign) -> None:
    """Which rules forbid the campaign to run as everything stands now, and until when that holds by itself."""
    known = ground.dialing.grounds.get(campaign.id)
    trunk = ground.directory.trunks.get(campaign.trunk_id)
    footing = Footing(
        trunk.caller_id if trunk else "",
        known.scrubbed_at if known else None,
        tokens=tuple(known.tokens.values()) if known else (),
    )
    profile, wall = profile_of(ground, campaign), ground.now.wall
    broken = broken_rules(_present(ground, campaign), profile, footing, wall)
    desk.broken = tuple(one for one in broken if known is not None or one.rule not in _OF_GROUNDS)
    desk.checked_until = min((one for one in _ends(campaign, footing, ground) if one > wall), default=wall + DAY_MS)


def agents_of(ground: Ground, campaign: Campaign) -> frozenset[str]:
    """Its agents who are there and may log in."""
    known = (ground.directory.agents.get(one) for one in campaign.agents)
    return frozenset(one.id for one in known if one is not None and one.enabled)


def _present(ground: Ground, campaign: Campaign) -> Campaign:
    """The campaign without a safe message that is not there any more."""
    if campaign.plan.safe_message is None or campaign.plan.safe_message in ground.directory.prompts:
        return campaign
    return replace(campaign, plan=replace(campaign.plan, safe_message=None))


def _ends(campaign: Campaign, footing: Footing, ground: Ground) -> Iterator[int]:
    """When a rule is broken by time alone: a scrub or its token grows old, another day has another profile."""
    wall, profile = ground.now.wall, profile_of(ground, campaign)
    yield wall - wall % DAY_MS + DAY_MS
    if campaign.plan.token_expires_at is not None:
        yield campaign.plan.token_expires_at
    yield from footing.tokens
    if profile is not None and profile.scrub.max_age_d is not None and footing.dnc_scrubbed_at is not None:
        yield footing.dnc_scrubbed_at + profile.scrub.max_age_d * DAY_MS + 1
