"""What a campaign has taught so far, and the tables made from it every few seconds."""

from typing import Final

import numpy as np

from callside.dialer.pacing.crew import Crew
from callside.dialer.pacing.lifetimes import TALK_EDGES_S, WRAP_EDGES_S, Counts, Lifetimes
from callside.dialer.pacing.model import AgentMode, Memory
from callside.dialer.pacing.outlook import (
    HORIZON,
    AnswerTable,
    Moments,
    Outlook,
    answer_table,
    free_table,
    moments,
    outlook,
)
from callside.dialer.pacing.ringing import SECONDS, Ringing

_TABLES_MS: Final = 5000
_LEVEL_MOVED: Final = 0.02
_BELIEF: Final = 0.8
"""How far the forecast of agents becoming free is trusted."""
_DRIFT: Final = 0.003
"""Relative variance of the answer rate beyond what sampling explains."""
_MEAN_TALK_S, _MEAN_WRAP_S = 150.0, 25.0
_LONGEST_PATIENCE_S: Final = 8


class Experience:
    """Learns from every end, looks at every step, and gives the outlook."""

    def __init__(self, memory: Memory, patience_ms: int) -> None:
        self._ringing = Ringing(memory)
        self._talk = Lifetimes(TALK_EDGES_S, _MEAN_TALK_S, memory.talk_ends, memory.talk_s)
        self._wrap = Lifetimes(WRAP_EDGES_S, _MEAN_WRAP_S, memory.wrap_ends, memory.wrap_s)
        self._wraps = list(memory.wraps)
        self._patience_s = min(patience_ms // 1000, _LONGEST_PATIENCE_S)
        self._tabled: int | None = None
        self._hazards = self._ringing.learn(np.zeros_like(self._ringing.nobody))
        self._level = self._ringing.level
        self.answers: AnswerTable = answer_table(*self._hazards, self._level)
        self._freeing: Moments | None = None

    # ── learning ──
    def line_answered(self, age_ms: int) -> None:
        """A line was answered by a person."""
        self._ringing.line_answered(age_ms)

    def line_failed(self, age_ms: int) -> None:
        """A line ended otherwise."""
        self._ringing.line_failed(age_ms)

    def line_withdrawn(self, age_ms: int) -> None:
        """A line was ended by us while it rang."""
        self._ringing.line_withdrawn(age_ms)

    def busy_ended(self, mode: AgentMode, spent_ms: int, after: AgentMode) -> None:
        """An agent's conversation or wrap-up is over."""
        if mode is AgentMode.TALKING:
            self._talk.ended(spent_ms)
            self._wraps[0 if after is AgentMode.WRAPPING else 1] += 1
        elif mode is AgentMode.WRAPPING:
            self._wrap.ended(spent_ms)

    def look(self, crew: Crew, now: int) -> Counts:
        """Count what the lines in flight have been exposed to; gives how many there are of each age."""
        by_age = self.ages(crew, now)
        if self._tabled is None or now // _TABLES_MS != self._tabled // _TABLES_MS:
            self._tabled = now
            self._hazards = self._ringing.learn(by_age)
            self._level = 0.0
            self._freeing = None
        self._ringing.look(by_age, now)
        return by_age

    def ages(self, crew: Crew, now: int) -> Counts:
        """How many ringing lines there are of each age."""
        return self._ringing.ages(crew.ringing.values(), now)

    def age_of(self, launched_ms: int, now: int) -> int:
        """A line's age as the tables count it."""
        return min(max(0, (now - launched_ms) // 1000), SECONDS - 1)

    def looked(self, now: int) -> None:
        """A predecessor looked at this moment."""
        self._ringing.looked = now

    # ── what follows ──
    @property
    def doubt(self) -> float:
        """Relative variance of the answer rate."""
        return self._ringing.doubt + _DRIFT

    @property
    def busy_s(self) -> float:
        """Mean of talk and wrap-up together."""
        return self._talk.mean_s() + self._wrap.mean_s() * self._wrap_share

    def outlook(self, crew: Crew, by_age: Counts, now: int) -> Outlook:
        """The forecast from this moment's lines and agents."""
        talking = self._talk.bins(crew.talking.values(), now)
        wrapping = self._wrap.bins(crew.wrapping.values(), now)
        if self._freeing is None:
            self._freeing = self._free_agents(talking, wrapping)
        self._follow_level()
        idle = len(crew.ready) - len(crew.waiting)
        return outlook(idle, by_age, np.concatenate([talking, wrapping]), self.answers, self._freeing, self.doubt)

    def _follow_level(self) -> None:
        level = self._ringing.level
        if abs(level - self._level) > _LEVEL_MOVED * level:
            self._level = level
            self.answers = answer_table(*self._hazards, level)

    def _free_agents(self, talking: Counts, wrapping: Counts) -> Moments:
        self._talk.fade()
        self._wrap.fade()
        talks, wraps = self._talk.hazards(talking), self._wrap.hazards(wrapping)
        table = free_table(self._talk, talks, self._wrap, wraps, 1.0 - self._wrap_share)
        return moments(_BELIEF * table[:, self._patience_s : self._patience_s + HORIZON])

    @property
    def _wrap_share(self) -> float:
        with_wrap, without = self._wraps
        return (with_wrap + 1.0) / (with_wrap + without + 1.0)

    def memory(self) -> Memory:
        """All of it as plain numbers."""
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
        )
