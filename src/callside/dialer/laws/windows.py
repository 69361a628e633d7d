"""When a number may be called: legal only if it is legal in every zone the number may be in, and the campaign is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callside.dialer.laws.model import CallingWindows, Profile
from callside.kernel.ids import HoursId, TenantId
from callside.kernel.zones import DAY_MS
from callside.reception import calendar
from callside.reception.model import OpeningHours
from callside.reception.rules import is_open

DAYS_OF_THE_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a number may be dialled at an instant, by the clock alone.

    Attributes:
        rule: What forbids it: ``windows`` (the law's), ``hours`` (the campaign's), ``zone`` (nobody knows where the number is);
            empty when it is allowed.
        zone: Whose wall clock says no.
        next_allowed_at: When it is allowed next (ms since 1970, UTC), now where it is; ``None``: not within 60 days.
    """

    allowed: bool
    rule: str = ""
    zone: str = ""
    next_allowed_at: int | None = None


def may_call(
    profile: Profile, zones: Sequence[str], wall_ms: int, campaign_hours: OpeningHours | None = None
) -> Verdict:
    """Whether somebody in ``zones`` may be called now.

    Args:
        profile: Whose windows hold.
        zones: From :func:`callside.dialer.laws.zones.zones_of`. None at all means that the number may be anywhere: no minute of the
            day is within the windows everywhere in the world, so that is a no for good, until somebody says where the lead is.
            Only windows that never close do not ask.
        wall_ms: Now, ms since 1970, UTC.
        campaign_hours: The campaign's own opening hours, in their own zone; ``None``: always open.
    """
    if not zones and not _around_the_clock(profile.windows):
        return Verdict(False, "zone")
    lawful = [hours_in(profile, zone) for zone in zones]
    shut = next((one for one in lawful if not is_open(one, wall_ms)), None)
    rule = "windows"
    if shut is None and campaign_hours is not None and not is_open(campaign_hours, wall_ms):
        shut, rule = campaign_hours, "hours"
    if shut is None:
        return Verdict(True, next_allowed_at=wall_ms)
    every = lawful if campaign_hours is None else [*lawful, campaign_hours]
    return Verdict(False, rule, shut.zone, calendar.next_open(every, wall_ms))


def next_open(profile: Profile, zones: Sequence[str], wall_ms: int, hours: OpeningHours | None = None) -> int | None:
    """The first instant from ``wall_ms`` on at which ``may_call`` allows it; ``None``: not within 60 days."""
    return may_call(profile, zones, wall_ms, hours).next_allowed_at


def _around_the_clock(windows: CallingWindows) -> bool:
    whole_days = {one.day for one in windows.weekly if (one.start, one.end) == (0, 24 * 60)}
    return not windows.holidays and len(whole_days) == DAYS_OF_THE_WEEK


def hours_in(profile: Profile, zone: str) -> OpeningHours:
    """The profile's calling windows by the wall clock of one zone."""
    windows = profile.windows
    return OpeningHours(HoursId(profile.key), TenantId(""), profile.title, zone, windows.weekly, windows.holidays)


class CallingBook:
    """What ``may_call`` says, remembered for each key of zones until it changes: a look-up for each of a million leads.

    It never answers differently from :func:`may_call`; a clock that was set back is answered anew.

    Attributes:
        profile: Whose windows hold.
        campaign_hours: The campaign's own.
    """

    def __init__(self, profile: Profile, campaign_hours: OpeningHours | None = None) -> None:
        self.profile = profile
        self.campaign_hours = campaign_hours
        self._known: dict[tuple[str, ...], tuple[int, int, Verdict]] = {}

    def may_call(self, zones: tuple[str, ...], wall_ms: int) -> Verdict:
        """As :func:`may_call`."""
        known = self._known.get(zones)
        if known is None or not known[0] <= wall_ms < known[1]:
            known = (
                wall_ms,
                self._good_until(zones, wall_ms),
                may_call(self.profile, zones, wall_ms, self.campaign_hours),
            )
            self._known[zones] = known
        verdict = known[2]
        return Verdict(True, next_allowed_at=wall_ms) if verdict.allowed else verdict

    def _good_until(self, zones: tuple[str, ...], wall_ms: int) -> int:
        every = [hours_in(self.profile, zone) for zone in zones]
        if self.campaign_hours is not None:
            every.append(self.campaign_hours)
        changes = (calendar.next_change(one, wall_ms) for one in every)
        ends = [one for one in changes if one is not None]
        return min(ends, default=wall_ms + calendar.LOOK_AHEAD_DAYS * DAY_MS)
