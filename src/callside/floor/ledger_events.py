"""What the floor is told of the ledger's past."""

import msgspec

from callside.dialer.laws.ledger import LedgerEntry
from callside.kernel.ids import CampaignId


class LedgerRead(msgspec.Struct, frozen=True, gc=False):
    """The part of a campaign's ledger that ``Outcome.lacking`` asked for, oldest first; it begins at ``since`` (wall ms)."""

    campaign_id: CampaignId
    since: int
    entries: tuple[LedgerEntry, ...]
