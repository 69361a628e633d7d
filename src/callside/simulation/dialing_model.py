"""What a simulated campaign meets: how long lines ring and how they end, how long people talk, who leaves when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Draw: TypeAlias = Callable[[np.random.Generator, int], Floats]
"""So many durations, in seconds."""
_BLOCK: Final = 4096
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Leave:
    """A share of the team goes at once, after the call they are on, and comes back."""

    begin_ms: int
    end_ms: int
    share: float


@dataclass(frozen=True, slots=True)
class Burst:
    """The answer rate is ``factor`` times as high for ``length_ms`` from every ``every_ms`` on."""

    every_ms: int
    length_ms: int
    factor: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign's day.

    Attributes:
        agents: How many are there.
        answer_rate: Live answers per line dialled.
        answer_s: From dialling to a living person's answer.
        failure_s: From dialling to any other end.
        talk_s, wrap_s: Conversation and wrap-up.
        hours: Length of the shift; dialling ends with it.
        min_ring_ms: From dialling on; lines that are out for longer are ended when pacing has nobody for them. ``None``: none is.
    """

    agents: int
    answer_rate: float
    answer_s: Draw
    failure_s: Draw
    talk_s: Draw
    wrap_s: Draw
    hours: float = 8.0
    patience_ms: int = 2000
    bursts: tuple[Burst, ...] = ()
    leaves: tuple[Leave, ...] = ()
    min_ring_ms: int | None = None

    @property
    def end_ms(self) -> int:
        """When dialling ends."""
        return round(self.hours * HOUR_MS)

    def rate_at(self, now: int) -> float:
        """The answer rate of a line dialled now."""
        rate = self.answer_rate
        for burst in self.bursts:
            if now >= burst.every_ms and now % burst.every_ms < burst.length_ms:
                rate *= burst.factor
        return min(rate, 1.0)


def milliseconds(draw: Draw, dice: np.random.Generator) -> Iterator[int]:
    """Draws without end, at least a millisecond each; made in blocks, because one at a time would be slow."""
    while True:
        yield from np.maximum(np.rint(draw(dice, _BLOCK) * 1000), 1).astype(np.int64).tolist()


def chances(dice: np.random.Generator) -> Iterator[float]:
    """Uniform on [0, 1), without end."""
    while True:
        yield from dice.random(_BLOCK).tolist()


# ── the published model (dialer-acd.md §3.2) ──
def answer_times(dice: np.random.Generator, count: int) -> Floats:
    """Set-up 1.5 s and a gamma of three times 3 s, at most 25 s in all: mean 10.2 s."""
    kept: Floats = np.empty(0)
    while len(kept) < count:
        drawn = 1.5 + dice.gamma(3.0, 3.0, count)
        kept = np.concatenate([kept, drawn[drawn <= 25.0]])
    return kept[:count]


def failure_times(dice: np.random.Generator, count: int) -> Floats:
    """60 % ring out after 25 s, 25 % machines (15-22 s and 2.5 s to tell), 15 % errors (1-4 s): mean 20.6 s."""
    kind = dice.random(count)
    machine = dice.uniform(15.0, 22.0, count) + 2.5
    error = dice.uniform(1.0, 4.0, count)
    return np.where(kind < 0.60, 25.0, np.where(kind < 0.85, machine, error))


def exponential(mean_s: float) -> Draw:
    """Exponential."""
    return lambda dice, count: dice.exponential(mean_s, count)


def lognormal(mean_s: float, cv: float) -> Draw:
    """Log-normal by mean and coefficient of variation."""
    variance = float(np.log1p(cv * cv))
    return lambda dice, count: dice.lognormal(np.log(mean_s) - variance / 2, variance**0.5, count)


def fixed(mean_s: float) -> Draw:
    """Always the same."""
    return lambda _, count: np.full(count, mean_s)


def published(agents: int, answer_rate: float, *, log_normal: bool = False) -> Campaign:
    """The campaign that the published table was made with: 8 hours, talk 120 s, wrap-up 20 s."""
    talk, wrap = (lognormal(120, 0.8), lognormal(20, 0.5)) if log_normal else (exponential(120), exponential(20))
    return Campaign(agents, answer_rate, answer_times, failure_times, talk, wrap)


def with_bursts(campaign: Campaign) -> Campaign:
    """The answer rate doubles for ten minutes of every hour."""
    return replace(campaign, bursts=(Burst(HOUR_MS, 10 * MINUTE_MS, 2.0),))


def with_leaves(campaign: Campaign) -> Campaign:
    """Half the team leaves at once for a quarter of an hour, twice."""
    times = (150 * MINUTE_MS, 330 * MINUTE_MS)
    return replace(campaign, leaves=tuple(Leave(at, at + 15 * MINUTE_MS, 0.5) for at in times))
