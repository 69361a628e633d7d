"""How long a caller will wait: from what was seen on this floor only, as a range, silent where nobody serves.

With N staffed agents, handling rate μ = 1/AHT each, and callers ahead giving up at rate θ, the wait with L callers ahead is a
sum of L + 1 exponential steps: ``EWT = Σ 1/(Nμ + iθ)``, i = 0…L (research: dialer-acd.md §4.3; Whitt, "Predicting queueing
delays", Management Science 45(6), 1999). app_queue's moving average knows neither position nor staffing, and grows when it is
overdue.
"""

import math
from collections import deque
from typing import Final, NamedTuple

_WINDOW_MS: Final = 3_600_000
_FEWEST: Final = 5
"""Below this many handled calls there is nothing to go by."""
_MOST: Final = 2_000
_KEPT: Final = 2 * _MOST
"""So many before those too many are let go, unless somebody asks: not one by one with each call."""
_SUMMED: Final = 64
_Z80: Final = 0.8416


class Estimate(NamedTuple):
    """Half of such waits are shorter than ``median_ms``, four of five shorter than ``likely_ms``."""

    median_ms: int
    likely_ms: int


class Pace:
    """How fast one queue is served, over about the last hour."""

    def __init__(self) -> None:
        self._handled: deque[tuple[int, int]] = deque()
        self._handled_ms = 0
        self._waits: deque[tuple[int, int, bool]] = deque()
        self._waited_ms = 0
        self._abandoned = 0

    def handled(self, now: int, ms: int) -> None:
        """An agent was busy with a call of this queue for ``ms``: talk, hold and wrap-up."""
        self._handled.append((now, ms))
        self._handled_ms += ms
        if len(self._handled) > _KEPT:
            self._forget_handled()

    def waited(self, now: int, ms: int, *, abandoned: bool) -> None:
        """A caller has waited for ``ms``, and was answered or has given up."""
        self._waits.append((now, ms, abandoned))
        self._waited_ms += ms
        if abandoned:
            self._abandoned += 1
        if len(self._waits) > _KEPT:
            self._forget_waits()

    def _forget_handled(self) -> None:
        """All that were too many or too old when the last one came."""
        handled = self._handled
        while len(handled) > _MOST or handled[0][0] < handled[-1][0] - _WINDOW_MS:
            self._handled_ms -= handled.popleft()[1]

    def _forget_waits(self) -> None:
        waits = self._waits
        while len(waits) > _MOST or waits[0][0] < waits[-1][0] - _WINDOW_MS:
            _, old_ms, gone = waits.popleft()
            self._waited_ms -= old_ms
            self._abandoned -= gone

    def handling_ms(self) -> float | None:
        """Mean handling time (AHT); ``None`` while too few calls were handled."""
        if len(self._handled) < _FEWEST:
            return None
        self._forget_handled()
        return self._handled_ms / len(self._handled) if len(self._handled) >= _FEWEST else None

    def abandonment_rate(self) -> float:
        """How often a waiting caller gives up, per ms of waiting: the maximum-likelihood θ of exponential patience."""
        if self._waits:
            self._forget_waits()
        return self._abandoned / self._waited_ms if self._waited_ms else 0.0

    def estimate(self, staffed: int, ahead: int) -> Estimate | None:
        """The wait with ``ahead`` callers before; ``None``: nothing can be said."""
        handling = self.handling_ms()
        if not handling or staffed <= 0:
            return None
        mean, variance = _sum_of_steps(staffed / handling, self.abandonment_rate(), ahead)
        return Estimate(round(_quantile(mean, variance, 0.0)), round(_quantile(mean, variance, _Z80)))


def _sum_of_steps(rate: float, leaving: float, ahead: int) -> tuple[float, float]:
    """Mean and variance of the sum of exponential steps with rates ``rate + i·leaving``; long lines by the midpoint integral."""
    summed = min(ahead, _SUMMED)
    rates = [rate + i * leaving for i in range(summed + 1)]
    mean = math.fsum(1 / one for one in rates)
    variance = math.fsum(1 / one**2 for one in rates)
    if ahead > summed:
        low, high = rate + (summed + 0.5) * leaving, rate + (ahead + 0.5) * leaving
        mean += math.log(high / low) / leaving if leaving else (ahead - summed) / rate
        variance += (1 / low - 1 / high) / leaving if leaving else (ahead - summed) / rate**2
    return mean, variance


def _quantile(mean: float, variance: float, z: float) -> float:
    """Of the gamma distribution with this mean and variance (Wilson and Hilferty, PNAS 17(12), 1931)."""
    ninth = variance / (9 * mean**2)
    return mean * max(0.0, 1 - ninth + z * math.sqrt(ninth)) ** 3
