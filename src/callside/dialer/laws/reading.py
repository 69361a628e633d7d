"""Reading one table of a profile's file: each value is asked for by its kind, and what nobody asked for is an error."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from callside.kernel.errors import InvalidFieldError
from callside.reception.model import WeekWindow, Window

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIMES = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_WORST_TEXT = 4000
_Word = TypeVar("_Word", bound=StrEnum)


class Table:
    """A TOML table and the keys taken out of it so far.

    Attributes:
        place: Its name in messages, e.g. ``"abandonment.window"``; empty for the file itself.
    """

    def __init__(self, values: Mapping[str, Any], place: str = "") -> None:
        self.place = place
        self._values = values
        self._taken: set[str] = set()

    def wrong(self, key: str, remedy: str) -> InvalidFieldError:
        """The error for one key: its full name and what would be right."""
        name = f"{self.place}.{key}" if self.place else key
        return InvalidFieldError(f"{name}: {remedy}", field=name)

    def _take(self, key: str) -> Any:
        self._taken.add(key)
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def table(self, key: str) -> "Table":
        """A table within."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "is missing; write it as a table")
        return Table(value, f"{self.place}.{key}" if self.place else key)

    def keys(self) -> list[str]:
        """All keys there are."""
        return list(self._values)

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or len(value) > _WORST_TEXT:
            raise self.wrong(key, "write a text in quotes")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"write a whole number from {low} to {high}")
        return value

    def maybe_whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number, or ``None`` where the key is not there."""
        return self.whole(key, low, high) if self.has(key) else None

    def share(self, key: str, default: float | None = None) -> float:
        """A share from 0 to 1."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.wrong(key, "write a share from 0 to 1, 0.03 for three in a hundred")
        return float(value)

    def flag(self, key: str) -> bool:
        """``true`` or ``false``."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "write true or false")
        return value

    def day(self, key: str) -> date:
        """A date."""
        value = self._take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "write a date like 2026-01-31, without quotes")
        return value

    def word(self, key: str, kind: type[_Word]) -> _Word:
        """One of the words of ``kind``."""
        value = self._take(key)
        if value not in list(kind):
            raise self.wrong(key, "write one of " + ", ".join(kind))
        return kind(value)

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= _WORST_TEXT for one in value):
            raise self.wrong(key, 'write a list of texts: ["one", "two"]')
        return tuple(value)

    def weekly(self, key: str) -> tuple[WeekWindow, ...]:
        """Windows of a week: ``["mon-fri 08:00-21:00", "sat 10:00-18:00"]``."""
        return tuple(one for text in self.texts(key) for one in self._week_windows(key, text))

    def _week_windows(self, key: str, text: str) -> list[WeekWindow]:
        days, _, times = text.partition(" ")
        first, _, last = days.partition("-")
        if first not in _DAYS or (last and last not in _DAYS) or _DAYS.index(last or first) < _DAYS.index(first):
            raise self.wrong(key, f"'{text[:40]}' should be like 'mon-fri 08:00-21:00'")
        window = self.window(key, times)
        return [
            WeekWindow(day, window.start, window.end)
            for day in range(_DAYS.index(first), _DAYS.index(last or first) + 1)
        ]

    def window(self, key: str, text: str) -> Window:
        """From when to when on one day, as ``08:00-21:00``."""
        found = _TIMES.fullmatch(text)
        if found is None:
            raise self.wrong(key, f"'{text[:40]}' should be like '08:00-21:00'")
        start = int(found[1]) * 60 + int(found[2])
        end = int(found[3]) * 60 + int(found[4])
        if not start < end <= 24 * 60:
            raise self.wrong(key, f"'{text[:40]}' should end after it begins, at 24:00 at the latest")
        return Window(start, end)

    def done(self) -> None:
        """Refuse keys that nobody asked for: a rule that is misspelt must not be a rule that is missing.

        Raises:
            InvalidFieldError: There are some.
        """
        for key in self._values:
            if key not in self._taken:
                raise self.wrong(key, "this file format has no such key; correct its spelling or take it out")
