"""What the exchange asks of the store about leads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callside.dialer.leads.model import Lead, LeadList, LeadState
from callside.kernel.ids import AgentId, CampaignId, LeadId, LeadListId, TenantId


@dataclass(frozen=True, slots=True)
class LeadChange:
    """What administration changes of a lead; ``None`` leaves it as it is.

    Attributes:
        state: ``DUE`` or ``DONE``.
        due_at: Wall ms; without it a lead that is due again is so when its turn comes. Alone it leaves a callback a callback.
    """

    name: str | None = None
    notes: str | None = None
    fields: Mapping[str, str] | None = None
    state: LeadState | None = None
    due_at: int | None = None


class Leads(Protocol):
    """Lists and their leads. What the floor does with a lead is written by the recorder, with everything else of its step.

    Nothing here locks a lead: a tenant has one floor, which remembers what it has fetched and puts ``DIALLING`` on disk
    before it dials. ``at`` is the present, wall ms.
    """

    async def lists(self, tenant_id: TenantId) -> Sequence[LeadList]:
        """The tenant's lists, by id."""

    async def add_list(self, one: LeadList) -> LeadList:
        """``id`` empty: the store chooses one.

        Raises:
            ConflictError: Its name is taken.
            NotFoundError: The tenant has no such campaign.
        """

    async def change_list(self, one: LeadList) -> bool:
        """Replace its fields; raises as :meth:`add_list`. Its leads go by the do-not-call lists of the campaign it feeds then."""

    async def remove_list(self, tenant_id: TenantId, list_id: LeadListId) -> bool:
        """Take it away with its leads.

        Raises:
            ConflictError: One of its leads is being called.
        """

    async def tallies(self, tenant_id: TenantId, list_id: LeadListId) -> Mapping[str, int]:
        """How many leads stand where: ``fresh`` (never tried), and the words of ``LeadState`` for the others."""

    async def add_leads(self, tenant_id: TenantId, list_id: LeadListId, leads: Sequence[Lead]) -> Sequence[LeadId]:
        """Keep new leads (their ids are chosen), in this order; those whose every number is blocked are kept as ``BLOCKED``.

        Raises:
            NotFoundError: There is no such list.
        """

    async def lead(self, tenant_id: TenantId, lead_id: LeadId) -> Lead | None:
        """One of them."""

    async def page(
        self, tenant_id: TenantId, list_id: LeadListId, *, after: LeadId | None, limit: int
    ) -> Sequence[Lead]:
        """Some of a list's leads, oldest first, behind ``after``."""

    async def change_lead(self, tenant_id: TenantId, lead_id: LeadId, change: LeadChange) -> bool:
        """Change it; ``False`` where there is none.

        Raises:
            ConflictError: It is being called.
            InvalidFieldError: ``state`` is neither due nor done.
        """

    async def leads_with(self, tenant_id: TenantId, number: str) -> Sequence[Lead]:
        """All that have this E.164 number, newest first, at most 100."""

    async def zone_keys(self, tenant_id: TenantId, campaign_id: CampaignId) -> frozenset[str]:
        """The zones of the campaign's leads: few, and kept, not looked for; some may have no open lead any more."""

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
        """Who is to be called next, in order.

        First callbacks that are due (personal ones for ``agent_ids``, or when their agent has let them wait too long); then
        the campaign's enabled lists, mixed by weight: of each list what is due again, then what was never tried in the
        list's order (``NEWEST`` lists the other way round). Only leads whose number to be called next is in one of
        ``open_zone_keys``, with at least one number on no do-not-call list (``LeadNumber.blocked`` tells which are); none of
        ``closed_lists``.
        """

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
        """For one agent's own screen: their callbacks by date, those to come too, then whoever is next in the campaign."""

    async def dialling(self, tenant_id: TenantId) -> Sequence[Lead]:
        """Leads with an attempt under way: a restart holds them against the calls that are there."""

    async def blocked_numbers(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
    ) -> Mapping[str, str]:
        """Those of ``numbers`` that must not be called, each with the name of a list that it is on.

        The installation's and the tenant's own lists count always, a campaign's for that campaign.
        """
