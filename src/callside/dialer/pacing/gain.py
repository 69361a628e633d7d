"""What predictive pacing would bring a campaign, from its own figures: shown before it is switched on."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from callside.kernel.errors import InvalidFieldError

_MEASURED: Final = ((1, 450.0), (5, 90.0), (10, 44.0), (25, 20.5), (50, 11.8), (100, 6.8), (250, 3.0), (1000, 0.75))
"""Agents, and the seconds that predictive keeps an agent idle between calls where dialling itself costs no time; from
docs/benchmarks.md (140 s a call, answer after 10.2 s, target 2.85 %). The ends are extended, not measured."""
_BUSY_S, _ANSWER_S, _TARGET = 140.0, 10.2, 0.0285
_BUSY_POWER: Final = 0.72
_TARGET_POWER: Final = -0.45
_WORTH_IT: Final = 0.05


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """A campaign as it was observed.

    Attributes:
        agents: How many work at the same time.
        answer_rate: Live answers per line dialled, above 0 and at most 1.
        answer_s: Mean from dialling to a live answer.
        failure_s: Mean from dialling to any other end.
        talk_s, wrap_s: Means of conversation and wrap-up.
        target: Share of live answers that may be abandoned.
    """

    agents: int
    answer_rate: float
    answer_s: float
    failure_s: float
    talk_s: float
    wrap_s: float
    target: float = _TARGET

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            InvalidFieldError: A figure is out of its range; the message names it.
        """
        bounds = {
            "agents": self.agents >= 1,
            "answer_rate": 0 < self.answer_rate <= 1,
            "answer_s": self.answer_s > 0,
            "failure_s": self.failure_s >= 0,
            "talk_s": self.talk_s > 0,
            "wrap_s": self.wrap_s >= 0,
            "target": 0 <= self.target <= 0.5,
        }
        for name, fits in bounds.items():
            if not fits:
                raise InvalidFieldError(f"{name}: {getattr(self, name)} is out of range", field=name)


@dataclass(frozen=True, slots=True)
class Gain:
    """What to expect.

    Attributes:
        progressive, predictive: Utilisation: (talk + wrap-up) / time staffed.
        progressive_idle_s, predictive_idle_s: Seconds an agent waits between two calls.
        more_calls: Conversations per agent and hour, predictive over progressive: 1.25 means a quarter more.
        worth_it: Whether the gain is five percentage points or more; below that, stay progressive: it abandons nobody.
    """

    progressive: float
    predictive: float
    progressive_idle_s: float
    predictive_idle_s: float
    more_calls: float
    worth_it: bool


def expected_gain(figures: CampaignFigures) -> Gain:
    """The gain of predictive over progressive.

    Progressive is exact: what keeps an agent idle is the answer, and the failures before it (dialer-acd.md §3.1). Predictive
    is an estimate: the idle time that uncertainty costs, measured in the simulator by team size and scaled by the length of calls
    and by the target, in parallel with that of progressive; right within about three points where it was measured.
    """
    busy_s = figures.talk_s + figures.wrap_s
    plain_s = figures.answer_s + (1 / figures.answer_rate - 1) * figures.failure_s
    ahead_s = plain_s if figures.target == 0 else 1 / (1 / plain_s + 1 / _uncertainty_s(figures, busy_s))
    progressive, predictive = busy_s / (busy_s + plain_s), busy_s / (busy_s + ahead_s)
    return Gain(
        progressive=progressive,
        predictive=predictive,
        progressive_idle_s=plain_s,
        predictive_idle_s=ahead_s,
        more_calls=predictive / progressive,
        worth_it=predictive - progressive >= _WORTH_IT,
    )


def _uncertainty_s(figures: CampaignFigures, busy_s: float) -> float:
    by_team = _between(float(min(figures.agents, _MEASURED[-1][0])))
    by_length = math.pow(busy_s / _BUSY_S, _BUSY_POWER) * math.pow(figures.answer_s / _ANSWER_S, 1 - _BUSY_POWER)
    return by_team * by_length * math.pow(figures.target / _TARGET, _TARGET_POWER)


def _between(agents: float) -> float:
    for (few, longer), (many, shorter) in pairwise(_MEASURED):
        if agents <= many:
            part = math.log(agents / few) / math.log(many / few)
            return longer * math.pow(shorter / longer, part)
    return _MEASURED[-1][1]
