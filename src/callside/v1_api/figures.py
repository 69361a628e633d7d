"""Figures of queues and agents: of today, and of quarters of an hour that are past."""

import asyncio
import dataclasses
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callside.exchange.fact_reading import figures_between
from callside.exchange.ports import CallRecords
from callside.floor.directory import Directory
from callside.kernel.clock import Clock
from callside.kernel.ids import CampaignId, QueueId, TenantId
from callside.reporting.campaign_board import CampaignNow
from callside.reporting.day import Today
from callside.reporting.figures import QueueFigures
from callside.reporting.formulas import FORMULAS, SERVICE_LEVELS
from callside.reporting.sheets import agent_ids, agent_sheet, queue_sheet, targets_of, with_running
from callside.v1_api.access import Access
from callside.v1_api.calls import Floors
from callside.v1_api.figure_sheets import QUARTER_MS, FigureSheet, From, To, date_of, meaning, read_span

ServiceLevel = Annotated[
    Literal["SL_A", "SL_B", "SL_C", "SL_D"],
    Query(description="Which service level: " + " ".join(f"`{one}`: {FORMULAS[one]}" for one in SERVICE_LEVELS)),
]


class LiveFigures(Floors, Protocol):
    """What figures need of the exchange."""

    clock: Clock

    def today(self, tenant_id: TenantId) -> Today:
        """The day's figures so far."""

    def campaign_now(self, tenant_id: TenantId, campaign_id: CampaignId) -> CampaignNow | None:
        """How a campaign stands."""


class QueueFiguresSheet(BaseModel):
    """A queue. offered = answered + abandoned + let_go + moved_on + waiting; a call counts where it arrived."""

    queue_id: str = Field(examples=["279"])
    queue_name: str = Field(examples=["Support"], description="Empty when the queue was removed.")
    offered: int
    answered: int
    abandoned: int
    abandoned_short: int = Field(description="Of the abandoned, those within the short-abandon limit.")
    let_go: int = Field(description="Ended unanswered, but not by the caller: longest wait reached, engine lost.")
    moved_on: int = Field(description="Went to another queue unanswered.")
    waiting: int = Field(description="Not answered yet.")
    rona: int = Field(description="Offers that an agent did not answer in time.")
    declined: int
    handled: int = Field(description="Answered calls that are over; AHT is theirs.")
    answer_within_ms: int = Field(description="T of the service level: the queue's `service_level_s`.")
    short_abandon_ms: int
    service_level: FigureSheet = Field(description=meaning(*SERVICE_LEVELS))
    abandoned_share: FigureSheet = Field(description=meaning("ABANDONED"))
    asa: FigureSheet = Field(description=meaning("ASA"))
    asa_p50: FigureSheet = Field(description=meaning("ASA_P50"))
    asa_p95: FigureSheet = Field(description=meaning("ASA_P95"))
    aht: FigureSheet = Field(description=meaning("AHT"))
    talk: FigureSheet = Field(description=meaning("TALK"))
    hold: FigureSheet = Field(description=meaning("HOLD"))
    wrap_up: FigureSheet = Field(description=meaning("WRAP_UP"))


class QueueNow(QueueFiguresSheet):
    """A queue today, and who has waited longest."""

    longest_waiting_ms: int | None = Field(description="Of the calls waiting now; null when nobody waits.")


class IntervalSheet(QueueFiguresSheet):
    """A queue in a quarter of an hour."""

    begin: datetime


class AgentFiguresSheet(BaseModel):
    """An agent today. Times are milliseconds in a state, the one that runs included."""

    agent_id: str = Field(examples=["111"])
    agent_name: str
    logged_in: bool
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
    away_ms: int = Field(description="Logged in, but without line or page.")
    aht: FigureSheet = Field(description="(talk + hold + wrap-up) / answered calls, the running one included.")
    occupancy: FigureSheet = Field(description=meaning("OCCUPANCY"))
    utilisation: FigureSheet = Field(description=meaning("UTILISATION"))


class _Day(BaseModel):
    since: datetime = Field(description="Midnight UTC.")
    at: datetime
    complete: bool = Field(description="False for a moment after a restart, while the day is counted again.")


