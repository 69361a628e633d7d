"""Brings a floor the leads it wants, and what is known of numbers: from the store, beside everything else that goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Final

import structlog

from callside.calls.rules import read_number
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.leads.model import Lead
from callside.exchange.campaign_grounds import histories_of
from callside.exchange.journal import Journal
from callside.exchange.leads_port import Leads
from callside.exchange.ledger_port import Ledger
from callside.floor.dialing_checks import closed_keys
from callside.floor.dialing_leads import present_agents
from callside.floor.events import Dial, LeadsFetched
from callside.floor.ground import Ground
from callside.floor.ledger_events import LedgerRead
from callside.kernel.clock import Clock
from callside.kernel.errors import InvalidFieldError, NotFoundError, StoreUnavailableError
from callside.kernel.ids import AgentId, CampaignId, LeadId, LeadListId, TenantId

_PATIENCE_S: Final = 30.0
_AGAIN_S: Final = 2.0
_log = structlog.get_logger(__name__)


class LeadFetching:
    """One tenant's. ``give`` hands an event to the floor."""

    def __init__(
        self,
        ground: Callable[[], Ground],
        leads: Leads,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        give: Callable[[LeadsFetched | LedgerRead], object],
    ) -> None:
        self._ground = ground
        self._leads = leads
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._give = give
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, wants: Mapping[CampaignId, int]) -> None:
        """Begin to fetch; the floor asks once for each campaign until it has its answer."""
        for campaign_id, count in wants.items():
            self._begin(self._until_done(campaign_id, partial(self._fetch_once, campaign_id, count)))

    def recall(self, lacking: Mapping[CampaignId, tuple[int, int]]) -> None:
        """Begin to read the older part of campaigns' ledgers; the floor asks once for each campaign until it has its answer."""
        for campaign_id, (since, before) in lacking.items():
            self._begin(self._until_done(campaign_id, partial(self._recall_once, campaign_id, since, before)))

    def stop(self) -> None:
        """Nobody waits any more."""
        for task in self._tasks:
            task.cancel()

    async def about(self, tenant_id: TenantId, request: Dial, campaign_id: CampaignId | None) -> NumberHistory | None:
        """What is known of a number that is dialled by hand; ``None`` where it is no number (the floor will say so)."""
        try:
            number = read_number(request.number, self._ground().directory.tenant.region)
        except InvalidFieldError:
            return None
        return (await self._histories(tenant_id, campaign_id, [number])).get(number)

    async def lead(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, lead_id: LeadId
    ) -> tuple[Lead, Mapping[str, NumberHistory]]:
        """A lead of the campaign that an agent has chosen.

        Raises:
            NotFoundError: There is none, it belongs to another campaign, or its list was disabled.
        """
        await self._journal.written(self._journal.newest, _PATIENCE_S)
        lead = await self._leads.lead(tenant_id, lead_id)
        lists = {one.id: one for one in await self._leads.lists(tenant_id)}
        into = lists.get(lead.list_id) if lead is not None else None
        if lead is None or into is None or into.campaign_id != campaign_id or not into.enabled:
            msg = "lead: this campaign has no such lead"
            raise NotFoundError(msg, field="lead")
        numbers = [one.number for one in lead.numbers]
        return lead, await self._histories(tenant_id, campaign_id, numbers)

    async def of_agent(self, tenant_id: TenantId, campaign_id: CampaignId, agent_id: AgentId) -> Sequence[Lead]:
        """For an agent's own list: their callbacks by date, then whoever is next in the campaign and may be called now."""
        await self._journal.written(self._journal.newest, _PATIENCE_S)
        wall = self._clock.now().wall
        keys = await self._leads.zone_keys(tenant_id, campaign_id)
        open_keys = keys - closed_keys(self._ground(), campaign_id, keys, wall)
        closed = await self._closed_lists(self._ground(), campaign_id, wall)
        return await self._leads.leads_of_agent(
            tenant_id, campaign_id, agent_id, wall, open_zone_keys=open_keys, closed_lists=closed
        )

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="leads")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_done(self, campaign_id: CampaignId, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (StoreUnavailableError, TimeoutError) as failed:
                _log.warning("leads.fetch_failed", campaign_id=campaign_id, reason=str(failed))
                await asyncio.sleep(_AGAIN_S)
            except Exception:  # noqa: BLE001 - logged whole
                # The floor asks once and waits for its answer: a fault of ours must not silence the campaign for good.
                _log.exception("leads.fetch_broken", campaign_id=campaign_id)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _on_disk(self, campaign_id: CampaignId) -> None:
        """What the floor has written must be on disk before it is read, or an old state would come back."""
        while not await self._journal.written(self._journal.newest, _PATIENCE_S):
            _log.warning("leads.wait_for_journal", campaign_id=campaign_id)

    async def _recall_once(self, campaign_id: CampaignId, since: int, before: int) -> None:
        await self._on_disk(campaign_id)
        entries = await self._ledger.entries(self._ground().tenant_id, campaign_id, since, before=before)
        self._give(LedgerRead(campaign_id, since, tuple(entries)))

    async def _fetch_once(self, campaign_id: CampaignId, count: int) -> None:
        await self._on_disk(campaign_id)
        ground = self._ground()
        tenant_id, wall = ground.directory.tenant.id, self._clock.now().wall
        keys = await self._leads.zone_keys(tenant_id, campaign_id)
        desk = ground.dialing.desk(campaign_id)
        agents = present_agents(ground, desk) if desk is not None else frozenset[AgentId]()
        found = await self._leads.next_leads(
            tenant_id,
            campaign_id,
            wall,
            open_zone_keys=keys - closed_keys(ground, campaign_id, keys, wall),
            agent_ids=agents,
            limit=count,
            closed_lists=await self._closed_lists(ground, campaign_id, wall),
        )
        numbers = [number.number for lead in found for number in lead.numbers]
        histories = await self._histories(tenant_id, campaign_id, numbers)
        self._give(LeadsFetched(campaign_id, tuple(found), histories, agents))

    async def _closed_lists(self, ground: Ground, campaign_id: CampaignId, wall: int) -> frozenset[LeadListId]:
        """Lists whose scrub has run out, where the law asks for one; with another token all on them are due again at once."""
        desk, campaign = ground.dialing.desk(campaign_id), ground.directory.campaigns.get(campaign_id)
        if desk is None or desk.book is None or campaign is None or not desk.book.profile.scrub.token:
            return frozenset()
        mine = [one for one in await self._leads.lists(ground.tenant_id) if one.campaign_id == campaign_id]
        ends = {one.id: one.token_expires_at or campaign.plan.token_expires_at or 0 for one in mine}
        return frozenset(one for one, end in ends.items() if end <= wall)

    async def _histories(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: list[str]
    ) -> Mapping[str, NumberHistory]:
        wall = self._clock.now().wall
        return await histories_of(self._leads, self._ledger, tenant_id, campaign_id, numbers, wall)
