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
