"""The exchange's port ``DncLists`` on a database."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from callside.dialer.leads.model import DncList
from callside.exchange.dnc_port import EVERYWHERE, DncEntry
from callside.kernel.errors import ConflictError, NotFoundError
from callside.kernel.ids import TenantId
from callside.store.connection import Connection, DanglingError, Database, DoubledError
from callside.store.repositories import dnc_lists, lead_changes, lead_progress, tenants


class SqlDncLists:
    """Do-not-call lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dnc_lists(self, tenant_id: TenantId) -> Sequence[DncList]:
        """The tenant's own lists, by id."""
        return await self._database.read(lambda connection: dnc_lists.of_tenant(connection, tenant_id))

    async def add_dnc_list(self, one: DncList) -> DncList:
        """Keep a new list."""
        with _in_words(one):
            return await self._database.write(lambda connection: dnc_lists.add(connection, one.tenant_id, one))

    async def change_dnc_list(self, one: DncList) -> bool:
        """Replace name and scrub date."""
        with _in_words(one):
            return await self._database.write(lambda connection: dnc_lists.change(connection, one.tenant_id, one))

    async def remove_dnc_some(self, tenant_id: TenantId, list_id: str, *, added_before: int) -> int:
        """Take some old entries off; how many."""

        async def work(connection: Connection) -> int:
            numbers = await dnc_lists.old(connection, tenant_id, list_id, added_before)
            return await _take_off(connection, tenant_id, list_id, numbers)

        return await self._database.write(work)

    async def remove_dnc_list(self, tenant_id: TenantId, list_id: str) -> bool:
        """Take an empty list away."""

        async def work(connection: Connection) -> bool:
            if await dnc_lists.page(connection, tenant_id, list_id, after="", limit=1):
                msg = "list: it has entries; take them off first"
                raise ConflictError(msg, field="list")
            return await dnc_lists.remove(connection, tenant_id, list_id)

        return await self._database.write(work)

    async def add_dnc(self, tenant_id: TenantId, list_id: str, entries: Sequence[DncEntry]) -> Collection[str]:
        """Put numbers on a list; which are new."""

        async def work(connection: Connection) -> Collection[str]:
            if await dnc_lists.one(connection, tenant_id, list_id) is None:
                msg = "list: there is no such do-not-call list"
                raise NotFoundError(msg, field="list")
            new = await dnc_lists.put(connection, tenant_id, list_id, entries)
            numbers = {one.number for one in entries if one.expires_at is not None}
            for mine in await _concerned(connection, tenant_id):
                if numbers and len(new) < len(entries):  # an entry that was for good may end now
                    await lead_changes.free(connection, mine, numbers)
                await lead_progress.block(connection, mine, [one.number for one in entries])
            return new

        return await self._database.write(work)

    async def remove_dnc(self, tenant_id: TenantId, list_id: str, numbers: Collection[str]) -> int:
        """Take numbers off a list; how many were on it."""
        return await self._database.write(lambda connection: _take_off(connection, tenant_id, list_id, numbers))

    async def dnc_entries(
        self, tenant_id: TenantId, list_id: str, *, after: str = "", limit: int = 100
    ) -> Sequence[DncEntry]:
        """A page of a list, by number."""
        return await self._database.read(
            lambda connection: dnc_lists.page(connection, tenant_id, list_id, after=after, limit=limit)
        )


async def _take_off(connection: Connection, tenant_id: TenantId, list_id: str, numbers: Collection[str]) -> int:
    gone = await dnc_lists.take_off(connection, tenant_id, list_id, numbers) if numbers else 0
    for mine in await _concerned(connection, tenant_id) if gone else ():
        await lead_changes.free(connection, mine, numbers)
    return gone


async def _concerned(connection: Connection, tenant_id: TenantId) -> Sequence[TenantId]:
    """Whose leads a list counts for."""
    if tenant_id != EVERYWHERE:
        return [tenant_id]
    return [one.id for one in await tenants.all_tenants(connection)]


@contextmanager
def _in_words(one: DncList) -> Iterator[None]:
    try:
        yield
    except DoubledError as doubled:
        field = "name" if doubled.column == "name_key" else "id"
        msg = f"{field}: {one.name if field == 'name' else one.id!r} is taken by another do-not-call list"
        raise ConflictError(msg, field=field) from doubled
    except DanglingError as dangling:
        field = "campaign_id" if "campaign" in str(dangling) else "tenant"
        msg = f"{field}: there is no such {field.removesuffix('_id')}"
        raise NotFoundError(msg, field=field) from dangling
