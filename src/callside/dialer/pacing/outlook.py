"""The forecast: how many answers and how many free agents there will be, second by second, with how sure that is."""

from typing import Final, NamedTuple

import numpy as np

from callside.dialer.pacing.lifetimes import Counts, Floats, Lifetimes
from callside.dialer.pacing.ringing import SECONDS

HORIZON: Final = 30
"""Seconds looked ahead."""
_AHEAD: Final = np.minimum(np.arange(SECONDS)[:, None] + np.arange(HORIZON + 1)[None, :], SECONDS)


class AnswerTable(NamedTuple):
    """``within[a, s]``: a line of age ``a`` is answered within s + 1 seconds; ``new``: when a new line is answered, given it is."""

    within: Floats
    new: Floats
    variance: Floats


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
    within = within[:, 1:]
    return AnswerTable(within, new / total if total > 0 else np.full(HORIZON, 1 / HORIZON), within * (1 - within))


def free_table(talk: Lifetimes, talk_hazards: Floats, wrap: Lifetimes, wrap_hazards: Floats, no_wrap: float) -> Floats:
    """[bin, s]: an agent in this bin (talk first, then wrap-up) is free within s + 1 seconds, for s + 1 ≤ HORIZON + patience."""
    steps = HORIZON + 8
    wrapped = wrap.new_ends_within(wrap_hazards, steps)
    after_talk = no_wrap + (1 - no_wrap) * wrapped
    ends = np.diff(talk.end_within(talk_hazards, steps), axis=1)
    lag = np.arange(steps)[None, :] - np.arange(steps)[:, None]
    through = np.where(lag >= 0, after_talk[np.maximum(lag, 0)], 0.0)
    return np.concatenate([ends @ through, wrap.end_within(wrap_hazards, steps)[:, 1:]])


class Outlook(NamedTuple):
    """Of each second ahead: free agents (minus those who wait) and how uncertain that is, without any new line."""

    free: Floats
    variance: Floats
    answers: Floats
    """Expected answers of the lines in flight, up to each second."""


def outlook(
    idle: int,
    by_age: Counts,
    busy: Counts,
    answers: AnswerTable,
    freeing: tuple[Floats, Floats],
    doubt: float,
) -> Outlook:
    """Put the lines and the agents together; ``freeing``: mean and variance per agent of each bin, second by second."""
    coming = by_age @ answers.within
    freed, freed_variance = busy @ freeing[0], busy @ freeing[1]
    variance = by_age @ answers.variance + freed_variance + coming * coming * doubt + 0.05
    return Outlook(idle + freed - coming, variance, coming)


def chance_of_none(free: Floats, variance: Floats) -> Floats:
    """Probability that less than one agent is free (normal, with the half that integers ask for)."""
    z = (0.5 - free) / np.sqrt(variance)
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(-z * (1.5976 + 0.07056 * z * z), -60.0, 60.0))))


def mean_risk(forecast: Outlook, table: AnswerTable, doubt: float, more: int) -> float:
    """Probability that a further line, answered, finds no agent, when ``more`` new lines go out before it."""
    each = table.within[0]
    coming = forecast.answers + more * each
    spread = (coming * coming - forecast.answers * forecast.answers) * doubt
    none = chance_of_none(forecast.free - more * each, forecast.variance + more * table.variance[0] + spread)
    return float(table.new @ none)


def expected_losses(forecast: Outlook) -> float:
    """Answers of the lines in flight that will find no agent."""
    none = chance_of_none(forecast.free + 1.0, forecast.variance)
    return max(0.0, float(np.diff(forecast.answers, prepend=0.0) @ none))
