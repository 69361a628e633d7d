"""The exchange's port ``LeadImports`` on a database: each piece of an import and its progress in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from callside.dialer.leads.intake import Verdict
from callside.dialer.leads.model import LeadState
from callside.exchange.lead_import.model import Candidate, ImportState, Judgement, LeadImport
from callside.exchange.lead_import.port import Written
from callside.kernel.errors import ConflictError, NotFoundError
from callside.kernel.ids import LeadListId, TenantId
from callside.store.connection import Connection, Database
from callside.store.repositories import lead_imports, lead_lists, lead_loading, lead_ranking
from callside.store.repositories.lead_rows import FRESH_STANDING

_MOST_SHOWN: Final = 200


class SqlLeadImports:
    """Imports of leads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def rows_at_once(self) -> int:
        """Rows for one transaction."""
        return self._database.rows_at_once

    async def add_import(self, one: LeadImport) -> LeadImport:
        """Keep a new one."""
        return await self._database.write(lambda connection: _add(connection, one))

    async def imports(self, tenant_id: TenantId) -> Sequence[LeadImport]:
        """The tenant's, newest first."""
        return await self._database.read(lambda connection: lead_imports.of_tenant(connection, tenant_id, _MOST_SHOWN))

    async def lead_import(self, tenant_id: TenantId, import_id: str) -> LeadImport | None:
        """One of them."""
        return await self._database.read(lambda connection: lead_imports.one(connection, tenant_id, import_id))

    async def unfinished(self) -> Sequence[LeadImport]:
        """Of all tenants, oldest first."""
        return await self._database.read(lead_imports.unfinished)

    async def change_import(self, one: LeadImport) -> bool:
        """Replace its fields."""
        return await self._database.write(lambda connection: lead_imports.change(connection, one.tenant_id, one))

    async def load(
        self, one: LeadImport, candidates: Sequence[Candidate], others: Sequence[Judgement], rows: int, written: Written
    ) -> LeadImport:
        """Bring in some rows."""

        async def work(connection: Connection) -> LeadImport:
            into = await lead_lists.one(connection, one.tenant_id, one.list_id)
            if into is None:
                msg = "list: it was removed while its import was under way"
                raise ConflictError(msg, field="list")
            judged, first = await lead_loading.load(connection, one.tenant_id, one, into, candidates)
            everything = sorted([*judged, *others], key=lambda row: row.line)
            counts = Counter(one.counts) + Counter(str(row.verdict) for row in everything)
            now = replace(
                one,
                counts=dict(counts),
                rows_done=one.rows_done + rows,
                first_lead=first if one.first_lead is None else one.first_lead,
                report_bytes=written(everything),
            )
            await lead_imports.change(connection, one.tenant_id, now)
            return now

        return await self._database.write(work)

    async def publish(self, one: LeadImport) -> LeadImport:
        """Its leads may be called from now on."""

        async def work(connection: Connection) -> LeadImport:
            await lead_loading.publish(connection, one.tenant_id, one)
            brought: Counter[tuple[str, str]] = Counter(
                {
                    (one.list_id, FRESH_STANDING): one.counts.get(Verdict.IMPORTED, 0),
                    (one.list_id, LeadState.BLOCKED.value): one.counts.get(Verdict.BLOCKED, 0),
                }
            )
            await lead_lists.count(connection, one.tenant_id, brought)
            now = replace(one, state=ImportState.DONE, per_mille=1000)
            await lead_imports.change(connection, one.tenant_id, now)
            return now

        return await self._database.write(work)

    async def undo_some(self, tenant_id: TenantId, import_id: str) -> bool:
        """Take some of its leads out again."""

        async def work(connection: Connection) -> bool:
            one = await lead_imports.one(connection, tenant_id, import_id)
            return one is not None and await lead_loading.undo_some(connection, tenant_id, one)

        return await self._database.write(work)

    async def unranked(self) -> Sequence[tuple[TenantId, LeadListId, int]]:
        """Lists of all tenants whose leads have to be ranked anew."""
        return await self._database.read(lead_ranking.unranked)

    async def rank_some(self, tenant_id: TenantId, list_id: LeadListId, after: int, seen: int) -> int | None:
        """Rank some of a list's leads anew."""
        return await self._database.write(
            lambda connection: lead_ranking.rank_some(connection, tenant_id, list_id, after, seen)
        )

    async def merge_some(self, tenant_id: TenantId, import_id: str) -> bool:
        """Sort some of its leads in with the list's others."""

        async def work(connection: Connection) -> bool:
            one = await lead_imports.one(connection, tenant_id, import_id)
            if one is None:
                return False
            return await lead_loading.merge_some(connection, tenant_id, one.list_id, import_id)

        return await self._database.write(work)


async def _add(connection: Connection, one: LeadImport) -> LeadImport:
    if await lead_lists.one(connection, one.tenant_id, one.list_id) is None:
        msg = "list: this tenant has no such list of leads"
        raise NotFoundError(msg, field="list")
    return await lead_imports.add(connection, one.tenant_id, one)
