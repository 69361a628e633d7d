"""Floor decisions per second: the whole floor, and matching alone against a linear scan."""

import gc
import time
from collections.abc import Callable, Iterable

from bench.floor_hall import Hall
from bench.linear import LinearMatcher
from bench.plots import line_plot
from bench.tables import Table, percentile
from callside.acd.matching import Matcher
from callside.kernel.ids import CallId, QueueId, SessionId

SIZES = ((100, 1_000), (1_000, 10_000), (10_000, 100_000))
_EVENTS_A_TURN = 3
_SECONDS = 3.0
_PORTION = 100


def run() -> Iterable[Table]:
    """The tables."""
    yield _whole_floor()
    yield _matching()


def _whole_floor() -> Table:
    rows = []
    costs: dict[str, list[float]] = {}
    for name, demanding in (("longest idle", False), ("all strategies, skills", True)):
        for agents, waiting in SIZES:
            hall = Hall(agents, waiting, demanding=demanding)
            per_turn, slowest = _timed(hall.turns, hall.prepare)
            assert (len(hall.talking), hall.waiting()) == (agents, waiting), "the hall did not stay as full as it was"
            per_event = per_turn / _EVENTS_A_TURN
            mine = costs.setdefault(name, [])
            mine.append(per_event)
            rows.append(
                (
                    name,
                    f"{agents:,} × {waiting:,}",
                    f"{per_event:.1f}",
                    f"{slowest / _EVENTS_A_TURN:.1f}",
                    f"{per_event / mine[0]:.2f} ×",
                    f"{1e6 / per_event:,.0f}",
                ),
            )
    head = ("queues ask for", "agents × waiting calls", "µs per event", "p99 µs per event", ": smallest", "events/s")
    ticks = [(agents, f"{agents:,} × {waiting:,}") for agents, waiting in SIZES]
    return Table("floor", head, rows, line_plot("µs per event, whole floor", "agents × waiting calls", ticks, costs))


def _matching() -> Table:
    rows = []
    for agents, waiting in SIZES:
        heaps, _ = _timed(_Ring(Matcher(), agents, waiting).turns)
        scan, _ = _timed(_Ring(LinearMatcher(), agents, waiting).turns)
        rows.append((f"{agents:,} × {waiting:,}", f"{heaps:.1f}", f"{scan:,.1f}", f"{scan / heaps:,.0f} ×"))
    head = ("agents × waiting calls", "heaps, µs per turn", "linear scan, µs per turn", "scan : heaps")
    return Table("matching", head, rows)


class _Ring:
    """One agent in turn becomes idle, gets the longest-waiting call of 5 queues, and another call arrives."""

    def __init__(self, matcher: Matcher | LinearMatcher, agents: int, waiting: int) -> None:
        self._matcher = matcher
        self._agents = [SessionId(f"s{one}") for one in range(agents)]
        self._queues = [QueueId(str(one)) for one in range(50)]
        self._now = 0
        for _ in range(waiting):
            self._call_waits()

    def _call_waits(self) -> None:
        self._now += 1
        self._matcher.call_waits(CallId(f"c{self._now}"), self._queues[self._now * 31 % 50], self._now)

    def turns(self, count: int) -> None:
        for _ in range(count):
            self._call_waits()
            who = self._now % len(self._agents)
            queues = tuple(self._queues[(who * 7 + step * 11) % 50] for step in range(5))
            self._matcher.agent_idle(self._agents[who], queues, self._now)
            assert self._matcher.next_match() is not None
            assert self._matcher.next_match() is None


def _timed(turns: Callable[[int], None], prepare: Callable[[int], None] = lambda _: None) -> tuple[float, float]:
    """Mean and p99 (of portions' means) of a turn in CPU µs: other programs on the machine do not count.

    ``prepare`` is called with the number of turns before each portion, outside the measured time.
    """

    def cost_of(portion: int) -> float:
        prepare(portion)
        began = time.process_time_ns()
        turns(portion)
        return (time.process_time_ns() - began) / 1e9

    portion = _PORTION if cost_of(1) < _SECONDS / (10 * _PORTION) else 1
    gc.collect()
    costs, used = [], 0.0
    while used < _SECONDS:
        cost = cost_of(portion)
        used += cost
        costs.append(cost / portion * 1e6)
    return sum(costs) / len(costs), percentile(costs, 0.99)
