"""The desks for lists of leads, leads, imports and do-not-call lists."""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callside.calls.rules import read_number
from callside.dialer.leads.model import Lead, LeadList, LeadNumber, ListOrder
from callside.dialer.leads.zones import is_zone, zone_key
from callside.exchange.administration.desk import Desk, LeadsChanged, Office, one_at_a_time
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.lead_forms import (
    ImportChoices,
    ImportSheet,
    LeadForm,
    LeadListForm,
    LeadListSheet,
    LeadPatch,
    LeadSheet,
    PreviewSheet,
    plain,
)
from callside.exchange.lead_import.exporting import exported
from callside.exchange.lead_import.importer import LeadImporter
from callside.exchange.lead_import.model import ImportOptions, LeadImport
from callside.exchange.lead_import.port import LeadImports
from callside.exchange.lead_import.sniffing import canonical
from callside.exchange.leads_port import LeadChange, Leads
from callside.kernel.errors import InvalidFieldError, NotFoundError
from callside.kernel.ids import CampaignId, LeadId, LeadListId, TenantId

_BY_COLUMN = frozenset({ListOrder.ASCENDING, ListOrder.DESCENDING})


class LeadListDesk(Desk[LeadListForm]):
    """Where lists of leads are administered."""

    noun = "lead-list"
    form = LeadListForm
    patch = patch_of(LeadListForm, "LeadListPatch")
    sheet = LeadListSheet
    issued = LeadListSheet

    def __init__(self, office: Office, leads: Leads, changed: LeadsChanged) -> None:
        super().__init__(office)
        self._leads = leads
        self._changed = changed
        self.on_reordered: Callable[[], None] | None = None
        """Told that the leads of a list may have to be ranked anew."""

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All lists, by name."""
        await self.office.directory(tenant_id)
        lists = await self._leads.lists(tenant_id)
        return [await self._sheet(one) for one in sorted(lists, key=lambda one: (one.name, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One list; see :meth:`Desk.get`."""
        return await self._sheet(await self.kept(tenant_id, item_id))

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: LeadListForm) -> Sheet:
        """Add a list; see :meth:`Desk.add`."""
        blank = LeadList(LeadListId(""), tenant_id, form.name)
        added = await self._leads.add_list(await self._filled(blank, form.model_dump()))
        if added.campaign_id is not None:
            await self._changed(tenant_id, added.campaign_id, ())
        return await self._sheet(added)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: LeadListForm) -> Sheet:
        """Change a list; see :meth:`Desk.change`."""
        before = await self.kept(tenant_id, item_id)
        changed = await self._filled(before, plain(patch))
        if not await self._leads.change_list(changed):
            raise self.missing(item_id)
        if self.on_reordered is not None:
            self.on_reordered()
        for campaign_id in {before.campaign_id, changed.campaign_id} - {None}:
            await self._changed(tenant_id, campaign_id, ())
        return await self._sheet(changed)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a list away with its leads; refused while one of them is being called."""
        kept = await self.kept(tenant_id, item_id)
        if not await self._leads.remove_list(tenant_id, kept.id):
            raise self.missing(item_id)
        if kept.campaign_id is not None:
            await self._changed(tenant_id, kept.campaign_id, ())

    async def told(self, tenant_id: TenantId, list_id: str) -> None:
        """Leads of a list were changed: the floor of its campaign learns of it."""
        found = next((one for one in await self._leads.lists(tenant_id) if one.id == list_id), None)
        if found is not None and found.campaign_id is not None:
            await self._changed(tenant_id, found.campaign_id, ())

    async def kept(self, tenant_id: TenantId, item_id: str) -> LeadList:
        """The list as it is kept; raises as :meth:`Desk.get`."""
        await self.office.directory(tenant_id)
        found = next((one for one in await self._leads.lists(tenant_id) if one.id == item_id), None)
        if found is None:
            raise self.missing(item_id)
        return found

    async def _filled(self, kept: LeadList, given: dict[str, Any]) -> LeadList:
        directory = await self.office.directory(kept.tenant_id)
        if given.get("campaign_id") is not None and CampaignId(given["campaign_id"]) not in directory.campaigns:
            msg = f"campaign_id: this tenant has no campaign with id {given['campaign_id']}"
            raise InvalidFieldError(msg, field="campaign_id")
        if "scrub_token_expires_at" in given:
            given["scrub_token_expires_at"] = _wall(given["scrub_token_expires_at"])
        filled = replace(kept, **given)
        if bool(filled.scrub_token) is not bool(filled.scrub_token_expires_at):
            field = "scrub_token_expires_at" if filled.scrub_token else "scrub_token"
            msg = f"{field}: a scrub token is good until a date; set both, or neither"
            raise InvalidFieldError(msg, field=field)
        if filled.order in _BY_COLUMN and not filled.order_column:
            msg = "order_column: say by which column of the import the list is ordered"
            raise InvalidFieldError(msg, field="order_column")
        return filled

    async def _sheet(self, one: LeadList) -> LeadListSheet:
        leads = dict(await self._leads.tallies(one.tenant_id, one.id))
        shown = asdict(one) | {"scrub_token_expires_at": _time(one.scrub_token_expires_at), "leads": leads}
        return LeadListSheet.model_validate({name: shown[name] for name in LeadListSheet.model_fields})


class LeadDesk:
    """Where single leads are looked up, added and changed."""

    def __init__(self, office: Office, leads: Leads, lists: LeadListDesk) -> None:
        self._office = office
        self._leads = leads
        self._lists = lists

    async def find(self, tenant_id: TenantId, number: str) -> list[LeadSheet]:
        """All leads with a number, newest first."""
        region = (await self._office.directory(tenant_id)).tenant.region
        return [lead_sheet(one) for one in await self._leads.leads_with(tenant_id, read_number(number, region))]

    async def get(self, tenant_id: TenantId, lead_id: str) -> LeadSheet:
        """One lead.

        Raises:
            NotFoundError: The tenant has no such one.
        """
        return lead_sheet(await self._kept(tenant_id, lead_id))

    async def add(self, tenant_id: TenantId, form: LeadForm) -> LeadSheet:
        """Add one.

        Raises:
            InvalidFieldError: Names the field and the remedy.
        """
        region = (await self._office.directory(tenant_id)).tenant.region
        if form.zone and not is_zone(form.zone):
            raise InvalidFieldError("zone: there is no such time zone; write it like America/New_York", field="zone")
        if all(one.id != form.list_id for one in await self._leads.lists(tenant_id)):
            raise InvalidFieldError(f"list_id: this tenant has no list with id {form.list_id}", field="list_id")
        read = dict.fromkeys(read_number(one, region, field="numbers") for one in form.numbers)
        numbers = tuple(LeadNumber(one, "", zone_key(one, form.zone)) for one in read)
        blank = LeadId(""), tenant_id, LeadListId(form.list_id)
        lead = Lead(*blank, numbers, form.name, form.fields, form.zone, notes=form.notes)
        (lead_id,) = await self._leads.add_leads(tenant_id, LeadListId(form.list_id), [lead])
        await self._lists.told(tenant_id, form.list_id)
        return await self.get(tenant_id, lead_id)

    async def change(self, tenant_id: TenantId, lead_id: str, patch: LeadPatch) -> LeadSheet:
        """Change one.

        Raises:
            NotFoundError: The tenant has no such one.
            ConflictError: It is being called.
        """
        due_at = None if patch.due_at is None else round(patch.due_at.timestamp() * 1000)
        change = LeadChange(patch.name, patch.notes, patch.fields, patch.state, due_at)
        if not await self._leads.change_lead(tenant_id, LeadId(lead_id), change):
            raise _no_lead(lead_id)
        changed = await self.get(tenant_id, lead_id)
        await self._lists.told(tenant_id, changed.list_id)
        return changed

    async def export(self, tenant_id: TenantId, list_id: str) -> AsyncIterator[str]:
        """A list's leads as CSV, piece by piece; raises as :meth:`Desk.get`."""
        kept = await self._lists.kept(tenant_id, list_id)
        return exported(self._leads, tenant_id, kept.id)

    async def _kept(self, tenant_id: TenantId, lead_id: str) -> Lead:
        found = await self._leads.lead(tenant_id, LeadId(lead_id))
        if found is None:
            raise _no_lead(lead_id)
        return found


