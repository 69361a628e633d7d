"""What imports ask of the store."""

from collections.abc import Callable, Sequence
from typing import Protocol

from callside.exchange.lead_import.model import Candidate, Judgement, LeadImport
from callside.kernel.ids import LeadListId, TenantId

Written = Callable[[Sequence[Judgement]], int]
"""Writes judgements into the report and gives its length; called before the transaction is committed."""


class LeadImports(Protocol):
    """Imports and what they bring in. Their leads cannot be seen by :meth:`Leads.next_leads` before :meth:`publish`."""

    @property
    def rows_at_once(self) -> int:
        """How many rows :meth:`load` should be given: others who write may have to wait for them."""

    async def add_import(self, one: LeadImport) -> LeadImport:
        """Keep a new one (``id`` empty: chosen).

        Raises:
            NotFoundError: The tenant has no such list.
        """

    async def imports(self, tenant_id: TenantId) -> Sequence[LeadImport]:
        """The tenant's imports, newest first, at most 200."""

    async def lead_import(self, tenant_id: TenantId, import_id: str) -> LeadImport | None:
        """One of them."""

    async def unfinished(self) -> Sequence[LeadImport]:
        """Of all tenants, oldest first: what a restart goes on with."""

    async def change_import(self, one: LeadImport) -> bool:
        """Replace its state, what was found, progress and message."""

    async def load(
        self, one: LeadImport, candidates: Sequence[Candidate], others: Sequence[Judgement], rows: int, written: Written
    ) -> LeadImport:
        """Bring in some rows, in one transaction with the import's progress; ``others`` are rows already judged.

        Numbers that are known already are left out; a row without any other is a duplicate. Numbers on do-not-call lists
        stay: a lead with no other is kept as blocked.
        """

    async def publish(self, one: LeadImport) -> LeadImport:
        """All of it is in: its leads may be called from this moment on."""

    async def undo_some(self, tenant_id: TenantId, import_id: str) -> bool:
        """Take some of its leads out again; ``False`` when there are none left."""

    async def unranked(self) -> Sequence[tuple[TenantId, LeadListId, int]]:
        """Lists of all tenants whose order was changed and whose leads do not stand so yet; and how often it was."""

    async def rank_some(self, tenant_id: TenantId, list_id: LeadListId, after: int, seen: int) -> int | None:
        """Rank some of its leads, behind the number ``after``; the last one's number, ``None`` when all are ranked.

        Who changed it again meanwhile (more than ``seen`` times) finds it among :meth:`unranked` once more.
        """

    async def merge_some(self, tenant_id: TenantId, import_id: str) -> bool:
        """Sort some of a published import's leads in with the list's others; ``False`` when all are."""
