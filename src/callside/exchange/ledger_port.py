"""What the exchange asks of the store about calls that were made: the abandonment ledger, and what is known of a number."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from callside.dialer.laws.ledger import LedgerEntry
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MachineSample
from callside.kernel.ids import CampaignId, TenantId


class Ledger(Protocol):
    """The ledger only grows; it is written by the recorder, with everything else of a step. Times are wall ms."""

    async def entries(
        self, tenant_id: TenantId, campaign_id: CampaignId, since: int, *, before: int | None = None
    ) -> Sequence[LedgerEntry]:
        """Those of calls answered at or after ``since`` (and before ``before``), oldest first."""

    async def outcomes(self, tenant_id: TenantId, since: int) -> Mapping[CampaignId, Mapping[str, int]]:
        """How many calls answered since then came to what, by campaign."""

    async def samples(
        self, tenant_id: TenantId, campaign_id: CampaignId, since: int, most: int
    ) -> Sequence[MachineSample]:
        """What agents said since then of calls that were taken for machines: the newest ``most``, oldest first."""

    async def histories(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
    ) -> Mapping[str, NumberHistory]:
        """What is known of each of these E.164 numbers, over all of the tenant's campaigns.

        A day is the last 24 hours: never fewer attempts than on the called party's own calendar day.
        """
