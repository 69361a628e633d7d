"""Adaptive boost: a bounded factor on idle agents, steered by the answer rate and the ledger. Simple, and a good second.

It forecasts nothing: a wrapping agent counts for a part of an idle one, and that is all it knows of the seconds ahead. Up to
some 25 agents it comes within a few points of predictive; larger teams lose more (dialer-acd.md §3.3).
"""

import math
from typing import Final

from callside.dialer.pacing.model import Known, Memory, PacingMode, PacingSettings
from callside.dialer.pacing.pacer import Pacer

_WRAPPING_COUNTS: Final = 0.4
_STEP: Final = 0.1
_QUIET_TEAM: Final = 20
_RATE_LINES: Final = 300.0
_PRIOR_ANSWERS, _PRIOR_LINES = 10.0, 40.0
_FIRST_SHARE: Final = 0.25
_GUESSED_BUSY_S: Final = 180.0


class BoostPacer(Pacer):
    """Between one line and 1 / answer rate lines for each idle agent."""

    mode = PacingMode.BOOST

    def __init__(self, settings: PacingSettings, known: Known) -> None:
        super().__init__(settings, known)
        self._answered, self._ended = known.memory.recent
        self._factor = known.memory.caution

    @property
    def answer_rate(self) -> float:
        """Live answers of the last few hundred lines."""
        return (self._answered + _PRIOR_ANSWERS) / (self._ended + _PRIOR_LINES)

    @property
    def factor(self) -> float:
        """Lines for each idle agent now."""
        most = self._most()
        if self._factor is None:
            return 1.0 + _FIRST_SHARE * (most - 1.0)
        return min(max(math.exp(self._factor), 1.0), most)

    def _wanted(self, now: int) -> int:
        crew, plain = self._crew, self._progressive()
        losses = len(crew.waiting) + max(0.0, self.answer_rate * len(crew.ringing) - len(crew.ready))
        per_ms = 0.6 * crew.staff / _GUESSED_BUSY_S / 1000
        if self._budget.left(now, per_ms) <= losses + math.sqrt(losses):
            return plain
        free = len(crew.ready) - len(crew.waiting) + _WRAPPING_COUNTS * len(crew.wrapping)
        return max(plain, int(self.factor * free) - len(crew.ringing))

    def _most(self) -> float:
        return max(1.0, min(self.settings.lines_per_agent, 1.0 / self.answer_rate))

    def _learn_answer(self, age_ms: int) -> None:
        self._learn(1.0)

    def _learn_failure(self, age_ms: int) -> None:
        self._learn(0.0)

    def _learn(self, answered: float) -> None:
        kept = 1.0 - 1.0 / _RATE_LINES
        self._answered = self._answered * kept + answered
        self._ended = self._ended * kept + 1.0

    def _steer(self, *, abandoned: bool) -> None:
        gain = _STEP * min(1.0, _QUIET_TEAM / max(self._crew.staff, 1))
        moved = math.log(self.factor) + gain * (self.settings.target - (1.0 if abandoned else 0.0))
        self._factor = min(max(moved, 0.0), math.log(self._most()))

    def _memory(self) -> Memory:
        return Memory(recent=(self._answered, self._ended), caution=self._factor)
