"""The desk for campaigns: set up, started, paused, stopped, and how they stand. None runs that its jurisdiction forbids."""

import functools
from dataclasses import replace
from typing import Any, Final

from callside.dialer.laws.model import Mode
from callside.dialer.laws.windows import CallingBook
from callside.dialer.model import Campaign, Run
from callside.dialer.starting import Footing, broken_rules, warnings_of
from callside.exchange.administration.campaign_filling import campaign_sheet, fill_campaign
from callside.exchange.administration.campaign_forms import CampaignForm, CampaignSheet
from callside.exchange.administration.desk import Desk, one_at_a_time
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.sounds import in_campaign, missing_sounds
from callside.exchange.profiles import ProfileShelf, load_profiles
from callside.floor.dialing_checks import zones_in
from callside.floor.directory import Directory
from callside.kernel.errors import BrokenRule, NotFoundError, RulesForbidError
from callside.kernel.ids import CampaignId, TenantId, TrunkId

_ANY: Final = ""
"""Stands for a number of which nothing is known."""


@functools.cache
def _shelf() -> ProfileShelf:
    return load_profiles()


class CampaignDesk(Desk[CampaignForm]):
    """Where campaigns are administered."""

    noun = "campaign"
    form = CampaignForm
    patch = patch_of(CampaignForm, "CampaignPatch")
    sheet = CampaignSheet
    issued = CampaignSheet

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All campaigns, by name."""
        directory = await self.office.directory(tenant_id)
        by_name = sorted(directory.campaigns.values(), key=lambda one: (one.name, one.id))
        return [self._sheet(one, directory) for one in by_name]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One campaign; see :meth:`Desk.get`."""
        directory = await self.office.directory(tenant_id)
        return self._sheet(self._kept(directory, item_id), directory)

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: CampaignForm) -> Sheet:
        """Add a campaign; see :meth:`Desk.add`."""
        directory = await self.office.directory(tenant_id)
        blank = Campaign(CampaignId(""), tenant_id, form.name, Mode(form.type), TrunkId(form.trunk_id))
        campaign = fill_campaign(blank, form.model_dump(exclude_unset=True), directory, _shelf().ids)
        added = await self.office.directories.add_campaign(campaign)
        await self.office.changed(tenant_id)
        return self._sheet(added, directory)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: CampaignForm) -> Sheet:
        """Change a campaign; see :meth:`Desk.change`.

        Raises:
            RulesForbidError: It runs, and could not be started as it would be then.
        """
        directory = await self.office.directory(tenant_id)
        kept = self._kept(directory, item_id)
        campaign = fill_campaign(kept, patch.model_dump(exclude_unset=True), directory, _shelf().ids)
        if campaign.plan.run is Run.RUNNING:
            await self._may_run(
                campaign, directory, "the campaign runs and may not with that change; pause it first, or"
            )
        return await self._keep(campaign, directory, await self.footing(campaign, directory))

    @one_at_a_time
    async def start(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """Have its leads called, or go on after a pause.

        Raises:
            NotFoundError: The tenant has no such campaign.
            RulesForbidError: Its jurisdiction or the house forbids it; every rule is named.
        """
        directory = await self.office.directory(tenant_id)
        campaign = self._kept(directory, item_id)
        running = replace(campaign, plan=replace(campaign.plan, run=Run.RUNNING))
        footing = await self._may_run(running, directory, "the campaign cannot be started")
        return await self._keep(running, directory, footing)

    async def pause(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """Nothing new is dialled; calls under way go on. Raises as :meth:`get`."""
        return await self._halt(tenant_id, item_id, Run.PAUSED)

    async def stop(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """Over; calls under way go on. Raises as :meth:`get`."""
        return await self._halt(tenant_id, item_id, Run.STOPPED)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a campaign away."""
        if not await self.office.directories.remove_campaign(tenant_id, CampaignId(item_id)):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)

    async def one(self, tenant_id: TenantId, item_id: str) -> tuple[Campaign, Directory]:
        """A campaign and all that is set up around it; raises as :meth:`get`."""
        directory = await self.office.directory(tenant_id)
        return self._kept(directory, item_id), directory

    async def leads(self, tenant_id: TenantId, item_id: str) -> dict[str, int] | None:
        """How many leads of its lists stand where; ``None`` where no leads are kept."""
        kept = self.office.leads
        if kept is None:
            return None
        counts: dict[str, int] = {}
        for one in await kept.lists(tenant_id):
            if one.campaign_id == item_id and one.enabled:
                for state, count in (await kept.tallies(tenant_id, one.id)).items():
                    counts[state] = counts.get(state, 0) + count
        return counts

    async def footing(self, campaign: Campaign, directory: Directory) -> Footing:
        """What the campaign stands on now."""
        leads = await self.leads(campaign.tenant_id, campaign.id)
        return replace(
            self._bare_footing(campaign, directory),
            dnc_scrubbed_at=await self._scrubbed_at(campaign),
            leads=None if leads is None else sum(leads.values()),
            callable_now=await self._callable_now(campaign, directory),
            tokens=await self._tokens(campaign),
        )

    async def _tokens(self, campaign: Campaign) -> tuple[int, ...]:
        if self.office.leads is None:
            return ()
        lists = await self.office.leads.lists(campaign.tenant_id)
        mine = (one.token_expires_at for one in lists if one.campaign_id == campaign.id and one.enabled)
        return tuple(one for one in mine if one is not None)

    async def _scrubbed_at(self, campaign: Campaign) -> int | None:
        """The register holds for numbers the campaign has never called, too: whichever number is asked about."""
        if self.office.numbers is None:
            return None
        wall = self.office.clock.now().wall
        return (await self.office.numbers.histories(campaign.tenant_id, campaign.id, [_ANY], wall))[
            _ANY
        ].dnc_scrubbed_at

    async def _callable_now(self, campaign: Campaign, directory: Directory) -> bool | None:
        profile, wall = self._profile(campaign), self.office.clock.now().wall
        if profile is None or self.office.leads is None:
            return None
        hours = directory.hours.get(campaign.plan.hours_id) if campaign.plan.hours_id else None
        book = CallingBook(profile, hours)
        keys = await self.office.leads.zone_keys(campaign.tenant_id, campaign.id)
        return any(book.may_call(zones_in(key), wall).allowed for key in keys)

    async def _may_run(self, campaign: Campaign, directory: Directory, otherwise: str) -> Footing:
        footing = await self.footing(campaign, directory)
        found = broken_rules(campaign, self._profile(campaign), footing, self.office.clock.now().wall)
        if found:
            raise RulesForbidError(otherwise, [BrokenRule(one.rule, one.field, one.message) for one in found])
        return footing

    @one_at_a_time
    async def _halt(self, tenant_id: TenantId, item_id: str, run: Run) -> Sheet:
        directory = await self.office.directory(tenant_id)
        campaign = self._kept(directory, item_id)
        return await self._keep(replace(campaign, plan=replace(campaign.plan, run=run)), directory, None)

    async def _keep(self, campaign: Campaign, directory: Directory, footing: Footing | None) -> Sheet:
        if not await self.office.directories.change_campaign(campaign):
            raise self.missing(campaign.id)
        await self.office.changed(campaign.tenant_id)
        return self._sheet(campaign, directory, footing)

    def _sheet(self, campaign: Campaign, directory: Directory, footing: Footing | None = None) -> CampaignSheet:
        known = footing or self._bare_footing(campaign, directory)
        unheard = missing_sounds(self.office, directory, in_campaign(campaign))
        return campaign_sheet(campaign, [*warnings_of(campaign, known, self.office.clock.now().wall), *unheard])

    def _bare_footing(self, campaign: Campaign, directory: Directory) -> Footing:
        trunk = directory.trunks.get(campaign.trunk_id)
        dispositions = frozenset(one.code for one in directory.tenant.dispositions)
        return Footing(trunk_caller_id=trunk.caller_id if trunk else "", dispositions=dispositions)

    def _profile(self, campaign: Campaign) -> Any:
        if not campaign.plan.profile:
            return None
        try:
            return _shelf().in_force(campaign.plan.profile, self.office.clock.now().wall)
        except NotFoundError:
            return None

    def _kept(self, directory: Directory, item_id: str) -> Campaign:
        found = directory.campaigns.get(CampaignId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found
