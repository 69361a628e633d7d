"""Predictive pacing: a line goes out when its own answer would most likely find an agent (dialer-acd.md §3.2 (c), taken further).

On every event, and at least every second: of each of the next 30 seconds the mean and the variance of free agents, from the lines in
flight and their ages and from the agents and how long they have been busy. A new line's risk is the probability that nobody is
free when it is answered; it goes out while that is below the threshold. The threshold is steered by the ledger so that the window
ends at its target; a guard falls back to progressive whenever the budget might not carry what is in flight.
"""

import math
from typing import Final

import numpy as np

from callside.dialer.pacing.lifetimes import TALK_EDGES_S, WRAP_EDGES_S, Floats, Lifetimes
from callside.dialer.pacing.model import AgentMode, Known, Memory, PacingMode, PacingSettings
from callside.dialer.pacing.outlook import (
    HORIZON,
    AnswerTable,
    Outlook,
    answer_table,
    expected_losses,
    free_table,
    mean_risk,
    outlook,
)
from callside.dialer.pacing.pacer import Pacer
from callside.dialer.pacing.ringing import Ringing

_TABLES_MS: Final = 5000
_LEVEL_MOVED: Final = 0.02
_PAUSE_MS: Final = 200
_DUE_MS: Final = 1000
_BELIEF: Final = 0.5
"""How far the forecast of agents becoming free is trusted."""
_DRIFT: Final = 0.01
"""Relative variance of the answer rate beyond what sampling explains."""
_CAUTION: Final = (math.log(0.002), math.log(0.9))
_FIRST_CAUTION: Final = math.log(0.025)
_STEP: Final = 0.1
_QUIET_TEAM: Final = 20
_MEAN_TALK_S, _MEAN_WRAP_S = 150.0, 25.0