class ImportDesk:
    """Where files of leads come in."""

    def __init__(self, lists: LeadListDesk, imports: LeadImports, importer: LeadImporter) -> None:
        self._lists = lists
        self._imports = imports
        self.importer = importer

    async def preview(self, tenant_id: TenantId, file: Path, choices: ImportChoices) -> PreviewSheet:
        """What a file seems to be; it is not taken over."""
        return PreviewSheet.model_validate(await self.importer.preview(tenant_id, file, _options(choices)))

    async def submit(
        self, tenant_id: TenantId, list_id: str, file: Path, file_name: str, choices: ImportChoices
    ) -> ImportSheet:
        """Take a file over; raises as :meth:`LeadImporter.submit`."""
        kept = await self._lists.kept(tenant_id, list_id)
        return import_sheet(await self.importer.submit(tenant_id, kept.id, file, file_name, _options(choices)))

    async def listing(self, tenant_id: TenantId) -> list[ImportSheet]:
        """The tenant's imports, newest first."""
        return [import_sheet(one) for one in await self._imports.imports(tenant_id)]

    async def get(self, tenant_id: TenantId, import_id: str) -> ImportSheet:
        """One import.

        Raises:
            NotFoundError: The tenant has no such one.
        """
        return import_sheet(await self._kept(tenant_id, import_id))

    async def cancel(self, tenant_id: TenantId, import_id: str) -> None:
        """Stop it and take out what it has brought; raises as :meth:`LeadImporter.cancel`."""
        await self.importer.cancel(tenant_id, import_id)

    async def report(self, tenant_id: TenantId, import_id: str) -> tuple[Path, int]:
        """The report's file, and how much of it counts."""
        one = await self._kept(tenant_id, import_id)
        path = self.importer.report(one)
        if not one.report_bytes:
            raise NotFoundError("import: it has no report yet", field="import")
        return path, one.report_bytes

    async def _kept(self, tenant_id: TenantId, import_id: str) -> LeadImport:
        found = await self._imports.lead_import(tenant_id, import_id)
        if found is None:
            raise NotFoundError("import: there is no such import", field="import")
        return found


