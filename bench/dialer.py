"""Dialling: the shipped pacing on simulated days, beside progressive, VICIdial's rules as documented, and an oracle.

``make bench`` runs a day of a few cells and prints. The table of docs/benchmarks.md takes hours of CPU time:
``python -m bench.dialer --days 20 --jobs 2 --keep days.jsonl`` (stop it when you like: the days in the file are not run again).
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.dialer_days import TARGET, Task, run_days, settings
from bench.machine import describe, load_average
from bench.tables import Table, percentile, write_into
from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import AgentMode, Known, KnownAgent, KnownLine, PacingMode
from callside.dialer.pacing.predictive import PredictivePacer
from callside.simulation.dialing import DialDay

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
SIZES = (5, 10, 25, 50, 100, 250)
RATES = (10, 25, 50)
STRESSED = ((10, 10), (10, 25), (50, 25), (100, 10), (250, 25))
QUICK = ((5, 25), (10, 10), (25, 25), (50, 25))
LEGAL = 0.03
_BUSY_S, _ANSWER_S, _FAILURE_S = 140.0, 10.2, 20.6
PUBLISHED = {
    (5, 10): 70.2, (5, 25): 77.9, (5, 50): 85.1, (10, 10): 78.8, (10, 25): 83.1, (10, 50): 87.2,
    (25, 10): 88.0, (25, 25): 89.6, (25, 50): 91.0, (50, 10): 92.6, (50, 25): 93.1, (50, 50): 93.9,
    (100, 10): 95.5, (100, 25): 95.8, (100, 50): 96.2, (250, 10): 97.9, (250, 25): 98.0, (250, 50): 98.2,
}  # fmt: skip
"""Utilisation of PACER at a target of 2.85 %, which knew the true distributions (dialer-acd.md §3.3)."""
_RIVAL_DAYS, _ORACLE_DAYS = 5, 2
_HEAD = (
    "agents · answer rate", "progressive, closed form", "progressive", "VICIdial TAPERED, util / drop",
    "the same, latest 2100", "predictive", "PACER as published", "idle s", "drop %", "worst day %", "days over 3 %", "oracle",
)  # fmt: skip
_LOG_NORMAL_HEAD = (
    "agents · answer rate", "progressive, closed form", "progressive", "predictive", "idle s", "drop %", "worst day %",
    "days over 3 %", "oracle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """The days of one cell together."""

    days: Sequence[DialDay]

    @property
    def utilisation(self) -> float:
        """Percent."""
        return 100 * statistics.fmean(day.utilisation for day in self.days)

    @property
    def drop(self) -> float:
        """Percent, of all days' answers."""
        answers = sum(day.connected + day.abandoned for day in self.days)
        return 100 * sum(day.abandoned for day in self.days) / max(answers, 1)

    @property
    def worst(self) -> float:
        """Percent, on the worst day."""
        return 100 * max(day.drop for day in self.days)

    @property
    def over(self) -> int:
        """Days over the legal limit."""
        return sum(day.drop > LEGAL for day in self.days)

    @property
    def idle_s(self) -> float:
        """Seconds ready per connected call."""
        return statistics.fmean(day.idle_s for day in self.days)


def closed_form(rate: int) -> float:
    """Progressive's utilisation in percent: nothing but the answer and the failures before it keep an agent idle."""
    idle = _ANSWER_S + (100 / rate - 1) * _FAILURE_S
    return 100 * _BUSY_S / (_BUSY_S + idle)


def run() -> Iterable[Table]:
    """What ``make bench`` prints: one day of a few cells (not kept in the document), and what a decision costs."""
    yield _main_table("dialer-quick", run_days(_main_tasks(QUICK, 1, log_normal=False), None, 1), keep=False)
    yield decision_cost()


def _main_tasks(cells: Iterable[tuple[int, int]], days: int, *, log_normal: bool) -> list[Task]:
    counts = {
        "predictive": days,
        "progressive": min(days, _RIVAL_DAYS),
        "tapered": min(days, _RIVAL_DAYS),
        "tapered-2100": min(days, _RIVAL_DAYS),
        "oracle": min(days, _ORACLE_DAYS),
    }
    if log_normal:
        del counts["tapered"], counts["tapered-2100"]
    return [
        Task(agents, rate, log_normal, way, "", day)
        for day in range(days)
        for agents, rate in cells
        for way, most in counts.items()
        if day < most
    ]


def _stress_tasks(cells: Iterable[tuple[int, int]], days: int) -> list[Task]:
    kinds = (("predictive", "bursts"), ("predictive", "leaves"), ("rate -30 %", ""), ("rate +50 %", ""))
    return [
        Task(agents, rate, False, way, stress, day)
        for day in range(days)
        for agents, rate in cells
        for way, stress in kinds
    ]


def _cells(done: dict[Task, DialDay]) -> dict[tuple[int, int, bool, str, str], Cell]:
    days: dict[tuple[int, int, bool, str, str], list[DialDay]] = {}
    for task, day in done.items():
        days.setdefault(task.cell, []).append(day)
    return {cell: Cell(each) for cell, each in days.items()}


