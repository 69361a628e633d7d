"""The forecast: how many answers and how many free agents there will be, second by second, with how sure that is."""

from typing import Final, NamedTuple

import numpy as np

from callside.dialer.pacing.lifetimes import Counts, Floats, Lifetimes
from callside.dialer.pacing.ringing import SECONDS

HORIZON: Final = 30
"""Seconds looked ahead."""
_FAR: Final = 6.0
"""Standard deviations beyond which nothing changes."""
_LEAST_VARIANCE: Final = 0.05
_HARDLY: Final = 1e-4
_LEAST_SKEW, _MOST_SKEW = 0.02, 4.0
_AHEAD: Final = np.minimum(np.arange(SECONDS)[:, None] + np.arange(HORIZON + 1)[None, :], SECONDS)


class AnswerTable(NamedTuple):
    """``within[a, s]``: a line of age ``a`` is answered within s + 1 seconds; ``new``: when a new line is answered, given it is."""

    within: "Moments"
    new: Floats


def answer_table(answers: Floats, fails: Floats, level: float) -> AnswerTable:
    """From hazards per second: competing risks, each second in turn."""
    answers = answers * level
    every = answers + fails
    ending = -np.expm1(-every)
    alive = np.exp(-np.concatenate([[0.0], np.cumsum(every)]))
    by_then = np.concatenate([[0.0], np.cumsum(alive[:-1] * ending * answers / np.maximum(every, 1e-12))])
    within = (by_then[_AHEAD] - by_then[:SECONDS, None]) / np.maximum(alive[:SECONDS, None], 1e-9)
    within = np.minimum(within, 1.0)
    new = np.diff(within[0])
    total = new.sum()
    return AnswerTable(moments(within[:, 1:]), new / total if total > 0 else np.full(HORIZON, 1 / HORIZON))


def free_table(talk: Lifetimes, talk_hazards: Floats, wrap: Lifetimes, wrap_hazards: Floats, no_wrap: float) -> Floats:
    """[bin, s]: an agent in this bin (talk first, then wrap-up) is free within s + 1 seconds, for s + 1 ≤ HORIZON + patience."""
    steps = HORIZON + 8
    wrapped = wrap.new_ends_within(wrap_hazards, steps)
    after_talk = no_wrap + (1 - no_wrap) * wrapped
    ends = np.diff(talk.end_within(talk_hazards, steps), axis=1)
    lag = np.arange(steps)[None, :] - np.arange(steps)[:, None]
    through = np.where(lag >= 0, after_talk[np.maximum(lag, 0)], 0.0)
    return np.concatenate([ends @ through, wrap.end_within(wrap_hazards, steps)[:, 1:]])


class Moments(NamedTuple):
    """Of a number of events by each second: mean, variance, and third central moment."""

    mean: Floats
    variance: Floats
    third: Floats


def moments(chances: Floats) -> Moments:
    """Of one event that may happen, or of each of many."""
    variance = chances * (1.0 - chances)
    return Moments(chances, variance, variance * (1.0 - 2.0 * chances))


class Outlook(NamedTuple):
    """Of each second ahead: free agents (minus those who wait), and how uncertain that is, without any new line.

    ``variance`` and ``third`` are of the demand (answers less freed agents) given the answer rate; ``doubt`` comes on top.
    """

    free: Floats
    variance: Floats
    third: Floats
    answers: Floats
    """Expected answers of the lines in flight, up to each second."""
    doubt: float


def outlook(idle: int, by_age: Counts, busy: Counts, answers: AnswerTable, freeing: Moments, doubt: float) -> Outlook:
    """Put the lines and the agents together; ``freeing``: of one agent of each bin."""
    coming = by_age @ answers.within.mean
    return Outlook(
        free=idle + busy @ freeing.mean - coming,
        variance=by_age @ answers.within.variance + busy @ freeing.variance + _LEAST_VARIANCE,
        third=by_age @ answers.within.third - busy @ freeing.third,
        answers=coming,
        doubt=doubt,
    )


def chance_of_none(free: Floats, variance: Floats, third: Floats) -> Floats:
    """Probability that less than one agent is free.

    The demand is skewed: few lines that are rarely answered are like a Poisson number. It is taken for a gamma with
    the same three moments (Wilson and Hilferty's cube root), which is normal where there is no skew.
    """
    deviation = np.sqrt(variance)
    skew = np.minimum(np.maximum(third / (variance * deviation), _LEAST_SKEW), _MOST_SKEW)
    z = np.minimum(np.maximum((free - 0.5) / deviation, -_FAR), _FAR)
    z = (np.cbrt(np.maximum(0.5 * skew * z + 1.0, 0.0)) - 1.0) * (6.0 / skew) + skew / 6.0
    z = np.minimum(np.maximum(z, -_FAR), _FAR)
    return np.asarray(1.0 / (1.0 + np.exp(z * (1.5976 + 0.07056 * (z * z)))))


def mean_risk(forecast: Outlook, table: AnswerTable, more: int) -> float:
    """Probability that a further line, answered, finds no agent, when ``more`` new lines go out before it."""
    if not more:
        return float(table.new @ _none(forecast, 0.0))
    first = table.within
    added = Outlook(
        forecast.free - more * first.mean[0],
        forecast.variance + more * first.variance[0],
        forecast.third + more * first.third[0],
        forecast.answers + more * first.mean[0],
        forecast.doubt,
    )
    return float(table.new @ _none(added, 0.0))


def line_risk(forecast: Outlook, table: AnswerTable, age: int) -> float:
    """Probability that a line of this age (s), once answered, finds no agent; it must not be in the forecast itself.

    Nothing where it is hardly answered any more.
    """
    when = np.diff(table.within.mean[age], prepend=0.0)
    total = when.sum()
    return float(when @ _none(forecast, 0.0)) / total if total > _HARDLY else 0.0


def expected_losses(forecast: Outlook) -> float:
    """Answers of the lines in flight that will find no agent."""
    none, answers = _none(forecast, 1.0), forecast.answers
    return max(0.0, float(answers[0] * none[0] + (answers[1:] - answers[:-1]) @ none[1:]))


def _none(forecast: Outlook, besides: float) -> Floats:
    coming = forecast.answers
    spread = coming * coming * forecast.doubt
    third = forecast.third + spread * (3.0 + 2.0 * coming * forecast.doubt)
    return chance_of_none(forecast.free + besides, forecast.variance + spread, third)
