"""What reception works by: small things that are always read all together, so each is kept as one document."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.kernel.ids import TenantId
from callside.reception.model import KINDS, ReceptionItem, key_in_kind, noun_of
from callside.store.connection import Connection, Values
from callside.store.encoding import from_json, to_json
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import RECEPTION

_mine = RECEPTION.c.tenant_id == bindparam("tenant")
_this = _mine & (RECEPTION.c.kind == bindparam("this_kind")) & (RECEPTION.c.id == bindparam("this_id"))
_LIST: Final = Query(select(RECEPTION.c.kind, RECEPTION.c.id, RECEPTION.c.body).where(_mine).order_by(RECEPTION.c.id))
_ADD: Final = Query(insert(RECEPTION))
_CHANGE: Final = Query(
    update(RECEPTION).where(_this).values({name: bindparam(name) for name in ("unique_key", "body")})
)
_REMOVE: Final = Query(delete(RECEPTION).where(_this))


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Mapping[str, dict[Any, Any]]:
    """The tenant's things by noun and id."""
    found: dict[str, dict[Any, Any]] = defaultdict(dict)
    for kind, item_id, body in await connection.fetch_all(_LIST, {"tenant": tenant_id}):
        found[kind][item_id] = from_json(body, KINDS[kind])
    return found


async def add(connection: Connection, tenant_id: TenantId, item: ReceptionItem) -> ReceptionItem:
    """Keep a new one; its id empty: choose it."""
    kept: ReceptionItem = replace(item, id=await chosen_id(connection, "reception", tenant_id, item.id))  # type: ignore[arg-type]
    values = {"tenant_id": tenant_id, "kind": noun_of(kept), "id": kept.id}
    await connection.execute(_ADD, {**_values(kept), **values})
    return kept


async def change(connection: Connection, tenant_id: TenantId, item: ReceptionItem) -> bool:
    """Replace it; ``False`` where there is none."""
    this = {"tenant": tenant_id, "this_kind": noun_of(item), "this_id": item.id}
    return await connection.execute(_CHANGE, {**_values(item), **this}) == 1


async def remove(connection: Connection, tenant_id: TenantId, kind: str, item_id: str) -> bool:
    """Take it away."""
    this = {"tenant": tenant_id, "this_kind": kind, "this_id": item_id}
    return await connection.execute(_REMOVE, this) == 1


def _values(item: ReceptionItem) -> Values:
    return {"unique_key": key_in_kind(item), "body": to_json(item)}
