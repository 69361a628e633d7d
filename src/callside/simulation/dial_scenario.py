"""A scenario of campaigns: what would progressive, boost and predictive bring, with this team and this list?"""

import statistics
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import PacingMode, PacingSettings
from callside.simulation.dialing import DialDay, DialFloor
from callside.simulation.dialing_model import (
    Campaign,
    Draw,
    answer_times,
    exponential,
    failure_times,
    fixed,
    lognormal,
)
from callside.simulation.scenario import Duration, Part, validated

HEAD: Final = (
    "campaign",
    "pacing",
    "utilisation",
    "idle between calls",
    "calls per agent hour",
    "dials",
    "abandoned",
    "worst day",
)


class CampaignPlan(Part):
    """A campaign, its team and its list.

    Attributes:
        answer_rate: Live answers per line dialled.
        answer, failure: How long until a living person answers, or until it ends otherwise; left out: as on ordinary phone
            lines with 25 s of ringing (means 10.2 s and 20.6 s).
        target: Share of live answers that may be abandoned.
        smallest_team: With fewer agents predictive and boost stay progressive.
        modes: Which ways of pacing to compare.
    """

    name: str = Field(min_length=1, max_length=128)
    agents: int = Field(ge=0, le=1000)
    answer_rate: float = Field(gt=0, le=1)
    talk: Duration
    wrap_up: Duration | None = None
    answer: Duration | None = None
    failure: Duration | None = None
    target: float = Field(default=0.0285, ge=0, le=0.5)
    patience_s: float = Field(default=2.0, ge=0, le=60)
    smallest_team: int = Field(default=6, ge=0)
    lines_per_agent: float = Field(default=10.0, ge=1, le=100)
    calls_per_second: int | None = Field(default=None, ge=1)
    max_lines: int | None = Field(default=None, ge=1)
    modes: tuple[PacingMode, ...] = (PacingMode.PROGRESSIVE, PacingMode.PREDICTIVE)

    def settings(self, mode: PacingMode) -> PacingSettings:
        """The pacing's settings."""
        return PacingSettings(
            mode=mode,
            target=self.target,
            patience_ms=round(self.patience_s * 1000),
            smallest_team=self.smallest_team,
            lines_per_agent=self.lines_per_agent,
            calls_per_second=self.calls_per_second,
            max_lines=self.max_lines,
        )

    def campaign(self, hours: float) -> Campaign:
        """What the simulator needs."""
        return Campaign(
            agents=self.agents,
            answer_rate=self.answer_rate,
            answer_s=answer_times if self.answer is None else _draw(self.answer),
            failure_s=failure_times if self.failure is None else _draw(self.failure),
            talk_s=_draw(self.talk),
            wrap_s=fixed(0.0) if self.wrap_up is None else _draw(self.wrap_up),
            hours=hours,
            patience_ms=round(self.patience_s * 1000),
        )


class DialScenario(Part):
    """All of it. Each way of pacing meets the same ``days`` days of ``hours`` hours; ``seed`` decides every chance."""

    name: str = Field(min_length=1, max_length=128)
    hours: float = Field(default=8.0, gt=0, le=24)
    days: int = Field(default=3, ge=1, le=100)
    seed: int = Field(default=1, ge=0)
    campaigns: tuple[CampaignPlan, ...] = Field(alias="campaign", min_length=1)

    def with_agents(self, more: int) -> "DialScenario":
        """The same with ``more`` agents (or fewer, where negative) in the first campaign."""
        first = self.campaigns[0]
        changed = first.model_copy(update={"agents": max(0, first.agents + more)})
        return self.model_copy(update={"campaigns": (changed, *self.campaigns[1:])})


@dataclass(frozen=True, slots=True)
class DialResult:
    """One campaign paced in one way; shares from 0 to 1, means over the days."""

    campaign: str
    pacing: PacingMode
    utilisation: float
    idle_s: float
    calls_per_agent_hour: float
    dials: int
    connected: int
    abandoned: int
    abandoned_share: float
    worst_day: float


def is_dialling(path: Path) -> bool:
    """Whether a scenario's file is one of campaigns."""
    try:
        return "campaign" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def read_dial_scenario(path: Path) -> DialScenario:
    """The scenario in a file.

    Raises:
        InvalidFieldError: It is no TOML, or something in it cannot be; the message says where.
        OSError: The file cannot be read.
    """
    return validated(DialScenario, path)


def simulate_dialling(scenario: DialScenario) -> tuple[DialResult, ...]:
    """Run all of it. The same scenario gives the same result, to the last digit."""
    return tuple(_result(scenario, plan, mode) for plan in scenario.campaigns for mode in plan.modes)


def gains(results: Iterable[DialResult]) -> dict[str, float]:
    """By campaign: predictive's utilisation ÷ progressive's, where both were played. As ``/v1/campaigns/{id}/pacing`` tells it."""
    filled = {(one.campaign, one.pacing): one.utilisation for one in results}
    return {
        name: ahead / filled[name, PacingMode.PROGRESSIVE]
        for (name, mode), ahead in filled.items()
        if mode is PacingMode.PREDICTIVE and filled.get((name, PacingMode.PROGRESSIVE))
    }


def row_of(result: DialResult) -> tuple[str, ...]:
    """A result for people, in the order of :data:`HEAD`."""
    return (
        result.campaign,
        result.pacing.value,
        f"{result.utilisation:.1%}",
        f"{result.idle_s:.1f} s",
        f"{result.calls_per_agent_hour:.1f}",
        f"{result.dials:,}",
        f"{result.abandoned_share:.2%}",
        f"{result.worst_day:.2%}",
    )


def _result(scenario: DialScenario, plan: CampaignPlan, mode: PacingMode) -> DialResult:
    campaign = plan.campaign(scenario.hours)
    days = [_day(campaign, plan.settings(mode), scenario.seed + 1000 * day) for day in range(scenario.days)]
    connected, abandoned = sum(day.connected for day in days), sum(day.abandoned for day in days)
    hours = scenario.days * scenario.hours * plan.agents
    return DialResult(
        campaign=plan.name,
        pacing=mode,
        utilisation=statistics.fmean(day.utilisation for day in days),
        idle_s=statistics.fmean(day.idle_s for day in days),
        calls_per_agent_hour=connected / hours if hours else 0.0,
        dials=sum(day.dials for day in days),
        connected=connected,
        abandoned=abandoned,
        abandoned_share=abandoned / (connected + abandoned) if connected + abandoned else 0.0,
        worst_day=max(day.drop for day in days),
    )


def _day(campaign: Campaign, settings: PacingSettings, seed: int) -> DialDay:
    return DialFloor(campaign, pacer_for(settings), seed).run()


def _draw(duration: Duration) -> Draw:
    if duration.shape == "lognormal":
        return lognormal(duration.mean_s, duration.cv)
    return exponential(duration.mean_s) if duration.shape == "exponential" else fixed(duration.mean_s)
