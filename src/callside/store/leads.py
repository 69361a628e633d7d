"""The exchange's port ``Leads`` on a database."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from callside.dialer.leads.model import DncList, Lead, LeadList, LeadState, ListOrder
from callside.dialer.leads.order import order_key
from callside.exchange.leads_port import LeadChange
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError
from callside.kernel.ids import AgentId, CampaignId, LeadId, LeadListId, TenantId
from callside.store.connection import Connection, DanglingError, Database, DoubledError
from callside.store.repositories import (
    dnc,
    dnc_lists,
    lead_changes,
    lead_lists,
    lead_loading,
    lead_progress,
    leads,
    next_leads,
)

_BY_COLUMN: Final = frozenset({ListOrder.ASCENDING, ListOrder.DESCENDING})
_MOST_WITH_NUMBER: Final = 100


class SqlLeads:
    """Lists of leads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lists(self, tenant_id: TenantId) -> Sequence[LeadList]:
        """The tenant's lists, by id."""
        return await self._database.read(lambda connection: lead_lists.of_tenant(connection, tenant_id))

    async def add_list(self, one: LeadList) -> LeadList:
        """Keep a new list."""
        with _in_words(one):
            return await self._database.write(lambda connection: lead_lists.add(connection, one.tenant_id, one))

    async def change_list(self, one: LeadList) -> bool:
        """Replace its fields."""
        with _in_words(one):
            moved = await self._database.write(lambda connection: _change_list(connection, one))
        if moved:
            await self._go_by_other_dnc_lists(one)
        return moved is not None

    async def _go_by_other_dnc_lists(self, moved: LeadList) -> None:
        """The list feeds another campaign, or none: those count no more whose numbers another campaign must not call."""
        for each in await self._database.read(lambda connection: dnc_lists.of_tenant(connection, moved.tenant_id)):
            after: str | None = "" if each.campaign_id is not None else None
            while after is not None:
                after = await self._database.write(partial(_resort, one=moved, by=each, after=after))

    async def remove_list(self, tenant_id: TenantId, list_id: LeadListId) -> bool:
        """Take it away with its leads, some at a time: others who write do not wait for a million."""
        there = await self._database.write(lambda connection: _close_list(connection, tenant_id, list_id))
        while there and await self._database.write(lambda connection: _empty_list(connection, tenant_id, list_id)):
            continue
        return there and await self._database.write(
            lambda connection: lead_lists.remove(connection, tenant_id, list_id)
        )

    async def tallies(self, tenant_id: TenantId, list_id: LeadListId) -> Mapping[str, int]:
        """How many leads stand where."""
        return await self._database.read(lambda connection: lead_lists.tallies(connection, tenant_id, list_id))

    async def add_leads(self, tenant_id: TenantId, list_id: LeadListId, new: Sequence[Lead]) -> Sequence[LeadId]:
        """Keep new leads."""
        return await self._database.write(lambda connection: _add_leads(connection, tenant_id, list_id, new))

    async def lead(self, tenant_id: TenantId, lead_id: LeadId) -> Lead | None:
        """One of them."""
        return await self._database.read(lambda connection: leads.one(connection, tenant_id, lead_id))

    async def page(
        self, tenant_id: TenantId, list_id: LeadListId, *, after: LeadId | None, limit: int
    ) -> Sequence[Lead]:
        """Some of a list's leads, oldest first."""
        return await self._database.read(
            lambda connection: leads.page(connection, tenant_id, list_id, after=after, limit=limit)
        )

    async def change_lead(self, tenant_id: TenantId, lead_id: LeadId, change: LeadChange) -> bool:
        """Change it; ``False`` where there is none."""
        if change.state not in {None, LeadState.DUE, LeadState.DONE}:
            msg = "state: a lead can be made due or done"
            raise InvalidFieldError(msg, field="state")
        return await self._database.write(
            lambda connection: lead_changes.change(connection, tenant_id, lead_id, change)
        )

    async def leads_with(self, tenant_id: TenantId, number: str) -> Sequence[Lead]:
        """All that have this number, newest first."""
        return await self._database.read(
            lambda connection: leads.with_number(connection, tenant_id, number, _MOST_WITH_NUMBER)
        )

    async def zone_keys(self, tenant_id: TenantId, campaign_id: CampaignId) -> frozenset[str]:
        """The zones of the campaign's leads."""
        cells = await self._database.read(lambda connection: next_leads.cells_of(connection, tenant_id, campaign_id))
        return frozenset(cell.zone_key for cell in cells)

    async def next_leads(
        self,
        tenant_id: TenantId,
        campaign_id: CampaignId,
        at: int,
        *,
        open_zone_keys: Collection[str],
        agent_ids: Collection[AgentId] = (),
        limit: int = 50,
        closed_lists: Collection[LeadListId] = (),
    ) -> Sequence[Lead]:
        """Who is to be called next."""
        return await self._database.read(
            lambda connection: next_leads.next_leads(
                connection,
                tenant_id,
                campaign_id,
                at,
                open_zone_keys=open_zone_keys,
                agent_ids=agent_ids,
                limit=limit,
                closed_lists=closed_lists,
            )
        )

    async def leads_of_agent(
        self,
        tenant_id: TenantId,
        campaign_id: CampaignId,
        agent_id: AgentId,
        at: int,
        *,
        open_zone_keys: Collection[str],
        limit: int = 50,
        closed_lists: Collection[LeadListId] = (),
    ) -> Sequence[Lead]:
        """The agent's callbacks, then the campaign's next leads."""
        return await self._database.read(
            lambda connection: next_leads.of_agent(
                connection,
                tenant_id,
                campaign_id,
                agent_id,
                at,
                open_zone_keys=open_zone_keys,
                limit=limit,
                closed_lists=closed_lists,
            )
        )

    async def dialling(self, tenant_id: TenantId) -> Sequence[Lead]:
        """Leads with an attempt under way."""
        return await self._database.read(lambda connection: leads.dialling(connection, tenant_id))

    async def blocked_numbers(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
    ) -> Mapping[str, str]:
        """Those that must not be called, each with the name of a list."""
        return await self._database.read(
            lambda connection: dnc.blocked(connection, tenant_id, campaign_id, numbers, at)
        )


