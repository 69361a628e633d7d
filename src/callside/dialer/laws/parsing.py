"""From a profile's file to a :class:`Profile`. Pure: whoever has the text brings it (``exchange/profiles.py``)."""

import re
import tomllib
from datetime import date
from typing import Any

from callside.dialer.laws.model import (
    AbandonmentRule,
    AttemptRule,
    CallerIdRule,
    CallingWindows,
    ClockStart,
    Evidence,
    HoldRule,
    MeasuredSpan,
    Mode,
    ModeRule,
    Origin,
    Profile,
    Purpose,
    SafeMessageRule,
    Said,
    ScrubRule,
    Series,
    Span,
)
from callside.dialer.laws.reading import Table
from callside.kernel.errors import InvalidFieldError
from callside.kernel.zones import read_zone
from callside.reception.model import Holiday

FORMAT = 1
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ID = re.compile(r"[a-z][a-z0-9]{0,15}")
_SERIES = re.compile(r"\d{1,15}")
_LISTS = frozenset({"campaign", "tenant"})
_MOST_HOURS = 24 * 366
RULES = (
    "windows",
    "ring",
    "abandonment",
    "safe_message",
    "opt_out",
    "hold",
    "attempts",
    "modes",
    "caller_id",
    "scrub",
    "records",
)
"""The tables of a profile, each with its origin."""


def parse(text: str) -> Profile:
    """Read a profile.

    Args:
        text: A TOML file as docs/laws.md describes it.

    Raises:
        InvalidFieldError: Not TOML, or a key is missing, misspelt or wrong; the message names it and what would be right.
    """
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        msg = f"profile: this is not TOML ({wrong}); correct that place"
        raise InvalidFieldError(msg, field="profile") from None
    top = Table(values)
    if top.whole("format", 1, 1000) != FORMAT:
        raise top.wrong("format", f"only format {FORMAT} is known; write the file in that format")
    tables = {name: top.table(name) for name in RULES}
    origins = {name: _origin(table) for name, table in tables.items()}
    profile = Profile(
        id=_id(top),
        version=top.whole("version", 1, 9999),
        title=top.text("title"),
        jurisdiction=top.text("jurisdiction"),
        effective_from=top.day("effective_from"),
        effective_until=top.day("effective_until") if top.has("effective_until") else None,
        written=top.day("written"),
        not_covered=top.texts("not_covered"),
        windows=_windows(tables["windows"]),
        min_ring_s=tables["ring"].whole("min_s", 0, 120),
        abandonment=_abandonment(tables["abandonment"]),
        safe_message=_safe_message(tables["safe_message"], tables["opt_out"]),
        hold=_hold(tables["hold"]),
        attempts=AttemptRule(
            tables["attempts"].maybe_whole("per_day", 1, 100), tables["attempts"].maybe_whole("per_week", 1, 700)
        ),
        modes=_modes(tables["modes"]),
        caller_id=_caller_id(tables["caller_id"]),
        scrub=_scrub(tables["scrub"]),
        keep_ledger_months=tables["records"].whole("keep_months", 0, 240),
        origins=origins,
    )
    for table in (top, *tables.values()):
        table.done()
    return profile


def _id(top: Table) -> str:
    text = top.text("id")
    if not _ID.fullmatch(text):
        raise top.wrong("id", "write a short name in small letters, like uk")
    return text


def _origin(table: Table) -> Origin:
    return Origin(table.word("evidence", Evidence), table.text("source"), table.text("note", ""))


def _windows(table: Table) -> CallingWindows:
    dates = table.table("holidays") if table.has("holidays") else Table({}, "windows.holidays")
    holidays = tuple(_holiday(dates, key) for key in sorted(dates.keys()))
    if holidays and not table.has("holidays_until"):
        raise table.wrong("holidays_until", "write the last date that the list of holidays is known for")
    until = table.day("holidays_until").isoformat() if table.has("holidays_until") else ""
    weekly = table.weekly("weekly")
    if not weekly:
        raise table.wrong("weekly", "write at least one window, like 'mon-fri 08:00-21:00'")
    return CallingWindows(weekly, holidays, until)


