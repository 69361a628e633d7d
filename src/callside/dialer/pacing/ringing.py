"""When a ringing line is answered, learnt from what was observed: by the age of the line, and by how good the list is right now.

Two speeds. The shape (hazard of a live answer, and of any other end, in each second of ringing) changes slowly and is learnt from
thousands of lines. The level (answers observed over answers that the shape expects from the lines that were out) changes with
the list and the hour and is learnt from the last few dozen expected answers. Both count exposure, second by second: answers come
sooner than no-answers, so a rate of completed lines would be wrong whenever the rate of dialling changes.
"""

import math
from collections.abc import Collection
from typing import Final

import numpy as np

from callside.dialer.pacing.lifetimes import Counts, Floats
from callside.dialer.pacing.model import Memory

SECONDS: Final = 64
"""Ages told apart; the last is "so old or older"."""
_PRIOR_LINES: Final = 30.0
_KEPT_LINES: Final = 20_000.0
_HALF_MS: Final = 60_000.0
_LEVEL_PRIOR: Final = 6.0
"""As if so many answers had been expected and had come."""
_NOVICE_ANSWERS: Final = 80.0
_NOVICE_PRIOR: Final = 300.0
_NOVICE_DOUBT: Final = 0.25
"""A campaign without experience: the first answers teach the shape; the level follows when there is something to compare with."""
_LONGEST_GAP_MS: Final = 2000


def _prior() -> tuple[Floats, Floats]:
    """A first guess: a fifth is answered, between 3 and 25 seconds; the rest ends bit by bit, most at 25 to 45 seconds."""
    age = np.arange(SECONDS)
    answers = np.where((age >= 3) & (age < 25), 0.0125, 0.002)
    fails = np.where(age < 22, 0.015, 0.12)
    return answers, fails


class Ringing:
    """Learns from every line's end and looks at the lines in flight at every step."""

    def __init__(self, memory: Memory, *, level_answers: float = 30.0) -> None:
        """Begin with the first guess and with what is remembered; ``level_answers``: how many expected answers the level keeps."""
        answers, fails = _prior()
        alive = np.exp(-np.concatenate([[0.0], np.cumsum(answers + fails)[:-1]]))
        self._prior_s: Floats = _PRIOR_LINES * alive
        self._prior_answers: Floats = answers * self._prior_s
        self._prior_fails: Floats = fails * self._prior_s
        there = len(memory.answered) == SECONDS
        self.answered: Floats = np.array(memory.answered) if there else np.zeros(SECONDS)
        self.failed: Floats = np.array(memory.failed) if there else np.zeros(SECONDS)
        self.ringing_s: Floats = np.array(memory.ringing_s) if there else np.zeros(SECONDS)
        self.came, self.expected = memory.recent
        self._level_answers = level_answers
        self.looked: int | None = None
        self.nobody: Counts = np.zeros(SECONDS, dtype=np.int64)
        self._hazard: Floats = answers
        self._novice = self._inexperience()

    # ── observations ──
    def line_answered(self, age_ms: int) -> None:
        """A line was answered by a person."""
        self.answered[self._spent(age_ms)] += 1
        self.came += 1
        self._novice = self._inexperience()

    def line_failed(self, age_ms: int) -> None:
        """A line ended otherwise."""
        self.failed[self._spent(age_ms)] += 1

    def line_withdrawn(self, age_ms: int) -> None:
        """A line was ended by us: it had rung so long without an answer, and how it would have ended nobody knows."""
        self._spent(age_ms)

    def ages(self, launched_ms: Collection[int], now: int) -> Counts:
        """How many lines there are of each age."""
        ages = (now - np.fromiter(launched_ms, np.int64, len(launched_ms))) // 1000
        return np.bincount(np.minimum(np.maximum(ages, 0), SECONDS - 1), minlength=SECONDS)

    def look(self, by_age: Counts, now: int) -> None:
        """Count what the lines in flight have been exposed to since the last look."""
        passed = min(now - self.looked, _LONGEST_GAP_MS) if self.looked is not None else 0
        self.looked = now
        if passed <= 0:
            return
        expected = float(self._hazard @ by_age) * passed / 1000
        kept = math.exp(-min(passed * math.log(2) / _HALF_MS, expected / self._level_answers))
        self.came *= kept
        self.expected = self.expected * kept + expected

    # ── what follows ──
    @property
    def level(self) -> float:
        """How many answers come for each that the shape expects, of late; near 1 while the shape itself is hardly known."""
        prior = _LEVEL_PRIOR + _NOVICE_PRIOR * self._novice
        return (self.came + prior) / (self.expected + prior)

    @property
    def doubt(self) -> float:
        """Relative variance of the answers expected: of :attr:`level`, and of the shape while it is hardly known."""
        return 1.0 / (self.came + _LEVEL_PRIOR) + _NOVICE_DOUBT * self._novice

    def _inexperience(self) -> float:
        """1 before the first answer, then less and less. Asked for at every step, it changes with an answer only."""
        return math.exp(-float(self.answered.sum()) / _NOVICE_ANSWERS)

    def learn(self, by_age: Counts) -> tuple[Floats, Floats]:
        """The hazards of an answer and of another end, per second at each age; lines still ringing are counted in."""
        self._fade()
        at_least = by_age[::-1].cumsum()[::-1] - by_age
        spent = self.ringing_s + self._prior_s + at_least + by_age / 2
        answers = _smooth(self.answered + self._prior_answers) / _smooth(spent)
        fails = (self.failed + self._prior_fails) / spent
        self._hazard = answers
        return answers, fails

    def _spent(self, age_ms: int) -> int:
        place = min(age_ms // 1000, SECONDS - 1)
        self.ringing_s[:place] += 1.0
        self.ringing_s[place] += min(1.0, age_ms / 1000 - place)
        return place

    def _fade(self) -> None:
        seen = self.answered.sum() + self.failed.sum()
        if seen > _KEPT_LINES:
            kept = _KEPT_LINES / seen
            self.answered *= kept
            self.failed *= kept
            self.ringing_s *= kept
            self._novice = self._inexperience()


def _smooth(values: Floats) -> Floats:
    """Each with its neighbours, a quarter, a half and a quarter."""
    wide = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:])
