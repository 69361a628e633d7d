"""Draws: arrivals, and how long things take. One generator for each purpose, so that a change of one leaves the others alone."""

import math
import random

from callside.simulation.scenario import INTERVAL_S, Duration, QueuePlan


def generator(seed: int, *purpose: str) -> random.Random:
    """The same numbers for the same seed and purpose, on every machine."""
    return random.Random(f"{seed}/{'/'.join(purpose)}")  # noqa: S311 - a simulation, no secret


def draw_ms(dice: random.Random, duration: Duration) -> int:
    """One duration, at least a millisecond."""
    seconds = duration.mean_s
    if duration.shape == "exponential":
        seconds = dice.expovariate(1 / duration.mean_s)
    elif duration.shape == "lognormal":
        variance = math.log(1 + duration.cv**2)
        seconds = dice.lognormvariate(math.log(duration.mean_s) - variance / 2, math.sqrt(variance))
    return max(1, round(seconds * 1000))


def next_arrival(dice: random.Random, queue: QueuePlan, after: int, until: int) -> int | None:
    """The next arrival after ``after`` (ms from the beginning) of a Poisson stream whose rate changes by the quarter hour."""
    now = float(after)
    while now < until:
        rate = queue.rate_per_ms(now / 1000)
        edge = (math.floor(now / (INTERVAL_S * 1000)) + 1) * INTERVAL_S * 1000
        step = dice.expovariate(rate) if rate > 0 else math.inf
        if now + step < edge or (queue.calls_per_hour is not None and math.isfinite(step)):
            at = math.ceil(now + step)
            return at if at < until else None
        now = float(edge)  # exponential gaps have no memory: begin anew with the next rate
    return None
