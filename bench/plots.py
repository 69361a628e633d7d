"""Plots as SVG, drawn by hand: lines over a logarithmic axis. They read in light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 300, 56, 190, 34, 44
_COLOURS = ("#2f6fab", "#c05a1c", "#3c8a4e")


def line_plot(title: str, across: str, ticks: Sequence[tuple[int, str]], series: Mapping[str, Sequence[float]]) -> str:
    """``series`` by name, one value for each of ``ticks`` (place on the logarithmic axis, label); the values from nought up."""
    highest = max(value for values in series.values() for value in values) * 1.15
    low, high = (math.log(ticks[end][0]) for end in (0, -1))

    def place(tick: int, value: float) -> tuple[float, float]:
        x = _LEFT + (math.log(tick) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)
        return x, _HEIGHT - _BOTTOM - value / highest * (_HEIGHT - _TOP - _BOTTOM)

    floor = _HEIGHT - _BOTTOM
    parts = [f'<text x="{_LEFT}" y="18" font-weight="bold">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = place(ticks[0][0], highest * share)[1]
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8888" />')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{highest * share:.0f}</text>')
    for tick, label in ticks:
        x = place(tick, 0)[0]
        parts.append(f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{escape(across)}</text>')
    for (name, values), colour in zip(series.items(), _COLOURS, strict=False):
        points = [place(tick, value) for (tick, _), value in zip(ticks, values, strict=True)]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2" />')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" />' for x, y in points]
        x, y = points[-1]
        parts.append(f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" style="fill: {colour}">{escape(name)}</text>')
    style = "text { font: 13px system-ui, sans-serif; fill: #777 }"
    drawn = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{style}</style>\n{drawn}\n</svg>\n'
    )
