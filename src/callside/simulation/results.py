"""What came of a run: the figures that the real floor has too, by queue and by quarter of an hour."""

from dataclasses import dataclass, field
from typing import Final

from callside.floor.facts import Fact
from callside.reporting import formulas
from callside.reporting.figures import Figures, QueueFigures
from callside.simulation.centre import BEGIN, Centre
from callside.simulation.scenario import INTERVAL_S, QueuePlan, Scenario

_STEP_MS: Final = INTERVAL_S * 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """One quarter of an hour, by arrival. ``begin_s`` is from the beginning."""

    begin_s: int
    offered: int
    asa_ms: int | None
    service_level: float | None


@dataclass(frozen=True, slots=True)
class QueueResult:
    """One queue over the whole run; formulas as in :data:`callside.reporting.formulas.FORMULAS`.

    ``occupancy`` is that of the agents who serve the queue, other queues' calls included.
    """

    name: str
    offered: int
    answered: int
    abandoned: int
    let_go: int
    asa_ms: int | None
    p50_ms: int | None
    p95_ms: int | None
    service_level_s: int
    service_level: float | None
    abandoned_share: float | None
    aht_ms: int | None
    occupancy: float | None
    intervals: tuple[Interval, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """All queues. ``agents`` is how many there were."""

    scenario: Scenario
    agents: int
    queues: tuple[QueueResult, ...]
    events: int


def simulate(scenario: Scenario) -> Result:
    """Run the scenario to its end. The same scenario gives the same result, to the last digit."""
    whole, quarters = Figures(BEGIN.wall, step_ms=1 << 62), Figures(BEGIN.wall, step_ms=_STEP_MS)

    def take(fact: Fact) -> None:
        whole.take(fact)
        quarters.take(fact)

    centre = Centre(scenario, take)
    centre.run()
    queues = tuple(_queue_result(centre, plan, whole, quarters) for plan in scenario.queues)
    return Result(scenario, len(centre.agents), queues, centre.happened["events"])


def _queue_result(centre: Centre, plan: QueuePlan, whole: Figures, quarters: Figures) -> QueueResult:
    queue_id = centre.queue_ids[plan.name]
    counted = whole.queue(queue_id)
    targets = formulas.Targets(plan.service_level_s * 1000, plan.short_abandon_s * 1000)
    asa, p50, p95 = formulas.answer_speed(counted)
    aht = formulas.handle_times(counted.talk_ms, counted.hold_ms, counted.wrap_ms, counted.handled)[0]
    intervals = [
        _interval(begin, of_quarter, targets, centre.wall)
        for (one, begin), of_quarter in sorted(quarters.queues.items())
        if one == queue_id
    ]
    return QueueResult(
        name=plan.name,
        offered=counted.offered,
        answered=counted.answered.count,
        abandoned=counted.abandoned.count,
        let_go=counted.let_go,
        asa_ms=_whole(asa),
        p50_ms=_whole(p50),
        p95_ms=_whole(p95),
        service_level_s=plan.service_level_s,
        service_level=formulas.service_level(counted, centre.wall, targets).value,
        abandoned_share=formulas.abandoned_share(counted, targets).value,
        aht_ms=_whole(aht),
        occupancy=_occupancy(centre, plan.name, whole),
        intervals=tuple(intervals),
    )


def _interval(begin: int, counted: QueueFigures, targets: formulas.Targets, wall: int) -> Interval:
    level = formulas.service_level(counted, wall, targets).value
    asa = _whole(formulas.answer_speed(counted)[0])
    return Interval((begin - BEGIN.wall) // 1000, counted.offered, asa, level)


def _occupancy(centre: Centre, queue: str, whole: Figures) -> float | None:
    busy = ready = 0
    for agent_id, group in centre.agents.items():
        if queue in group.queues:
            agent = whole.agent(agent_id)
            ready += agent.spent_ms["ready"]
            busy += formulas.spent_ms(agent, "talking", "held", "wrap_up", "ringing", "reserved", "dialing")
    return round(busy / (busy + ready), 4) if busy + ready else None


def _whole(figure: formulas.Figure) -> int | None:
    return None if figure.value is None else round(figure.value)
