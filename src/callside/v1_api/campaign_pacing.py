"""What predictive dialling would gain for a campaign over progressive, from its own figures, or from its tenant's."""

import asyncio
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callside.dialer.model import Campaign
from callside.exchange.administration import Administration
from callside.exchange.administration.campaigns import CampaignDesk
from callside.exchange.fact_reading import figures_between
from callside.exchange.ports import CallRecords
from callside.floor.dialing_setup import settings_of
from callside.floor.directory import Directory
from callside.kernel.ids import CampaignId, TenantId
from callside.reporting.dialing import CampaignFigures
from callside.reporting.dialing_sheets import progressive_idle_ms
from callside.reporting.figures import Figures
from callside.simulation.expectation import Expectation, OwnFigures, expected
from callside.v1_api.access import Access
from callside.v1_api.figure_sheets import meaning
from callside.v1_api.figures import QUARTER_MS, LiveFigures, date_of
from callside.v1_api.resources import ItemId, TenantDependency

_DAY_MS: Final = 86_400_000
_FEWEST: Final = 20
"""With fewer live answers nothing is said."""
_PATIENCE_S: Final = 120
_USUAL_PATIENCE_MS: Final = 2000
_WORTH_IT: Final = 1.1


class PacingSheet(BaseModel):
    """Shares are 0 to 1, times milliseconds; null: too little is known."""

    campaign_id: str = Field(examples=["280"])
    basis: Literal["campaign", "tenant"] | None = Field(
        description="Whose calls: the campaign's own, or, where it has too few, all campaigns' of the tenant."
    )
    since: datetime
    live: int = Field(description="Live answers that this rests on.")
    answer_rate: float | None = Field(description="Live answers of calls that are over.")
    answer_ms: float | None = Field(description="Mean from dialling to a live answer.")
    failure_ms: float | None = Field(description="Mean from dialling to any other end.")
    handle_ms: float | None = Field(description="Talk, hold and wrap-up of a connect.")
    agents: int = Field(description="Assigned.")
    target: float = Field(description="`pace.target`.")
    busy_progressive: float | None = Field(description=meaning("BUSY_PROGRESSIVE"))
    busy_predictive: float | None = Field(description="The same share with predictive dialling, simulated.")
    abandoned: float | None = Field(description="Share of live answers that the simulation abandoned.")
    gain: float | None = Field(description="busy_predictive / busy_progressive.")
    message: str = Field(description="All of it in a sentence or two.")


@dataclass(frozen=True, slots=True)
class _Basis:
    """Calls that an expectation rests on."""

    whose: Literal["campaign", "tenant"]
    figures: CampaignFigures


class PacingDesk:
    """Tells expectations, one at a time; those told are remembered while the figures are the same."""

    def __init__(self, floors: LiveFigures, records: CallRecords, one_at_a_time: asyncio.Semaphore) -> None:
        self._floors = floors
        self._records = records
        self._one_at_a_time = one_at_a_time
        self._told: dict[CampaignId, tuple[object, Expectation]] = {}

    async def tell(self, campaign: Campaign, directory: Directory, days: int) -> PacingSheet:
        """What is to be expected of ``campaign``, from the last ``days``."""
        now = self._floors.clock.now().wall
        since = now - now % QUARTER_MS + QUARTER_MS - days * _DAY_MS
        async with self._one_at_a_time:
            figures = Figures(since, now, days * _DAY_MS)
            read = await figures_between(self._records, campaign.tenant_id, figures)
            basis = _basis(read.dialing.campaigns, campaign.id)
            own = _own(basis.figures, len(campaign.agents)) if basis is not None else None
            found = await self._expectation(campaign, directory, own) if own is not None else None
        return _sheet(campaign, since, days, basis, own, found)

    async def _expectation(self, campaign: Campaign, directory: Directory, own: OwnFigures) -> Expectation:
        profile = directory.profile_at(campaign.plan.profile, self._floors.clock.now().wall)
        patience = profile.abandonment.connect_deadline_ms if profile is not None else _USUAL_PATIENCE_MS
        asked = (own, settings_of(campaign, patience))
        known = self._told.get(campaign.id)
        if known is None or known[0] != asked:
            known = self._told[campaign.id] = asked, await asyncio.to_thread(_elsewhere, *asked)
        return known[1]


