"""What the exchange asks of the store about do-not-call lists."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from callside.dialer.leads.model import DncList
from callside.kernel.ids import TenantId

EVERYWHERE: Final = TenantId("")
"""Stands for the installation where a tenant's id would: its lists count for every tenant."""


@dataclass(frozen=True, slots=True)
class DncEntry:
    """A number that must not be called.

    Attributes:
        number: E.164.
        added_at: Wall ms.
        expires_at: Wall ms; ``None``: for good.
        reason: For people.
    """

    number: str
    added_at: int
    expires_at: int | None = None
    reason: str = ""


class DncLists(Protocol):
    """Do-not-call lists. What is put on a list or taken off takes leads out, or lets them in again, in the same transaction."""

    async def dnc_lists(self, tenant_id: TenantId) -> Sequence[DncList]:
        """The tenant's own lists, by id."""

    async def add_dnc_list(self, one: DncList) -> DncList:
        """``id`` empty: chosen.

        Raises:
            ConflictError: Its name is taken.
            NotFoundError: There is no such tenant or campaign.
        """

    async def change_dnc_list(self, one: DncList) -> bool:
        """Replace name and scrub date (not whom it counts for)."""

    async def remove_dnc_some(self, tenant_id: TenantId, list_id: str, *, added_before: int) -> int:
        """Take some entries off that were added before that moment; how many. Nothing left: 0."""

    async def remove_dnc_list(self, tenant_id: TenantId, list_id: str) -> bool:
        """Take an empty list away.

        Raises:
            ConflictError: It has entries.
        """

    async def add_dnc(self, tenant_id: TenantId, list_id: str, entries: Sequence[DncEntry]) -> Collection[str]:
        """Put numbers on a list; those that are there get the new date and reason.

        Returns those that are new, or had ended.

        Raises:
            NotFoundError: There is no such list.
        """

    async def remove_dnc(self, tenant_id: TenantId, list_id: str, numbers: Collection[str]) -> int:
        """Take numbers off a list; how many were on it."""

    async def dnc_entries(
        self, tenant_id: TenantId, list_id: str, *, after: str = "", limit: int = 100
    ) -> Sequence[DncEntry]:
        """A page of a list, by number."""
