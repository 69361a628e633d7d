"""Campaigns in motion: start, pause and stop, and how one stands now."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from callside.dialer.starting import warnings_of
from callside.exchange.administration import Administration
from callside.exchange.administration.campaign_forms import CampaignSheet
from callside.exchange.administration.campaigns import CampaignDesk
from callside.kernel.ids import TenantId
from callside.reporting.campaign_board import HALTS
from callside.reporting.dialing_sheets import penetration
from callside.v1_api import errors
from callside.v1_api.abandonment_sheets import AbandonmentSheet, abandonment_sheet
from callside.v1_api.access import Access
from callside.v1_api.figure_sheets import FigureSheet, meaning
from callside.v1_api.figures import LiveFigures, date_of
from callside.v1_api.resources import ItemId, TenantDependency

_RUNS: Final = {
    "start": "Start a campaign, or go on after a pause; refused where its jurisdiction or the house forbids it",
    "pause": "Pause a campaign: nothing new is dialled",
    "stop": "Stop a campaign",
}


class AgentModes(BaseModel):
    """Logged-in agents of the campaign by what they do."""

    ready: int = Field(description="Can be given a call; those for whom a line is out included.")
    talking: int
    wrapping: int
    away: int = Field(description="On a break, without a line, or in another's call.")


class CampaignStatus(BaseModel):
    """A campaign as it stands."""

    id: str = Field(examples=["280"])
    name: str
    type: str
    run: str = Field(examples=["running"])
    halt: str | None = Field(
        description="Why it dials nothing though it runs: " + "; ".join(f"`{k}`: {v}" for k, v in HALTS.items())
    )
    halt_message: str | None
    halt_reasons: list[errors.Reason] = Field(description="Every rule that forbids it, where `halt` is `forbidden`.")
    halt_until: datetime | None = Field(description="When that is looked at again, or is over.")
    lines: int = Field(description="Calls not yet with an agent.")
    waiting: int = Field(description="Of these, persons who have answered.")
    agents: AgentModes
    at_hand: int = Field(description="Leads fetched and not yet called.")
    leads: dict[str, int] | None = Field(
        description="Leads of its enabled lists by state; `fresh` were never tried.",
        examples=[{"fresh": 100, "due": 20, "dialling": 2, "callback": 1, "done": 30, "blocked": 3}],
    )
    penetration: FigureSheet = Field(description=meaning("PENETRATION"))
    dials: int = Field(description="Today; all figures: `GET /figures/campaigns`.")
    live: int
    connects: int
    abandonment: AbandonmentSheet | None = Field(description="In the profile's window; null: nothing was answered yet.")
    warnings: list[str] = Field(description="What works, but hardly as it is meant.")


def campaign_routes(
    desk: CampaignDesk, floors: LiveFigures, tenant: TenantDependency, *, prefix: str = "", tag: str = "campaigns"
) -> APIRouter:
    """The operations, for the tenant that ``tenant`` gives."""
    router = APIRouter(prefix="/campaigns/{item_id}", tags=[tag])
    mine = Annotated[TenantId, Depends(tenant)]

    def moved(verb: str, act: Callable[[TenantId, str], Any]) -> None:
        async def move(tenant_id: Any, item_id: ItemId) -> Any:
            return await act(tenant_id, item_id)

        move.__annotations__["tenant_id"] = mine
        named: dict[str, Any] = {"operation_id": f"{prefix}{verb}_campaign", "summary": _RUNS[verb]}
        ruled = errors.RULED if verb == "start" else {}
        router.post(f"/{verb}", response_model=CampaignSheet, responses=ruled, **named)(move)

    for verb, act in (("start", desk.start), ("pause", desk.pause), ("stop", desk.stop)):
        moved(verb, act)

    async def status(tenant_id: Any, item_id: ItemId) -> CampaignStatus:
        return await _status(desk, floors, tenant_id, item_id)

    status.__annotations__["tenant_id"] = mine
    router.get("/status", operation_id=f"{prefix}campaign_status", summary="How a campaign stands now")(status)
    return router


def campaigns_of_any_tenant(administration: Administration, floors: LiveFigures, access: Access) -> APIRouter:
    """The same with the root token."""
    router = APIRouter(prefix="/admin/tenants/{tenant_id}")
    inside = campaign_routes(administration.campaigns, floors, access.any_tenant, prefix="admin_", tag="installation")
    router.include_router(inside)
    return router


async def _status(desk: CampaignDesk, floors: LiveFigures, tenant_id: TenantId, item_id: str) -> CampaignStatus:
    campaign, directory = await desk.one(tenant_id, item_id)
    footing = await desk.footing(campaign, directory)
    leads = await desk.leads(tenant_id, item_id)
    now = floors.campaign_now(tenant_id, campaign.id)
    if now is None:
        raise desk.missing(item_id)
    row = now.row
    return CampaignStatus(
        id=row.id,
        name=row.name,
        type=row.type,
        run=row.run,
        halt=row.halt or None,
        halt_message=HALTS[now.halt] if now.halt is not None else None,
        halt_reasons=[errors.Reason(rule=one.rule, field=one.field, message=one.message) for one in now.broken],
        halt_until=date_of(row.halt_until) if row.halt_until is not None else None,
        lines=row.lines,
        waiting=row.waiting,
        agents=AgentModes(ready=row.ready, talking=row.talking, wrapping=row.wrapping, away=row.away),
        at_hand=now.at_hand,
        leads=leads,
        penetration=FigureSheet(**dataclasses.asdict(penetration(leads))),
        dials=row.dials,
        live=row.live,
        connects=row.connects,
        abandonment=abandonment_sheet(now.report),
        warnings=warnings_of(campaign, footing, floors.clock.now().wall),
    )
