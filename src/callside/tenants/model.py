"""A tenant and the tokens that speak for it."""

from dataclasses import dataclass

from callside.kernel.ids import TenantId


@dataclass(frozen=True, slots=True)
class BreakReason:
    """Why an agent takes no calls for a while, e.g. ``BreakReason("lunch", "Lunch", 1800)``.

    Attributes:
        limit_s: How long one such break may last, seconds; ``None``: as long as it takes.
    """

    code: str
    label: str
    limit_s: int | None = None


@dataclass(frozen=True, slots=True)
class Disposition:
    """What came of a call, e.g. ``Disposition("sale", "Sale")``."""

    code: str
    label: str


DEFAULT_BREAKS = (
    BreakReason("break", "Short break"),
    BreakReason("lunch", "Lunch"),
    BreakReason("training", "Training"),
    BreakReason("meeting", "Meeting"),
)
DEFAULT_DISPOSITIONS = (
    Disposition("resolved", "Resolved"),
    Disposition("follow_up", "Follow-up needed"),
    Disposition("sale", "Sale"),
    Disposition("not_interested", "Not interested"),
    Disposition("wrong_number", "Wrong number"),
    Disposition("no_contact", "Not reached"),
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer of this installation.

    Attributes:
        id: The guide's ``TenantId``.
        name: For people.
        region: ISO 3166 code; how numbers without a country code are read.
        crm_origins: Exact origins (``https://crm.example.com``) that may frame the phone and talk with it.
        breaks: Reasons an agent may choose from.
        dispositions: Outcomes an agent may choose from.
        time_zone: IANA name; the day of figures begins at its midnight.
        enabled: A disabled tenant's tokens are refused.
    """

    id: TenantId
    name: str
    region: str = "US"
    crm_origins: tuple[str, ...] = ()
    breaks: tuple[BreakReason, ...] = DEFAULT_BREAKS
    dispositions: tuple[Disposition, ...] = DEFAULT_DISPOSITIONS
    enabled: bool = True
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A tenant's token as it is kept: only its SHA-256 digest, never the token.

    Attributes:
        id: Key for listing and revoking.
        tenant_id: Whose it is.
        name: For people ("CRM production").
        digest: Lower-case hex SHA-256 of the token's UTF-8 bytes.
        created_at: Wall clock, ms.
        revoked_at: Wall clock, ms; ``None`` while it is good.
    """

    id: str
    tenant_id: TenantId
    name: str
    digest: str
    created_at: int
    revoked_at: int | None = None
