"""Voicemail: one row for each message that is kept."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from callside.calls.model import VoiceMessage
from callside.exchange.ports import VoicemailQuery
from callside.kernel.ids import CallId, QueueId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import clean
from callside.store.query import Query
from callside.store.repositories import call_details
from callside.store.tables import VOICEMAILS

_LATEST: Final = (1 << 62, "")
"""After every message there can be."""
_FIELDS: Final = ("id", "queue_id", "number", "name", "recorded_at", "duration_ms")
_mine = VOICEMAILS.c.tenant_id == bindparam("tenant")
_this = _mine & (VOICEMAILS.c.id == bindparam("message"))
_columns = [VOICEMAILS.c[name] for name in _FIELDS]
_before = or_(
    VOICEMAILS.c.recorded_at < bindparam("before"),
    and_(VOICEMAILS.c.recorded_at == bindparam("before"), VOICEMAILS.c.id < bindparam("before_id")),
)
_pages = (
    select(*_columns)
    .where(_mine, _before)
    .order_by(VOICEMAILS.c.recorded_at.desc(), VOICEMAILS.c.id.desc())
    .limit(bindparam("most"))
)
_PAGE: Final = Query(_pages)
_PAGE_OF_QUEUE: Final = Query(_pages.where(VOICEMAILS.c.queue_id == bindparam("queue")))
_ONE: Final = Query(select(*_columns).where(_this))
_IDS: Final = Query(select(VOICEMAILS.c.id).where(_mine))
_COUNTS: Final = Query(select(VOICEMAILS.c.queue_id, func.count()).where(_mine).group_by(VOICEMAILS.c.queue_id))
_ADD: Final = Query(insert(VOICEMAILS).on_conflict_do_nothing(index_elements=["tenant_id", "id"]))
_REMOVE: Final = Query(delete(VOICEMAILS).where(_this))


async def add(connection: Connection, tenant_id: TenantId, message: VoiceMessage) -> None:
    """Keep one; once, however often it is told.

    Whoever ended while we were away is told of without number and name: the call's own record has them, if it has ended.
    """
    values = {name: getattr(message, name) for name in _FIELDS}
    number, name = message.number, message.name
    if not number and (cdr := await call_details.one(connection, tenant_id, message.id)):
        number, name = cdr.customer_number, cdr.customer_name
    values |= {"number": clean(number), "name": clean(name)}
    await connection.execute(_ADD, {**values, "tenant_id": tenant_id})


async def page(connection: Connection, tenant_id: TenantId, query: VoicemailQuery) -> Sequence[VoiceMessage]:
    """The newest first."""
    before, before_id = query.before or _LATEST
    values: Values = {"tenant": tenant_id, "before": before, "before_id": before_id, "most": query.limit}
    if query.queue_id is None:
        rows = await connection.fetch_all(_PAGE, values)
    else:
        rows = await connection.fetch_all(_PAGE_OF_QUEUE, {**values, "queue": query.queue_id})
    return [_message(tenant_id, row) for row in rows]


async def one(connection: Connection, tenant_id: TenantId, message_id: CallId) -> VoiceMessage | None:
    """The one of a call."""
    row = await connection.fetch_one(_ONE, {"tenant": tenant_id, "message": message_id})
    return None if row is None else _message(tenant_id, row)


async def ids(connection: Connection, tenant_id: TenantId) -> AbstractSet[CallId]:
    """Of all of them."""
    return {CallId(row[0]) for row in await connection.fetch_all(_IDS, {"tenant": tenant_id})}


async def counts(connection: Connection, tenant_id: TenantId) -> Mapping[QueueId, int]:
    """How many each queue has."""
    rows = await connection.fetch_all(_COUNTS, {"tenant": tenant_id})
    return {QueueId(queue_id): count for queue_id, count in rows}


async def remove(connection: Connection, tenant_id: TenantId, message_id: CallId) -> bool:
    """Take it away."""
    return await connection.execute(_REMOVE, {"tenant": tenant_id, "message": message_id}) == 1


def _message(tenant_id: TenantId, row: Row) -> VoiceMessage:
    message_id, queue_id, number, name, recorded_at, duration_ms = row
    return VoiceMessage(CallId(message_id), tenant_id, QueueId(queue_id), number, name, recorded_at, duration_ms)
