"""A profile's rules in sentences, for whoever chooses one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callside.dialer.laws.abandonment import formula_of
from callside.dialer.laws.model import CallingWindows, ClockStart, MeasuredSpan, Mode, Origin, Profile, Said, Span
from callside.reception.model import WeekWindow

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class ToldRule:
    """One rule: its name in the file, what it says, where it comes from."""

    rule: str
    says: str
    origin: Origin


def tell(profile: Profile) -> list[ToldRule]:
    """All rules of a profile, in the order of its file."""
    says = {
        "windows": _windows(profile.windows),
        "ring": f"A phone rings for {profile.min_ring_s} s at least before it is given up.",
        "abandonment": _abandonment(profile),
        "safe_message": _safe_message(profile),
        "opt_out": _opt_out(profile),
        "hold": _hold(profile),
        "attempts": _attempts(profile),
        "modes": _modes(profile),
        "caller_id": " ".join(_caller_id(profile)),
        "scrub": _scrub(profile),
        "records": f"The ledger is kept for {profile.keep_ledger_months} months.",
    }
    return [ToldRule(name, text, profile.origins[name]) for name, text in says.items()]


def _windows(windows: CallingWindows) -> str:
    text = f"{_weekly(windows.weekly)}, by the called party's clock."
    if not windows.holidays:
        return text
    return f"{text} {len(windows.holidays)} holidays with hours of their own are known until {windows.holidays_until}."


def _weekly(weekly: Sequence[WeekWindow]) -> str:
    """``Mon-Fri 08:00-21:00, Sat 10:00-18:00``: days that follow each other with the same windows are told together."""
    of_day = [", ".join(_times(one) for one in weekly if one.day == day) for day in range(len(_DAYS))]
    parts, first = [], 0
    for day in range(1, len(_DAYS) + 1):
        if day < len(_DAYS) and of_day[day] == of_day[first]:
            continue
        days = _DAYS[first] if first == day - 1 else f"{_DAYS[first]}-{_DAYS[day - 1]}"
        parts.append(f"{days} {of_day[first] or 'closed'}")
        first = day
    return ", ".join(parts)


def _times(window: WeekWindow) -> str:
    return f"{window.start // 60:02}:{window.start % 60:02}-{window.end // 60:02}:{window.end % 60:02}"


def _abandonment(profile: Profile) -> str:
    rule = profile.abandonment
    opted = f", {rule.opted_in_target:.1%} where opted in" if rule.opted_in_target > rule.target else ""
    start = "the answer" if rule.clock_start is ClockStart.ANSWER else "the end of the greeting"
    seconds = rule.connect_deadline_ms / 1000
    return (
        f"At most {rule.target:.1%}{opted}, {_span(rule.window)}. Abandoned: no agent within {seconds:g} s of {start}. "
        f"Rate: {formula_of(rule)}; f is {rule.assumed_false_positive_rate:.0%} until it is measured."
    )


def _span(window: MeasuredSpan) -> str:
    if window.kind is Span.ROLLING:
        whole_days, rest = divmod(window.hours, 24)
        return f"over {window.hours} hours" if rest or whole_days < 2 else f"over {whole_days} days"
    return f"for each calendar {'day' if window.kind is Span.CALENDAR_DAY else 'month'} of {window.zone}"


def _safe_message(profile: Profile) -> str:
    rule = profile.safe_message
    if not rule.required:
        return "No message is asked for."
    return f"Whoever has no agent in time hears a message that says: {', '.join(one for one in Said if one in rule.must_say)}."


def _opt_out(profile: Profile) -> str:
    rule = profile.safe_message
    if not rule.opt_out_key:
        return "No key is asked for."
    return f"Key {rule.opt_out_key} writes the number to the {rule.opt_out_list}'s list within {rule.opt_out_within_ms} ms."


def _hold(profile: Profile) -> str:
    rule = profile.hold
    if not rule.after_abandon_h and not rule.after_machine_h:
        return "No hold."
    lifted = ", unless an agent is reserved for the call" if rule.lifted_by_reserved_agent else ""
    return f"Not dialled for {rule.after_abandon_h} h after an abandoned call, {rule.after_machine_h} h after a machine{lifted}."


def _attempts(profile: Profile) -> str:
    limits = [(profile.attempts.per_day, "a day"), (profile.attempts.per_week, "in seven days")]
    told = [f"{most} {span}" for most, span in limits if most is not None]
    return f"One number at most {', '.join(told)}." if told else "No limit."


def _modes(profile: Profile) -> str:
    rule = profile.modes
    text = f"{', '.join(one for one in Mode if one in rule.allowed)}."
    needs = [
        name
        for name, needed in (
            ("an opt-in", rule.predictive_opt_in),
            ("a named officer", rule.predictive_officer),
            ("a notice to the carrier", rule.predictive_notice),
        )
        if needed
    ]
    return f"{text} PREDICTIVE needs {', '.join(needs)}." if needs and Mode.PREDICTIVE in rule.allowed else text


def _caller_id(profile: Profile) -> Iterator[str]:
    rule = profile.caller_id
    yield "A number that can be called back is shown." if rule.required else "No number need be shown."
    for purpose, series in rule.series.items():
        only = (
            f"only {', '.join(series.only)}{' (if regulated)' if series.only_for_regulated else ''}"
            if series.only
            else ""
        )
        never = f"never {', '.join(series.never)}" if series.never else ""
        yield f"{purpose.capitalize()} calls: {', '.join(filter(None, (only, never)))}."


def _scrub(profile: Profile) -> str:
    rule = profile.scrub
    if rule.token:
        return f"The numbers have a token of the {rule.register} that has not expired."
    if rule.max_age_d is None:
        return "No register is asked for."
    return f"Lists are held against the {rule.register} every {rule.max_age_d} days."
