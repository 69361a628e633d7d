"""Live rows: one for each open session and each call that has not ended, as JSON text of the floor's own objects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from callside.floor.live import LiveCall, LiveSession
from callside.kernel.ids import TenantId
from callside.store.connection import Connection, Values
from callside.store.encoding import from_json, to_json
from callside.store.query import Query
from callside.store.tables import LIVE_CALLS, LIVE_SESSIONS

ACROSS_TENANTS: Final = {"tenants_with_rows": "a restart of the machine brings the clocks of all rows up to date"}


class LiveTable:
    """The queries of one of the two tables."""

    def __init__(self, table: Table, kind: type[LiveSession | LiveCall]) -> None:
        this = (table.c.tenant_id == bindparam("tenant"), table.c.id == bindparam("id"))
        put = insert(table)
        self._kind = kind
        self._list = Query(select(table.c.row).where(this[0]).order_by(table.c.id))
        self._remove = Query(delete(table).where(*this))
        self._put = Query(put.on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"row": put.excluded.row}))
        self.tenants = Query(select(table.c.tenant_id).distinct())

    async def rows(self, connection: Connection, tenant_id: TenantId) -> Sequence[LiveSession | LiveCall]:
        """The tenant's rows."""
        texts = await connection.fetch_all(self._list, {"tenant": tenant_id})
        return [from_json(text, self._kind) for (text,) in texts]

    async def write(self, connection: Connection, tenant_id: TenantId, rows: Iterable[tuple[str, str | None]]) -> None:
        """Put rows in place by id; ``None`` takes one away."""
        put: list[Values] = []
        gone: list[Values] = []
        for row_id, text in rows:
            if text is None:
                gone.append({"id": row_id, "tenant": tenant_id})
            else:
                put.append({"id": row_id, "tenant_id": tenant_id, "row": text})
        if gone:
            await connection.execute_many(self._remove, gone)
        if put:
            await connection.execute_many(self._put, put)


SESSIONS: Final = LiveTable(LIVE_SESSIONS, LiveSession)
CALLS: Final = LiveTable(LIVE_CALLS, LiveCall)


def texts_of(rows: Mapping[Any, LiveSession | None] | Mapping[Any, LiveCall | None]) -> list[tuple[str, str | None]]:
    """Ids and JSON texts, as :meth:`LiveTable.write` takes them."""
    return [(key, None if row is None else to_json(row)) for key, row in rows.items()]


async def tenants_with_rows(connection: Connection) -> set[TenantId]:
    """All tenants that have live rows."""
    found = [row for table in (SESSIONS, CALLS) for row in await connection.fetch_all(table.tenants, {})]
    return {TenantId(tenant_id) for (tenant_id,) in found}
