"""May this line be dialled now, and may that ringing one be given up? Asked when it is dialled, not when it is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callside.dialer.laws.caller_ids import check_caller_id
from callside.dialer.laws.model import Profile, Purpose, Violation
from callside.dialer.laws.windows import CallingBook, Verdict
from callside.kernel.zones import DAY_MS

HOUR_MS: Final = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class LineTerms:
    """The line that is about to be dialled.

    Attributes:
        zones: From :func:`callside.dialer.laws.zones.zones_of`.
        agent_reserved: An agent is kept free for this very call, so that it cannot be abandoned but by a fault.
        caller_id: The number that is shown; empty: none.
        regulated: As in ``CampaignTerms``.
        token_expires_at: When the scrub token of its number expires; ``None``: it has none.
    """

    zones: tuple[str, ...]
    purpose: Purpose
    agent_reserved: bool
    caller_id: str = ""
    regulated: bool = False
    token_expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class NumberHistory:
    """What is known of a number, over all of a tenant's campaigns. Instants are ms since 1970, UTC.

    Attributes:
        last_abandoned_at: When a call to it was last abandoned.
        last_machine_at: When a machine was last detected there.
        attempts_today: Attempts on the called party's present day.
        attempts_week: Attempts in the last seven days.
        opted_out: It is on a do-not-call list.
        dnc_scrubbed_at: When it was last held against the register.
    """

    last_abandoned_at: int | None = None
    last_machine_at: int | None = None
    attempts_today: int = 0
    attempts_week: int = 0
    opted_out: bool = False
    dnc_scrubbed_at: int | None = None


def check_line(book: CallingBook, line: LineTerms, history: NumberHistory, wall_ms: int) -> list[Violation]:
    """Every rule that forbids to dial this number now; empty: it may be dialled.

    Args:
        book: The profile and the campaign's hours.
        line: What is about to be dialled.
        history: What was before.
        wall_ms: Now, ms since 1970, UTC.
    """
    profile = book.profile
    found = [*_opted_out(history), *_window(profile, book.may_call(line.zones, wall_ms))]
    found += [
        *_holds(profile, line, history, wall_ms),
        *_attempts(profile, history),
        *_scrub(profile, line, history, wall_ms),
    ]
    return [*found, *_caller_id(profile, line)]


def may_give_up(profile: Profile, rung_ms: int) -> bool:
    """Whether a phone that has rung for ``rung_ms`` milliseconds without an answer may be given up: never before ``min_ring_s``.

    A line that the customer or the carrier has ended is not given up by us; nor does this keep one from ending for a fault.
    """
    return rung_ms >= profile.min_ring_s * 1000


def hold_until(profile: Profile, history: NumberHistory) -> int | None:
    """Until when the number is held, whoever may dial it all the same; ``None``: no hold."""
    ends = [
        at + hours * HOUR_MS
        for at, hours in (
            (history.last_abandoned_at, profile.hold.after_abandon_h),
            (history.last_machine_at, profile.hold.after_machine_h),
        )
        if at is not None and hours
    ]
    return max(ends, default=None)


def _opted_out(history: NumberHistory) -> Iterator[Violation]:
    if history.opted_out:
        yield Violation("opt_out", "number", "number: it is on a do-not-call list; take it out of the campaign")


def _window(profile: Profile, verdict: Verdict) -> Iterator[Violation]:
    if verdict.allowed:
        return
    until = verdict.next_allowed_at
    if verdict.rule == "zone":
        text = "zone: nobody can tell where this number is, so no hour is right everywhere; give the lead a time zone"
    elif verdict.rule == "hours":
        text = f"hours: the campaign is closed now (clock of {verdict.zone}); wait, or change its opening hours"
    else:
        text = f"number: {profile.title} allows no call now by the clock of {verdict.zone}; wait until it does"
    yield Violation(verdict.rule, "zone" if verdict.rule == "zone" else "number", text, until)


def _holds(profile: Profile, line: LineTerms, history: NumberHistory, wall_ms: int) -> Iterator[Violation]:
    if line.agent_reserved and profile.hold.lifted_by_reserved_agent:
        return
    cases = (
        ("after_abandon_h", "a call to it was abandoned", history.last_abandoned_at, profile.hold.after_abandon_h),
        ("after_machine_h", "a machine was heard there", history.last_machine_at, profile.hold.after_machine_h),
    )
    for name, what, at, hours in cases:
        if at is None or not hours or wall_ms >= at + hours * HOUR_MS:
            continue
        way_out = " or reserve an agent for it" if profile.hold.lifted_by_reserved_agent else ""
        text = f"number: {what}, so {profile.title} leaves it alone for {hours} hours; wait{way_out}"
        yield Violation(f"hold.{name}", "number", text, at + hours * HOUR_MS)


def _attempts(profile: Profile, history: NumberHistory) -> Iterator[Violation]:
    rule = profile.attempts
    if rule.per_day is not None and history.attempts_today >= rule.per_day:
        text = f"number: {profile.title} allows {rule.per_day} attempts a day; go on tomorrow"
        yield Violation("attempts.per_day", "number", text)
    if rule.per_week is not None and history.attempts_week >= rule.per_week:
        text = f"number: {profile.title} allows {rule.per_week} attempts in seven days; go on later"
        yield Violation("attempts.per_week", "number", text)


def _scrub(profile: Profile, line: LineTerms, history: NumberHistory, wall_ms: int) -> Iterator[Violation]:
    rule, at, token = profile.scrub, history.dnc_scrubbed_at, line.token_expires_at
    if rule.max_age_d is not None and (at is None or at > wall_ms or wall_ms - at > rule.max_age_d * DAY_MS):
        text = f"dnc_scrubbed_at: hold the list against the {rule.register} again; a scrub is good for {rule.max_age_d} days"
        yield Violation("scrub.max_age_d", "dnc_scrubbed_at", text)
    if rule.token and (token is None or wall_ms >= token):
        text = f"scrub_token: the number has no valid token of the {rule.register}; scrub the list again"
        yield Violation("scrub.token", "scrub_token", text)


def _caller_id(profile: Profile, line: LineTerms) -> Iterator[Violation]:
    if not line.caller_id:
        if profile.caller_id.required:
            text = f"caller_ids: under {profile.title} people have to see a number that they can call back; add one"
            yield Violation("caller_id.required", "caller_ids", text)
        return
    found = check_caller_id(profile, line.caller_id, line.purpose, regulated=line.regulated)
    if found is not None:
        yield found
