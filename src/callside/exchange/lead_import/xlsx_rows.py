"""The rows of a spreadsheet (XLSX), one at a time: of the sheet nothing is held but the row that is being read.

Only the texts that cells share are kept, because a cell may name any of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from callside.exchange.lead_import.csv_rows import LONGEST_LINE, FileRow
from callside.exchange.lead_import.xlsx_book import Book
from callside.exchange.lead_import.xlsx_cells import Shown, iso_text, number_text, unescaped
from callside.exchange.lead_import.xlsx_xml import UnreadableFileError, fed, parser, unreadable

MOST_ROWS: Final = 1 << 20
MOST_COLUMNS: Final = 1 << 14
"""What the format allows."""
_EXACT_DIGITS: Final = 15
_LAST_ROW: Final = re.compile(r":[A-Z]+([0-9]{1,7})$")


class XlsxRows:
    """Iterates the rows of the first sheet that has any.

    Attributes:
        total: The last row, where the sheet says it; for showing only.
        size: Bytes of the sheet.
        position: How many of them were read.
    """

    def __init__(self, path: Path) -> None:
        self._book = Book(path)
        self.total: int | None = None
        self.position = 0
        for name, part in self._book.sheets:
            self.name, self._part = name, part
            if next(iter(self), None) is not None:
                break
        else:
            raise UnreadableFileError("the spreadsheet is empty: none of its sheets has a row")
        self.size = self._book.size(self._part)

    def close(self) -> None:
        """Let go of it."""
        self._book.close()

    def __iter__(self) -> Iterator[FileRow]:
        """The rows, top to bottom; the line is the spreadsheet's row. Empty ones count only before one that is not."""
        self.position, line = 0, 0
        sheet = _Sheet(self._book)
        with self._book.open(self._part) as part:
            for length in fed(sheet.parser, part):
                self.position += length
                self.total = sheet.last_row
                for row in sheet.taken():
                    yield from (FileRow(empty, []) for empty in range(line + 1, row.line))
                    line = row.line
                    yield row


class _Sheet:
    """A sheet being parsed: gathers the rows that have something in them."""

    def __init__(self, book: Book) -> None:
        self.parser = parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.last_row: int | None = None
        self._book = book
        self._rows: list[FileRow] = []
        self._columns: dict[str, int] = {}
        self._line = 0
        self._cells: list[str] = []
        self._column = 0
        self._length = 0
        self._kind = self._style = ""
        self._said: list[str] = []
        self._taking = self._trimmed = self._pronunciation = False
        self._texts: list[str] = []
        self._local: dict[str, str] = {}
        self._values: dict[str, Callable[[str], str]] = {
            "s": self._shared,
            "inlineStr": unescaped,
            "str": unescaped,
            "b": lambda raw: "FALSE" if raw == "0" else "TRUE",
            "e": lambda _: "",
            "d": iso_text,
        }

    def taken(self) -> list[FileRow]:
        """The rows that were completed since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        local = self._local.get(name) or self._local.setdefault(name, name.rpartition(":")[2])
        if local == "c":
            self._begin_cell(given)
        elif local in {"v", "t"}:
            self._taking = not self._pronunciation
            self._trimmed = local == "t" and given.get("xml:space") != "preserve"
        elif local == "row":
            self._begin_row(given)
        elif local == "rPh":
            self._pronunciation = True
        elif local == "dimension" and (last := _LAST_ROW.search(given.get("ref", ""))):
            self.last_row = int(last[1])

    def _end(self, name: str) -> None:
        local = self._local[name]
        if local in {"v", "t"}:
            self._taking = False
            text = self._said[0] if len(self._said) == 1 else "".join(self._said)
            self._texts.append(text.strip() if self._trimmed else text)
            self._said.clear()
        elif local == "c":
            self._end_cell()
        elif local == "row":
            self._end_row()
        elif local == "rPh":
            self._pronunciation = False

    def _characters(self, some: str) -> None:
        if self._taking:
            self._said.append(some)

    def _begin_row(self, given: Mapping[str, str]) -> None:
        number = given.get("r", "")
        line = int(number) if number.isascii() and number.isdigit() else self._line + 1
        if not self._line < line <= MOST_ROWS:
            raise unreadable(f"its row {line} comes after row {self._line}")
        self._line, self._cells, self._column, self._length = line, [], 0, 0

    def _end_row(self) -> None:
        if self._length > LONGEST_LINE:
            told = f"the row is longer than {LONGEST_LINE} characters: shorten its longest cell"
            self._rows.append(FileRow(self._line, [], told))
        elif self._length:
            self._rows.append(FileRow(self._line, self._cells))

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        place = given.get("r")
        if place is not None:
            letters = place.rstrip("0123456789")
            self._column = self._columns.get(letters) or self._columns.setdefault(letters, _column(letters))
        else:
            self._column += 1
        self._kind, self._style = given.get("t", "n"), given.get("s", "")

    def _end_cell(self) -> None:
        raw = self._texts[0] if len(self._texts) == 1 else "".join(self._texts)
        self._texts.clear()
        if self._length > LONGEST_LINE:
            return  # what is more of such a row is not kept
        if not raw:
            text = ""
        elif self._kind == "n":
            text = self._number(raw)
        else:
            text = self._values.get(self._kind, unescaped)(raw)
        self._length += len(text)
        missing = self._column - 1 - len(self._cells)
        if missing < 0:
            self._cells[self._column - 1] = text
            return
        self._cells += [""] * missing
        self._cells.append(text)

    def _number(self, raw: str) -> str:
        shown = Shown.NUMBER
        if self._style.isdigit() and int(self._style) < len(self._book.shown):
            shown = self._book.shown[int(self._style)]
        if shown is Shown.NUMBER and len(raw) <= _EXACT_DIGITS and raw.isdigit() and raw[0] != "0":
            return raw
        return number_text(raw, shown, since_1904=self._book.since_1904)

    def _shared(self, raw: str) -> str:
        return self._book.texts[int(raw)] if raw.isdigit() else ""


def _column(letters: str) -> int:
    """A column's number, counted from 1 as its letters are."""
    number = 0
    for letter in letters.replace("$", "").upper()[:4]:
        number = 26 * number + ord(letter) - ord("A") + 1
    if not (letters.isascii() and letters.isalpha() and number <= MOST_COLUMNS):
        raise unreadable(f"there is no column {letters[:20]!r}")
    return number
