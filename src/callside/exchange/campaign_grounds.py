"""What only the store knows of campaigns, for the floor: is the scrub good, is there a list left, what came before a restart."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from callside.dialer.laws.abandonment import window_start
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MOST, OLDEST_MS
from callside.dialer.leads.model import Lead
from callside.exchange.leads_port import Leads
from callside.exchange.ledger_port import Ledger
from callside.exchange.ports import Store
from callside.floor.dialing_checks import is_running
from callside.floor.dialing_desk import Grounds
from callside.floor.directory import Directory
from callside.floor.ground import Ground
from callside.kernel.clock import Moment
from callside.kernel.ids import CampaignId, TenantId

_DAY_MS: Final = 24 * 3_600_000
_ANY: Final = ""
"""Stands for a number of which nothing is known: the register holds for numbers that were never called, too."""


async def grounds_of(
    store: Store, tenant_id: TenantId, campaigns: Collection[CampaignId], wall: int
) -> dict[CampaignId, Grounds]:
    """Of each of these campaigns."""
    if not campaigns:
        return {}
    lists = [one for one in await store.leads.lists(tenant_id) if one.enabled]
    found = {}
    for campaign_id in campaigns:
        known = (await store.ledger.histories(tenant_id, campaign_id, [_ANY], wall))[_ANY]
        mine = [one for one in lists if one.campaign_id == campaign_id]
        tokens = {one.id: one.token_expires_at for one in mine if one.token_expires_at is not None}
        found[campaign_id] = Grounds(known.dnc_scrubbed_at, len(mine), tokens)
    return found


def that_run(directory: Directory) -> list[CampaignId]:
    """Campaigns that run."""
    return [one.id for one in directory.campaigns.values() if is_running(one)]


def begun(ground: Ground, directory: Directory) -> list[CampaignId]:
    """Campaigns that run as things are set up now and did not before: what they stand on is read anew."""
    before = ground.directory.campaigns
    return [one for one in that_run(directory) if one not in ground.dialing.grounds or not is_running(before.get(one))]


async def histories_of(
    leads: Leads,
    ledger: Ledger,
    tenant_id: TenantId,
    campaign_id: CampaignId | None,
    numbers: Sequence[str],
    wall: int,
) -> Mapping[str, NumberHistory]:
    """What is known of numbers, do-not-call lists included."""
    known = dict(await ledger.histories(tenant_id, campaign_id, numbers, wall))
    for number in await leads.blocked_numbers(tenant_id, campaign_id, numbers, wall):
        known[number] = replace(known.get(number, NumberHistory()), opted_out=True)
    return known


async def recall_numbers(store: Store, ground: Ground, begun: Sequence[Lead], now: Moment) -> None:
    """What is known of the numbers of leads that are under way or on a screen: an agent may call them at any moment."""
    tenant_id, numbers = ground.directory.tenant.id, defaultdict[CampaignId, list[str]](list)
    lists = {one.id: one.campaign_id for one in await store.leads.lists(tenant_id)} if begun else {}
    for lead in begun:
        campaign_id = lists.get(lead.list_id)
        if campaign_id is not None:
            numbers[campaign_id] += [one.number for one in lead.numbers]
    for campaign_id, theirs in numbers.items():
        known = await histories_of(store.leads, store.ledger, tenant_id, campaign_id, theirs, now.wall)
        ground.dialing.learn(campaign_id, known, now.mono)


async def recall_dialing(store: Store, ground: Ground, wall: int) -> None:
    """What a floor that begins has to know of its campaigns' past, so that nothing begins anew with a restart.

    Each one's abandonment in its profile's window, what it stands on, and what its pacing had learnt.
    """
    directory, dialing = ground.directory, ground.dialing
    tenant_id = directory.tenant.id
    for campaign in directory.campaigns.values():
        profile = directory.profile_at(campaign.plan.profile, wall)
        if profile is not None:
            since = min(window_start(profile.abandonment.window, wall), wall - _DAY_MS)
            entries = await store.ledger.entries(tenant_id, campaign.id, since)
            samples = await store.ledger.samples(tenant_id, campaign.id, wall - OLDEST_MS, MOST)
            dialing.recount(campaign.id, profile, entries, wall - wall % _DAY_MS, samples, since)
    dialing.grounds.update(await grounds_of(store, tenant_id, that_run(directory), wall))
    dialing.learnt = {one.campaign_id: one for one in await store.recorder.learnt(tenant_id)}
