"""What predictive dialling would gain over progressive: the shipped pacing in the simulator, with a tenant's own figures."""

from dataclasses import dataclass, replace
from typing import Final

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import PacingMode, PacingSettings
from callside.simulation.dialing import DialFloor
from callside.simulation.dialing_model import Campaign, Draw, answer_times, exponential, failure_times

_HOURS: Final = 4.0
_MOST_AGENTS: Final = 40
"""A larger team does a little better still, and takes long to play."""
_SEED: Final = 20_170_301
_ANSWER_S, _FAILURE_S = 10.2, 20.6
"""Means of the published shapes (dialer-acd.md §3.2)."""


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What is known of a campaign's calls.

    Attributes:
        answer_rate: Live answers of calls that are over, 0 to 1.
        answer_s: Mean from dialling to a person's answer.
        failure_s: Mean from dialling to any other end.
        talk_s, wrap_s: Means of a connect that is over.
    """

    agents: int
    answer_rate: float
    answer_s: float
    failure_s: float
    talk_s: float
    wrap_s: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """How much of the agents' time is filled.

    Attributes:
        progressive: By the closed form of dialer-acd.md §3.1.
        predictive: As simulated, the first minutes of learning included.
        abandoned: Share of live answers abandoned in the simulation.
    """

    progressive: float
    predictive: float
    abandoned: float

    @property
    def gain(self) -> float:
        """Talk time for each hour worked, predictive ÷ progressive."""
        return self.predictive / self.progressive


def expected(own: OwnFigures, settings: PacingSettings, hours: float = _HOURS) -> Expectation:
    """Play a shift; takes seconds of a processor. The shapes of the times are the published ones, their means the tenant's own."""
    campaign = Campaign(
        agents=min(own.agents, _MOST_AGENTS),
        answer_rate=own.answer_rate,
        answer_s=_scaled(answer_times, own.answer_s / _ANSWER_S),
        failure_s=_scaled(failure_times, own.failure_s / _FAILURE_S),
        talk_s=exponential(own.talk_s),
        wrap_s=exponential(own.wrap_s),
        hours=hours,
        patience_ms=settings.patience_ms,
    )
    # Caps on calls are the trunk's business; what is asked here is what pacing can do.
    free = replace(settings, mode=PacingMode.PREDICTIVE, calls_per_second=None, max_lines=None)
    day = DialFloor(campaign, pacer_for(free), _SEED).run()
    busy_s = own.talk_s + own.wrap_s
    idle_s = own.answer_s + (1 / own.answer_rate - 1) * own.failure_s
    return Expectation(busy_s / (busy_s + idle_s), day.utilisation, day.drop)


def _scaled(draw: Draw, factor: float) -> Draw:
    return lambda dice, count: draw(dice, count) * factor
