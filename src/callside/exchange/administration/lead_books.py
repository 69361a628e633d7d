"""What administration asks the store about leads and numbers: parts of ``exchange.leads_port`` and ``exchange.ledger_port``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.leads.model import LeadList
from callside.kernel.ids import CampaignId, LeadListId, TenantId


class LeadBook(Protocol):
    """Lists and their leads."""

    async def lists(self, tenant_id: TenantId) -> Sequence[LeadList]:
        """The tenant's lists."""

    async def tallies(self, tenant_id: TenantId, list_id: LeadListId) -> Mapping[str, int]:
        """How many leads of a list stand where."""

    async def zone_keys(self, tenant_id: TenantId, campaign_id: CampaignId) -> frozenset[str]:
        """The zones of the campaign's leads."""


class NumberBook(Protocol):
    """What is known of numbers."""

    async def histories(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
    ) -> Mapping[str, NumberHistory]:
        """Of each of these numbers."""
