"""Which way a call goes: caller rules, the number plan, opening hours, menus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from callside.kernel.ids import HoursId, MenuId
from callside.reception.model import (
    CallerRule,
    Destination,
    Menu,
    Number,
    OpeningHours,
    Target,
    Window,
)

STANDARD_WORDS = Destination(Target.MESSAGE)


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """All that decides where a call goes.

    Attributes:
        numbers: By :func:`digits_of` the number.
        hours: By id.
        callers: Caller rules in the order in which they are tried.
    """

    numbers: Mapping[str, Number]
    hours: Mapping[HoursId, OpeningHours]
    callers: Sequence[CallerRule]


class Route(msgspec.Struct, frozen=True, gc=False):
    """Where a call goes and why; ``destination`` is ``None`` where the number is nobody's."""

    destination: Destination | None
    why: str


def digits_of(number: str) -> str:
    """The form in which numbers are compared."""
    return number.lstrip("+")


def in_order(rules: Iterable[CallerRule]) -> tuple[CallerRule, ...]:
    """Caller rules as they are tried."""
    return tuple(sorted(rules, key=lambda one: (one.position, int(one.id) if one.id.isdecimal() else 0, one.id)))


def route(plan: NumberPlan, our_number: str, caller: str, now_ms: int, in_full: str = "") -> Route:
    """Where a call from ``caller`` to ``our_number`` goes at ``now_ms`` (ms since 1970, UTC).

    ``in_full``: the caller's number in E.164, if it is known. Rules that begin with a plus mean that, too; all others are for what
    the carrier sends.
    """
    number = plan.numbers.get(digits_of(our_number))
    if number is None:
        return Route(None, "number:unknown")
    for rule in plan.callers:
        if fits(rule, caller) or (rule.pattern[:1] == "+" and fits(rule, in_full)):
            return Route(rule.destination, f"caller_rule:{rule.id}")
    hours = plan.hours.get(number.hours_id) if number.hours_id is not None else None
    if hours is not None and not is_open(hours, now_ms):
        return Route(number.closed or STANDARD_WORDS, f"closed:{hours.id}")
    return Route(number.destination, f"number:{number.id}")


def fits(rule: CallerRule, caller: str) -> bool:
    """Whether a caller is meant; one who hides their number fits no rule."""
    theirs, wanted = digits_of(caller), digits_of(rule.pattern)
    if not theirs:
        return False
    return theirs.startswith(wanted[:-1]) if wanted.endswith("*") else theirs == wanted


def is_open(hours: OpeningHours, instant_ms: int) -> bool:
    """Whether it is open at ``instant_ms`` (ms since 1970, UTC), by the wall clock of its zone.

    Clocks put forward skip minutes, clocks put back have some twice: each instant has one wall-clock time, which decides. A window
    over midnight belongs to the day it begins on, also where that day or the next is a holiday.
    """
    local = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(_began_today(one, minute) for one in windows_on(hours, today)) or any(
        one.end <= one.start and minute < one.end for one in windows_on(hours, yesterday)
    )


def _began_today(window: Window, minute: int) -> bool:
    return window.start <= minute and (minute < window.end or window.end <= window.start)


def windows_on(hours: OpeningHours, day: date) -> tuple[Window, ...]:
    """The windows that begin on a date: the holiday's, or the weekday's."""
    date_text = day.isoformat()
    for holiday in hours.holidays:
        if holiday.date == date_text:
            return holiday.windows
    return tuple(Window(one.start, one.end) for one in hours.weekly if one.day == day.weekday())


def never_opens(hours: OpeningHours) -> bool:
    """There is no window at all."""
    return not hours.weekly and not any(one.windows for one in hours.holidays)


def is_over(hours: OpeningHours, instant_ms: int) -> bool:
    """There are dates with windows only, and all of them are past; a window over midnight ends on the day after its date."""
    if hours.weekly or never_opens(hours):
        return False
    today = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(ZoneInfo(hours.zone)).date()
    last = max(one.date for one in hours.holidays if one.windows)
    return last < (today - timedelta(days=1)).isoformat()


def choose(menu: Menu, key: str) -> Destination | None:
    """Where a key leads; ``None``: nowhere."""
    return next((one.destination for one in menu.keys if one.key == key), None)


def parts_of(destination: Destination | None) -> Iterator[Destination]:
    """A destination and what comes after it where it does not take the call."""
    while destination is not None:
        yield destination
        destination = destination.otherwise


def menu_loop(menus: Mapping[MenuId, Menu]) -> list[str]:
    """Menus that a caller who presses nothing would be led through for ever, by name; empty where there are none.

    A key that leads back ("star for the main menu") is no loop: the caller presses it.
    """
    for first in menus.values():
        path, menu = [first.name], _next_menu(first, menus)
        while menu is not None and menu.id != first.id and menu.name not in path:
            path.append(menu.name)
            menu = _next_menu(menu, menus)
        if menu is not None and menu.id == first.id:
            return path
    return []


def _next_menu(menu: Menu, menus: Mapping[MenuId, Menu]) -> Menu | None:
    for one in parts_of(menu.otherwise):
        if one.kind is Target.MENU:
            return menus.get(MenuId(one.id))
    return None
