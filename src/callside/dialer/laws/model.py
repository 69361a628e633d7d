"""A jurisdiction profile: what one law (or several that hold together) asks of a campaign, of a line, and of the ledger.

Everything here is read from a file (:mod:`callside.dialer.laws.parsing`); no figure of a law stands in the code. docs/laws.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from callside.reception.model import Holiday, WeekWindow


class Mode(StrEnum):
    """Who decides that a number is dialled, and how many lines there are for one agent."""

    MANUAL = "MANUAL"
    PREVIEW = "PREVIEW"
    PROGRESSIVE = "PROGRESSIVE"
    """One line for each reserved agent."""
    PREDICTIVE = "PREDICTIVE"
    """More lines than reserved agents: the only mode that abandons by design."""


class Purpose(StrEnum):
    """What a campaign's calls are for."""

    PROMOTIONAL = "promotional"
    SERVICE = "service"
    TRANSACTIONAL = "transactional"


class Said(StrEnum):
    """What a message for somebody without an agent can be asked to say."""

    WHO = "who"
    """Who calls."""
    WHY = "why"
    """What they call for."""
    OPT_OUT = "opt_out"
    """How to be left alone from now on."""


class Evidence(StrEnum):
    """How a rule of a profile came to be known. Nothing was checked against a full legal text."""

    EXCERPT = "excerpt"
    """An excerpt of an official or vendor's page was read."""
    SECONDARY = "secondary"
    """Somebody else's summary was read."""
    MEMORY = "memory"
    """Known from memory, not looked up: check it before you rely on it."""
    HOUSE = "house"
    """No law that we know of: a choice of this project, on the careful side."""


class ClockStart(StrEnum):
    """From when on the time until an agent is there counts."""

    ANSWER = "answer"
    GREETING_END = "greeting_end"
    """The called person has said their "hello"."""


class Span(StrEnum):
    """The kinds of period an abandonment rate is told for."""

    ROLLING = "rolling"
    CALENDAR_DAY = "calendar_day"
    CALENDAR_MONTH = "calendar_month"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule comes from."""

    evidence: Evidence
    source: str
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether words of an official or vendor's page were read; never the full legal text."""
        return self.evidence is Evidence.EXCERPT


@dataclass(frozen=True, slots=True)
class CallingWindows:
    """When people may be called, by their own wall clock.

    Attributes:
        holidays: Dates, in the called party's calendar, with windows of their own instead.
        holidays_until: The last date (``2030-12-31``) the list of holidays is known for; empty: the rule knows no holidays.
    """

    weekly: tuple[WeekWindow, ...]
    holidays: tuple[Holiday, ...] = ()
    holidays_until: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredSpan:
    """The period an abandonment rate is told for.

    Attributes:
        hours: Length, for ``rolling``.
        zone: IANA zone whose calendar it is, for ``calendar_day`` and ``calendar_month``.
    """

    kind: Span
    hours: int = 0
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class AbandonmentRule:
    """What counts as abandoned, and how much of it may be.

    Attributes:
        target: Highest rate, 0 to 1.
        opted_in_target: The highest one a campaign may have that was opted in to predictive dialling; equals ``target`` mostly.
        window: The period the rate is told for.
        clock_start: From when on ``connect_deadline_ms`` counts.
        connect_deadline_ms: An agent or the message has to be there within this time, else the call is abandoned.
        machines_counted: Calls taken by a machine are in the denominator.
        left_counted: Persons who hung up before the deadline are in the denominator.
        assumed_false_positive_rate: Share of "machine" verdicts taken for persons, so abandoned, until it has been measured.
    """

    target: float
    opted_in_target: float
    window: MeasuredSpan
    clock_start: ClockStart
    connect_deadline_ms: int
    machines_counted: bool
    left_counted: bool
    assumed_false_positive_rate: float


