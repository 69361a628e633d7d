"""What stands in a spreadsheet's cell, as a person would write it: numbers, dates, texts (ECMA-376 part 1, §18.3 and §18.8).

Dates are days since the end of 1899 in cells whose number format shows a date; a book may count from 1904 instead. For
Lotus's sake 1900 is a leap year there: days before its 1st of March are one off.
"""

import contextlib
import re
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final

_BEGIN: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
_DAY_MS: Final = 86_400_000
_NOT_LEAP: Final = 60
_SINCE_1904: Final = 1462
_PAST_9999: Final = 2_958_466
_EXACT: Final = 1e17
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_LITERALS: Final = re.compile(r'"[^"]*"?|[\\_*].')
_LAPSE: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\[[^\]]*\]?")
_DATE: Final = re.compile(r"[dmhys]", re.IGNORECASE)


class Shown(Enum):
    """What a number in a cell is shown as."""

    NUMBER = 0
    DATE = 1
    LAPSE = 2
    """Hours and minutes that have passed, beyond a day too."""


BUILT_IN: Final = {**dict.fromkeys((*range(14, 23), 45, 47), Shown.DATE), 46: Shown.LAPSE}
"""Number formats that every book has, of those that show a time (§18.8.30)."""


def shown_by(code: str) -> Shown:
    """What a format shows: of its sections the first counts, and quoted or escaped characters do not."""
    first = _LITERALS.sub("", code).partition(";")[0]
    if _LAPSE.search(first):
        return Shown.LAPSE
    plain = _BRACKETS.sub("", first)
    return Shown.DATE if _DATE.search(plain) and plain.casefold() != "general" else Shown.NUMBER


def number_text(raw: str, shown: Shown, *, since_1904: bool) -> str:
    """A number's text; what is none stays as it is."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    if shown is not Shown.NUMBER:
        with contextlib.suppress(OverflowError, ValueError):  # beyond what a date can be
            return str(_lapse(value)) if shown is Shown.LAPSE else _date_text(value, since_1904=since_1904)
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def iso_text(raw: str) -> str:
    """A date that is written as one, not as a number."""
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return raw
    return raw if len(raw) <= len("2024-01-05") else found.isoformat()


def unescaped(text: str) -> str:
    """Characters that XML has no place for, written as ``_x000D_`` (§22.9.2.19); a zero stays out."""
    if "_x" in text:
        text = _ESCAPED.sub(_character, text)
    return text.replace("\x00", "") if "\x00" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def _lapse(days: float) -> timedelta:
    return timedelta(milliseconds=round(days * _DAY_MS))


def _date_text(days: float, *, since_1904: bool) -> str:
    counted = days + _SINCE_1904 if since_1904 else days
    if not 0 <= counted < _PAST_9999:
        raise OverflowError
    found = _BEGIN + _lapse(counted)
    shown: date | datetime | time = found
    if days < 1:
        shown = found.time()
    elif not since_1904 and days < _NOT_LEAP:
        shown = found + timedelta(days=1)
    if isinstance(shown, datetime) and shown.time() == time.min:
        shown = shown.date()
    return shown.isoformat()