def _elsewhere(own: OwnFigures, settings: Any) -> Expectation:
    """In a process of its own: seconds of computing must not stand between a caller and an agent."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(expected, own, settings).result(_PATIENCE_S)


def pacing_routes(
    desk: CampaignDesk, pacing: PacingDesk, tenant: TenantDependency, *, prefix: str = "", tag: str = "campaigns"
) -> APIRouter:
    """The operation, for the tenant that ``tenant`` gives."""
    router = APIRouter(prefix="/campaigns/{item_id}", tags=[tag])

    async def pacing_of(
        tenant_id: Any,
        item_id: ItemId,
        days: Annotated[int, Query(ge=1, le=7, description="Calls of the last so many days.")] = 7,
    ) -> PacingSheet:
        return await pacing.tell(*await desk.one(tenant_id, item_id), days)

    pacing_of.__annotations__["tenant_id"] = Annotated[TenantId, Depends(tenant)]
    router.get(
        "/pacing",
        operation_id=f"{prefix}campaign_pacing",
        summary="What predictive dialling would gain, from the tenant's own figures",
    )(pacing_of)
    return router


def pacing_of_any_tenant(administration: Administration, pacing: PacingDesk, access: Access) -> APIRouter:
    """The same with the root token."""
    router = APIRouter(prefix="/admin/tenants/{tenant_id}")
    inside = pacing_routes(administration.campaigns, pacing, access.any_tenant, prefix="admin_", tag="installation")
    router.include_router(inside)
    return router


def _basis(campaigns: dict[tuple[CampaignId, int], CampaignFigures], campaign_id: CampaignId) -> _Basis | None:
    own = _sum(figures for (one, _), figures in campaigns.items() if one == campaign_id)
    if own.live >= _FEWEST and own.handled:
        return _Basis("campaign", own)
    every = _sum(campaigns.values())
    return _Basis("tenant", every) if every.live >= _FEWEST and every.handled else None


def _sum(parts: Iterable[CampaignFigures]) -> CampaignFigures:
    """Of what an expectation needs."""
    whole = CampaignFigures()
    for one in parts:
        for name in ("live", "handled", "talk_ms", "hold_ms", "wrap_ms", "answer_ms", "fails", "fail_ms"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def _own(figures: CampaignFigures, agents: int) -> OwnFigures | None:
    if not agents or progressive_idle_ms(figures) is None:
        return None
    talk_ms, wrap_ms = figures.talk_ms + figures.hold_ms, figures.wrap_ms
    return OwnFigures(
        agents=agents,
        answer_rate=figures.live / (figures.live + figures.fails),
        answer_s=max(0.5, figures.answer_ms / figures.live / 1000),
        failure_s=max(0.5, figures.fail_ms / figures.fails / 1000) if figures.fails else 20.0,
        talk_s=max(1.0, talk_ms / figures.handled / 1000),
        wrap_s=max(0.001, wrap_ms / figures.handled / 1000),
    )


def _sheet(
    campaign: Campaign, since: int, days: int, basis: _Basis | None, own: OwnFigures | None, found: Expectation | None
) -> PacingSheet:
    live = basis.figures.live if basis is not None else 0
    return PacingSheet(
        campaign_id=campaign.id,
        basis=basis.whose if basis is not None else None,
        since=date_of(since),
        live=live,
        agents=len(campaign.agents),
        target=campaign.plan.pace.target,
        message=_in_words(campaign, days, live, own, found),
        **_known(own, found),
    )


def _known(own: OwnFigures | None, found: Expectation | None) -> dict[str, float | None]:
    names = (
        "answer_rate",
        "answer_ms",
        "failure_ms",
        "handle_ms",
        "busy_progressive",
        "busy_predictive",
        "abandoned",
        "gain",
    )
    if own is None or found is None:
        return dict.fromkeys(names)
    times = (own.answer_s, own.failure_s, own.talk_s + own.wrap_s)
    shares = (found.progressive, found.predictive, found.abandoned, found.gain)
    values = (round(own.answer_rate, 4), *(round(one * 1000) for one in times), *(round(one, 4) for one in shares))
    return dict(zip(names, values, strict=True))


def _in_words(campaign: Campaign, days: int, live: int, own: OwnFigures | None, found: Expectation | None) -> str:
    if own is None or found is None:
        need = "agents" if not campaign.agents else f"{_FEWEST} live answers"
        return (
            f"Nothing can be said yet of what predictive dialling would gain: that takes {need} (calls of {days} days)."
        )
    text = (
        f"From {live} live answers of the last {days} days ({own.answer_rate:.0%} of calls): with {own.agents} agents "
        f"progressive dialling fills {found.progressive:.0%} of their time, predictive about {found.predictive:.0%}, "
        f"with {found.abandoned:.2%} abandoned at a target of {campaign.plan.pace.target:.2%}."
    )
    return text if found.gain >= _WORTH_IT else f"{text} That is hardly a gain: PROGRESSIVE is the better choice."
