"""Trunks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.calls.model import SipTransport, Trunk
from callside.kernel.ids import TenantId, TrunkId
from callside.store.connection import Connection, Values
from callside.store.encoding import from_json, key_of, to_json
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import TRUNKS

_FIELDS: Final = (
    *("id", "tenant_id", "name", "host", "port", "username", "secret", "caller_id"),
    *("transport", "registers", "registrar", "realm", "expiry_s", "addresses", "registers_with_us", "account_digest"),
)
_mine = TRUNKS.c.tenant_id == bindparam("tenant")
_this = _mine & (TRUNKS.c.id == bindparam("trunk"))
_LIST: Final = Query(select(*(TRUNKS.c[name] for name in _FIELDS)).where(_mine).order_by(TRUNKS.c.id))
_ADD: Final = Query(insert(TRUNKS))
_CHANGE: Final = Query(
    update(TRUNKS)
    .where(_this)
    .values({one.name: bindparam(one.name) for one in TRUNKS.c if one.name not in {"tenant_id", "id"}})
)
_REMOVE: Final = Query(delete(TRUNKS).where(_this))


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[Trunk]:
    """The tenant's trunks, by id."""
    return [_trunk(*row) for row in await connection.fetch_all(_LIST, {"tenant": tenant_id})]


async def add(connection: Connection, tenant_id: TenantId, trunk: Trunk) -> Trunk:
    """Keep a new one; its id empty: choose it."""
    kept = replace(trunk, id=TrunkId(await chosen_id(connection, "trunk", tenant_id, trunk.id)))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    return kept


async def change(connection: Connection, tenant_id: TenantId, trunk: Trunk) -> bool:
    """Replace its fields; ``False`` where there is none."""
    return await connection.execute(_CHANGE, {**_values(trunk), "tenant": tenant_id, "trunk": trunk.id}) == 1


async def remove(connection: Connection, tenant_id: TenantId, trunk_id: TrunkId) -> bool:
    """Take it away; refused while a campaign goes out on it."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "trunk": trunk_id}) == 1


def _values(trunk: Trunk) -> Values:
    return {
        "name": trunk.name,
        "name_key": key_of(trunk.name),
        "host": trunk.host,
        "port": trunk.port,
        "username": trunk.username,
        "secret": trunk.secret,
        "caller_id": trunk.caller_id,
        "transport": trunk.transport.value,
        "registers": int(trunk.registers),
        "registrar": trunk.registrar,
        "realm": trunk.realm,
        "expiry_s": trunk.expiry_s,
        "addresses": to_json(trunk.addresses),
        "registers_with_us": int(trunk.registers_with_us),
        "account_digest": trunk.account_digest,
    }


def _trunk(*row: Any) -> Trunk:
    values = dict(zip(_FIELDS, row, strict=True))
    addresses: tuple[str, ...] = from_json(values["addresses"], tuple[str, ...])
    flags = {name: bool(values[name]) for name in ("registers", "registers_with_us")}
    return Trunk(**(values | flags | {"transport": SipTransport(values["transport"]), "addresses": addresses}))
