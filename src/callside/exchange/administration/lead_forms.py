"""The forms of lists of leads and do-not-call lists."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from callside.dialer.leads.columns import Role
from callside.dialer.leads.model import LeadState, ListOrder, Outcome
from callside.exchange.administration.fields import Id, Name, OptionalName
from callside.exchange.administration.forms import Form, Sheet
from callside.exchange.lead_import.model import ImportState, Scope

_TEXT = Field(max_length=2000)
Written = Annotated[str, Field(min_length=2, max_length=40, examples=["+1 555-0123"])]
"""A number as a person writes it."""


class LeadListForm(Form):
    """A list of leads."""

    name: Annotated[Name, Field(examples=["Spring prospects"])]
    campaign_id: Annotated[Id | None, Field(examples=["272"], description="The campaign it feeds; null for none.")] = (
        None
    )
    weight: Annotated[int, Field(ge=1, le=100, description="Its share among the campaign's lists.")] = 1
    order: Annotated[ListOrder, Field(description="Which leads come first.")] = ListOrder.OLDEST
    order_column: Annotated[str, Field(max_length=100, description="For ascending and descending.")] = ""
    enabled: bool = True
    scrub_token: Annotated[
        OptionalName,
        Field(
            max_length=100,
            examples=["DLT-0000-EXAMPLE"],
            description="What the preference register gave when this list was scrubbed (India: DLT); empty: its campaign's counts.",
        ),
    ] = ""
    scrub_token_expires_at: Annotated[
        AwareDatetime | None, Field(description="Until when that token holds; after it nobody on this list is called.")
    ] = None


class LeadListSheet(Sheet):
    """A list of leads, and how many of them stand where."""

    id: str
    name: str
    campaign_id: str | None
    weight: int
    order: ListOrder
    order_column: str
    enabled: bool
    scrub_token: str
    scrub_token_expires_at: datetime | None
    leads: dict[str, int] = Field(default_factory=dict, description="fresh, due, callback, dialling, done, blocked")


class LeadForm(Form):
    """A lead that is added by hand or by a program."""

    list_id: Annotated[Id, Field(examples=["801"])]
    numbers: Annotated[list[Written], Field(min_length=1, max_length=10)]
    name: Annotated[str, Field(max_length=200, examples=["Ada Lovelace"])] = ""
    zone: Annotated[str, Field(max_length=64, examples=["America/New_York"])] = ""
    notes: Annotated[str, _TEXT] = ""
    fields: Annotated[dict[str, Annotated[str, _TEXT]], Field(max_length=200)] = Field(default_factory=dict)


class LeadPatch(Form):
    """What is to change of a lead; fields left out stay as they are. Refused while it is being called."""

    name: Annotated[str | None, Field(max_length=200)] = None
    notes: Annotated[str | None, _TEXT] = None
    fields: Annotated[dict[str, Annotated[str, _TEXT]] | None, Field(max_length=200)] = None
    state: Annotated[
        LeadState | None, Field(description="`due` to have it called again, `done` to have it left alone.")
    ] = None
    due_at: Annotated[AwareDatetime | None, Field(description="Not before this time.")] = None


class NumberSheet(Sheet):
    """One of a lead's numbers."""

    number: str
    label: str
    attempts: int
    last_outcome: Outcome | None
    zone_key: str


class LeadSheet(Sheet):
    """A lead."""

    id: str
    list_id: str
    name: str
    numbers: list[NumberSheet]
    zone: str
    state: LeadState
    due_at: datetime | None
    attempts: int
    last_outcome: Outcome | None
    callback_agent_id: str | None
    notes: str
    fields: dict[str, str]


class ImportChoices(Form):
    """What is decided about a file; everything else is guessed."""

    region: Annotated[
        str, Field(pattern=r"^([A-Z]{2})?$", description="Country of numbers without a country code.")
    ] = ""
    encoding: Annotated[str | None, Field(max_length=20, examples=["cp1252"])] = None
    delimiter: Annotated[str | None, Field(pattern=r"^[,;\t|]$")] = None
    has_header: bool | None = None
    columns: Annotated[dict[str, Role], Field(max_length=200, description="Role by header.")] = Field(
        default_factory=dict
    )
    duplicates: Annotated[Scope, Field(description="Where a number must not be known yet.")] = Scope.CAMPAIGN


class ImportSheet(Sheet):
    """One file brought into one list."""

    id: str
    list_id: str
    file_name: str
    state: ImportState
    form: str = Field(description="What the file turned out to be.")
    columns: list[tuple[str, str]] = Field(description="Header and role of each column.")
    counts: dict[str, int] = Field(description="Rows by verdict: imported, blocked, duplicate, empty, refused.")
    rows_done: int
    progress: float = Field(description="0 to 1.")
    message: str
    created_at: datetime
    ended_at: datetime | None


class PreviewSheet(Sheet):
    """What a file seems to be."""

    form: str
    columns: list[tuple[str, str]]
    has_header: bool
    total: int | None
    sample: list[list[str]]


class DncListForm(Form):
    """A do-not-call list."""

    name: Annotated[Name, Field(examples=["National register"])]
    campaign_id: Annotated[Id | None, Field(description="Counts for this campaign only; null: for all.")] = None
    scrubbed_at: Annotated[AwareDatetime | None, Field(description="When it was last brought up to date.")] = None


class DncListSheet(Sheet):
    """A do-not-call list."""

    id: str
    name: str
    campaign_id: str | None
    scrubbed_at: datetime | None


class DncEntriesForm(Form):
    """Numbers to be put on a list."""

    list_id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["1"])]
    numbers: Annotated[list[Written], Field(min_length=1, max_length=10_000)]
    expires_at: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class DncRemovalForm(Form):
    """Numbers to be taken off a list."""

    list_id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["1"])]
    numbers: Annotated[list[Written], Field(min_length=1, max_length=10_000)]


class DncCountSheet(Sheet):
    """What came of it."""

    counts: dict[str, int]
    refused: list[tuple[int, str]] = Field(
        default_factory=list, description="Line and reason of the first that were refused."
    )


class DncEntrySheet(Sheet):
    """A number on a list."""

    number: str
    added_at: datetime
    expires_at: datetime | None
    reason: str


def plain(form: Form) -> dict[str, Any]:
    """The fields that were given."""
    return form.model_dump(exclude_unset=True)