def _options(choices: ImportChoices) -> ImportOptions:
    encoding = None
    if choices.encoding is not None:
        encoding = canonical(choices.encoding)
        if encoding is None:
            raise InvalidFieldError("encoding: it is not one that is read here; write e.g. cp1252", field="encoding")
    columns = {header: role.value for header, role in choices.columns.items()}
    return ImportOptions(choices.region, encoding, choices.delimiter, choices.has_header, columns, choices.duplicates)


def lead_sheet(lead: Lead) -> LeadSheet:
    """A lead as it is shown."""
    given = {name: getattr(lead, name) for name in LeadSheet.model_fields if name not in {"numbers", "due_at"}}
    numbers = [{name: getattr(one, name) for name in _NUMBER} for one in lead.numbers]
    return LeadSheet.model_validate({**given, "numbers": numbers, "due_at": _time(lead.due_at)})


_NUMBER = ("number", "label", "attempts", "last_outcome", "zone_key")


def import_sheet(one: LeadImport) -> ImportSheet:
    """An import as it is shown."""
    return ImportSheet(
        id=one.id,
        list_id=one.list_id,
        file_name=one.file_name,
        state=one.state,
        form=one.found.form,
        columns=list(one.found.columns),
        counts=dict(one.counts),
        rows_done=one.rows_done,
        progress=one.per_mille / 1000,
        message=one.message,
        created_at=datetime.fromtimestamp(one.created_at / 1000, UTC),
        ended_at=_time(one.ended_at),
    )


def _wall(date: datetime | None) -> int:
    return round(date.timestamp() * 1000) if date is not None else 0


def _time(wall_ms: int | None) -> datetime | None:
    return datetime.fromtimestamp(wall_ms / 1000, UTC) if wall_ms else None


def _no_lead(lead_id: str) -> NotFoundError:
    shown = "".join(one for one in lead_id if one.isalnum())[:40]
    return NotFoundError(f"lead: there is no lead with id {shown}", field="id")
