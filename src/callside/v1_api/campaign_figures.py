"""Figures of campaigns: of today, and of quarters of an hour and days that are past."""

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callside.dialer.laws.sampling import NOTHING_SAMPLED, Sampled
from callside.exchange.administration.campaigns import CampaignDesk
from callside.exchange.fact_reading import figures_between
from callside.exchange.ports import CallRecords
from callside.floor.directory import Directory
from callside.kernel.ids import CampaignId, TenantId
from callside.reporting.dialing import CampaignFigures
from callside.reporting.dialing_sheets import abandonment, campaign_sheet, penetration
from callside.reporting.local_days import zone_of
from callside.reporting.sheets import log_in_running, running_ms
from callside.v1_api.abandonment_sheets import AbandonmentSheet, abandonment_sheet
from callside.v1_api.access import Access
from callside.v1_api.figure_sheets import FigureSheet, meaning
from callside.v1_api.figures import LiveFigures, Span, date_of, read_span


class CampaignFiguresSheet(BaseModel):
    """A campaign. dials = live + failed + in_flight; a call counts where it was dialled."""

    campaign_id: str = Field(examples=["280"])
    campaign_name: str = Field(examples=["Renewals"], description="Empty when the campaign was removed.")
    dials: int
    rang: int = Field(description="The customer's phone rang.")
    live: int = Field(description="A person answered: given an agent, abandoned, or gone before that.")
    connects: int = Field(description="Customer and agent heard each other.")
    handled: int = Field(description="Connects that are over; AHT is theirs.")
    machines: int = Field(description="Told to be machines, and not given an agent.")
    failed: int = Field(description="Over, and no person answered; machines included.")
    in_flight: int = Field(description="Not over, and no person there yet.")
    successes: int
    logged_in_ms: int = Field(description="That agents were logged in for it in this time; see CONVERSION_HOUR.")
    causes: dict[str, int] = Field(description="How calls ended that no person answered.", examples=[{"no_answer": 61}])
    dispositions: dict[str, int] = Field(description="By code.", examples=[{"sale": 7}])
    contact_rate: FigureSheet = Field(description=meaning("CONTACT"))
    connect_rate: FigureSheet = Field(description=meaning("CONNECT"))
    conversion: FigureSheet = Field(description=meaning("CONVERSION"))
    conversion_live: FigureSheet = Field(description=meaning("CONVERSION_LIVE"))
    conversion_dials: FigureSheet = Field(description=meaning("CONVERSION_DIALS"))
    conversion_hour: FigureSheet = Field(description=meaning("CONVERSION_HOUR"))
    aht: FigureSheet = Field(description=meaning("AHT"))
    idle: FigureSheet = Field(description=meaning("IDLE"))
    idle_p50: FigureSheet = Field(description=meaning("IDLE_P50"))
    idle_p90: FigureSheet = Field(description=meaning("IDLE_P90"))
    busy: FigureSheet = Field(description=meaning("BUSY"))
    busy_progressive: FigureSheet = Field(description=meaning("BUSY_PROGRESSIVE"))
    gain: FigureSheet = Field(description=meaning("GAIN"))
    abandonment: AbandonmentSheet | None = Field(
        description="Of these calls, by today's version of the profile; null: the campaign has none."
    )


class CampaignToday(CampaignFiguresSheet):
    """A campaign today, its abandonment as the law counts it, and how far its lists are through."""

    leads: dict[str, int] | None = Field(
        description="Leads of its enabled lists now, by state; `fresh` were never tried. Null: no leads are kept.",
        examples=[{"fresh": 100, "due": 20, "dialling": 2, "callback": 1, "done": 30, "blocked": 3}],
    )
    penetration: FigureSheet = Field(description=meaning("PENETRATION"))
    abandonment_window: AbandonmentSheet | None = Field(
        description="In the profile's own window; null: nothing was answered yet, or no profile."
    )


class CampaignInterval(CampaignFiguresSheet):
    """A campaign in one interval."""

    begin: datetime = Field(description="By the tenant's clocks.")


class CampaignDay(BaseModel):
    """All campaigns today."""

    since: datetime = Field(description="The tenant's midnight.")
    at: datetime
    complete: bool = Field(description="False for a moment after a restart, while the day is counted again.")
    items: list[CampaignToday]


