"""API tokens: digests only."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from callside.kernel.ids import TenantId
from callside.store.connection import Connection
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import API_TOKENS, TENANTS
from callside.tenants.model import ApiToken

ACROSS_TENANTS: Final = {"locate": "a token is what names the tenant of a request to /v1"}

_columns = [API_TOKENS.c[name] for name in ("id", "tenant_id", "name", "digest", "created_at", "revoked_at")]
_LIST: Final = Query(
    select(*_columns)
    .where(API_TOKENS.c.tenant_id == bindparam("tenant"))
    .order_by(API_TOKENS.c.created_at, API_TOKENS.c.id)
)
_LOCATE: Final = Query(
    select(*_columns)
    .join(TENANTS, TENANTS.c.id == API_TOKENS.c.tenant_id)
    .where(API_TOKENS.c.digest == bindparam("digest"), API_TOKENS.c.revoked_at.is_(None), TENANTS.c.enabled == 1)
)
_ADD: Final = Query(insert(API_TOKENS))
_REVOKE: Final = Query(
    update(API_TOKENS)
    .where(
        API_TOKENS.c.tenant_id == bindparam("tenant"),
        API_TOKENS.c.id == bindparam("token"),
        API_TOKENS.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[ApiToken]:
    """The tenant's tokens, revoked ones too, oldest first."""
    return [ApiToken(*row) for row in await connection.fetch_all(_LIST, {"tenant": tenant_id})]


async def locate(connection: Connection, digest: str) -> ApiToken | None:
    """The token with this digest, if it is good and its tenant enabled."""
    row = await connection.fetch_one(_LOCATE, {"digest": digest})
    return None if row is None else ApiToken(*row)


async def add(connection: Connection, tenant_id: TenantId, token: ApiToken) -> ApiToken:
    """Keep a new one; its id empty: choose it."""
    kept = replace(token, id=await chosen_id(connection, "token", tenant_id, token.id))
    await connection.execute(
        _ADD,
        {
            "tenant_id": tenant_id,
            "id": kept.id,
            "name": kept.name,
            "digest": kept.digest,
            "created_at": kept.created_at,
            "revoked_at": kept.revoked_at,
        },
    )
    return kept


async def revoke(connection: Connection, tenant_id: TenantId, token_id: str, at: int) -> bool:
    """Refuse it from now on; ``False`` where there is no good one with this id."""
    return await connection.execute(_REVOKE, {"tenant": tenant_id, "token": token_id, "at": at}) == 1
