"""How long things last, learnt from what was observed: life tables, with what still goes on counted in (censoring)."""

from collections.abc import Collection, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]

TALK_EDGES_S: Final = (
    0,
    4,
    8,
    12,
    16,
    20,
    25,
    30,
    40,
    50,
    60,
    75,
    90,
    110,
    130,
    150,
    180,
    210,
    240,
    300,
    360,
    480,
    600,
    900,
)
WRAP_EDGES_S: Final = (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 23, 26, 30, 35, 40, 45, 50, 60, 75, 90, 120, 180, 300)
_SHRINK: Final = 6.0
"""A bin's own hazard weighs as much as the common one when it has seen so many ends."""
_KEPT: Final = 4000.0
"""The observations together never weigh more than so many: older ones fade."""


class Lifetimes:
    """Hazard of ending, per second, by the time already spent; piecewise constant over bins.

    Bins with few ends lean on the common hazard, so that it says something sensible from the first call on.
    """

    def __init__(
        self, edges_s: Sequence[int], first_guess_s: float, ends: Sequence[float], spent_s: Sequence[float]
    ) -> None:
        """Begin with a guess of the mean (s) that counts as much as three calls, and with what is remembered."""
        size = len(edges_s)
        self._edges: Floats = np.array(edges_s, dtype=np.float64)
        self._widths: Floats = np.append(np.diff(self._edges), 0.0)
        self.ends: Floats = np.array(ends, dtype=np.float64) if len(ends) == size else np.zeros(size)
        self.spent_s: Floats = np.array(spent_s, dtype=np.float64) if len(spent_s) == size else np.zeros(size)
        self._guess = first_guess_s
        self._mean_s: float | None = None
        self._bin_of = np.searchsorted(self._edges, np.arange(edges_s[-1] + 1), side="right") - 1

    def ended(self, spent_ms: int) -> None:
        """One has ended after so long."""
        seconds = spent_ms / 1000
        place = int(self._bin_of[min(int(seconds), len(self._bin_of) - 1)])
        self.ends[place] += 1
        self.spent_s[:place] += self._widths[:place]
        self.spent_s[place] += seconds - self._edges[place]
        self._mean_s = None

    def bins(self, since_ms: Collection[int], now: int) -> Counts:
        """How many of those that go on are in each bin."""
        ages = (now - np.fromiter(since_ms, np.int64, len(since_ms))) // 1000
        return np.bincount(
            self._bin_of[np.minimum(np.maximum(ages, 0), len(self._bin_of) - 1)], minlength=len(self._edges)
        )

    def hazards(self, going_on: Counts) -> Floats:
        """Ends per second in each bin; ``going_on`` are those still in it."""
        beyond = going_on[::-1].cumsum()[::-1] - going_on
        spent = self.spent_s + beyond * self._widths + going_on * self._widths / 2
        whole = (self.ends.sum() + 3.0) / (spent.sum() + 3.0 * self._guess)
        return np.asarray((self.ends + _SHRINK) / (spent + _SHRINK / whole))

    def fade(self) -> None:
        """Let old observations count less once there are many."""
        seen = self.ends.sum()
        if seen > _KEPT:
            self.ends *= _KEPT / seen
            self.spent_s *= _KEPT / seen
            self._mean_s = None

    def mean_s(self) -> float:
        """Mean so far, with the guess. Asked for at every step, it changes with an end only."""
        if self._mean_s is None:
            self._mean_s = float((self.spent_s.sum() + 3.0 * self._guess) / (self.ends.sum() + 3.0))
        return self._mean_s

    def end_within(self, hazards: Floats, steps: int) -> Floats:
        """[bin, s]: probability that what is in the bin now has ended within s = 0…``steps`` seconds."""
        middle = self._edges + np.minimum(self._widths, 60.0) / 2
        ahead = np.minimum(middle[:, None] + np.arange(steps)[None, :], float(len(self._bin_of) - 1)).astype(np.int64)
        lasting = np.exp(-np.cumsum(hazards[self._bin_of[ahead]], axis=1))
        return np.concatenate([np.zeros((len(middle), 1)), 1.0 - lasting], axis=1)

    def new_ends_within(self, hazards: Floats, steps: int) -> Floats:
        """[s]: the same for one that begins now."""
        ahead = np.minimum(np.arange(steps), len(self._bin_of) - 1)
        return np.concatenate([[0.0], 1.0 - np.exp(-np.cumsum(hazards[self._bin_of[ahead]]))])
