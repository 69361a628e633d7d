"""Predictive pacing: a line goes out when its own answer would most likely find an agent (dialer-acd.md §3.2 (c), taken further).

On every event, and at least every second: the mean and the variance of free agents in each of the next 30 seconds, from the
lines in flight and their ages, and from the agents and how long they have been busy. A new line's risk is the probability that
nobody is free when it is answered; it goes out while that is within the limit. The limit is steered by the ledger so that the
window ends at its target, and lowered when little of the budget is left; a guard falls back to progressive when the budget might
not carry what is in flight. Nothing is known but what was observed: see ``experience``.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from callside.dialer.pacing.experience import Experience
from callside.dialer.pacing.lifetimes import Counts
from callside.dialer.pacing.model import AgentMode, Known, Memory, PacingMode, PacingSettings
from callside.dialer.pacing.outlook import Outlook, expected_losses, line_risk, mean_risk
from callside.dialer.pacing.pacer import Pacer

_PAUSE_MS: Final = 200
_DUE_MS: Final = 1000
_CAUTION: Final = (math.log(0.002), math.log(0.9))
_FIRST_RISK: Final = 0.035
"""The limit to begin with for a team of five; larger teams begin higher, with the power below. The ledger corrects it."""
_FIRST_POWER: Final = 0.2
_AIM: Final = 0.97
"""Share of the target that the ledger is steered to; the rest keeps the guard from being met."""
_STEP: Final = 0.1
_FIRST_STEP: Final = 1 / 5
"""How far an abandonment moves the limit (logarithm), as a rule and at first."""
_QUIET_TEAM: Final = 20
"""Teams over this size are steered less by a single abandonment: theirs come in clusters."""
_BRAKE: Final = 3.0
"""How much the limit falls (logarithm) on the way from a whole cushion to none."""
_CUSHION: Final = 1.8
"""What the budget should have left, in standard deviations of what the rest of the shift may abandon."""
_SURPLUS: Final = 0.95
"""A ringing line is one too many when nobody would be there with this probability. Lower, and phones stop ringing for a guess."""
_LONE_CUSHION: Final = 4.0
"""The same in abandonments, where nobody knows when the shift ends."""


class PredictivePacer(Pacer):
    """See the module. What it has learnt, :meth:`known` hands on."""

    mode = PacingMode.PREDICTIVE

    def __init__(self, settings: PacingSettings, known: Known) -> None:
        super().__init__(settings, known)
        self._experience = Experience(known.memory, settings.patience_ms)
        self._caution = known.memory.caution
        self._steered = known.memory.steered
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

    def surplus_lines(self, among: Iterable[str], now: int) -> list[str]:
        """Those of which the forecast is as good as sure that nobody will be free when they are answered."""
        crew, experience = self._crew, self._experience
        if len(crew.ready) >= crew.in_flight or self._asked < now < self._asked + _PAUSE_MS:
            return []
        by_age = experience.ages(crew, now)
        found: list[str] = []
        bearable = -1
        for line_id in (one for one in among if one in crew.ringing):
            age = experience.age_of(crew.ringing[line_id], now)
            if age == bearable:
                continue
            by_age[age] -= 1
            if line_risk(experience.outlook(crew, by_age, now), experience.answers, age) > _SURPLUS:
                found.append(line_id)
            else:
                by_age[age] += 1
                bearable = age
        return found

    def known(self) -> Known:
        """All that a successor needs to go on as this one would."""
        return replace(super().known(), asked_ms=self._asked)

    # ── deciding ──
    @property
    def caution(self) -> float:
        """Natural logarithm of the risk at which a line is still dialled."""
        if self._caution is None:
            return math.log(_FIRST_RISK) + _FIRST_POWER * math.log(max(self._crew.staff, 1) / 5)
        return self._caution

    def _wanted(self, now: int) -> int:
        base, experience = max(0, self._progressive()), self._experience
        forecast = experience.outlook(self._crew, self._by_age, now)
        guessed = 0.6 * self._crew.staff / experience.busy_s / 1000
        to_come = self._budget.to_come(now, guessed)
        cushion = _LONE_CUSHION if to_come is None else max(_CUSHION * math.sqrt(to_come), 1.0)
        slack = _slack(self._budget.left(now, guessed), cushion, forecast)
        if slack <= 0.0:
            return base
        limit = math.exp(self.caution - _BRAKE * max(0.0, 1.0 - slack / cushion))
        risk = partial(mean_risk, forecast, experience.answers)
        return _most_bearable(risk, limit, base, self._room(now))

    def _steer(self, *, abandoned: bool) -> None:
        target = _AIM * self.settings.target
        self._steered += target
        step = max(_STEP, 1.0 / (1.0 / _FIRST_STEP + self._steered))
        step *= math.sqrt(min(1.0, _QUIET_TEAM / max(self._crew.staff, 1)))
        moved = self.caution + step * (target - (1.0 if abandoned else 0.0))
        self._caution = min(max(moved, _CAUTION[0]), _CAUTION[1])

    # ── learning ──
    def _learn_answer(self, age_ms: int) -> None:
        self._experience.line_answered(age_ms)

    def _learn_failure(self, age_ms: int) -> None:
        self._experience.line_failed(age_ms)

    def _learn_nothing(self, age_ms: int) -> None:
        self._experience.line_withdrawn(age_ms)

    def _learn_busy(self, mode: AgentMode, spent_ms: int, after: AgentMode) -> None:
        self._experience.busy_ended(mode, spent_ms, after)

    def _memory(self) -> Memory:
        return replace(self._experience.memory(), caution=self._caution, steered=self._steered)


def _slack(left: float, enough: float, forecast: Outlook) -> float:
    """What the budget has left when the lines in flight have cost what they may: the expected losses and a deviation."""
    at_most = float(forecast.answers[-1])
    slack = left - at_most - math.sqrt(at_most)
    if slack >= enough:
        return slack  # even if every answer were lost
    losses = expected_losses(forecast)
    return left - losses - math.sqrt(losses)


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
