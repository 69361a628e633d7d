"""What each campaign's pacing has learnt, for the process after us: one row a campaign."""

from collections.abc import Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from callside.dialer.pacing.keeping import CampaignMemory
from callside.dialer.pacing.model import Memory
from callside.kernel.ids import CampaignId, TenantId
from callside.store.connection import Connection, Values
from callside.store.encoding import from_json, to_json
from callside.store.query import Query
from callside.store.tables import PACING_MEMORIES

_log = structlog.get_logger(__name__)
_mine = PACING_MEMORIES.c.tenant_id == bindparam("tenant")
_ALL: Final = Query(
    select(PACING_MEMORIES.c.campaign_id, PACING_MEMORIES.c.kept_at, PACING_MEMORIES.c.memory)
    .where(_mine)
    .order_by(PACING_MEMORIES.c.campaign_id)
)
_insert = insert(PACING_MEMORIES)
_PUT: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["tenant_id", "campaign_id"],
        set_={"kept_at": _insert.excluded.kept_at, "memory": _insert.excluded.memory},
    )
)
_REMOVE: Final = Query(delete(PACING_MEMORIES).where(_mine, PACING_MEMORIES.c.campaign_id == bindparam("campaign")))


async def keep(connection: Connection, tenant_id: TenantId, memories: Sequence[CampaignMemory]) -> None:
    """Each in place of the campaign's one before."""
    for one in memories:
        values: Values = {"campaign_id": one.campaign_id, "kept_at": one.at, "memory": to_json(one.memory)}
        await connection.execute(_PUT, {**values, "tenant_id": tenant_id})


async def of_tenant(connection: Connection, tenant_id: TenantId) -> list[CampaignMemory]:
    """The tenant's, by campaign. A row that cannot be read is passed over: pacing begins anew, as it would without."""
    found = []
    for campaign_id, kept_at, text in await connection.fetch_all(_ALL, {"tenant": tenant_id}):
        try:
            memory = from_json(text, Memory)
        except msgspec.DecodeError as error:
            _log.warning("pacing_memory.unreadable", tenant_id=tenant_id, campaign_id=campaign_id, error=str(error))
            continue
        found.append(CampaignMemory(CampaignId(campaign_id), int(kept_at), memory))
    return found


async def remove(connection: Connection, tenant_id: TenantId, campaign_id: CampaignId) -> None:
    """The campaign is removed."""
    await connection.execute(_REMOVE, {"tenant": tenant_id, "campaign": campaign_id})
