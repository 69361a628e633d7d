"""A run's results as one HTML page: a table and a plot for each queue, drawn as SVG; nothing is loaded from anywhere."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from callside.simulation.results import Interval, QueueResult, Result

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 880, 190, 52, 26, 14
_STYLE: Final = """
:root { color-scheme: light dark; --bar: #9db7d6; --line: #a3400a; --ink: #1a1a1a; --soft: #5c5c5c; --back: #fff; --rule: #d5d5d5 }
@media (prefers-color-scheme: dark) {
  :root { --bar: #4a6d94; --line: #ffa366; --ink: #eee; --soft: #aaa; --back: #161616; --rule: #444 }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--rule); text-align: right }
th:first-child, td:first-child { text-align: left }
h2 { margin-top: 2.5rem } h3 { font-size: 1rem; margin: 1.2rem 0 .2rem } p { color: var(--soft) }
svg { width: 100%; height: auto } .bar { fill: var(--bar) } .line { fill: none; stroke: var(--line); stroke-width: 2 }
.axis { stroke: var(--rule) } text { fill: var(--soft); font-size: 12px }
"""
HEAD: Final = (
    "queue",
    "offered",
    "answered",
    "abandoned",
    "let go",
    "ASA",
    "p50",
    "p95",
    "service level",
    "abandonment",
    "AHT",
    "occupancy",
)


def row_of(queue: QueueResult) -> tuple[str, ...]:
    """A queue's figures for people, in the order of :data:`HEAD`."""
    return (
        queue.name,
        f"{queue.offered:,}",
        f"{queue.answered:,}",
        f"{queue.abandoned:,}",
        f"{queue.let_go:,}",
        _seconds(queue.asa_ms),
        _seconds(queue.p50_ms),
        _seconds(queue.p95_ms),
        f"{_percent(queue.service_level)} in {queue.service_level_s} s",
        _percent(queue.abandoned_share),
        _seconds(queue.aht_ms),
        _percent(queue.occupancy),
    )


def page_of(result: Result) -> str:
    """The whole page."""
    scenario = result.scenario
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in HEAD)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row_of(queue)) + "</tr>" for queue in result.queues
    )
    plots = "".join(_plots(queue) for queue in result.queues)
    title = escape(scenario.name)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><h1>{title}</h1>'
        f"<p>{scenario.hours:g} hours, {result.agents} agents, seed {scenario.seed}. Service level SL_B, by arrival; "
        f"times until caller and agent hear each other.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{plots}</body></html>\n"
    )


def _plots(queue: QueueResult) -> str:
    parts = [f"<h2>{escape(queue.name)}</h2>"]
    parts.append(_plot("Calls per quarter of an hour", queue.intervals, lambda one: one.offered, bars=True))
    parts.append(
        _plot(
            "Average speed of answer, seconds",
            queue.intervals,
            lambda one: None if one.asa_ms is None else one.asa_ms / 1000,
        )
    )
    parts.append(
        _plot(
            f"Answered within {queue.service_level_s} s, percent",
            queue.intervals,
            lambda one: None if one.service_level is None else one.service_level * 100,
            top=100.0,
        )
    )
    return "".join(parts)


def _plot(
    title: str,
    intervals: Sequence[Interval],
    value_of: Callable[[Interval], float | None],
    *,
    bars: bool = False,
    top: float | None = None,
) -> str:
    values = [value_of(one) for one in intervals]
    highest = top or max((value for value in values if value is not None), default=0.0) or 1.0
    last = max((one.begin_s for one in intervals), default=0) + 900
    across, up = (_WIDTH - _LEFT) / last, (_HEIGHT - _BOTTOM - _TOP) / highest
    points = [
        (_LEFT + one.begin_s * across, _HEIGHT - _BOTTOM - value * up, 900 * across)
        for one, value in zip(intervals, values, strict=True)
        if value is not None
    ]
    drawn = _bars(points) if bars else _line(points)
    return (
        f'<h3>{escape(title)}</h3><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{drawn}{_axes(highest, last, across)}</svg>"
    )


def _bars(points: Sequence[tuple[float, float, float]]) -> str:
    floor = _HEIGHT - _BOTTOM
    return "".join(
        f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{max(0.5, wide - 1):.1f}" height="{floor - y:.1f}"/>'
        for x, y, wide in points
    )


def _line(points: Sequence[tuple[float, float, float]]) -> str:
    way = " ".join(f"{x + wide / 2:.1f},{y:.1f}" for x, y, wide in points)
    return f'<polyline class="line" points="{way}"/>'


def _axes(highest: float, last: int, across: float) -> str:
    floor = _HEIGHT - _BOTTOM
    step = next((hours for hours in (1, 2, 4, 8, 24, 168) if last / 3600 / hours <= 12), 720)
    hours = range(0, last // 3600 + 1, step)
    ticks = "".join(f'<text x="{_LEFT + one * 3600 * across:.1f}" y="{_HEIGHT - 8}">{one} h</text>' for one in hours)
    return (
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{floor}" y2="{floor}"/>{ticks}'
        f'<text x="{_LEFT - 8}" y="{_TOP + 6}" text-anchor="end">{highest:,.0f}</text>'
        f'<text x="{_LEFT - 8}" y="{floor}" text-anchor="end">0</text>'
    )


def _seconds(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:,.1f} s"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"
