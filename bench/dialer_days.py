"""Simulated days of dialling: which, run in parallel, and kept in a file so that a long run can be stopped and taken up again."""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bench.dialer_rivals import Oracle, Tapered, stubborn
from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import Known, PacingMode, PacingSettings
from callside.dialer.pacing.pacer import Pacer
from callside.simulation.dialing import DialDay, DialFloor
from callside.simulation.dialing_model import Campaign, published, with_bursts, with_leaves

TARGET = 0.0285
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Task:
    """One day. ``way``: the pacing; ``stress``: what goes wrong in it."""

    agents: int
    rate: int
    log_normal: bool
    way: str
    stress: str
    day: int

    @property
    def cell(self) -> tuple[int, int, bool, str, str]:
        """All but the day."""
        return self.agents, self.rate, self.log_normal, self.way, self.stress


def settings(mode: PacingMode) -> PacingSettings:
    """As shipped, but for teams of five too."""
    return PacingSettings(mode=mode, target=TARGET, smallest_team=0)


def _pacer(task: Task, campaign: Campaign) -> Pacer:
    plain = settings(PacingMode.PREDICTIVE)
    ways: dict[str, Callable[[], Pacer]] = {
        "tapered": lambda: Tapered(plain, Known(), latest_hhmm=1700),
        "tapered-2100": lambda: Tapered(plain, Known(), latest_hhmm=2100),
        "oracle": lambda: Oracle(campaign, plain),
        "rate -30 %": lambda: stubborn(campaign, 0.7, plain),
        "rate +50 %": lambda: stubborn(campaign, 1.5, plain),
    }
    if task.way in ways:
        return ways[task.way]()
    return pacer_for(settings(PacingMode(task.way)))


def run_day(task: Task) -> DialDay:
    """Simulate it; every way meets the same chances on the same day."""
    campaign = published(task.agents, task.rate / 100, log_normal=task.log_normal)
    if task.stress == "bursts":
        campaign = with_bursts(campaign)
    elif task.stress == "leaves":
        campaign = with_leaves(campaign)
    pacer = _pacer(task, campaign)
    floor = DialFloor(campaign, pacer, _SEED + 1000 * task.day + task.agents)
    if isinstance(pacer, Oracle):
        pacer.watch(floor)
    return floor.run()


def run_days(tasks: Iterable[Task], kept: Path | None, jobs: int) -> dict[Task, DialDay]:
    """All of them; those in ``kept`` are taken from there, the others added to it as they come. No jobs: only those."""
    done = dict(_read(kept)) if kept else {}
    wanted = list(tasks)
    if jobs == 0:
        return {task: done[task] for task in wanted if task in done}
    missing = [task for task in wanted if task not in done]
    with multiprocessing.Pool(jobs) if jobs > 1 else _Here() as pool:
        for task, day in pool.imap_unordered(_told, missing):
            done[task] = day
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([asdict(task), asdict(day)]) + "\n")
    return {task: done[task] for task in wanted}


def _told(task: Task) -> tuple[Task, DialDay]:
    return task, run_day(task)


def _read(kept: Path) -> Iterator[tuple[Task, DialDay]]:
    if kept.exists():
        for line in kept.read_text(encoding="utf-8").splitlines():
            task, day = json.loads(line)
            yield Task(**task), DialDay(**day)


class _Here:
    """In place of a pool, where one process is enough."""

    imap_unordered = staticmethod(map)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass
