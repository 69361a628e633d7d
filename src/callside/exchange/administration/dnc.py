"""The desk for do-not-call lists."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callside.calls.rules import read_number
from callside.dialer.leads.intake import shown
from callside.dialer.leads.model import DncList
from callside.exchange.administration.desk import Desk, LeadsChanged, Office, one_at_a_time
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.lead_forms import (
    DncCountSheet,
    DncEntriesForm,
    DncEntrySheet,
    DncListForm,
    DncListSheet,
    DncRemovalForm,
    plain,
)
from callside.exchange.dnc_port import EVERYWHERE, DncEntry, DncLists
from callside.exchange.lead_import.dnc_file import DncFile, bring
from callside.exchange.leads_port import Leads
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import CampaignId, TenantId


class DncDesk(Desk[DncListForm]):
    """Where do-not-call lists are administered; with ``EVERYWHERE`` for a tenant, the installation's own."""

    noun = "dnc-list"
    form = DncListForm
    patch = patch_of(DncListForm, "DncListPatch")
    sheet = DncListSheet
    issued = DncListSheet

    def __init__(self, office: Office, lists: DncLists, leads: Leads, changed: LeadsChanged) -> None:
        super().__init__(office)
        self._lists = lists
        self._leads = leads
        self._changed = changed

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """The tenant's own lists, by name."""
        lists = await self._lists.dnc_lists(tenant_id)
        return [_sheet(one) for one in sorted(lists, key=lambda one: (one.name, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One list; see :meth:`Desk.get`."""
        return _sheet(await self._kept(tenant_id, item_id))

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: DncListForm) -> Sheet:
        """Add a list; see :meth:`Desk.add`."""
        campaign_id = None if form.campaign_id is None else CampaignId(form.campaign_id)
        if campaign_id is not None and (
            tenant_id == EVERYWHERE or campaign_id not in (await self.office.directory(tenant_id)).campaigns
        ):
            msg = f"campaign_id: there is no campaign with id {campaign_id}"
            raise InvalidFieldError(msg, field="campaign_id")
        new = DncList("", tenant_id, form.name, campaign_id, _wall(form.scrubbed_at))
        added = await self._lists.add_dnc_list(new)
        if added.scrubbed_at is not None:
            await self._changed(tenant_id, campaign_id, ())
        return _sheet(added)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: DncListForm) -> Sheet:
        """Change name or scrub date; see :meth:`Desk.change`."""
        kept = await self._kept(tenant_id, item_id)
        given: dict[str, Any] = plain(patch)
        if given.pop("campaign_id", kept.campaign_id) != kept.campaign_id:
            raise InvalidFieldError(
                "campaign_id: whom a list counts for cannot be changed; add another list", field="campaign_id"
            )
        if "scrubbed_at" in given:
            given["scrubbed_at"] = _wall(given["scrubbed_at"])
        changed = replace(kept, **given)
        if not await self._lists.change_dnc_list(changed):
            raise self.missing(item_id)
        if changed.scrubbed_at != kept.scrubbed_at:
            await self._changed(tenant_id, kept.campaign_id, ())
        return _sheet(changed)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take an empty list away; refused while it has entries."""
        kept = await self._kept(tenant_id, item_id)
        if not await self._lists.remove_dnc_list(tenant_id, kept.id):
            raise self.missing(item_id)
        if kept.scrubbed_at is not None:
            await self._changed(tenant_id, kept.campaign_id, ())

    async def put(self, tenant_id: TenantId, form: DncEntriesForm) -> DncCountSheet:
        """Put numbers on a list.

        Raises:
            InvalidFieldError: One of them is no number; then none is on it.
        """
        kept = await self._kept_for(tenant_id, form.list_id)
        numbers = await self._read(tenant_id, form.numbers)
        now = self.office.clock.now().wall
        expires_at = _end(form.expires_at, now)
        entries = [DncEntry(one, now, expires_at, form.reason) for one in numbers]
        new = await self._lists.add_dnc(tenant_id, kept.id, entries)
        await self._changed(tenant_id, kept.campaign_id, numbers)
        return DncCountSheet(counts={"added": len(new), "known": len(numbers) - len(new)})

    async def take_off(self, tenant_id: TenantId, form: DncRemovalForm) -> DncCountSheet:
        """Take numbers off a list; leads that they kept out are let in again."""
        kept = await self._kept_for(tenant_id, form.list_id)
        numbers = await self._read(tenant_id, form.numbers)
        gone = await self._lists.remove_dnc(tenant_id, kept.id, numbers)
        await self._changed(tenant_id, kept.campaign_id, ())
        return DncCountSheet(counts={"removed": gone, "unknown": len(numbers) - gone})

    async def entries(self, tenant_id: TenantId, list_id: str, *, after: str, limit: int) -> list[DncEntrySheet]:
        """A page of a list, by number."""
        kept = await self._kept(tenant_id, list_id)
        return [
            DncEntrySheet(
                number=one.number,
                added_at=_time(one.added_at),
                expires_at=_time_or_none(one.expires_at),
                reason=one.reason,
            )
            for one in await self._lists.dnc_entries(tenant_id, kept.id, after=after, limit=limit)
        ]

    async def bring(
        self, tenant_id: TenantId, list_id: str, file: Path, *, reason: str, expires_at: datetime | None, replaces: bool
    ) -> DncCountSheet:
        """Put a file's numbers on a list; ``replaces``: take off what is not in it, and note the scrub date."""
        kept = await self._kept_for(tenant_id, list_id)
        now = self.office.clock.now().wall
        given = DncFile(file, await self._region(tenant_id), now, _end(expires_at, now), reason, replaces)

        async def tell(numbers: Collection[str]) -> None:
            await self._changed(tenant_id, kept.campaign_id, numbers)

        result = await bring(self._lists, tenant_id, kept.id, given, tell)
        if replaces:
            await self._lists.change_dnc_list(replace(kept, scrubbed_at=now))
            await self._changed(tenant_id, kept.campaign_id, ())
        return DncCountSheet(counts=dict(result.counts), refused=result.refused)

    async def look_up(self, tenant_id: TenantId, campaign_id: str | None, number: str) -> str | None:
        """The name of a list that keeps this number from being called."""
        (read,) = await self._read(tenant_id, [number])
        campaign = None if campaign_id is None else CampaignId(campaign_id)
        found = await self._leads.blocked_numbers(tenant_id, campaign, [read], self.office.clock.now().wall)
        return found.get(read)

    async def _read(self, tenant_id: TenantId, numbers: Collection[str]) -> list[str]:
        region = await self._region(tenant_id)
        return list(dict.fromkeys(_number(one, place, region) for place, one in enumerate(numbers, 1)))

    async def _region(self, tenant_id: TenantId) -> str:
        if tenant_id == EVERYWHERE:
            return self.office.region
        return (await self.office.directory(tenant_id)).tenant.region

    async def _kept(self, tenant_id: TenantId, item_id: str) -> DncList:
        found = next((one for one in await self._lists.dnc_lists(tenant_id) if one.id == item_id), None)
        if found is None:
            raise self.missing(item_id)
        return found

    async def _kept_for(self, tenant_id: TenantId, list_id: str) -> DncList:
        found = next((one for one in await self._lists.dnc_lists(tenant_id) if one.id == list_id), None)
        if found is None:
            raise InvalidFieldError(f"list_id: there is no do-not-call list with id {list_id}", field="list_id")
        return found


def _number(text: str, place: int, region: str) -> str:
    """Of up to a thousand the one that is none is named."""
    try:
        return read_number(text, region, field="numbers")
    except InvalidFieldError as wrong:
        why = wrong.message.removeprefix("numbers: ")
        raise InvalidFieldError(
            f"numbers: the number in place {place}, {shown(text)}: {why}", field="numbers"
        ) from None


def _sheet(one: DncList) -> DncListSheet:
    return DncListSheet(
        id=one.id, name=one.name, campaign_id=one.campaign_id, scrubbed_at=_time_or_none(one.scrubbed_at)
    )


def _wall(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def _end(at: datetime | None, now: int) -> int | None:
    """An entry's end. One that is past would keep nobody from being called, though it is on the list."""
    end = _wall(at)
    if end is not None and end <= now:
        msg = (
            "expires_at: that time is past, so the number could be called at once; choose a later one, or none for good"
        )
        raise InvalidFieldError(msg, field="expires_at")
    return end


def _time(wall_ms: int) -> datetime:
    return datetime.fromtimestamp(wall_ms / 1000, UTC)


def _time_or_none(wall_ms: int | None) -> datetime | None:
    return None if wall_ms is None else _time(wall_ms)