class QueueDay(_Day):
    """All queues today."""

    items: list[QueueNow]


class AgentDay(_Day):
    """All agents today."""

    items: list[AgentFiguresSheet]


class IntervalList(BaseModel):
    """Quarters of an hour in which calls came; those without a call are left out."""

    items: list[IntervalSheet]


def figure_routes(
    floors: LiveFigures, records: CallRecords, access: Access, one_at_a_time: asyncio.Semaphore
) -> APIRouter:
    """The three operations; ``one_at_a_time``: a week of facts is much to read, and calls go first."""
    router = APIRouter(prefix="/figures", tags=["figures"])

    @router.get("/queues", operation_id="queue_figures", summary="Queues today, since midnight UTC")
    async def queues(
        tenant_id: Annotated[TenantId, Depends(access.tenant)], service_level: ServiceLevel = "SL_B"
    ) -> QueueDay:
        return _queues(floors, tenant_id, await floors.directory(tenant_id), service_level)

    @router.get("/agents", operation_id="agent_figures", summary="Agents today, since midnight UTC")
    async def agents(tenant_id: Annotated[TenantId, Depends(access.tenant)]) -> AgentDay:
        return _agents(floors, tenant_id, await floors.directory(tenant_id))

    @router.get("/intervals", operation_id="interval_figures", summary="Queues by quarters of an hour")
    async def intervals(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        begin: From,
        end: To,
        queue: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only this one.")] = None,
        service_level: ServiceLevel = "SL_B",
    ) -> IntervalList:
        since, until = read_span(begin, end)
        directory = await floors.directory(tenant_id)
        async with one_at_a_time:
            found = await figures_between(records, tenant_id, since, until, QUARTER_MS)
        now = floors.clock.now().wall
        wanted = sorted((at, one) for one, at in found.queues if queue in {None, one})
        rows = (
            IntervalSheet(begin=date_of(at), **_queue(found.queues[one, at], one, directory, now, service_level))
            for at, one in wanted
        )
        return IntervalList(items=list(rows))

    return router


def _queues(floors: LiveFigures, tenant_id: TenantId, directory: Directory, service_level: str) -> QueueDay:
    now = floors.clock.now()
    today = floors.today(tenant_id)
    figures = today.at(now.wall)
    _, calls = floors.live(tenant_id)
    longest: dict[str, int] = {}
    for call in calls:
        if call.queue_id is not None and call.state in {"queued", "offered"} and call.cause is None:
            longest[call.queue_id] = max(
                longest.get(call.queue_id, 0), (call.queued or call.started).elapsed_until(now)
            )
    items = [
        QueueNow(
            **_queue(figures.queue(one), one, directory, now.wall, service_level), longest_waiting_ms=longest.get(one)
        )
        for one in directory.queues
    ]
    return QueueDay(since=date_of(figures.since), at=date_of(now.wall), complete=today.is_complete, items=items)


def _agents(floors: LiveFigures, tenant_id: TenantId, directory: Directory) -> AgentDay:
    now = floors.clock.now()
    today = floors.today(tenant_id)
    figures = today.at(now.wall)
    sessions, _ = floors.live(tenant_id)
    by_agent = {one.agent_id: one for one in sessions}
    items = []
    for agent_id in agent_ids(figures, sessions):
        sheet = agent_sheet(with_running(figures, agent_id, by_agent.get(agent_id), now))
        agent = directory.agents.get(agent_id)
        who: dict[str, Any] = {
            "agent_id": agent_id,
            "agent_name": agent.name if agent else "",
            "logged_in": agent_id in by_agent,
        }
        items.append(AgentFiguresSheet(**who, **dataclasses.asdict(sheet)))
    return AgentDay(since=date_of(figures.since), at=date_of(now.wall), complete=today.is_complete, items=items)


def _queue(
    figures: QueueFigures, queue_id: QueueId, directory: Directory, wall: int, service_level: str
) -> dict[str, Any]:
    queue = directory.queues.get(queue_id)
    sheet = queue_sheet(figures, wall, targets_of(queue, service_level))
    return {"queue_id": queue_id, "queue_name": queue.name if queue else "", **dataclasses.asdict(sheet)}
