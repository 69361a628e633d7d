"""How a campaign stands this moment: what keeps it from dialling, its lines, its agents, its abandonment. Moments, no durations."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from callside.dialer.laws.abandonment import AbandonmentReport
from callside.dialer.laws.model import Violation
from callside.dialer.model import Campaign
from callside.dialer.pacing.model import AgentMode
from callside.floor.dialing_desk import Desk, Halt
from callside.floor.ground import Ground
from callside.kernel.clock import Moment
from callside.kernel.ids import CampaignId
from callside.reporting.figures import Figures
from callside.reporting.formulas import Figure

HALTS: Final = {
    Halt.NO_PROFILE: "its jurisdiction profile is not there; choose another one",
    Halt.NO_TRUNK: "its trunk is not there any more; give it another one",
    Halt.FORBIDDEN: "its jurisdiction or the house forbids it as it stands now; it goes on by itself when that is put right",
    Halt.NO_AGENTS: "none of its agents is there any more; assign some",
    Halt.NO_LISTS: "no enabled list of leads feeds it any more; give it one",
    Halt.NOT_YET: "it begins later (starts_at)",
    Halt.ENDED: "its time is over (ends_at)",
    Halt.TRUNK_DOWN: "no call got out on its trunk; it is tried again by itself",
    Halt.NO_LEADS: "no lead may be called now: none is due, or all are out of calling hours; looked at again by itself",
}
"""Each halt in words for people."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign now, and since the tenant's midnight.

    Attributes:
        halt: Why it dials nothing though it runs; empty: nothing keeps it.
        halt_until: When that is looked at again, or heals by itself (wall ms).
        lines: Calls not yet with an agent.
        waiting: Of these, persons who have answered.
        ready: Agents who can be given a call, those for whom a line is out included.
        abandonment: Rate in the profile's window, by the profile's formula.
    """

    id: CampaignId
    name: str
    type: str
    run: str
    halt: str
    halt_until: int | None
    lines: int
    waiting: int
    ready: int
    talking: int
    wrapping: int
    away: int
    dials: int
    live: int
    connects: int
    abandonment: Figure | None
    abandonment_target: float | None


@dataclass(frozen=True, slots=True)
class CampaignNow:
    """A campaign as it stands, with what the live feed has no room for.

    Attributes:
        at_hand: Leads that the floor has fetched and not yet called.
        report: Abandonment in the profile's window.
        broken: Rules that forbid it to run as it stands now; empty where it may, or does not run.
    """

    row: CampaignRow
    halt: Halt | None
    at_hand: int
    report: AbandonmentReport | None
    broken: tuple[Violation, ...] = ()


def campaign_row(ground: Ground, figures: Figures, now: Moment, campaign_id: CampaignId) -> CampaignRow | None:
    """The campaign's row; ``None`` where there is none."""
    campaign, desk = ground.directory.campaigns.get(campaign_id), ground.dialing.desk(campaign_id)
    if campaign is None:
        return None
    desk = desk or Desk(campaign_id)
    people = Counter(mode for mode, _ in desk.told.values())
    today, report = figures.dialing.campaign(campaign_id), window_report(ground, campaign, now)
    return CampaignRow(
        id=campaign_id,
        name=campaign.name,
        type=campaign.type.value,
        run=campaign.plan.run.value,
        halt=desk.halt.value if desk.halt is not None else "",
        halt_until=_until(ground, campaign, desk),
        lines=len(desk.lines),
        waiting=len(desk.answered),
        ready=people[AgentMode.READY],
        talking=people[AgentMode.TALKING],
        wrapping=people[AgentMode.WRAPPING],
        away=people[AgentMode.AWAY],
        dials=today.dials,
        live=today.live,
        connects=today.connects,
        abandonment=Figure(round(report.rate, 6), report.formula) if report is not None else None,
        abandonment_target=report.target if report is not None else None,
    )


def window_report(ground: Ground, campaign: Campaign, now: Moment) -> AbandonmentReport | None:
    """Abandonment in the window of the campaign's profile; ``None`` while nothing was answered, or without a profile."""
    desk, tally = ground.dialing.desk(campaign.id), ground.dialing.tallies.get(campaign.id)
    if desk is None or desk.book is None or tally is None:
        return None
    if tally.profile.key != desk.book.profile.key:  # another profile, and nothing was answered since
        tally = tally.under(desk.book.profile)
    return tally.report(now.wall, opted_in=campaign.plan.predictive_opt_in)


def campaign_now(ground: Ground, figures: Figures, now: Moment, campaign_id: CampaignId) -> CampaignNow | None:
    """All that is told of a campaign as it stands; ``None`` where there is none."""
    row = campaign_row(ground, figures, now, campaign_id)
    if row is None:
        return None
    desk = ground.dialing.desk(campaign_id)
    at_hand = len(desk.hopper) + sum(len(own) for own in desk.personal.values()) if desk is not None else 0
    campaign = ground.directory.campaigns[campaign_id]
    halt = desk.halt if desk is not None else None
    broken = desk.broken if desk is not None and halt is Halt.FORBIDDEN else ()
    return CampaignNow(row, halt, at_hand, window_report(ground, campaign, now), broken)


def _until(ground: Ground, campaign: Campaign, desk: Desk) -> int | None:
    match desk.halt:
        case Halt.NOT_YET:
            return campaign.plan.starts_at
        case Halt.TRUNK_DOWN:
            return _wall(ground, ground.dialing.trunk(campaign.trunk_id).until)
        case Halt.NO_LEADS:
            return _wall(ground, desk.dry_until)
        case _:
            return None


def _wall(ground: Ground, mono: int) -> int:
    """To whole seconds: the two clocks are not read in the same instant, and a row should not change for that."""
    return -(-(ground.now.wall + mono - ground.now.mono) // 1000) * 1000
