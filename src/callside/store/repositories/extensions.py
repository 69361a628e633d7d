"""Extensions (desk phones)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.agents.model import Extension
from callside.kernel.ids import ExtensionId, TenantId
from callside.store.connection import Connection, Values
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import EXTENSIONS

_FIELDS: Final = ("id", "tenant_id", "number", "name", "secret_digest")
_mine = EXTENSIONS.c.tenant_id == bindparam("tenant")
_this = _mine & (EXTENSIONS.c.id == bindparam("extension"))
_LIST: Final = Query(select(*(EXTENSIONS.c[name] for name in _FIELDS)).where(_mine).order_by(EXTENSIONS.c.id))
_ADD: Final = Query(insert(EXTENSIONS))
_CHANGE: Final = Query(
    update(EXTENSIONS).where(_this).values({name: bindparam(name) for name in ("number", "name", "secret_digest")})
)
_REMOVE: Final = Query(delete(EXTENSIONS).where(_this))


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[Extension]:
    """The tenant's extensions, by id."""
    return [Extension(*row) for row in await connection.fetch_all(_LIST, {"tenant": tenant_id})]


async def add(connection: Connection, tenant_id: TenantId, extension: Extension) -> Extension:
    """Keep a new one; its id empty: choose it."""
    chosen = await chosen_id(connection, "extension", tenant_id, extension.id)
    kept = replace(extension, id=ExtensionId(chosen))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    return kept


async def change(connection: Connection, tenant_id: TenantId, extension: Extension) -> bool:
    """Replace its fields; ``False`` where there is none."""
    keys = {"tenant": tenant_id, "extension": extension.id}
    return await connection.execute(_CHANGE, {**_values(extension), **keys}) == 1


async def remove(connection: Connection, tenant_id: TenantId, extension_id: ExtensionId) -> bool:
    """Take it away."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "extension": extension_id}) == 1


def _values(extension: Extension) -> Values:
    return {
        "number": extension.number,
        "name": extension.name,
        "secret_digest": extension.secret_digest,
    }
