"""A list of leads as CSV."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from callside.dialer.leads.model import Lead
from callside.exchange.lead_import.report import csv_text
from callside.exchange.leads_port import Leads
from callside.kernel.ids import LeadListId, TenantId

PAGE: Final = 500
_MARK: Final = "\ufeff"
_FIXED: Final = (
    "id",
    "name",
    "number",
    "label",
    "attempts on number",
    "last outcome",
    "more numbers",
    "state",
    "due at",
    "attempts",
    "zone",
    "notes",
)


async def exported(leads: Leads, tenant_id: TenantId, list_id: LeadListId) -> AsyncIterator[str]:
    """The list's leads as they are, the imported fields at the end; no cell can be a formula.

    The fields' columns are those of the first leads; what later ones have besides stands in the last column.
    """
    some = await leads.page(tenant_id, list_id, after=None, limit=PAGE)
    columns = list(dict.fromkeys(field for lead in some for field in lead.fields))
    # The mark tells spreadsheets that it is UTF-8.
    yield _MARK + csv_text([(*_FIXED, *columns, "other fields")])
    while some:
        yield csv_text(_row(lead, columns) for lead in some)
        some = await leads.page(tenant_id, list_id, after=some[-1].id, limit=PAGE)


def _row(lead: Lead, columns: list[str]) -> tuple[str, ...]:
    first = lead.numbers[0]
    others = "; ".join(f"{key}: {value}" for key, value in lead.fields.items() if key not in columns)
    return (
        lead.id,
        lead.name,
        first.number,
        first.label,
        str(first.attempts),
        lead.last_outcome or "",
        " ".join(one.number for one in lead.numbers[1:]),
        lead.state.value,
        _time(lead.due_at),
        str(lead.attempts),
        lead.zone or lead.zone_key,
        lead.notes,
        *(lead.fields.get(column, "") for column in columns),
        others,
    )


def _time(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="seconds") if wall_ms else ""
