"""What predictive pacing is measured against: VICIdial's rules as documented, an informed oracle, and wrong estimates.

VICIdial's ADAPT_TAPERED is written anew from its documented behaviour (research: dialer-acd.md §1): it looks every second, dials
every 2.5 seconds, moves its level every 15 and counts its drops every 60. The oracle knows the true answer rate, the true
distribution of answer times, and when every agent will be free; it has no guard. It is a reference, not a proven bound.
"""

from collections import deque

import numpy as np

from callside.dialer.pacing.budget import Budget
from callside.dialer.pacing.crew import Crew
from callside.dialer.pacing.experience import Experience
from callside.dialer.pacing.lifetimes import Counts, Floats
from callside.dialer.pacing.model import Known, PacingMode, PacingSettings
from callside.dialer.pacing.outlook import HORIZON, AnswerTable, Outlook, answer_table
from callside.dialer.pacing.pacer import Pacer
from callside.dialer.pacing.predictive import PredictivePacer
from callside.dialer.pacing.ringing import SECONDS
from callside.simulation.dialing import DialFloor
from callside.simulation.dialing_model import HOUR_MS, Campaign

_SECOND, _DIAL, _ADAPT, _COUNT = 1000, 2500, 15_000, 60_000
_SHIFT_BEGINS_H = 9
_MOST = 3.0
_LIMIT = 0.03


class Tapered(Pacer):
    """ADAPT_TAPERED with its defaults: drop limit 3 %, greatest level 3.0, target difference 0."""

    mode = PacingMode.BOOST

    def __init__(self, settings: PacingSettings, known: Known, latest_hhmm: int) -> None:
        super().__init__(settings, known)
        self._latest = latest_hhmm
        self._level = 1.0
        self._drop = 0.0
        self._looks: deque[tuple[int, int, int]] = deque(maxlen=15)
        self._tick = 0
        self._minute: tuple[int, int] = (0, 0)
        self._last_minute: tuple[int, int] = (0, 0)

    def next_due(self, now: int) -> int:
        """The next of its loops."""
        return min(now - now % _SECOND + _SECOND, now - now % _DIAL + _DIAL)

    def lines_to_launch(self, now: int) -> int:
        """New lines, at its own moments only."""
        if now <= self._tick and now:
            return 0
        self._tick = now
        if now % _SECOND == 0:
            self._looks.append((len(self._crew.ready), len(self._crew.waiting), self._agents()))
        if now % _COUNT == 0:
            self._count()
        if now % _ADAPT == 0 and now:
            self._adapt(now)
        if now % _DIAL:
            return 0
        goal = round(self._level * self._agents())
        return max(0, goal - self._crew.in_flight - len(self._crew.talking))

    def _agents(self) -> int:
        return len(self._crew.ready) + len(self._crew.talking)

    def _count(self) -> None:
        answers, dropped = self._budget.answers, self._budget.abandoned
        self._drop = dropped / answers if answers else 0.0
        self._last_minute = (answers - self._minute[0], dropped - self._minute[1])
        self._minute = (answers, dropped)

    def _adapt(self, now: int) -> None:
        ready, waiting, agents = (sum(each) / len(self._looks) for each in zip(*self._looks, strict=True))
        if agents:
            self._level = min(max(self._level * (1 + (ready - waiting) / agents), 1.0), _MOST)
        answers, dropped = self._last_minute
        if answers > 20 and dropped > 0.5 * answers:
            self._level /= 2
        if self._budget.answers > 50 and self._drop > _LIMIT:
            self._level *= min(1.0, (self._latest - self._hhmm(now)) / 1000)
        self._level = max(self._level, 1.0)

    @staticmethod
    def _hhmm(now: int) -> int:
        hours, rest = divmod(now, HOUR_MS)
        return (_SHIFT_BEGINS_H + hours) * 100 + rest // 60_000