async def _change_list(connection: Connection, one: LeadList) -> bool | None:
    """Whether it feeds another campaign now; ``None``: there is no such list."""
    before = await lead_lists.one(connection, one.tenant_id, one.id)
    if before is None or not await lead_lists.change(connection, one.tenant_id, one):
        return None
    return before.campaign_id != one.campaign_id


async def _resort(connection: Connection, *, one: LeadList, by: DncList, after: str) -> str | None:
    """Leads with some of a campaign's do-not-call numbers are out, or in again; the last of those numbers."""
    entries = await dnc_lists.page(connection, one.tenant_id, by.id, after=after, limit=dnc_lists.SOME)
    numbers = [each.number for each in entries]
    if numbers and by.campaign_id == one.campaign_id:
        await lead_progress.block(connection, one.tenant_id, numbers)
    elif numbers:
        await lead_changes.free(connection, one.tenant_id, numbers)
    return numbers[-1] if numbers else None


async def _close_list(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> bool:
    """From now on nobody calls from it; a crash in the middle leaves it closed, to be removed again."""
    if await lead_lists.is_being_called(connection, tenant_id, list_id):
        msg = "list: one of its leads is being called; disable the list, then remove it when that call is over"
        raise ConflictError(msg, field="list")
    kept = await lead_lists.one(connection, tenant_id, list_id)
    if kept is None:
        return False
    return await lead_lists.change(connection, tenant_id, replace(kept, enabled=False, campaign_id=None))


async def _empty_list(connection: Connection, tenant_id: TenantId, list_id: LeadListId) -> bool:
    some = await leads.page(connection, tenant_id, list_id, after=None, limit=lead_loading.SOME, hidden_too=True)
    await lead_loading.take_out(
        connection, tenant_id, [(int(one.id), [number.number for number in one.numbers]) for one in some]
    )
    return bool(some)


async def _add_leads(
    connection: Connection, tenant_id: TenantId, list_id: LeadListId, new: Sequence[Lead]
) -> Sequence[LeadId]:
    kept = await lead_lists.one(connection, tenant_id, list_id)
    if kept is None:
        msg = "list: this tenant has no such list of leads"
        raise NotFoundError(msg, field="list")
    by_column = kept.order in _BY_COLUMN
    keys = [order_key(lead.fields.get(kept.order_column, "")) if by_column else None for lead in new]
    added = await leads.add(connection, tenant_id, kept, new, keys)
    await lead_progress.block(connection, tenant_id, (one.number for lead in new for one in lead.numbers))
    return added


@contextmanager
def _in_words(one: LeadList) -> Iterator[None]:
    try:
        yield
    except DoubledError as doubled:
        field = "name" if doubled.column == "name_key" else "id"
        msg = f"{field}: {one.name if field == 'name' else one.id!r} is taken by another list; choose another"
        raise ConflictError(msg, field=field) from doubled
    except DanglingError as dangling:
        msg = "campaign_id: this tenant has no such campaign"
        raise NotFoundError(msg, field="campaign_id") from dangling
