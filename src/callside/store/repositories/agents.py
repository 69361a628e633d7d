"""Agents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.agents.model import Agent
from callside.kernel.ids import AgentId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import from_json, key_of, to_json
from callside.store.query import Query
from callside.store.repositories.counters import chosen_id
from callside.store.tables import AGENTS

_FIELDS: Final = ("id", "tenant_id", "username", "name", "password_hash", "enabled", "auto_answer", "skills")
_mine = AGENTS.c.tenant_id == bindparam("tenant")
_this = _mine & (AGENTS.c.id == bindparam("agent"))
_LIST: Final = Query(select(*(AGENTS.c[name] for name in _FIELDS)).where(_mine).order_by(AGENTS.c.id))
_ADD: Final = Query(insert(AGENTS))
_CHANGE: Final = Query(
    update(AGENTS)
    .where(_this)
    .values({one.name: bindparam(one.name) for one in AGENTS.c if one.name not in {"tenant_id", "id"}})
)
_REHASH: Final = Query(
    update(AGENTS)
    .where(_this, AGENTS.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("password_hash"))
)
_REMOVE: Final = Query(delete(AGENTS).where(_this))


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[Agent]:
    """The tenant's agents, by id."""
    return [_agent(row) for row in await connection.fetch_all(_LIST, {"tenant": tenant_id})]


async def add(connection: Connection, tenant_id: TenantId, agent: Agent) -> Agent:
    """Keep a new one; its id empty: choose it."""
    kept = replace(agent, id=AgentId(await chosen_id(connection, "agent", tenant_id, agent.id)))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    return kept


async def change(connection: Connection, tenant_id: TenantId, agent: Agent) -> bool:
    """Replace its fields; ``False`` where there is none."""
    return await connection.execute(_CHANGE, {**_values(agent), "tenant": tenant_id, "agent": agent.id}) == 1


async def replace_password_hash(
    connection: Connection,
    tenant_id: TenantId,
    agent_id: AgentId,
    *,
    old: str,
    new: str,
) -> bool:
    """Put ``new`` where ``old`` still stands."""
    values = {"tenant": tenant_id, "agent": agent_id, "old": old, "password_hash": new}
    return await connection.execute(_REHASH, values) == 1


async def remove(connection: Connection, tenant_id: TenantId, agent_id: AgentId) -> bool:
    """Take it away, out of queues and campaigns too."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "agent": agent_id}) == 1


def _values(agent: Agent) -> Values:
    return {
        "username": agent.username,
        "username_key": key_of(agent.username),
        "name": agent.name,
        "password_hash": agent.password_hash,
        "enabled": int(agent.enabled),
        "auto_answer": int(agent.auto_answer),
        "skills": to_json(agent.skills),
    }


def _agent(row: Row) -> Agent:
    agent_id, tenant_id, username, name, password_hash, enabled, auto_answer, skills = row
    able = from_json(skills, dict[str, int])
    return Agent(agent_id, tenant_id, username, name, password_hash, bool(enabled), bool(auto_answer), able)
