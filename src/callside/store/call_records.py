"""The exchange's port ``CallRecords`` on a database."""

from collections.abc import Sequence

from callside.calls.model import Cdr
from callside.exchange.ports import CdrQuery
from callside.floor.facts import Fact
from callside.kernel.ids import CallId, TenantId
from callside.store.connection import Database
from callside.store.repositories import call_details, facts


class SqlCallRecords:
    """What stays of calls, for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cdrs(self, tenant_id: TenantId, query: CdrQuery) -> Sequence[Cdr]:
        """Those the query asks for, newest first."""
        return await self._database.read(lambda connection: call_details.some(connection, tenant_id, query))

    async def cdr(self, tenant_id: TenantId, call_id: CallId) -> Cdr | None:
        """The one of a call."""
        return await self._database.read(lambda connection: call_details.one(connection, tenant_id, call_id))

    async def facts(self, tenant_id: TenantId, call_id: CallId) -> Sequence[Fact]:
        """What happened in a call, oldest first."""
        return await self._database.read(lambda connection: facts.of_call(connection, tenant_id, call_id))

    async def facts_since(
        self, tenant_id: TenantId, since: int, *, after: int | None = None, limit: int = 500
    ) -> Sequence[tuple[int, Fact]]:
        """A page of the tenant's facts, numbered, oldest first."""
        return await self._database.read(
            lambda connection: facts.page(connection, tenant_id, since, after=after, limit=limit)
        )

    async def unavailable(self, tenant_id: TenantId, since: int, until: int) -> Sequence[Fact]:
        """Facts of callers who came in that time and whom nobody of ours had, oldest first."""
        return await self._database.read(lambda connection: facts.unavailable(connection, tenant_id, since, until))

    async def newest_fact(self, tenant_id: TenantId) -> int:
        """The number of the last fact; 0 when there is none."""
        return await self._database.read(lambda connection: facts.newest(connection, tenant_id))
