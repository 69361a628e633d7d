"""The exchange's port ``Ledger`` on a database."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from callside.dialer.laws.ledger import LedgerEntry
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MachineSample
from callside.kernel.ids import CampaignId, TenantId
from callside.store.connection import Database
from callside.store.repositories import ledger

_FOR_EVER: Final = 2**62


class SqlLedger:
    """The abandonment ledger, and what calls that were made say of a number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(
        self, tenant_id: TenantId, campaign_id: CampaignId, since: int, *, before: int | None = None
    ) -> Sequence[LedgerEntry]:
        """A campaign's entries of a span of time, oldest first."""
        until = _FOR_EVER if before is None else before
        return await self._database.read(
            lambda connection: ledger.of_campaign(connection, tenant_id, campaign_id, since, until)
        )

    async def outcomes(self, tenant_id: TenantId, since: int) -> Mapping[CampaignId, Mapping[str, int]]:
        """How many calls came to what, by campaign."""
        return await self._database.read(lambda connection: ledger.outcomes(connection, tenant_id, since))

    async def samples(
        self, tenant_id: TenantId, campaign_id: CampaignId, since: int, most: int
    ) -> Sequence[MachineSample]:
        """The newest of a campaign's samples, oldest first."""
        return await self._database.read(
            lambda connection: ledger.samples(connection, tenant_id, campaign_id, since, most)
        )

    async def histories(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
    ) -> Mapping[str, NumberHistory]:
        """What is known of each number."""
        return await self._database.read(
            lambda connection: ledger.histories(connection, tenant_id, campaign_id, list(numbers), at)
        )
