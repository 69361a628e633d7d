"""An import as it is kept, and what is given to the store of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callside.dialer.leads.model import Lead
from callside.kernel.ids import LeadListId, TenantId


class ImportState(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Nothing of it is there; the message says why."""
    CANCELLED = "cancelled"
    """Somebody changed their mind: nothing of it is there."""
    UNDOING = "undoing"
    """To be cancelled or failed: what it has brought is being taken out again."""


ENDED = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


class Scope(StrEnum):
    """Among whom a number counts as a duplicate."""

    LIST = "list"
    CAMPAIGN = "campaign"
    """All lists that feed the same campaign."""
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person decided; everything else is guessed.

    Attributes:
        region: ISO 3166 code for numbers without a country code; empty: the tenant's.
        columns: Role by header (:class:`~callside.dialer.leads.columns.Role`).
        duplicates: Where a number must not be known yet.
    """

    region: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    duplicates: Scope = Scope.CAMPAIGN


@dataclass(frozen=True, slots=True)
class FileFound:
    """What the file turned out to be.

    Attributes:
        form: For people: kind, encoding and why it was taken, delimiter.
        columns: Header and role.
        total: Rows, where the file says it.
        upload: Name under which it waits to be read.
    """

    form: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    has_header: bool = True
    total: int | None = None
    upload: str = ""


@dataclass(frozen=True, slots=True)
class LeadImport:
    """One file brought into one list.

    Attributes:
        counts: Rows by verdict.
        rows_done: Rows of the file (its header not counted) that are dealt with, on disk.
        per_mille: How much of the file that is.
        first_lead: Number of the first lead that it brought.
        report_bytes: How long the report is at this point.
        message: Why it failed.
        created_at: Wall ms.
    """

    id: str
    tenant_id: TenantId
    list_id: LeadListId
    file_name: str
    created_at: int
    state: ImportState = ImportState.WAITING
    options: ImportOptions = field(default_factory=ImportOptions)
    found: FileFound = field(default_factory=FileFound)
    counts: Mapping[str, int] = field(default_factory=dict)
    rows_done: int = 0
    per_mille: int = 0
    report_bytes: int = 0
    first_lead: int | None = None
    message: str = ""
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may become a lead."""

    line: int
    lead: Lead
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a candidate."""

    line: int
    verdict: str
    reason: str
    lead_id: str = ""
    number: str = ""
