"""Runs imports, one after the other: rows from the reading process, piece by piece into the store, each judged in the report.

Whatever stops the server, the next one goes on behind the last piece that is on disk. An import that fails or is cancelled
leaves nothing behind.
"""

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

import structlog

from callside.dialer.leads.model import Lead
from callside.exchange.lead_import.frames import Chunk, End, Failed, Order, Row, Start
from callside.exchange.lead_import.model import (
    ENDED,
    Candidate,
    FileFound,
    ImportOptions,
    ImportState,
    Judgement,
    LeadImport,
)
from callside.exchange.lead_import.port import LeadImports
from callside.exchange.lead_import.reading import reading
from callside.exchange.lead_import.report import Report
from callside.kernel.clock import Clock
from callside.kernel.errors import CallsideError, ConflictError, InvalidFieldError, NotFoundError, StoreUnavailableError
from callside.kernel.ids import LeadId, LeadListId, TenantId
from callside.tenants.model import Tenant

_RETRY_S: Final = 1.0
_COMING_MS: Final = 3_600_000
"""No file takes longer to come in."""
_log = structlog.get_logger(__name__)


class Tenants(Protocol):
    """Knows the tenants (``exchange.ports.Directories``)."""

    async def tenant(self, tenant_id: TenantId) -> Tenant | None:
        """One of them."""