@dataclass(frozen=True, slots=True)
class SafeMessageRule:
    """What a person hears for whom there is no agent.

    Attributes:
        required: Nobody may be dialled without it where more lines than agents are opened.
        must_say: What it has to say.
        opt_out_key: The key that writes the number to the do-not-call list; empty: no key is asked for.
        opt_out_list: The list it is written to: ``campaign``, ``tenant``.
        opt_out_within_ms: From key to list, at most.
    """

    required: bool
    must_say: frozenset[Said]
    opt_out_key: str
    opt_out_list: str
    opt_out_within_ms: int


@dataclass(frozen=True, slots=True)
class HoldRule:
    """How long a number is left alone.

    Attributes:
        after_abandon_h: Hours after a call to it was abandoned; 0: no hold.
        after_machine_h: Hours after a machine was heard there; 0: no hold.
        lifted_by_reserved_agent: It may be dialled all the same where an agent is reserved for that very call.
    """

    after_abandon_h: int
    after_machine_h: int
    lifted_by_reserved_agent: bool


@dataclass(frozen=True, slots=True)
class AttemptRule:
    """How often one number may be dialled; ``None``: no limit of the law."""

    per_day: int | None = None
    per_week: int | None = None


@dataclass(frozen=True, slots=True)
class ModeRule:
    """How campaigns may dial.

    Attributes:
        predictive_opt_in: Predictive needs the explicit opt-in of the campaign.
        predictive_officer: It needs a named person who answers for it.
        predictive_notice: The carrier must have been notified of the automatic dialler beforehand.
    """

    allowed: frozenset[Mode]
    predictive_opt_in: bool
    predictive_officer: bool
    predictive_notice: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers that a purpose may or must show.

    Attributes:
        only: Beginnings of national numbers of which one must fit; empty: any.
        never: Beginnings that are refused.
        only_for_regulated: ``only`` binds regulated (financial) organisations alone.
    """

    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    only_for_regulated: bool = False


@dataclass(frozen=True, slots=True)
class CallerIdRule:
    """What the called person sees.

    Attributes:
        required: A number that can be called back has to be shown.
        country_code: Digits; taken off a number before it is held against a series.
        series: By purpose.
    """

    required: bool
    country_code: str = ""
    series: Mapping[Purpose, Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScrubRule:
    """Which registers numbers have to be held against.

    Attributes:
        register: Its name, for messages; empty: none.
        max_age_d: Days that a scrub is good for; ``None``: no register is asked for.
        token: The numbers need a scrub token that has not expired.
    """

    register: str = ""
    max_age_d: int | None = None
    token: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a jurisdiction's rules.

    Attributes:
        id: E.g. ``"uk"``.
        version: Counts from 1; a released version is never changed.
        effective_from: The first day it is to be used.
        effective_until: The last day; ``None``: until a newer version.
        written: When this file was written.
        not_covered: What the profile does not know of, in sentences.
        min_ring_s: A phone rings at least so long before it is given up.
        keep_ledger_months: How long the abandonment ledger has to be kept.
        origins: By the name of the rule (``windows``, ``ring``, ``abandonment`` …): where it comes from.
    """

    id: str
    version: int
    title: str
    jurisdiction: str
    effective_from: date
    effective_until: date | None
    written: date
    not_covered: tuple[str, ...]
    windows: CallingWindows
    min_ring_s: int
    abandonment: AbandonmentRule
    safe_message: SafeMessageRule
    hold: HoldRule
    attempts: AttemptRule
    modes: ModeRule
    caller_id: CallerIdRule
    scrub: ScrubRule
    keep_ledger_months: int
    origins: Mapping[str, Origin]

    @property
    def key(self) -> str:
        """Id and version, as ledger entries name it: ``"uk-1"``."""
        return f"{self.id}-{self.version}"

    def in_force(self, day: date) -> bool:
        """Whether it is to be used on that day, unless a newer version is."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that something breaks.

    Attributes:
        rule: E.g. ``"ring.min_s"``: the rule's place in the profile.
        field: What of the campaign or the line is at fault.
        message: One sentence that names the field and the remedy.
        until: When the rule allows it (ms since 1970, UTC), where time alone heals it.
    """

    rule: str
    field: str
    message: str
    until: int | None = None