def _main_table(name: str, done: dict[Task, DialDay], *, keep: bool = True) -> Table:
    cells = _cells(done)
    rows = []
    for agents, rate, log_normal, way, _ in cells:
        if way != "predictive":
            continue

        def of(other: str, at: tuple[int, int, bool] = (agents, rate, log_normal)) -> Cell | None:
            return cells.get((*at, other, ""))

        mine = cells[agents, rate, log_normal, way, ""]
        pacer = PUBLISHED.get((agents, rate))
        rows.append(
            (
                f"{agents} · {rate} %",
                f"{closed_form(rate):.1f}",
                _utilisation(of("progressive")),
                *([] if log_normal else [_both(of("tapered")), _both(of("tapered-2100"))]),
                f"{mine.utilisation:.1f}",
                *([] if log_normal else [f"{pacer:.1f}" if pacer else ""]),
                f"{mine.idle_s:.0f}",
                f"{mine.drop:.2f}",
                f"{mine.worst:.2f}",
                f"{mine.over} of {len(mine.days)}",
                _utilisation(of("oracle")),
            )
        )
    rows.sort(key=lambda row: [float(part.strip(" %")) for part in row[0].split("·")])
    shape = _LOG_NORMAL_HEAD if name.endswith("log-normal") else _HEAD
    return Table(name, shape, rows, keep=keep)


def _utilisation(cell: Cell | None) -> str:
    return f"{cell.utilisation:.1f}" if cell else ""


def _both(cell: Cell | None) -> str:
    return f"{cell.utilisation:.1f} / {cell.drop:.1f}" if cell else ""


def _stress_table(stressed: dict[Task, DialDay], plain: dict[Task, DialDay]) -> Table:
    cells, base = _cells(stressed), _cells(plain)
    names = {
        "bursts": "answer rate doubles for 10 min of every hour",
        "leaves": "half the team leaves for 15 min, twice",
    }
    rows = []
    for way, stress in dict.fromkeys((way, stress) for *_, way, stress in cells):
        for (agents, rate, shape, one, kind), cell in cells.items():
            if (one, kind) == (way, stress):
                calm = base.get((agents, rate, shape, "predictive", ""))
                rows.append(
                    (
                        names.get(stress, f"answer rate frozen, {way.removeprefix('rate ')} wrong"),
                        f"{agents} · {rate} %",
                        f"{cell.utilisation:.1f}",
                        f"{cell.utilisation - calm.utilisation:+.1f}" if calm else "",
                        f"{cell.drop:.2f}",
                        f"{cell.worst:.2f}",
                        f"{cell.over} of {len(cell.days)}",
                    )
                )
    head = (
        "stress",
        "agents · answer rate",
        "utilisation %",
        "against calm days",
        "drop %",
        "worst day %",
        "days over 3 %",
    )
    return Table("dialer-stress", head, rows)


def decision_cost(agents: int = 250, lines: int = 400) -> Table:
    """CPU time of one full decision, and of the table refresh that comes with some."""
    modes = [AgentMode.TALKING] * (agents * 8 // 10) + [AgentMode.WRAPPING] * (agents * 18 // 100)
    modes += [AgentMode.READY] * (agents - len(modes))
    crew = tuple(KnownAgent(f"a{one}", mode, -500 * one) for one, mode in enumerate(modes))
    out = tuple(KnownLine(f"l{one}", -60 * one) for one in range(lines))
    pacer = pacer_for(
        settings(PacingMode.PREDICTIVE), Known(out, crew, connected=3000, abandoned=60, ends_ms=20_000_000)
    )
    assert isinstance(pacer, PredictivePacer)
    costs = []
    for step in range(1, 3000):
        pacer.line_ended(f"l{step % lines}", step * 250)
        pacer.line_launched(f"l{step % lines}", step * 250)
        began = time.process_time_ns()
        pacer.lines_to_launch(step * 250)
        costs.append((time.process_time_ns() - began) / 1e6)
    head = ("agents · lines", "median ms", "p99 ms", "worst ms", "aim p99 ms")
    row = (
        f"{agents} · {lines}",
        *(f"{value:.2f}" for value in (statistics.median(costs), percentile(costs, 0.99), max(costs))),
        "5",
    )
    return Table("dialer-decision", head, [row])


def main(words: Sequence[str] | None = None) -> int:
    """The long run; writes into docs/benchmarks.md unless ``--dry``."""
    asked = argparse.ArgumentParser(prog="python -m bench.dialer", description=__doc__)
    asked.add_argument("--days", type=int, default=20, help="days per cell")
    asked.add_argument("--cells", help="some only, as agents@rate: 10@25,50@10")
    asked.add_argument("--jobs", type=int, default=1, help="processes; 0: only what is kept already")
    asked.add_argument("--keep", type=Path, help="file that keeps the days")
    asked.add_argument("--dry", action="store_true", help="print only")
    options = asked.parse_args(words)
    cells = _parsed(options.cells) if options.cells else [(agents, rate) for agents in SIZES for rate in RATES]
    stressed = [cell for cell in STRESSED if cell in cells]
    load = load_average()
    plain = run_days(_main_tasks(cells, options.days, log_normal=False), options.keep, options.jobs)
    stress = run_days(_stress_tasks(stressed, options.days), options.keep, options.jobs)
    shaped = run_days(_main_tasks(cells, options.days, log_normal=True), options.keep, options.jobs)
    tables = [
        _main_table("dialer", plain),
        _stress_table(stress, plain),
        _main_table("dialer-log-normal", shaped),
        decision_cost(),
    ]
    for table in tables:
        said = f"{table.markdown()}\n\n<sub>{describe()} · target {TARGET:.2%} · load average at the start {load:.1f}</sub>"
        print(f"\n## {table.name}\n\n{said}", flush=True)
        if not options.dry:
            write_into(DOCUMENT, table.name, said)
    return 0


def _parsed(text: str) -> list[tuple[int, int]]:
    return [(int(agents), int(rate)) for agents, _, rate in (cell.partition("@") for cell in text.split(","))]


if __name__ == "__main__":
    sys.exit(main())