class LeadImporter:
    """All imports of one installation. Files and reports are kept in ``folder``; a file is deleted when it is through."""

    def __init__(self, imports: LeadImports, tenants: Tenants, clock: Clock, folder: Path) -> None:
        self._imports = imports
        self._tenants = tenants
        self._clock = clock
        self._folder = folder
        self._wake = asyncio.Event()
        self.on_published: Callable[[TenantId, str], Awaitable[None]] | None = None
        """Told which list's leads may be called from now on."""
        self._cancelled: set[tuple[TenantId, str]] = set()

    async def run(self) -> None:
        """Do what there is to be done, until cancelled; begins with what an earlier process left."""
        now = self._clock.now().wall
        left: Sequence[Path] = [place for place in self._folder.glob("*/upload-*") if _is_old(place, now)]
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                left = await self._clear_away(left)
                await self.finish()
            except StoreUnavailableError as error:
                _log.error("import.store_unavailable", error=str(error))
            except Exception:  # noqa: BLE001 - logged whole
                # The server runs this beside its floors, and ends with it: no file of leads is worth everybody's calls.
                _log.exception("import.broken")
            else:
                continue
            await asyncio.sleep(_RETRY_S)
            self._wake.set()

    async def _clear_away(self, left: Sequence[Path]) -> Sequence[Path]:
        """Files that a crash has left on their way in, whose import is on no record: customers' data that nobody would ever see."""
        if left:
            waiting = {self._upload(one) for one in await self._imports.unfinished()}
            gone = [place for place in left if place not in waiting]
            for place in gone:
                place.unlink(missing_ok=True)
            if gone:
                _log.info("import.left_uploads_removed", count=len(gone))
        return ()

    async def finish(self) -> None:
        """Bring all imports that wait to their end."""
        for one in await self._imports.unfinished():
            await self._carry_out_or_fail(one)
        while lists := await self._imports.unranked():
            for tenant_id, list_id, changes in lists:
                await self._rank(tenant_id, list_id, changes)

    def wake(self) -> None:
        """There is something to be done."""
        self._wake.set()

    async def _rank(self, tenant_id: TenantId, list_id: LeadListId, changes: int) -> None:
        """A list's order was changed: its leads come in the new one, once all of them are through."""
        after: int | None = 0
        while after is not None:
            after = await self._imports.rank_some(tenant_id, list_id, after, changes)
        if self.on_published is not None:
            await self.on_published(tenant_id, list_id)

    def new_upload(self, tenant_id: TenantId) -> Path:
        """A place for a file that is coming in; in the folder that imports read from."""
        folder = self._folder / tenant_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"upload-{secrets.token_hex(16)}"

    async def preview(self, tenant_id: TenantId, file: Path, options: ImportOptions) -> Start:
        """What the file is, as far as can be guessed.

        Raises:
            InvalidFieldError: It cannot be read; the message says what to do.
        """
        order = await self._order(tenant_id, file, options)
        order.preview = True
        async with reading(order) as said:
            async for frame in said:
                if isinstance(frame, Start):
                    return frame
                if isinstance(frame, Failed):
                    raise InvalidFieldError(f"file: {frame.message}", field="file")
        raise InvalidFieldError("file: it cannot be read", field="file")

    async def submit(
        self, tenant_id: TenantId, list_id: LeadListId, file: Path, file_name: str, options: ImportOptions
    ) -> LeadImport:
        """Take a file over (it stays where it is, too); it is brought in as soon as those before it are.

        Raises:
            InvalidFieldError: It cannot be read; the message says what to do.
            NotFoundError: There is no such list.
        """
        start = await self.preview(tenant_id, file, options)
        kept = self.new_upload(tenant_id)
        kept.hardlink_to(file)  # whoever sent it may remove theirs
        now = self._clock.now().wall
        found = FileFound(start.form, tuple(start.columns), start.has_header, start.total, kept.name)
        blank = LeadImport("", tenant_id, list_id, clean_file_name(file_name), now, options=options, found=found)
        try:
            added = await self._imports.add_import(blank)
        except CallsideError:
            kept.unlink()
            raise
        self._wake.set()
        return added

    async def cancel(self, tenant_id: TenantId, import_id: str) -> None:
        """Stop it and take out again what it has brought.

        Raises:
            NotFoundError: There is no such import.
            ConflictError: It is through already.
        """
        one = await self._imports.lead_import(tenant_id, import_id)
        if one is None:
            raise NotFoundError("import: there is no such import", field="import")
        if one.state in ENDED:
            raise ConflictError(f"import: it is {one.state.value} already", field="import")
        self._cancelled.add((tenant_id, import_id))
        self._wake.set()

    def report(self, one: LeadImport) -> Path:
        """Where its report is; as long as its progress says."""
        return self._folder / one.tenant_id / f"{one.id}.report.csv"

    async def _carry_out_or_fail(self, one: LeadImport) -> None:
        """What goes wrong with one import ends that one; those behind it, of other tenants too, have their turn."""
        try:
            await self.carry_out(one)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - logged whole
            _log.exception("import.broken", tenant_id=one.tenant_id, import_id=one.id)
            await self._fail(one, error)

    async def _fail(self, one: LeadImport, error: Exception) -> None:
        known = await self._imports.lead_import(one.tenant_id, one.id)
        if known is None or known.state in ENDED:
            return
        reason = f"the server's disk says: {error.strerror}" if isinstance(error, OSError) else "a fault of ours"
        message = known.message or f"it could not be brought in ({reason}): send the file again"
        await self._undo(replace(known, state=ImportState.UNDOING, message=message))

    async def carry_out(self, one: LeadImport) -> LeadImport:
        """Bring one import to its end."""
        if one.state is ImportState.UNDOING:
            return await self._undo(one)
        one = replace(one, state=ImportState.RUNNING)
        if not await self._imports.change_import(one):
            return one  # its tenant was removed while it waited
        _log.info("import.started", tenant_id=one.tenant_id, import_id=one.id, rows_done=one.rows_done)
        report = Report(self.report(one), one.report_bytes)
        try:
            one, failure = await self._read_in(one, report)
        except NotFoundError as gone:  # its tenant was removed just now
            failure = gone.message
        finally:
            report.close()
        if failure is not None:
            return await self._undo(replace(one, state=ImportState.UNDOING, message=failure))
        one = await self._imports.publish(replace(one, ended_at=self._clock.now().wall))
        self._upload(one).unlink(missing_ok=True)
        if self.on_published is not None:
            await self.on_published(one.tenant_id, one.list_id)
        _log.info("import.done", tenant_id=one.tenant_id, import_id=one.id, **one.counts)
        while await self._imports.merge_some(one.tenant_id, one.id):
            continue
        return one

    async def _read_in(self, one: LeadImport, report: Report) -> tuple[LeadImport, str | None]:
        """Read it to its end; with an empty text where somebody cancelled it, with the reason where it failed."""
        order = await self._order(one.tenant_id, self._upload(one), one.options)
        order.skip = one.rows_done
        async with reading(order) as said:
            async for frame in said:
                if (one.tenant_id, one.id) in self._cancelled:
                    self._cancelled.discard((one.tenant_id, one.id))
                    return one, ""
                if isinstance(frame, Chunk):
                    try:
                        one = await self._load(one, frame, report)
                    except ConflictError as gone:
                        return one, gone.message
                elif isinstance(frame, Failed):
                    return one, frame.message
                elif isinstance(frame, End):
                    return one, None
        return one, "the file could not be read to its end: send it again"

    async def _load(self, one: LeadImport, chunk: Chunk, report: Report) -> LeadImport:
        ready = replace(one, per_mille=round(chunk.read * 999))
        candidates = [_candidate(row) for row in chunk.rows if not row.verdict]
        others = [Judgement(row.line, row.verdict, row.note) for row in chunk.rows if row.verdict]

        def written(judged: Sequence[Judgement]) -> int:
            return report.add((str(row.line), row.verdict, row.reason, row.lead_id, row.number) for row in judged)

        while True:
            try:
                return await self._imports.load(ready, candidates, others, len(chunk.rows), written)
            except StoreUnavailableError as error:
                _log.error("import.waits_for_store", import_id=one.id, error=str(error))
                await asyncio.sleep(_RETRY_S)
                known = await self._known(one)
                if known is not None and known.rows_done > one.rows_done:
                    return known  # it was written; only the answer was lost
                report.back_to(one.report_bytes or report.length)

    async def _known(self, one: LeadImport) -> LeadImport | None:
        try:
            return await self._imports.lead_import(one.tenant_id, one.id)
        except CallsideError:
            return None

    async def _undo(self, one: LeadImport) -> LeadImport:
        await self._imports.change_import(one)
        while await self._imports.undo_some(one.tenant_id, one.id):
            continue
        state = ImportState.FAILED if one.message else ImportState.CANCELLED
        one = replace(one, state=state, counts={}, ended_at=self._clock.now().wall)
        await self._imports.change_import(one)
        self._upload(one).unlink(missing_ok=True)
        _log.warning("import.undone", tenant_id=one.tenant_id, import_id=one.id, state=state.value, reason=one.message)
        return one

    async def _order(self, tenant_id: TenantId, file: Path, options: ImportOptions) -> Order:
        tenant = await self._tenants.tenant(tenant_id)
        if tenant is None:
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        return Order(
            str(file),
            options.region or tenant.region,
            0,
            options.encoding,
            options.delimiter,
            options.has_header,
            dict(options.columns),
            chunk=self._imports.rows_at_once,
        )

    def _upload(self, one: LeadImport) -> Path:
        return self._folder / one.tenant_id / (one.found.upload or "gone")

    def forget(self, tenant_id: TenantId) -> None:
        """The tenant is gone; so are its files."""
        shutil.rmtree(self._folder / tenant_id, ignore_errors=True)


def _is_old(place: Path, now: int) -> bool:
    """A command beside us may be about to hand one in."""
    try:
        return place.stat().st_mtime * 1000 < now - _COMING_MS
    except OSError:
        return False


def clean_file_name(name: str) -> str:
    """A stranger's file name, for showing only."""
    return "".join(one for one in Path(name).name if one.isprintable())[:120] or "file"


def _candidate(row: Row) -> Candidate:
    blank = TenantId(""), LeadListId("")
    lead = Lead(LeadId(""), *blank, row.lead_numbers(), row.name, row.fields, row.zone, notes=row.notes)
    return Candidate(row.line, lead, row.note)
