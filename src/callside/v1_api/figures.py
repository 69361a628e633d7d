"""Figures of queues and agents: of today, and of quarters of an hour and days that are past."""

import asyncio
import dataclasses
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from callside.exchange.fact_reading import figures_between
from callside.exchange.ports import CallRecords
from callside.floor.directory import Directory
from callside.kernel.clock import Clock
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import AgentId, CampaignId, QueueId, TenantId
from callside.reporting.campaign_board import CampaignNow
from callside.reporting.day import Today
from callside.reporting.figures import AgentFigures, Figures, QueueFigures
from callside.reporting.formulas import FORMULAS, SERVICE_LEVELS
from callside.reporting.local_days import DaySteps, EvenSteps, day_of, zone_of
from callside.reporting.sheets import agent_ids, agent_sheet, queue_sheet, spend_running, targets_of, with_running
from callside.v1_api.access import Access
from callside.v1_api.calls import Floors
from callside.v1_api.figure_sheets import (
    AgentDay,
    AgentFiguresSheet,
    AgentIntervalList,
    AgentIntervalSheet,
    IntervalList,
    IntervalSheet,
    QueueDay,
    QueueNow,
)

QUARTER_MS: Final = 900_000
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_LONGEST_DAYS: Final = {"quarter": 7, "day": 31}
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


def figure_routes(
    floors: LiveFigures, records: CallRecords, access: Access, one_at_a_time: asyncio.Semaphore
) -> APIRouter:
    """The operations; ``one_at_a_time``: a week of facts is much to read, and calls go first."""
    router = APIRouter(prefix="/figures", tags=["figures"])

    @router.get("/queues", operation_id="queue_figures", summary="Queues today, since the tenant's midnight")
    async def queues(
        tenant_id: Annotated[TenantId, Depends(access.tenant)], service_level: ServiceLevel = "SL_B"
    ) -> QueueDay:
        return _queues(floors, tenant_id, await floors.directory(tenant_id), service_level)

    @router.get("/agents", operation_id="agent_figures", summary="Agents today, since the tenant's midnight")
    async def agents(tenant_id: Annotated[TenantId, Depends(access.tenant)]) -> AgentDay:
        return _agents(floors, tenant_id, await floors.directory(tenant_id))

    _interval_routes(router, floors, records, access, one_at_a_time)
    return router


def _interval_routes(
    router: APIRouter, floors: LiveFigures, records: CallRecords, access: Access, one_at_a_time: asyncio.Semaphore
) -> None:
    async def counted(tenant_id: TenantId, directory: Directory, span: Span, *, agents: bool) -> Figures:
        figures = span.figures(zone_of(directory.tenant.time_zone), agents=agents)
        async with one_at_a_time:
            return await figures_between(records, tenant_id, figures, people=agents)

    @router.get("/intervals", operation_id="interval_figures", summary="Queues by quarters of an hour, or by days")
    async def intervals(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        span: Annotated[Span, Depends(read_span)],
        queue: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only this one.")] = None,
        service_level: ServiceLevel = "SL_B",
    ) -> IntervalList:
        directory = await floors.directory(tenant_id)
        found = await counted(tenant_id, directory, span, agents=False)
        return _queue_intervals(found, queue, directory, floors.clock.now().wall, service_level)

    @router.get(
        "/agents/intervals", operation_id="agent_interval_figures", summary="Agents by quarters of an hour, or by days"
    )
    async def agent_intervals(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        span: Annotated[Span, Depends(read_span)],
        agent: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only this one.")] = None,
    ) -> AgentIntervalList:
        directory = await floors.directory(tenant_id)
        found = await counted(tenant_id, directory, span, agents=True)
        spend_running(found, floors.live(tenant_id)[0], floors.clock.now())
        return _agent_intervals(found, agent, directory)


def _queue_intervals(
    found: Figures, queue: str | None, directory: Directory, wall: int, service_level: str
) -> IntervalList:
    zone = zone_of(directory.tenant.time_zone)
    wanted = sorted((at, one) for one, at in found.queues if queue in {None, one})
    rows = (
        IntervalSheet(begin=date_of(at, zone), **_queue(found.queues[one, at], one, directory, wall, service_level))
        for at, one in wanted
    )
    return IntervalList(items=list(rows))


def _agent_intervals(found: Figures, agent: str | None, directory: Directory) -> AgentIntervalList:
    zone = zone_of(directory.tenant.time_zone)
    wanted = sorted((at, one) for one, at in found.agent_intervals if agent in {None, one})
    rows = (
        AgentIntervalSheet(begin=date_of(at, zone), **_agent(found.agent_intervals[one, at], one, directory))
        for at, one in wanted
    )
    return AgentIntervalList(items=list(rows))


