"""Figures as they are told: of a queue, of an agent. Times are ms, shares 0 to 1, each with its formula's name."""

from collections.abc import Iterable
from dataclasses import dataclass

from callside.acd.model import Queue
from callside.floor.live import LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, CampaignId
from callside.reporting import formulas
from callside.reporting.dialing import CampaignFold
from callside.reporting.figures import AgentFigures, Figures, QueueFigures
from callside.reporting.formulas import Figure, Targets


@dataclass(frozen=True, slots=True)
class QueueSheet:
    """A queue's figures: offered = answered + abandoned + let_go + moved_on + called_back + voicemail + unavailable + waiting."""

    offered: int
    answered: int
    abandoned: int
    abandoned_short: int
    let_go: int
    moved_on: int
    called_back: int
    voicemail: int
    unavailable: int
    waiting: int
    rona: int
    declined: int
    handled: int
    answer_within_ms: int
    short_abandon_ms: int
    service_level: Figure
    abandoned_share: Figure
    asa: Figure
    asa_p50: Figure
    asa_p95: Figure
    aht: Figure
    talk: Figure
    hold: Figure
    wrap_up: Figure
    callbacks: "CallbackSheet"


@dataclass(frozen=True, slots=True)
class CallbackSheet:
    """A queue's callbacks; see :class:`~callside.reporting.figures.CallbackFigures`."""

    opened: int
    answered: int
    not_reached: int
    called_again: int
    dropped: int
    attempts: int
    first_attempt_mean_ms: int | None
    service_level: Figure


@dataclass(frozen=True, slots=True)
class AgentSheet:
    """An agent's figures; ``*_ms`` are times spent in states, the running one included."""

    offered: int
    answered: int
    answered_inbound: int
    answered_outbound: int
    rona: int
    declined: int
    logged_in_ms: int
    ready_ms: int
    ringing_ms: int
    dialing_ms: int
    talk_ms: int
    hold_ms: int
    wrap_ms: int
    break_ms: int
    not_responding_ms: int
    away_ms: int
    aht: Figure
    occupancy: Figure
    utilisation: Figure


def targets_of(queue: Queue | None, service_level: str = "SL_B") -> Targets:
    """What a queue is measured against; one that was removed, against the usual."""
    if queue is None:
        return Targets(service_level=service_level)
    return Targets(queue.service_level_s * 1000, queue.short_abandon_s * 1000, service_level)


def queue_sheet(queue: QueueFigures, wall: int, targets: Targets) -> QueueSheet:
    """The queue's figures as of ``wall``."""
    aht, talk, hold, wrap_up = formulas.handle_times(queue.talk_ms, queue.hold_ms, queue.wrap_ms, queue.handled)
    asa, asa_p50, asa_p95 = formulas.answer_speed(queue)
    long = formulas.abandoned_long(queue, targets)
    return QueueSheet(
        offered=queue.offered,
        answered=queue.answered.count,
        abandoned=queue.abandoned.count,
        abandoned_short=queue.abandoned.count - long,
        let_go=queue.let_go,
        moved_on=queue.moved_on,
        called_back=queue.called_back,
        voicemail=queue.voicemail,
        unavailable=queue.unavailable,
        waiting=len(queue.waiting),
        rona=queue.rona,
        declined=queue.declined,
        handled=queue.handled,
        answer_within_ms=targets.answer_ms,
        short_abandon_ms=targets.short_ms,
        service_level=formulas.service_level(queue, wall, targets),
        abandoned_share=formulas.abandoned_share(queue, targets),
        asa=asa,
        asa_p50=asa_p50,
        asa_p95=asa_p95,
        aht=aht,
        talk=talk,
        hold=hold,
        wrap_up=wrap_up,
        callbacks=_callback_sheet(queue),
    )


def _callback_sheet(queue: QueueFigures) -> CallbackSheet:
    done = queue.callbacks
    return CallbackSheet(
        done.opened,
        done.answered,
        done.not_reached,
        done.called_again,
        done.dropped,
        done.attempts,
        done.first.mean_ms(),
        formulas.callback_level(queue),
    )


def with_running(figures: Figures, agent_id: AgentId, session: LiveSession | None, now: Moment) -> AgentFigures:
    """The agent's figures and, on top, the state they are in now."""
    done = figures.agent(agent_id)
    whole = AgentFigures(done.offered, done.rona, done.declined, done.answered_in, done.answered_out)
    whole.spent_ms.update(done.spent_ms)
    if session is not None:
        running = session.since.elapsed_until(now)
        whole.spent_ms[session.state.value] += min(running, figures.clipped_ms(now.wall - running, now.wall))
    return whole


def spend_running(figures: Figures, sessions: Iterable[LiveSession], now: Moment) -> None:
    """Add the states that agents are in now to the intervals they run in."""
    for session in sessions:
        running = session.since.elapsed_until(now)
        figures.spend(session.agent_id, session.state.value, now.wall - running, now.wall)


def log_in_running(campaigns: CampaignFold, sessions: Iterable[LiveSession], now: Moment) -> None:
    """Add what agents are logged in for campaigns in states that are not over."""
    for session in sessions:
        if session.campaign_id is not None:
            campaigns.log_in(session.campaign_id, now.wall - session.since.elapsed_until(now), now.wall)


def running_ms(figures: Figures, sessions: Iterable[LiveSession], now: Moment, campaign_id: CampaignId) -> int:
    """How much of this time agents are logged in for a campaign in states that are not over."""
    mine = (one.since.elapsed_until(now) for one in sessions if one.campaign_id == campaign_id)
    return sum(min(lasted, figures.clipped_ms(now.wall - lasted, now.wall)) for lasted in mine)


def agent_sheet(agent: AgentFigures) -> AgentSheet:
    """The agent's figures."""
    spent = agent.spent_ms
    aht, *_ = formulas.handle_times(spent["talking"], spent["held"], spent["wrap_up"], agent.answered)
    return AgentSheet(
        offered=agent.offered,
        answered=agent.answered,
        answered_inbound=agent.answered_in,
        answered_outbound=agent.answered_out,
        rona=agent.rona,
        declined=agent.declined,
        logged_in_ms=formulas.spent_ms(agent),
        ready_ms=spent["ready"],
        ringing_ms=formulas.spent_ms(agent, "ringing", "reserved"),
        dialing_ms=spent["dialing"],
        talk_ms=spent["talking"],
        hold_ms=spent["held"],
        wrap_ms=spent["wrap_up"],
        break_ms=spent["break"],
        not_responding_ms=spent["not_responding"],
        away_ms=formulas.spent_ms(agent, "connecting", "lost"),
        aht=aht,
        occupancy=formulas.occupancy(agent),
        utilisation=formulas.utilisation(agent),
    )


def agent_ids(figures: Figures, sessions: Iterable[LiveSession]) -> list[AgentId]:
    """Everybody who has figures or is logged in."""
    return sorted({*figures.agents, *(one.agent_id for one in sessions)})
