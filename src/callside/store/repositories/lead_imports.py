"""Imports of leads, and how far each has come."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import BigInteger, bindparam, insert, or_, select, update

from callside.exchange.lead_import.model import ENDED, FileFound, ImportOptions, ImportState, LeadImport
from callside.kernel.ids import LeadListId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import from_json, to_json
from callside.store.query import Query
from callside.store.repositories.counters import next_id
from callside.store.tables import LEAD_IMPORTS

ACROSS_TENANTS: Final = {"unfinished": "a restart goes on with the imports of every tenant"}
_columns = list(LEAD_IMPORTS.c)
_this = (LEAD_IMPORTS.c.tenant_id == bindparam("tenant"), LEAD_IMPORTS.c.id == bindparam("import"))
_ONE: Final = Query(select(*_columns).where(*_this))
_OF_TENANT: Final = Query(
    select(*_columns)
    .where(_this[0])
    .order_by(LEAD_IMPORTS.c.created_at.desc(), LEAD_IMPORTS.c.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_OPEN: Final = Query(
    select(*_columns)
    .where(or_(*(LEAD_IMPORTS.c.state == one.value for one in ImportState if one not in ENDED)))
    .order_by(LEAD_IMPORTS.c.created_at, LEAD_IMPORTS.c.id)
)
_ADD: Final = Query(insert(LEAD_IMPORTS))
_CHANGE: Final = Query(
    update(LEAD_IMPORTS)
    .where(*_this)
    .values({one.name: bindparam(one.name) for one in _columns if one.name not in {"tenant_id", "id"}})
)


async def one(connection: Connection, tenant_id: TenantId, import_id: str) -> LeadImport | None:
    """The import, if there is one."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "import": import_id})
    return None if row is None else _import(row)


async def of_tenant(connection: Connection, tenant_id: TenantId, limit: int) -> Sequence[LeadImport]:
    """The tenant's imports, newest first."""
    return [_import(row) for row in await connection.fetch_all(_OF_TENANT, {"tenant": tenant_id, "limit": limit})]


async def unfinished(connection: Connection) -> Sequence[LeadImport]:
    """Those of all tenants that are to be gone on with, oldest first."""
    return [_import(row) for row in await connection.fetch_all(_OPEN, {})]


async def add(connection: Connection, tenant_id: TenantId, new: LeadImport) -> LeadImport:
    """Keep a new one; its id empty: choose it."""
    kept = replace(new, id=new.id or await next_id(connection, "lead_import"))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    return kept


async def change(connection: Connection, tenant_id: TenantId, kept: LeadImport) -> bool:
    """Replace its fields; ``False`` where there is none."""
    return await connection.execute(_CHANGE, {**_values(kept), "tenant": tenant_id, "import": kept.id}) == 1


def _values(kept: LeadImport) -> Values:
    return {
        "list_id": kept.list_id,
        "file_name": kept.file_name,
        "state": kept.state.value,
        "options": to_json(kept.options),
        "found": to_json(kept.found),
        "counts": to_json(kept.counts),
        "rows_done": kept.rows_done,
        "per_mille": kept.per_mille,
        "report_bytes": kept.report_bytes,
        "first_lead": kept.first_lead,
        "message": kept.message,
        "created_at": kept.created_at,
        "ended_at": kept.ended_at,
    }


def _import(row: Row) -> LeadImport:
    values = dict(zip((one.name for one in _columns), row, strict=True))
    return LeadImport(
        id=values["id"],
        tenant_id=TenantId(values["tenant_id"]),
        list_id=LeadListId(values["list_id"]),
        file_name=values["file_name"],
        created_at=values["created_at"],
        state=ImportState(values["state"]),
        options=from_json(values["options"], ImportOptions),
        found=from_json(values["found"], FileFound),
        counts=from_json(values["counts"], dict[str, int]),
        rows_done=values["rows_done"],
        per_mille=values["per_mille"],
        report_bytes=values["report_bytes"],
        first_lead=values["first_lead"],
        message=values["message"],
        ended_at=values["ended_at"],
    )