class PredictivePacer(Pacer):
    """See the module. What it knows, it has observed; :meth:`known` hands it on."""

    mode = PacingMode.PREDICTIVE

    def __init__(self, settings: PacingSettings, known: Known) -> None:
        super().__init__(settings, known)
        memory = known.memory
        self._ringing = Ringing(memory)
        self._talk = Lifetimes(TALK_EDGES_S, _MEAN_TALK_S, memory.talk_ends, memory.talk_s)
        self._wrap = Lifetimes(WRAP_EDGES_S, _MEAN_WRAP_S, memory.wrap_ends, memory.wrap_s)
        self._wraps = list(memory.wraps)
        self._caution = _FIRST_CAUTION if memory.caution is None else memory.caution
        self._hazards: tuple[Floats, Floats] | None = None
        self._answers: AnswerTable | None = None
        self._freeing: tuple[Floats, Floats] | None = None
        self._tabled = self._asked = -_TABLES_MS
        self._tabled_level = 0.0

    def next_due(self, now: int) -> int | None:
        """In a second at the latest, as long as there is somebody to dial for or a line to learn from."""
        due = super().next_due(now)
        if not self._crew.staff and not self._crew.in_flight:
            return due
        mine = now + _DUE_MS if now - self._asked >= _PAUSE_MS or now == self._asked else self._asked + _PAUSE_MS
        return mine if due is None else min(due, mine)

    # ── deciding ──
    def lines_to_launch(self, now: int) -> int:
        """How many lines to dial at this moment."""
        if now - self._asked < _PAUSE_MS and now != self._asked:
            return max(0, min(self._progressive(), self._room(now)))
        self._asked = now
        return super().lines_to_launch(now)

    def _wanted(self, now: int) -> int:
        crew = self._crew
        base = self._progressive()
        by_age = self._ringing.ages(crew.ringing.values(), now)
        self._ringing.look(by_age, now)
        busy = np.concatenate(
            [self._talk.bins(crew.talking.values(), now), self._wrap.bins(crew.wrapping.values(), now)]
        )
        answers, freeing = self._tables(by_age, busy, now)
        doubt = self._ringing.doubt + _DRIFT
        forecast = outlook(len(crew.ready) - len(crew.waiting), by_age, busy, answers, freeing, doubt)
        losses = expected_losses(forecast)
        if self._budget.left(now, self._guessed_rate()) < losses + math.sqrt(losses):
            return base
        return max(base, self._bearable(forecast, answers, doubt, max(base, 0), self._room(now)))

    def _bearable(self, forecast: Outlook, answers: AnswerTable, doubt: float, begin: int, room: int) -> int:
        """The greatest number of new lines of which the last one's risk is within the threshold; found by doubling and halving."""
        limit = math.exp(self._caution)

        def bears(lines: int) -> bool:
            return mean_risk(forecast, answers, doubt, lines - 1) <= limit

        good, step = begin, 1
        while good < room and bears(min(good + step, room)):
            good = min(good + step, room)
            step *= 2
        while step > 1:
            step //= 2
            if good + step <= room and bears(good + step):
                good += step
        return good

    def _guessed_rate(self) -> float:
        busy_s = self._talk.mean_s() + self._wrap.mean_s() * self._wrap_share()
        return 0.6 * self._crew.staff / busy_s / 1000

    # ── tables ──
    def _tables(self, by_age: Floats, busy: Floats, now: int) -> tuple[AnswerTable, tuple[Floats, Floats]]:
        stale = now - self._tabled >= _TABLES_MS or self._freeing is None or self._answers is None
        if stale:
            self._tabled = now
            self._hazards = self._ringing.learn(by_age)
            self._freeing = self._free_agents(busy)
        level = self._ringing.level
        if stale or abs(level - self._tabled_level) > _LEVEL_MOVED * level:
            self._tabled_level = level
            self._answers = answer_table(*self._hazards, level)
        return self._answers, self._freeing

    def _free_agents(self, busy: Floats) -> tuple[Floats, Floats]:
        self._talk.fade()
        self._wrap.fade()
        talks = self._talk.hazards(busy[: len(TALK_EDGES_S)])
        wraps = self._wrap.hazards(busy[len(TALK_EDGES_S) :])
        table = free_table(self._talk, talks, self._wrap, wraps, 1.0 - self._wrap_share())
        patience = min(self.settings.patience_ms // 1000, 8)
        mean = _BELIEF * table[:, patience : patience + HORIZON]
        return mean, mean * (1.0 - mean)

    def _wrap_share(self) -> float:
        with_wrap, without = self._wraps
        return (with_wrap + 1.0) / (with_wrap + without + 1.0)

    # ── learning ──
    def _learn_answer(self, age_ms: int) -> None:
        self._ringing.line_answered(age_ms)

    def _learn_failure(self, age_ms: int) -> None:
        self._ringing.line_failed(age_ms)

    def _learn_busy(self, mode: AgentMode, spent_ms: int, after: AgentMode) -> None:
        if mode is AgentMode.TALKING:
            self._talk.ended(spent_ms)
            self._wraps[0 if after is AgentMode.WRAPPING else 1] += 1
        elif mode is AgentMode.WRAPPING:
            self._wrap.ended(spent_ms)

    def _steer(self, *, abandoned: bool) -> None:
        gain = _STEP * min(1.0, _QUIET_TEAM / max(self._crew.staff, 1))
        moved = self._caution + gain * (self.settings.target - (1.0 if abandoned else 0.0))
        self._caution = min(max(moved, _CAUTION[0]), _CAUTION[1])

    def _memory(self) -> Memory:
        ringing, talk, wrap = self._ringing, self._talk, self._wrap
        return Memory(
            answered=tuple(ringing.answered.tolist()),
            failed=tuple(ringing.failed.tolist()),
            ringing_s=tuple(ringing.ringing_s.tolist()),
            talk_ends=tuple(talk.ends.tolist()),
            talk_s=tuple(talk.spent_s.tolist()),
            wrap_ends=tuple(wrap.ends.tolist()),
            wrap_s=tuple(wrap.spent_s.tolist()),
            wraps=(self._wraps[0], self._wraps[1]),
            recent=(ringing.came, ringing.expected),
            caution=self._caution,
        )