def _holiday(dates: Table, key: str) -> Holiday:
    if not _DATE.fullmatch(key):
        raise dates.wrong(key, "write a date like 2026-12-25 as the key")
    try:
        date.fromisoformat(key)
    except ValueError:
        raise dates.wrong(key, "there is no such date; write one like 2026-12-25") from None
    return Holiday(key, tuple(dates.window(key, one) for one in dates.texts(key)))


def _abandonment(table: Table) -> AbandonmentRule:
    target = table.share("target")
    opted_in = table.share("opted_in_target", target)
    if opted_in < target:
        raise table.wrong("opted_in_target", "must not be lower than target")
    return AbandonmentRule(
        target=target,
        opted_in_target=opted_in,
        window=_span(table.table("window")),
        clock_start=table.word("clock_start", ClockStart),
        connect_deadline_ms=table.whole("connect_deadline_ms", 0, 60_000),
        machines_counted=table.flag("machines_counted"),
        left_counted=table.flag("left_counted"),
        assumed_false_positive_rate=table.share("assumed_false_positive_rate"),
    )


def _span(table: Table) -> MeasuredSpan:
    kind = table.word("kind", Span)
    if kind is Span.ROLLING:
        span = MeasuredSpan(kind, hours=table.whole("hours", 1, _MOST_HOURS))
    else:
        zone = table.text("zone")
        read_zone(zone, field=f"{table.place}.zone")
        span = MeasuredSpan(kind, zone=zone)
    table.done()
    return span


def _safe_message(message: Table, opt_out: Table) -> SafeMessageRule:
    said = frozenset(message.texts("must_say"))
    if said - set(Said):
        raise message.wrong("must_say", "only who, why and opt_out can be asked for")
    key = opt_out.text("key")
    if len(key) > 1 or key not in "0123456789*#":
        raise opt_out.wrong("key", "write one key of 0-9, * or #, or nothing where no key is asked for")
    writes = opt_out.text("list")
    if writes not in _LISTS:
        raise opt_out.wrong("list", "write campaign or tenant")
    says = frozenset(Said(one) for one in said)
    return SafeMessageRule(message.flag("required"), says, key, writes, opt_out.whole("within_ms", 1, 600_000))


def _hold(table: Table) -> HoldRule:
    return HoldRule(
        after_abandon_h=table.whole("after_abandon_h", 0, _MOST_HOURS),
        after_machine_h=table.whole("after_machine_h", 0, _MOST_HOURS),
        lifted_by_reserved_agent=table.flag("lifted_by_reserved_agent"),
    )


def _modes(table: Table) -> ModeRule:
    allowed = table.texts("allowed")
    if not allowed or set(allowed) - set(Mode):
        raise table.wrong("allowed", "write a list of " + ", ".join(Mode))
    return ModeRule(
        allowed=frozenset(Mode(one) for one in allowed),
        predictive_opt_in=table.flag("predictive_opt_in"),
        predictive_officer=table.flag("predictive_officer"),
        predictive_notice=table.flag("predictive_notice"),
    )


def _caller_id(table: Table) -> CallerIdRule:
    series: dict[Purpose, Series] = {}
    if table.has("series"):
        by_purpose = table.table("series")
        for key in by_purpose.keys():  # noqa: SIM118  a Table is no dict
            if key not in list(Purpose):
                raise by_purpose.wrong(key, "write one of " + ", ".join(Purpose))
            series[Purpose(key)] = _series(by_purpose.table(key))
    code = table.text("country_code", "")
    if code and not code.isdecimal():
        raise table.wrong("country_code", "write digits without a plus, like 91")
    return CallerIdRule(table.flag("required"), code, series)


def _series(table: Table) -> Series:
    only, never = table.texts("only", default=()), table.texts("never", default=())
    if not all(_SERIES.fullmatch(one) for one in (*only, *never)):
        raise table.wrong("only", "and never are lists of beginnings of numbers, in digits")
    series = Series(only, never, table.flag("only_for_regulated") if table.has("only_for_regulated") else False)
    table.done()
    return series


def _scrub(table: Table) -> ScrubRule:
    return ScrubRule(table.text("register"), table.maybe_whole("max_age_d", 1, 3660), table.flag("token"))
