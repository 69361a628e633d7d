"""A campaign whose window reaches back beyond what was counted here (another profile, or its first): the ledger has the rest."""

from callside.dialer.laws.abandonment import window_start
from callside.dialer.model import Campaign
from callside.floor.dialing_checks import profile_of
from callside.floor.ground import Ground
from callside.floor.ledger_events import LedgerRead


def ask(ground: Ground, campaign: Campaign) -> None:
    """Ask for what is lacking, once until it is there."""
    dialing, profile, wall = ground.dialing, profile_of(ground, campaign), ground.now.wall
    if profile is None:
        return
    if campaign.id in dialing.tallies:
        lacking = dialing.tally(campaign.id, profile).lacking(wall)
    elif campaign.id not in dialing.began:  # it had no profile when we began, or was not there
        dialing.began[campaign.id] = wall + 1
        lacking = window_start(profile.abandonment.window, wall), wall + 1
    else:
        return
    if lacking is not None and dialing.asked_past.get(campaign.id) != lacking:
        dialing.asked_past[campaign.id] = lacking
        ground.out.lacking = {**ground.out.lacking, campaign.id: lacking}


def read(ground: Ground, event: LedgerRead) -> None:
    """The ledger has it."""
    dialing, campaign = ground.dialing, ground.directory.campaigns.get(event.campaign_id)
    dialing.asked_past.pop(event.campaign_id, None)
    profile = profile_of(ground, campaign) if campaign is not None else None
    if profile is not None and (event.entries or event.campaign_id in dialing.tallies):
        dialing.tally(event.campaign_id, profile).recall(event.entries, event.since)
