"""Named formulas. A figure never goes anywhere without its formula's name (dialer-acd.md §4.5, §6)."""

from dataclasses import dataclass
from typing import Final

from callside.reporting.figures import AgentFigures, QueueFigures

FORMULAS: Final = {
    "SL_A": "answered within T / answered. Hides abandoned calls; for comparison with app_queue's ServicelevelPerf.",
    "SL_B": "answered within T / (answered + abandoned + let go + unavailable + still waiting longer than T). The default.",
    "SL_C": "answered within T / (answered + abandoned after more than the short-abandon limit + let go + unavailable + still "
    "waiting longer than T).",
    "SL_D": "(answered within T + abandoned within T) / (answered + abandoned + let go + unavailable + still waiting longer "
    "than T).",
    "ABANDONED": "abandoned after more than the short-abandon limit / offered.",
    "CALLBACK_SL": "first attempts within the queue's callback target / first attempts; a first attempt's time runs from the "
    "caller's coming to the queue, in its hours for callbacks alone, or else in the opening hours of the number they called.",
    "ASA": "sum of waits of answered calls / answered; a wait is from the queue's entry until caller and agent hear each "
    "other, ringing included.",
    "ASA_P50": "median wait of answered calls, to a tenth of a second.",
    "ASA_P95": "wait that 95 % of answered calls did not exceed, to a tenth of a second.",
    "AHT": "(talk + hold + wrap-up) / handled calls.",
    "TALK": "talk / handled calls.",
    "HOLD": "hold / handled calls.",
    "WRAP_UP": "wrap-up / handled calls.",
    "OCCUPANCY": "(talk + hold + wrap-up + ringing + dialling) / (that + ready). Breaks do not count.",
    "CONTACT": "live answers / dials. A live answer is a person: given an agent, abandoned, or gone before that.",
    "CONNECT": "connects / dials. A connect is a customer who heard an agent.",
    "CONVERSION": "successes / connects. A success is a call whose disposition has the effect `success` now.",
    "CONVERSION_LIVE": "successes / live answers.",
    "CONVERSION_DIALS": "successes / dials.",
    "CONVERSION_HOUR": "successes / hours that agents were logged in for the campaign, breaks and calls of their queues included.",
    "PENETRATION": "leads tried at least once / leads in the campaign's enabled lists, in both without blocked ones.",
    "IDLE": "mean of what agents waited before a connect: ready, dialling and preview; a break begins it anew.",
    "IDLE_P50": "median of that, to a tenth of a second.",
    "IDLE_P90": "what 90 % of those waits did not exceed, to a tenth of a second.",
    "BUSY": "H / (H + idle), H: (talk + hold + wrap-up) / handled calls, idle: IDLE.",
    "BUSY_PROGRESSIVE": "H / (H + W), W: mean time to a live answer + (1/p - 1) × mean time to any other end, p: live "
    "answers of calls that are over: what one line for each idle agent would reach.",
    "GAIN": "BUSY / BUSY_PROGRESSIVE: talk time for each hour worked, against progressive dialling.",
    "UTILISATION": "(talk + hold + wrap-up) / time logged in, breaks included.",
}
"""What each name means; ``/v1`` and its document print it."""
SERVICE_LEVELS: Final = ("SL_A", "SL_B", "SL_C", "SL_D")

_HANDLING: Final = ("talking", "held", "wrap_up")
_BUSY: Final = (*_HANDLING, "ringing", "reserved", "dialing")


@dataclass(frozen=True, slots=True)
class Targets:
    """What the figures of a queue are measured against.

    Attributes:
        answer_ms: T: within which a call is to be answered.
        short_ms: Who hangs up within this never really waited.
        service_level: Which of :data:`SERVICE_LEVELS`.
    """

    answer_ms: int = 20_000
    short_ms: int = 5_000
    service_level: str = "SL_B"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value (``None`` where there is nothing to divide by) and its formula's name. Shares are 0 to 1, times are ms."""

    value: float | int | None
    formula: str


def service_level(queue: QueueFigures, wall: int, targets: Targets) -> Figure:
    """The share that was served in time, as of ``wall``: a call that waits past T is missed at once."""
    limit = targets.answer_ms
    good = queue.answered.within(limit)
    abandoned = queue.abandoned.count
    match targets.service_level:
        case "SL_A":
            return Figure(share(good, queue.answered.count), "SL_A")
        case "SL_C":
            abandoned -= queue.abandoned.within(targets.short_ms)
        case "SL_D":
            good += queue.abandoned.within(limit)
        case _:
            pass
    missed = queue.let_go + queue.unavailable + queue.overdue(wall, limit)
    total = queue.answered.count + abandoned + missed
    return Figure(share(good, total), targets.service_level)


def abandoned_share(queue: QueueFigures, targets: Targets) -> Figure:
    """The share of callers who gave up."""
    return Figure(share(abandoned_long(queue, targets), queue.offered), "ABANDONED")


def abandoned_long(queue: QueueFigures, targets: Targets) -> int:
    """Callers who gave up after more than the short-abandon limit."""
    return queue.abandoned.count - queue.abandoned.within(targets.short_ms)


def callback_level(queue: QueueFigures) -> Figure:
    """The share of callbacks whose first attempt was in time."""
    return Figure(share(queue.callbacks.in_time, queue.callbacks.first.count), "CALLBACK_SL")


def answer_speed(queue: QueueFigures) -> tuple[Figure, Figure, Figure]:
    """Mean, median and 95th percentile (ms)."""
    waits = queue.answered
    return (
        Figure(waits.mean_ms(), "ASA"),
        Figure(waits.quantile_ms(0.5), "ASA_P50"),
        Figure(waits.quantile_ms(0.95), "ASA_P95"),
    )


def handle_times(talk_ms: int, hold_ms: int, wrap_ms: int, handled: int) -> tuple[Figure, Figure, Figure, Figure]:
    """Handling time of a call, and its three parts (ms)."""
    return (
        Figure(_mean(talk_ms + hold_ms + wrap_ms, handled), "AHT"),
        Figure(_mean(talk_ms, handled), "TALK"),
        Figure(_mean(hold_ms, handled), "HOLD"),
        Figure(_mean(wrap_ms, handled), "WRAP_UP"),
    )


def spent_ms(agent: AgentFigures, *states: str) -> int:
    """Milliseconds in these states; without any, in all of them."""
    return sum(agent.spent_ms[state] for state in (states or agent.spent_ms))


def occupancy(agent: AgentFigures) -> Figure:
    """How much of the time for calls was filled with them."""
    busy = spent_ms(agent, *_BUSY)
    return Figure(share(busy, busy + agent.spent_ms["ready"]), "OCCUPANCY")


def utilisation(agent: AgentFigures) -> Figure:
    """How much of the time logged in was spent on calls and their wrap-up."""
    return Figure(share(spent_ms(agent, *_HANDLING), spent_ms(agent)), "UTILISATION")


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole``, 0 to 1; ``None`` where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None
