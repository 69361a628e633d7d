"""Campaigns and their agents."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, DialRules, Plan
from callside.kernel.ids import AgentId, CampaignId, TenantId, TrunkId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import from_json, key_of, to_json
from callside.store.query import Query
from callside.store.repositories import lead_lists, pacing_memories
from callside.store.repositories.counters import chosen_id
from callside.store.tables import CAMPAIGN_AGENTS, CAMPAIGNS

_FIELDS: Final = (
    *("id", "name", "type", "trunk_id", "caller_id", "dial_rules", "plan", "ring_s", "wrap_up_s", "blend_queues"),
)
_mine = CAMPAIGNS.c.tenant_id == bindparam("tenant")
_this = _mine & (CAMPAIGNS.c.id == bindparam("campaign"))
_LIST: Final = Query(select(*(CAMPAIGNS.c[name] for name in _FIELDS)).where(_mine).order_by(CAMPAIGNS.c.id))
_ADD: Final = Query(insert(CAMPAIGNS))
_CHANGE: Final = Query(
    update(CAMPAIGNS)
    .where(_this)
    .values({one.name: bindparam(one.name) for one in CAMPAIGNS.c if one.name not in {"tenant_id", "id"}})
)
_REMOVE: Final = Query(delete(CAMPAIGNS).where(_this))
_AGENTS: Final = Query(
    select(CAMPAIGN_AGENTS.c.campaign_id, CAMPAIGN_AGENTS.c.agent_id).where(
        CAMPAIGN_AGENTS.c.tenant_id == bindparam("tenant")
    )
)
_ADD_AGENT: Final = Query(insert(CAMPAIGN_AGENTS))
_CLEAR_AGENTS: Final = Query(
    delete(CAMPAIGN_AGENTS).where(
        CAMPAIGN_AGENTS.c.tenant_id == bindparam("tenant"), CAMPAIGN_AGENTS.c.campaign_id == bindparam("campaign")
    )
)


async def of_tenant(connection: Connection, tenant_id: TenantId) -> Sequence[Campaign]:
    """The tenant's campaigns, by id."""
    agents: dict[str, set[AgentId]] = defaultdict(set)
    for campaign_id, agent_id in await connection.fetch_all(_AGENTS, {"tenant": tenant_id}):
        agents[campaign_id].add(agent_id)
    rows = await connection.fetch_all(_LIST, {"tenant": tenant_id})
    return [_campaign(tenant_id, row, frozenset(agents[row[0]])) for row in rows]


async def add(connection: Connection, tenant_id: TenantId, campaign: Campaign) -> Campaign:
    """Keep a new one; its id empty: choose it."""
    kept = replace(campaign, id=CampaignId(await chosen_id(connection, "work", tenant_id, campaign.id)))
    await connection.execute(_ADD, {**_values(kept), "tenant_id": tenant_id, "id": kept.id})
    await _add_agents(connection, tenant_id, kept)
    return kept


async def change(connection: Connection, tenant_id: TenantId, campaign: Campaign) -> bool:
    """Replace its fields and agents; ``False`` where there is none."""
    this = {"tenant": tenant_id, "campaign": campaign.id}
    if await connection.execute(_CHANGE, {**_values(campaign), **this}) != 1:
        return False
    await connection.execute(_CLEAR_AGENTS, this)
    await _add_agents(connection, tenant_id, campaign)
    return True


async def remove(connection: Connection, tenant_id: TenantId, campaign_id: CampaignId) -> bool:
    """Take it away; lists of leads that fed it stay."""
    await pacing_memories.remove(connection, tenant_id, campaign_id)
    await lead_lists.leave_campaign(connection, tenant_id, campaign_id)
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "campaign": campaign_id}) == 1


async def _add_agents(connection: Connection, tenant_id: TenantId, campaign: Campaign) -> None:
    base = {"tenant_id": tenant_id, "campaign_id": campaign.id}
    await connection.execute_many(_ADD_AGENT, [{**base, "agent_id": one} for one in sorted(campaign.agents)])


def _values(campaign: Campaign) -> Values:
    return {
        "name": campaign.name,
        "name_key": key_of(campaign.name),
        "type": campaign.type.value,
        "trunk_id": campaign.trunk_id,
        "caller_id": campaign.caller_id,
        "dial_rules": to_json(campaign.dial_rules),
        "plan": to_json(campaign.plan),
        "ring_s": campaign.ring_s,
        "wrap_up_s": campaign.wrap_up_s,
        "blend_queues": int(campaign.blend_queues),
    }


def _campaign(tenant_id: TenantId, row: Row, agents: frozenset[AgentId]) -> Campaign:
    campaign_id, name, kind, trunk_id, caller_id, rules, plan, ring_s, wrap_up_s, blend_queues = row
    return Campaign(
        id=CampaignId(campaign_id),
        tenant_id=tenant_id,
        name=name,
        type=Mode(kind),
        trunk_id=TrunkId(trunk_id),
        agents=agents,
        caller_id=caller_id,
        dial_rules=from_json(rules, DialRules),
        plan=from_json(plan, Plan),
        ring_s=ring_s,
        wrap_up_s=wrap_up_s,
        blend_queues=bool(blend_queues),
    )
