"""The exchange's port ``Recorder`` on a database: what the floor leaves behind, and what a restart begins from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from callside.calls.model import VoiceMessage
from callside.dialer.laws.ledger import LedgerEntry
from callside.dialer.laws.sampling import MachineSample
from callside.dialer.leads.model import Blocked, LeadProgress
from callside.dialer.pacing.keeping import CampaignMemory
from callside.floor.facts import Record, SessionEnded, WrappedUp
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.errors import ConflictError
from callside.kernel.ids import TenantId
from callside.store.connection import Connection, Database, DoubledError, Value, Values
from callside.store.encoding import from_json, to_json
from callside.store.repositories import (
    call_details,
    facts,
    lead_progress,
    ledger,
    live_rows,
    login_sessions,
    pacing_memories,
    tenants,
    voicemails,
)
from callside.store.repositories.remembered import remember, remembered

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_ANCHOR: Final = "anchor"
RowT = TypeVar("RowT", LiveSession, LiveCall)


class Anchor(msgspec.Struct, frozen=True):
    """A moment on both clocks in one boot of the machine."""

    boot: str
    mono: int
    wall: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """A record as it is written: the floor's own objects go on changing while the database works."""

    tenant_id: TenantId
    facts: list[Sequence[Value]]
    digest: str
    ended: tuple[SessionEnded, ...]
    opened: list[Values]
    live_sessions: list[tuple[str, str | None]]
    live_calls: list[tuple[str, str | None]]
    cdrs: list[Values]
    wrapped_up: tuple[WrappedUp, ...]
    voicemails: tuple[VoiceMessage, ...]
    leads: tuple[LeadProgress, ...]
    ledger: tuple[LedgerEntry, ...]
    samples: tuple[MachineSample, ...]
    memories: tuple[CampaignMemory, ...]
    blocked: tuple[Blocked, ...]


class SqlRecorder:
    """Writes what the floor leaves behind. ``boot_id`` is where the machine tells its boots apart."""

    def __init__(self, database: Database, boot_id: Path = BOOT_ID) -> None:
        self._database = database
        self._boot_id = boot_id

    async def write(self, record: Record) -> None:
        """One transaction, on disk when this returns; may be called again with a record whose fate is unknown.

        Raises:
            ConflictError: An agent would have two open sessions.
            StoreUnavailableError: Not written.
        """
        rows = _encoded(record)
        try:
            await self._database.write(lambda connection: _write(connection, rows), lane=record.tenant_id)
        except DoubledError as doubled:
            msg = "session: the agent has another open session; end that one in the same record"
            raise ConflictError(msg, field="session") from doubled

    async def live(self, tenant_id: TenantId) -> tuple[list[LiveSession], list[LiveCall]]:
        """The rows a restart begins from."""
        return await self._database.read(lambda connection: _live(connection, tenant_id))

    async def learnt(self, tenant_id: TenantId) -> list[CampaignMemory]:
        """What the tenant's pacing had learnt."""
        return await self._database.read(lambda connection: pacing_memories.of_tenant(connection, tenant_id))

    async def anchor(self, now_mono: int, now_wall: int) -> None:
        """Bring the live rows to this boot's clock, and with them what :meth:`live` gives.

        Done here and in one transaction, because a crash between a shift and the floor's own rewriting would leave rows
        of two boots side by side.
        """
        now = Anchor(self._boot(), now_mono, now_wall)
        await self._database.write(lambda connection: _move_to(connection, now))

    def _boot(self) -> str:
        try:
            return self._boot_id.read_text(encoding="ascii").strip()
        except OSError:
            # Not Linux: each start counts as another boot, and the wall clock decides.
            return ""


def _encoded(record: Record) -> _Rows:
    rows = facts.rows_of(record.facts)
    return _Rows(
        record.tenant_id,
        rows,
        hashlib.sha256(to_json(rows).encode()).hexdigest(),
        tuple(record.ended),
        [login_sessions.row_of(one) for one in record.opened],
        live_rows.texts_of(record.live_sessions),
        live_rows.texts_of(record.live_calls),
        [call_details.row_of(one) for one in record.cdrs],
        tuple(record.wrapped_up),
        tuple(record.voicemails),
        tuple(record.leads),
        tuple(record.ledger),
        tuple(record.samples),
        tuple(record.memories),
        tuple(record.blocked),
    )


async def _write(connection: Connection, rows: _Rows) -> None:
    mine = rows.tenant_id
    if not await tenants.is_there(connection, mine):
        # Removed with all that was its own; its floor says its last words to nobody.
        return
    await facts.add(connection, mine, rows.facts, rows.digest)
    for ended in rows.ended:
        await login_sessions.end(connection, mine, ended)
    for opened in rows.opened:
        await login_sessions.open_one(connection, mine, opened)
    await live_rows.SESSIONS.write(connection, mine, rows.live_sessions)
    await live_rows.CALLS.write(connection, mine, rows.live_calls)
    for cdr in rows.cdrs:
        await call_details.add(connection, mine, cdr)
    for wrapped in rows.wrapped_up:
        await call_details.wrap_up(connection, mine, wrapped)
    for message in rows.voicemails:
        await voicemails.add(connection, mine, message)
    await lead_progress.write(connection, mine, rows.leads)
    await ledger.add(connection, mine, rows.ledger)
    await ledger.add_samples(connection, mine, rows.samples)
    await pacing_memories.keep(connection, mine, rows.memories)
    await lead_progress.opt_out(connection, mine, rows.blocked)


async def _live(connection: Connection, tenant_id: TenantId) -> tuple[list[LiveSession], list[LiveCall]]:
    sessions = await live_rows.SESSIONS.rows(connection, tenant_id)
    calls = await live_rows.CALLS.rows(connection, tenant_id)
    return cast("list[LiveSession]", sessions), cast("list[LiveCall]", calls)


async def _move_to(connection: Connection, now: Anchor) -> None:
    text = await remembered(connection, _ANCHOR)
    await remember(connection, _ANCHOR, to_json(now))
    if text is None:
        return
    before: Anchor = from_json(text, Anchor)
    if before.boot == now.boot and now.boot:
        return
    shift = (before.wall - before.mono) - (now.wall - now.mono)
    for tenant_id in await live_rows.tenants_with_rows(connection):
        sessions, calls = await _live(connection, tenant_id)
        moved = [(row.id, to_json(_shifted(row, shift))) for row in sessions]
        await live_rows.SESSIONS.write(connection, tenant_id, moved)
        moved_calls = [(row.id, to_json(_shifted(row, shift))) for row in calls]
        await live_rows.CALLS.write(connection, tenant_id, moved_calls)


def _shifted(row: RowT, shift: int) -> RowT:
    moments = [(field.name, getattr(row, field.name)) for field in msgspec.structs.fields(row)]
    changed: dict[str, Any] = {
        name: Moment(one.mono + shift, one.wall) for name, one in moments if isinstance(one, Moment)
    }
    if owned_until := getattr(row, "owned_until", 0):  # the one time that is no Moment
        changed["owned_until"] = owned_until + shift
    return msgspec.structs.replace(row, **changed)