def true_hazards(campaign: Campaign, rate: float) -> tuple[Floats, Floats]:
    """Hazards per second of a live answer and of another end, from very many draws of the campaign's own times."""
    dice = np.random.default_rng(20_261_127)
    draws = 400_000
    ages = np.arange(SECONDS + 1)
    answers = rate * np.histogram(campaign.answer_s(dice, draws), ages)[0] / draws
    fails = (1 - rate) * np.histogram(campaign.failure_s(dice, draws), ages)[0] / draws
    alive = np.maximum(1.0 - np.concatenate([[0.0], np.cumsum(answers + fails)[:-1]]), 1e-9)
    ending = np.minimum((answers + fails) / alive, 1 - 1e-9)
    every = -np.log1p(-ending)
    share = answers / np.maximum(answers + fails, 1e-12)
    return every * share, every * (1 - share)


class _Told(Experience):
    """An experience whose answer table was told, not learnt. ``tables`` by the true answer rate of the moment."""

    tables: dict[float, AnswerTable]
    campaign: Campaign
    now = 0

    def _follow_level(self) -> None:
        rate = self.campaign.rate_at(self.now)
        self.answers = self.tables[rate]

    @property
    def doubt(self) -> float:
        return 0.01


class _AllKnowing(_Told):
    """And that knows when every agent will be free."""

    ends: dict[str, int]

    def outlook(self, crew: Crew, by_age: Counts, now: int) -> Outlook:
        """The same outlook, the agents' part exact."""
        self.now = now
        self._follow_level()
        coming = by_age @ self.answers.within.mean
        staying = np.array([at for one, at in self.ends.items() if one in crew.talking or one in crew.wrapping])
        horizon = now + 1000 * np.arange(1, HORIZON + 1) + 2000
        freed = np.searchsorted(np.sort(staying), horizon) if len(staying) else np.zeros(HORIZON)
        idle = len(crew.ready) - len(crew.waiting)
        within = self.answers.within
        return Outlook(idle + freed - coming, by_age @ within.variance + 0.05, by_age @ within.third, coming, 0.0)

    @property
    def doubt(self) -> float:
        return 0.0


class _Stubborn(_Told):
    """Learns nothing of answers: it was told a rate that is wrong by a factor, and it is sure of it."""

    def outlook(self, crew: Crew, by_age: Counts, now: int) -> Outlook:
        """The same outlook from the wrong table."""
        self.now = 0
        return super().outlook(crew, by_age, now)


def stubborn(campaign: Campaign, factor: float, settings: PacingSettings) -> Pacer:
    """Predictive pacing whose answer rate is frozen, wrong by ``factor``."""
    pacer = PredictivePacer(settings, Known())
    told = _Stubborn(Known().memory, settings.patience_ms)
    told.campaign = campaign
    told.tables = {campaign.answer_rate: answer_table(*true_hazards(campaign, campaign.answer_rate * factor), 1.0)}
    pacer._experience = told  # noqa: SLF001 - a benchmark puts a wrong part in on purpose
    return pacer


class _Boundless(Budget):
    """A ledger without a guard."""

    def left(self, now: int, guessed_per_ms: float) -> float:
        """Always enough."""
        return 1e9


class Oracle(PredictivePacer):
    """No guard, no brake; steered to the target all the same."""

    def __init__(self, campaign: Campaign, settings: PacingSettings) -> None:
        super().__init__(settings, Known())
        told = _AllKnowing(Known().memory, settings.patience_ms)
        told.campaign = campaign
        rates = {campaign.rate_at(minute * 60_000) for minute in range(int(campaign.hours * 60))}
        told.tables = {rate: answer_table(*true_hazards(campaign, rate), 1.0) for rate in rates}
        told.ends = {}
        self._experience = told

    def watch(self, floor: DialFloor) -> None:
        """Look into this floor."""
        assert isinstance(self._experience, _AllKnowing)
        self._experience.ends = floor.ends

    def begin_window(self, now: int, ends_ms: int | None, connected: int = 0, abandoned: int = 0) -> None:
        """As any; what may be abandoned is without end."""
        self._budget = _Boundless(self.settings.target, connected, abandoned, now, ends_ms)
