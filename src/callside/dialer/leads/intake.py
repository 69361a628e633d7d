"""From a row of a file to a lead, or to the reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callside.dialer.leads.columns import Column, Role
from callside.dialer.leads.model import LeadNumber
from callside.dialer.leads.numbers import NumberReader
from callside.dialer.leads.zones import is_zone, zone_key
from callside.kernel.errors import InvalidFieldError

LONGEST_CELL: Final = 32_768
"""Characters; what a spreadsheet's cell may hold."""
LONGEST_NAME: Final = 200
LONGEST_NOTES: Final = 10_000
MOST_NUMBERS: Final = 10
_SHOWN: Final = 40


class Verdict(StrEnum):
    """What became of a row."""

    IMPORTED = "imported"
    BLOCKED = "blocked"
    """Kept, but every number is on a do-not-call list."""
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Draft:
    """A lead as its row has it.

    Attributes:
        note: What was wrong with it and could be passed over, e.g. a second number that is none.
    """

    numbers: tuple[LeadNumber, ...]
    name: str = ""
    zone: str = ""
    notes: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is no lead."""

    verdict: Verdict
    reason: str


class Intake:
    """Reads the rows of one file.

    Args:
        columns: What its columns are.
        region: ISO 3166 code for numbers without a country code.
    """

    def __init__(self, columns: Sequence[Column], region: str) -> None:
        self._columns = columns
        self._reader = NumberReader(region)
        self._places: Mapping[Role, list[int]] = {
            role: [index for index, column in enumerate(columns) if column.role is role] for role in Role
        }
        # A second and third phone are fields, too, when they turn out to be no numbers.
        self._kept = [index for index, column in enumerate(columns) if column.role is Role.FIELD]

    def read(self, cells: Sequence[str]) -> Draft | Refusal:
        """The lead of a row; nothing of the row is lost that has a header."""
        if not any(map(str.strip, cells)):
            return Refusal(Verdict.EMPTY, "the row is empty")
        for index, cell in enumerate(cells):
            if len(cell) > LONGEST_CELL:
                return Refusal(
                    Verdict.REFUSED,
                    f"{self._header(index)}: the cell has {len(cell)} characters, {LONGEST_CELL} are allowed: shorten it",
                )
        notes: list[str] = []
        fields = self._fields(cells, notes)
        zone = self._zone(cells, notes, fields)
        numbers = self._numbers(cells, zone, notes, fields)
        if not numbers:
            return Refusal(
                Verdict.REFUSED, "; ".join(notes) or "no number: the row has none in the columns for numbers"
            )
        return Draft(
            numbers,
            self._name(cells)[:LONGEST_NAME],
            zone,
            self._cell(cells, Role.NOTES)[:LONGEST_NOTES],
            fields,
            "; ".join(notes),
        )

    def _numbers(
        self, cells: Sequence[str], zone: str, notes: list[str], fields: dict[str, str]
    ) -> tuple[LeadNumber, ...]:
        found: dict[str, LeadNumber] = {}
        for index in self._places[Role.NUMBER]:
            text = cells[index].strip() if index < len(cells) else ""
            if not text:
                continue
            header = self._columns[index].header
            try:
                number = self._reader.read(text)
            except InvalidFieldError:
                notes.append(f"{header}: {_why_no_number(text)}")
                fields[header] = text
                continue
            if len(found) < MOST_NUMBERS:
                found.setdefault(number, LeadNumber(number, header, zone_key(number, zone)))
        return tuple(found.values())

    def _zone(self, cells: Sequence[str], notes: list[str], fields: dict[str, str]) -> str:
        text = self._cell(cells, Role.ZONE)
        if not text or is_zone(text):
            return text
        header = self._columns[self._places[Role.ZONE][0]].header
        notes.append(
            f"{header}: {shown(text)} is no time zone; write it like America/New_York. The number's own counts"
        )
        fields[header] = text
        return ""

    def _fields(self, cells: Sequence[str], notes: list[str]) -> dict[str, str]:
        fields = {
            self._columns[index].header: cells[index] for index in self._kept if index < len(cells) and cells[index]
        }
        beyond = [cell for cell in cells[len(self._columns) :] if cell.strip()]
        if beyond:
            notes.append(f"the row has {len(beyond)} cells more than there are columns; they are kept as 'more'")
            fields["more"] = " | ".join(beyond)
        return fields

    def _name(self, cells: Sequence[str]) -> str:
        whole = self._cell(cells, Role.NAME)
        return whole or f"{self._cell(cells, Role.FIRST_NAME)} {self._cell(cells, Role.LAST_NAME)}".strip()

    def _cell(self, cells: Sequence[str], role: Role) -> str:
        places = self._places[role]
        return cells[places[0]].strip() if places and places[0] < len(cells) else ""

    def _header(self, index: int) -> str:
        return self._columns[index].header if index < len(self._columns) else f"column {index + 1}"


def shown(text: str) -> str:
    """A stranger's text for a message."""
    clean = "".join(one if one.isprintable() else "�" for one in text[:_SHOWN])
    return f'"{clean}{"…" if len(text) > _SHOWN else ""}"'


def _why_no_number(text: str) -> str:
    if "E+" in text.upper() and any(map(str.isdigit, text)):
        return f"{shown(text)} was cut by a spreadsheet; format the column as text there and export again"
    if text[:1] in "=@" or text.startswith(("+=", "-=")):
        return f"{shown(text)} is a formula, not its result; export the values"
    if text[:1] == "#" and text.endswith(("!", "?", "/A")):
        return f"{shown(text)} is a spreadsheet's error; repair the formula"
    if text.lstrip("( ")[:1] == "0" and any(map(str.isdigit, text[1:])):
        return f"{shown(text)} is no number of the file's region; write + and the country code, or name the region"
    return f"{shown(text)} is no phone number"
