"""Predictive pacing: a line goes out when its own answer would most likely find an agent (dialer-acd.md §3.2 (c), taken further).

On every event, and at least every second: the mean and the variance of free agents in each of the next 30 seconds, from the
lines in flight and their ages, and from the agents and how long they have been busy. A new line's risk is the probability that
nobody is free when it is answered; it goes out while that is within the limit. The limit is steered by the ledger so that the
window ends at its target, and lowered when little of the budget is left; a guard falls back to progressive when the budget might
not carry what is in flight. Nothing is known but what was observed: see ``experience``.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from callside.dialer.pacing.experience import Experience
from callside.dialer.pacing.lifetimes import Counts
from callside.dialer.pacing.model import AgentMode, Known, Memory, PacingMode, PacingSettings
from callside.dialer.pacing.outlook import expected_losses, mean_risk
from callside.dialer.pacing.pacer import Pacer

_PAUSE_MS: Final = 200
_DUE_MS: Final = 1000
_CAUTION: Final = (math.log(0.002), math.log(0.9))
_FIRST_CAUTION: Final = math.log(0.025)
_STEP: Final = 0.1
_QUIET_TEAM: Final = 20
"""Teams over this size are steered less by a single abandonment, in proportion."""
_BRAKE, _CUSHION = 0.25, 6.0
"""The limit falls by so much (logarithm) for each abandonment that the budget has left less than so many."""


class PredictivePacer(Pacer):
    """See the module. What it has learnt, :meth:`known` hands on."""

    mode = PacingMode.PREDICTIVE

    def __init__(self, settings: PacingSettings, known: Known) -> None:
        super().__init__(settings, known)
        self._experience = Experience(known.memory, settings.patience_ms)
        self._caution = _FIRST_CAUTION if known.memory.caution is None else known.memory.caution
        self._asked = -_PAUSE_MS if known.asked_ms is None else known.asked_ms
        if known.asked_ms is not None:
            self._experience.looked(known.asked_ms)
        self._by_age: Counts = self._experience.look(self._crew, self._asked)

    def next_due(self, now: int) -> int | None:
        """In a second at the latest, as long as there is somebody to dial for or a line to learn from."""
        due = super().next_due(now)
        if not self._crew.staff and not self._crew.in_flight:
            return due
        mine = self._asked + _PAUSE_MS if self._asked < now < self._asked + _PAUSE_MS else now + _DUE_MS
        return mine if due is None else min(due, mine)

    def lines_to_launch(self, now: int) -> int:
        """How many lines to dial at this moment; a full look is taken at most five times a second."""
        if self._asked < now < self._asked + _PAUSE_MS:
            return max(0, min(self._progressive(), self._room(now)))
        self._asked = now
        self._by_age = self._experience.look(self._crew, now)
        return super().lines_to_launch(now)

    def known(self) -> Known:
        """All that a successor needs to go on as this one would."""
        return replace(super().known(), asked_ms=self._asked)

    # ── deciding ──
    def _wanted(self, now: int) -> int:
        base, experience = max(0, self._progressive()), self._experience
        forecast = experience.outlook(self._crew, self._by_age, now)
        losses = expected_losses(forecast)
        guessed = 0.6 * self._crew.staff / experience.busy_s / 1000
        slack = self._budget.left(now, guessed) - losses - math.sqrt(losses)
        if slack <= 0.0:
            return base
        limit = math.exp(self._caution - _BRAKE * max(0.0, _CUSHION - slack))
        risk = partial(mean_risk, forecast, experience.answers, experience.doubt)
        return _most_bearable(risk, limit, base, self._room(now))

    def _steer(self, *, abandoned: bool) -> None:
        gain = _STEP * min(1.0, _QUIET_TEAM / max(self._crew.staff, 1))
        moved = self._caution + gain * (self.settings.target - (1.0 if abandoned else 0.0))
        self._caution = min(max(moved, _CAUTION[0]), _CAUTION[1])

    # ── learning ──
    def _learn_answer(self, age_ms: int) -> None:
        self._experience.line_answered(age_ms)

    def _learn_failure(self, age_ms: int) -> None:
        self._experience.line_failed(age_ms)

    def _learn_busy(self, mode: AgentMode, spent_ms: int, after: AgentMode) -> None:
        self._experience.busy_ended(mode, spent_ms, after)

    def _memory(self) -> Memory:
        return self._experience.memory(self._caution)


def _most_bearable(risk: Callable[[int], float], limit: float, begin: int, room: int) -> int:
    """The greatest number of new lines of which the last one's risk is within the limit; by doubling, then halving."""
    good, step = begin, 1
    while good < room and risk(min(good + step, room) - 1) <= limit:
        good = min(good + step, room)
        step *= 2
    while step > 1:
        step //= 2
        if good + step <= room and risk(good + step - 1) <= limit:
            good += step
    return good