class CampaignIntervals(BaseModel):
    """Intervals in which calls were dialled or agents were logged in; the others are left out."""

    items: list[CampaignInterval]


def campaign_figure_routes(
    desk: CampaignDesk, floors: LiveFigures, records: CallRecords, access: Access, one_at_a_time: asyncio.Semaphore
) -> APIRouter:
    """The two operations."""
    router = APIRouter(prefix="/figures/campaigns", tags=["figures"])

    @router.get("", operation_id="campaign_figures", summary="Campaigns today, since the tenant's midnight")
    async def campaigns(tenant_id: Annotated[TenantId, Depends(access.tenant)]) -> CampaignDay:
        directory = await floors.directory(tenant_id)
        leads = {one: await desk.leads(tenant_id, one) for one in directory.campaigns}
        return _today(floors, tenant_id, directory, leads)

    @router.get(
        "/intervals", operation_id="campaign_interval_figures", summary="Campaigns by quarters of an hour, or by days"
    )
    async def intervals(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        span: Annotated[Span, Depends(read_span)],
        campaign: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only this one.")] = None,
    ) -> CampaignIntervals:
        directory = await floors.directory(tenant_id)
        zone = zone_of(directory.tenant.time_zone)
        figures = span.figures(zone, agents=False)
        async with one_at_a_time:
            found = (await figures_between(records, tenant_id, figures, people=True)).dialing
        log_in_running(found, floors.live(tenant_id)[0], floors.clock.now())
        now = floors.clock.now().wall
        wanted = sorted((at, one) for one, at in found.campaigns if campaign in {None, one})
        known = {one: _sampled(floors, tenant_id, one) for _, one in wanted}
        rows = (
            CampaignInterval(
                begin=date_of(at, zone),
                **figures_of(
                    found.campaigns[one, at], one, directory, at, min(now, found.steps.end_of(at)), sampled=known[one]
                ),
            )
            for at, one in wanted
        )
        return CampaignIntervals(items=list(rows))

    return router


def _today(
    floors: LiveFigures, tenant_id: TenantId, directory: Directory, leads: Mapping[CampaignId, dict[str, int] | None]
) -> CampaignDay:
    moment, today = floors.clock.now(), floors.today(tenant_id)
    now, sessions = moment.wall, floors.live(tenant_id)[0]
    figures = today.at(now)
    items = []
    for one in directory.campaigns:
        stands = floors.campaign_now(tenant_id, one)
        told = figures_of(
            figures.dialing.campaign(one),
            one,
            directory,
            figures.since,
            now,
            sampled=_sampled(floors, tenant_id, one),
            logged_in_ms=running_ms(figures, sessions, moment, one),
        )
        window = abandonment_sheet(stands.report) if stands is not None else None
        tried = FigureSheet(**dataclasses.asdict(penetration(leads[one])))
        items.append(CampaignToday(**told, abandonment_window=window, leads=leads[one], penetration=tried))
    since = date_of(figures.since, zone_of(today.time_zone))
    return CampaignDay(since=since, at=date_of(now), complete=today.is_complete, items=items)


def _sampled(floors: LiveFigures, tenant_id: TenantId, campaign_id: CampaignId) -> Sampled:
    stands = floors.campaign_now(tenant_id, campaign_id)
    return stands.report.sampled if stands is not None and stands.report is not None else NOTHING_SAMPLED


def figures_of(
    figures: CampaignFigures,
    campaign_id: CampaignId,
    directory: Directory,
    start: int,
    end: int,
    *,
    sampled: Sampled = NOTHING_SAMPLED,
    logged_in_ms: int = 0,
) -> dict[str, Any]:
    """The fields of a campaign's figures, from ``start`` to ``end`` (wall ms).

    ``sampled``: what is known of its machines now; ``logged_in_ms``: in states that are not over.
    """
    campaign = directory.campaigns.get(campaign_id)
    profile = directory.profile_at(campaign.plan.profile, end) if campaign is not None else None
    opted_in = campaign is not None and campaign.plan.predictive_opt_in
    report = abandonment(figures.outcomes, profile, start, end, opted_in=opted_in, sampled=sampled)
    return {
        "campaign_id": campaign_id,
        "campaign_name": campaign.name if campaign is not None else "",
        **dataclasses.asdict(campaign_sheet(figures, campaign, logged_in_ms)),
        "abandonment": abandonment_sheet(report),
    }
