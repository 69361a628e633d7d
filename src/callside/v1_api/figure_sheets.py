"""What all operations on figures have in common: a figure with its formula's name, spans of quarters of an hour, dates."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field

from callside.dialer.laws.abandonment import AbandonmentReport
from callside.kernel.errors import InvalidFieldError
from callside.reporting.formulas import FORMULAS

QUARTER_MS: Final = 900_000
_LONGEST_MS: Final = 7 * 86_400_000
From = Annotated[AwareDatetime, Query(alias="from", description="On a quarter of an hour.")]
To = Annotated[AwareDatetime, Query(alias="to", description="At most 7 days after `from`.")]


def meaning(*names: str) -> str:
    """What figures' formulas say, for the document."""
    return " ".join(f"`{one}`: {FORMULAS[one]}" for one in names)


class FigureSheet(BaseModel):
    """A value and the name of its formula. Shares are 0 to 1, times milliseconds; null: nothing to divide by."""

    value: float | None = Field(examples=[0.8421])
    formula: str = Field(examples=["SL_B"])


class AbandonmentSheet(BaseModel):
    """Answered calls by the profile's words, and the rate by its formula."""

    since: datetime
    until: datetime
    connected: int = Field(description="An agent was there in time.")
    abandoned: int = Field(description="Nobody was, in time.")
    machine: int = Field(description="Told to be machines.")
    left: int = Field(description="Hung up before the deadline.")
    rate: float = Field(description="0 to 1.")
    target: float = Field(description="Highest rate that the profile allows.")
    over: bool
    formula: str = Field(description="f: share of machines that are taken for abandoned persons.")
    false_positive_rate: float = Field(description="f.")
    measured: bool = Field(description="f was measured; else it is the profile's assumption.")
    profile: str = Field(examples=["us-1"])


def abandonment_sheet(report: AbandonmentReport | None) -> AbandonmentSheet | None:
    """The report as `/v1` tells it."""
    if report is None:
        return None
    counts = report.counts
    return AbandonmentSheet(
        since=date_of(report.start),
        until=date_of(report.end),
        connected=counts.connected,
        abandoned=counts.abandoned,
        machine=counts.machine,
        left=counts.left,
        rate=round(report.rate, 6),
        target=report.target,
        over=report.over,
        formula=report.formula,
        false_positive_rate=report.false_positive_rate,
        measured=report.measured,
        profile=report.profile,
    )


def read_span(begin: datetime, end: datetime) -> tuple[int, int]:
    """A span of whole quarters of an hour, wall ms.

    Raises:
        InvalidFieldError: It is none, or longer than a week.
    """
    since, until = _quarter("from", begin), _quarter("to", end)
    if not since < until <= since + _LONGEST_MS:
        raise InvalidFieldError("to: it must be after `from`, and at most 7 days after it", field="to")
    return since, until


def date_of(wall: int) -> datetime:
    """A moment as `/v1` tells it."""
    return datetime.fromtimestamp(wall / 1000, UTC)


def _quarter(name: str, at: datetime) -> int:
    wall = round(at.timestamp() * 1000)
    if wall % QUARTER_MS:
        raise InvalidFieldError(f"{name}: it must be on a quarter of an hour, such as 2026-01-31T09:15:00Z", field=name)
    return wall
