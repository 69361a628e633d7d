"""The forms administration is done with, the same for ``/v1``, the command line and the demo.

``…Form`` is filled in to add something, ``…Patch`` (every field of the form, none needed) to change it, ``…Sheet`` is
what is shown. Secrets are in no sheet; those made by Callside are in an ``…Issued`` sheet, which is given once.
"""

from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from callside.exchange.administration.fields import (
    LONGEST_LIST,
    Code,
    ExtensionNumber,
    Id,
    Name,
    OptionalName,
    Password,
    Region,
    Skills,
    Username,
    Zone,
)
from callside.kernel.errors import InvalidFieldError

FormT = TypeVar("FormT", bound=BaseModel)
PatchT = TypeVar("PatchT", bound="Form")
Ids = Annotated[list[Id], Field(max_length=LONGEST_LIST)]


class Form(BaseModel):
    """Base of all forms: unknown fields are refused, so that a misspelt one is not silently without effect."""

    model_config = ConfigDict(extra="forbid")


class Sheet(BaseModel):
    """Base of all sheets."""

    model_config = ConfigDict(from_attributes=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for one in schema.get("properties", {}).values():
        one.pop("default", None)


def patch_of(form: type[PatchT], name: str) -> type[PatchT]:
    """The patch that belongs to a form: same fields and rules, all of them optional, ``null`` refused."""
    fields: dict[str, Any] = {
        key: (part.rebuild_annotation(), Field(default=None, examples=part.examples, description=part.description))
        for key, part in form.model_fields.items()
    }
    doc = f"What is to change; fields left out stay as they are. Fields as in {form.__name__}."
    made: type[PatchT] = create_model(name, __base__=form, __doc__=doc, **fields)
    made.model_config["json_schema_extra"] = _without_defaults
    made.model_rebuild(force=True)
    return made


def read_form(form: type[FormT], values: object) -> FormT:
    """Fill a form from untrusted values.

    Raises:
        InvalidFieldError: Names the first field that is wrong, and why.
    """
    try:
        return form.model_validate(values)
    except ValidationError as wrong:
        raise first_error(wrong.errors(include_url=False, include_input=False)) from None


def first_error(errors: Any) -> InvalidFieldError:
    """The error to answer with, of pydantic's list. Input is never repeated: it may be a secret."""
    error = errors[0]
    places = [str(one) for one in error["loc"] if one not in {"body", "query", "path"}]
    field = ".".join(places) or "body"
    reason = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        reason = "there is no such field"
    elif error["type"] == "too_short":
        reason = f"give at least {error.get('ctx', {}).get('min_length', 1)}"
    elif error["type"] == "string_pattern_mismatch":
        reason = f"must fit the pattern {error.get('ctx', {}).get('pattern', '')}"
    return InvalidFieldError(f"{field}: {reason[:1].lower()}{reason[1:]}", field=field)


class Choice(Form):
    """Something that agents may choose: a disposition, and what it is called."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    code: Code = Field(examples=["lunch"])
    label: Name = Field(examples=["Lunch"])


class BreakChoice(Choice):
    """A reason for a break."""

    limit_s: Annotated[int, Field(ge=1, le=43_200)] | None = Field(
        default=None,
        examples=[1800],
        description="How long one such break may last; longer ones are noted (`agent.break_exceeded`), nobody is made ready. "
        "Null: as long as it takes.",
    )


Choices = Annotated[list[Choice], Field(min_length=1, max_length=100)]
BreakChoices = Annotated[list[BreakChoice], Field(min_length=1, max_length=100)]


class OwnTenantForm(Form):
    """What a tenant may set for itself."""

    region: Region = Field(default="US", examples=["US"], description="Country of numbers without a country code.")
    time_zone: Zone = Field(
        default="UTC",
        examples=["America/New_York"],
        description="Where days of figures begin; of a new tenant the region's, where it has one only.",
    )
    crm_origins: Annotated[list[str], Field(max_length=100)] = Field(
        default=[], examples=[["https://crm.example.com"]], description="Exact origins that may frame the phone."
    )
    breaks: BreakChoices | None = Field(default=None, description="Reasons an agent may take a break for.")
    dispositions: Choices | None = Field(default=None, description="Outcomes an agent may choose after a call.")


class TenantForm(OwnTenantForm):
    """A new tenant."""

    name: Name = Field(examples=["Example Motors"])
    enabled: bool = Field(default=True, description="A disabled tenant's tokens are refused.")


class TenantSheet(Sheet):
    """A tenant."""

    id: str = Field(examples=["1011"], description="The guide's TenantId.")
    name: str = Field(examples=["Example Motors"])
    region: str = Field(examples=["US"])
    time_zone: str = Field(examples=["America/New_York"])
    crm_origins: list[str] = Field(examples=[["https://crm.example.com"]])
    breaks: list[BreakChoice]
    dispositions: list[Choice]
    enabled: bool


class TokenForm(Form):
    """A new API token."""

    name: Name = Field(examples=["CRM production"])


class TokenSheet(Sheet):
    """An API token; the token itself is kept nowhere."""

    id: str
    name: str = Field(examples=["CRM production"])
    created_at: datetime
    revoked_at: datetime | None = None


class TokenIssued(TokenSheet):
    """A new token, shown this one time."""

    token: str = Field(description="`Authorization: Bearer …` here, `Token` in the guide's operations.")


class AgentForm(Form):
    """A new agent."""

    username: Username = Field(examples=["ag01"], description="Unique in the tenant, compared without case.")
    name: OptionalName = Field(default="", examples=["Asha Example"], description="For people; else the username.")
    password: Password | None = Field(
        default=None,
        description="At least 8 characters; left out, one is made and shown once.",
        json_schema_extra={"writeOnly": True},
    )
    enabled: bool = Field(default=True, description="A disabled agent cannot log in; a session ends after its call.")
    auto_answer: bool = Field(default=False, description="Queue calls connect after a short tone, without ringing.")
    skills: Skills = Field(default={}, examples=[{"spanish": 3}], description="What the agent can do, level 1 and up.")


class AgentSheet(Sheet):
    """An agent."""

    id: str = Field(examples=["111"], description="The guide's AgentId.")
    username: str = Field(examples=["ag01"])
    name: str = Field(examples=["Asha Example"])
    enabled: bool
    auto_answer: bool
    skills: dict[str, int] = Field(examples=[{"spanish": 3}])


class AgentIssued(AgentSheet):
    """An agent just written; `password` only if Callside made it."""

    password: str | None = Field(default=None, description="Shown this one time.")


class ExtensionForm(Form):
    """A new desk phone."""

    number: ExtensionNumber = Field(examples=["205"])
    name: OptionalName = Field(default="", examples=["Desk 5"])


class ExtensionPatchForm(ExtensionForm):
    """A change of a desk phone."""

    renew_password: bool = Field(default=False, description="Make a new SIP password; the old one is dead at once.")


class ExtensionSheet(Sheet):
    """A desk phone."""

    id: str = Field(examples=["183"], description="Key in the guide's Extension object.")
    number: str = Field(examples=["205"])
    name: str = Field(examples=["Desk 5"])
    sip_user: str = Field(examples=["ext-1011-183"])
    sip_realm: str = Field(examples=["callside"])


class ExtensionIssued(ExtensionSheet):
    """An extension just written; `sip_password` only if it was made now."""

    sip_password: str | None = Field(default=None, description="Shown this one time.")