def _queues(floors: LiveFigures, tenant_id: TenantId, directory: Directory, service_level: str) -> QueueDay:
    now = floors.clock.now()
    today = floors.today(tenant_id)
    figures = today.at(now.wall)
    _, calls = floors.live(tenant_id)
    longest: dict[str, int] = {}
    for call in calls:
        on_the_line = call.cause is None and call.callback is None
        if call.queue_id is not None and call.state in {"queued", "offered"} and on_the_line:
            # Who calls in again in a kept place waits since then.
            since = max(call.queued or call.started, call.started)
            longest[call.queue_id] = max(longest.get(call.queue_id, 0), since.elapsed_until(now))
    items = [
        QueueNow(
            **_queue(figures.queue(one), one, directory, now.wall, service_level), longest_waiting_ms=longest.get(one)
        )
        for one in directory.queues
    ]
    zone = zone_of(today.time_zone)
    return QueueDay(since=date_of(figures.since, zone), at=date_of(now.wall), complete=today.is_complete, items=items)


def _agents(floors: LiveFigures, tenant_id: TenantId, directory: Directory) -> AgentDay:
    now = floors.clock.now()
    today = floors.today(tenant_id)
    figures = today.at(now.wall)
    sessions, _ = floors.live(tenant_id)
    by_agent = {one.agent_id: one for one in sessions}
    items = []
    for agent_id in agent_ids(figures, sessions):
        whole = with_running(figures, agent_id, by_agent.get(agent_id), now)
        items.append(AgentFiguresSheet(logged_in=agent_id in by_agent, **_agent(whole, agent_id, directory)))
    zone = zone_of(today.time_zone)
    return AgentDay(since=date_of(figures.since, zone), at=date_of(now.wall), complete=today.is_complete, items=items)


def _agent(figures: AgentFigures, agent_id: AgentId, directory: Directory) -> dict[str, Any]:
    agent = directory.agents.get(agent_id)
    who = {"agent_id": agent_id, "agent_name": agent.name if agent else ""}
    return who | dataclasses.asdict(agent_sheet(figures))


def _queue(
    figures: QueueFigures, queue_id: QueueId, directory: Directory, wall: int, service_level: str
) -> dict[str, Any]:
    queue = directory.queues.get(queue_id)
    sheet = queue_sheet(figures, wall, targets_of(queue, service_level))
    return {"queue_id": queue_id, "queue_name": queue.name if queue else "", **dataclasses.asdict(sheet)}


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Which time is asked for, and in which steps."""

    begin: datetime
    end: datetime
    step: str

    def figures(self, zone: tzinfo, *, agents: bool) -> Figures:
        """Empty ones of that time.

        Raises:
            InvalidFieldError: It does not begin and end on its steps, or is too long.
        """
        since, until = (self._on_step(name, at, zone) for name, at in (("from", self.begin), ("to", self.end)))
        days = _LONGEST_DAYS[self.step]
        # A day may have 25 hours.
        if not since < until <= since + days * _DAY_MS + _HOUR_MS * (self.step == "day"):
            raise InvalidFieldError(f"to: it must be after `from`, and at most {days} days after it", field="to")
        steps = DaySteps(zone) if self.step == "day" else EvenSteps(since, QUARTER_MS)
        return Figures(since, until, steps=steps, agents_by_interval=agents)

    def _on_step(self, name: str, at: datetime, zone: tzinfo) -> int:
        wall = round(at.timestamp() * 1000)
        if self.step == "quarter" and wall % QUARTER_MS:
            message = f"{name}: it must be on a quarter of an hour, such as 2026-01-31T09:15:00Z"
            raise InvalidFieldError(message, field=name)
        if self.step == "day" and (midnight := day_of(wall, zone)) != wall:
            shown = date_of(midnight, zone).isoformat()
            raise InvalidFieldError(f"{name}: it must be a midnight of the tenant's, such as {shown}", field=name)
        return wall


def read_span(
    begin: Annotated[AwareDatetime, Query(alias="from", description="On a step.")],
    end: Annotated[AwareDatetime, Query(alias="to", description="At most 7 days after `from`; with days, 31.")],
    step: Annotated[
        Literal["quarter", "day"], Query(description="Quarters of an hour, or days of the tenant's time zone.")
    ] = "quarter",
) -> Span:
    """The time that a query asks for."""
    return Span(begin, end, step)


def date_of(wall: int, zone: tzinfo = UTC) -> datetime:
    """A moment as `/v1` tells it."""
    return datetime.fromtimestamp(wall / 1000, zone)
