"""Campaigns' figures as they are told. Times are ms, shares 0 to 1, each with its formula's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callside.dialer.laws.abandonment import AbandonmentReport, Counts, told
from callside.dialer.laws.model import Profile
from callside.dialer.laws.sampling import NOTHING_SAMPLED, Sampled
from callside.dialer.leads.rules import EffectKind
from callside.dialer.model import Campaign
from callside.reporting import formulas
from callside.reporting.dialing import CampaignFigures
from callside.reporting.formulas import Figure, share

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class CampaignSheet:
    """A campaign's figures. dials = live + failed + in_flight; handled connects are those that are over."""

    dials: int
    rang: int
    live: int
    connects: int
    handled: int
    machines: int
    failed: int
    in_flight: int
    successes: int
    logged_in_ms: int
    causes: dict[str, int]
    dispositions: dict[str, int]
    contact_rate: Figure
    connect_rate: Figure
    conversion: Figure
    conversion_live: Figure
    conversion_dials: Figure
    conversion_hour: Figure
    aht: Figure
    idle: Figure
    idle_p50: Figure
    idle_p90: Figure
    busy: Figure
    busy_progressive: Figure
    gain: Figure


def campaign_sheet(figures: CampaignFigures, campaign: Campaign | None, running_ms: int = 0) -> CampaignSheet:
    """The figures of a campaign; of one that was removed nobody knows what a success was.

    ``running_ms``: that agents are logged in for it in states that are not over.
    """
    dials, live, connects = figures.dials, figures.live, figures.connects
    won, logged_in_ms = successes(figures, campaign), figures.logged_in_ms + running_ms
    aht, *_ = formulas.handle_times(figures.talk_ms, figures.hold_ms, figures.wrap_ms, figures.handled)
    waited, plain = busy_share(figures, figures.idle.mean_ms()), busy_share(figures, progressive_idle_ms(figures))
    return CampaignSheet(
        dials=dials,
        rang=figures.rang,
        live=live,
        connects=connects,
        handled=figures.handled,
        machines=figures.machines,
        failed=figures.fails,
        in_flight=sum(not one.live for one in figures.in_flight.values()),
        successes=won,
        logged_in_ms=logged_in_ms,
        causes=dict(figures.causes),
        dispositions=dict(figures.dispositions),
        contact_rate=Figure(share(live, dials), "CONTACT"),
        connect_rate=Figure(share(connects, dials), "CONNECT"),
        conversion=Figure(share(won, connects), "CONVERSION"),
        conversion_live=Figure(share(won, live), "CONVERSION_LIVE"),
        conversion_dials=Figure(share(won, dials), "CONVERSION_DIALS"),
        conversion_hour=Figure(_rounded(won * HOUR_MS / logged_in_ms) if logged_in_ms else None, "CONVERSION_HOUR"),
        aht=aht,
        idle=Figure(figures.idle.mean_ms(), "IDLE"),
        idle_p50=Figure(figures.idle.quantile_ms(0.5), "IDLE_P50"),
        idle_p90=Figure(figures.idle.quantile_ms(0.9), "IDLE_P90"),
        busy=Figure(_rounded(waited), "BUSY"),
        busy_progressive=Figure(_rounded(plain), "BUSY_PROGRESSIVE"),
        gain=Figure(_rounded(waited / plain) if waited is not None and plain else None, "GAIN"),
    )


def successes(figures: CampaignFigures, campaign: Campaign | None) -> int:
    """Calls whose disposition means success, by what the campaign says of it now."""
    effects = campaign.plan.effects if campaign is not None else {}
    good = {code for code, effect in effects.items() if effect.kind is EffectKind.SUCCESS}
    return sum(count for code, count in figures.dispositions.items() if code in good)


def progressive_idle_ms(figures: CampaignFigures) -> float | None:
    """W of dialer-acd.md §3.1: how long an agent with one line at a time waits for a person; ``None``: not known yet."""
    if not figures.live:
        return None
    failed_ms = figures.fail_ms / figures.fails if figures.fails else 0.0
    return figures.answer_ms / figures.live + figures.fails / figures.live * failed_ms


def busy_share(figures: CampaignFigures, idle_ms: float | None) -> float | None:
    """Share of an agent's time for calls that is filled, with so much waiting before each."""
    if idle_ms is None or not figures.handled:
        return None
    busy = (figures.talk_ms + figures.hold_ms + figures.wrap_ms) / figures.handled
    return busy / (busy + idle_ms) if busy + idle_ms else None


def abandonment(
    outcomes: Mapping[str, int],
    profile: Profile | None,
    start: int,
    end: int,
    *,
    opted_in: bool,
    sampled: Sampled = NOTHING_SAMPLED,
) -> AbandonmentReport | None:
    """The rate over what was counted, by the profile's formula; ``None`` without a profile."""
    if profile is None:
        return None
    counts = Counts(
        outcomes.get("connected", 0), outcomes.get("abandoned", 0), outcomes.get("machine", 0), outcomes.get("left", 0)
    )
    return told(counts, profile, start, end, None, opted_in=opted_in, sampled=sampled)


def penetration(leads: Mapping[str, int] | None) -> Figure:
    """How much of the lists was tried. Blocked leads are in neither count: of most an import says that nobody ever may."""
    known = {state: count for state, count in (leads or {}).items() if state != "blocked"}
    whole = sum(known.values())
    return Figure(share(whole - known.get("fresh", 0), whole), "PENETRATION")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
