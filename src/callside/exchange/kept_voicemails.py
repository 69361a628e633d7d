"""At the start: files and rows of voicemails are held against one another, for a crash may come between the two.

A message's file is written first, its row with the record of the step in which the floor hears of it. A file without a row is
therefore a message of which nobody knows: it gets its row. A row without a file says who called and when, so it stays.
"""

from collections.abc import Iterable, Mapping

import structlog

from callside.calls.model import VoicemailEnd, VoiceMessage
from callside.exchange.ports import Store
from callside.exchange.voicemail_files import KeptFile, VoicemailFiles
from callside.floor.facts import Fact, Plain, Record
from callside.floor.live import LiveCall
from callside.floor.voicemail_events import VoicemailsCounted
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, QueueId, TenantId

_log = structlog.get_logger(__name__)
_NAMED = 20


async def take_stock(
    store: Store, files: VoicemailFiles | None, tenant_id: TenantId, calls: Iterable[LiveCall], now: Moment
) -> VoicemailsCounted:
    """Give files without a row theirs, and count; before the tenant's floor begins, while nothing else writes or removes one.

    Args:
        files: ``None``: there are none, rows are only counted.
        calls: The tenant's live calls: one may be speaking still, or be over so lately that it has no record.

    Raises:
        StoreUnavailableError: Nothing can be read or written.
    """
    found: list[VoiceMessage] = []
    try:
        there = {one.id: one for one in await files.kept(tenant_id)} if files is not None else {}
    except OSError as failed:  # the start must not wait for it: what is not adopted now is at the next start
        _log.error("voicemail.folder_unreadable", tenant_id=tenant_id, reason=str(failed))
        files, there = None, {}
    if files is not None:
        known = await store.voicemails.ids(tenant_id)
        live = {call.id: call for call in calls}
        found = [await _message(store, tenant_id, one, live) for one in there.values() if one.id not in known]
        _complain(tenant_id, sorted(known - there.keys()))
    if found:
        _log.warning("voicemail.adopted", tenant_id=tenant_id, count=len(found), ids=[one.id for one in found[:_NAMED]])
        facts = [_fact(one, now) for one in found]
        await store.recorder.write(Record(tenant_id, facts=facts, voicemails=tuple(found)))
    counts = dict(await store.voicemails.counts(tenant_id))
    return VoicemailsCounted(counts, frozenset(one.id for one in found))


async def _message(store: Store, tenant_id: TenantId, file: KeptFile, live: Mapping[CallId, LiveCall]) -> VoiceMessage:
    """As much as is on record of it; where nothing is, it is nobody's message to no queue, and still a message."""
    queue_id, number, name = QueueId(""), "", ""
    for fact in await store.call_records.facts(tenant_id, file.id):
        if fact.kind == "call.voicemail_began":
            queue_id = QueueId(str(fact.detail.get("mailbox") or ""))
    if call := live.get(file.id):
        number, name = call.customer_number, call.customer_name
    elif cdr := await store.call_records.cdr(tenant_id, file.id):
        number, name = cdr.customer_number, cdr.customer_name
    return VoiceMessage(file.id, tenant_id, queue_id, number, name, file.recorded_at, file.duration_ms)


def _fact(message: VoiceMessage, now: Moment) -> Fact:
    detail: dict[str, Plain] = {"mailbox": message.queue_id, "duration_ms": message.duration_ms}
    return Fact(f"voicemail.{VoicemailEnd.KEPT}", message.tenant_id, now, call_id=message.id, detail=detail)


def _complain(tenant_id: TenantId, without: list[CallId]) -> None:
    if without:
        remedy = "bring the home's voicemail folder back from a backup, or remove these messages"
        ids = without[:_NAMED]
        _log.warning("voicemail.sound_missing", tenant_id=tenant_id, count=len(without), ids=ids, remedy=remedy)
