"""Abandonment as `/v1` shows it."""

from datetime import datetime

from pydantic import BaseModel, Field

from callside.dialer.laws.abandonment import AbandonmentReport
from callside.v1_api.figures import date_of


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
    samples: int = Field(description="Machines given to an agent who said what they were; from 100 on f is measured.")
    sampled_persons: int = Field(
        description="Of these, persons. f is the upper end of Wilson's 95 % interval of their share."
    )
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
        samples=report.sampled.count,
        sampled_persons=report.sampled.persons,
        profile=report.profile,
    )
