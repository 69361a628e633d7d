"""The rows of a CSV file, one at a time and each with its line, whatever is broken in between."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from callside.exchange.lead_import.sniffing import TextForm

LONGEST_LINE: Final = 1 << 20
"""Characters in one line of the file; the rest of a longer one is passed over."""
MOST_LINES: Final = 100
"""Lines that one row may span."""
_FALLBACK: Final = "cp1252"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of the file.

    Attributes:
        line: Where it begins, counted from 1.
        cells: Empty when ``broken`` says why it cannot be read.
        note: What was mended.
    """

    line: int
    cells: list[str]
    broken: str = ""
    note: str = ""


class _TooManyLinesError(Exception):
    """A row that does not end."""


class CsvRows:
    """Iterates the rows. ``position`` is how far into the file it has read, in bytes."""

    def __init__(self, path: Path, form: TextForm) -> None:
        self._raw: IO[bytes] = path.open("rb")
        self._form = form
        # Bytes that are none of the encoding's come through as half characters, and are looked at row by row.
        errors = "surrogateescape" if form.encoding.startswith("utf-8") else "replace"
        self._text = open(  # noqa: SIM115 - closed in close()
            self._raw.fileno(), encoding=form.encoding, errors=errors, newline="", closefd=False
        )
        self._taken: list[str] = []
        self._given_back: list[str] = []
        self._line = 0
        csv.field_size_limit(2 * LONGEST_LINE)

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._raw.seek(0, 1)

    def close(self) -> None:
        """Let go of the file."""
        self._text.close()
        self._raw.close()

    def __iter__(self) -> Iterator[FileRow]:
        """The rows, top to bottom."""
        reader = self._reader()
        while True:
            self._taken.clear()
            first = self._line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooManyLinesError) as error:
                yield self._mended(first, error)
                reader = self._reader()
                continue
            if first == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep="):
                continue
            yield self._row(first, cells)

    def _reader(self) -> "Iterator[list[str]]":
        return csv.reader(self._lines(), delimiter=self._form.delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        while True:
            if len(self._taken) >= MOST_LINES:
                raise _TooManyLinesError
            line = self._given_back.pop() if self._given_back else self._next_line()
            if not line:
                return
            self._line += 1
            self._taken.append(line)
            yield line

    def _next_line(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (more := self._text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
        return line

    def _mended(self, first: int, error: Exception) -> FileRow:
        """A row that cannot be read as it is: its first line is taken for itself, and the lines behind it are read anew."""
        taken, self._taken = self._taken, []
        self._given_back += reversed(taken[1:])
        self._line = first
        if not taken:
            return FileRow(first, [], f"the row cannot be read ({error})")
        if len(taken) > 1 or isinstance(error, _TooManyLinesError) or _opens(taken[0], self._form.delimiter):
            return FileRow(first, [], "a quotation mark opens in this line and never closes: close it, or take it out")
        try:
            cells = next(csv.reader(taken, delimiter=self._form.delimiter))
        except (csv.Error, StopIteration):
            return FileRow(first, [], f"the row cannot be read ({error})")
        row = self._row(first, cells)
        return FileRow(
            first, row.cells, "", row.note or "a quotation mark stands inside of a cell and was read as it is"
        )

    def _row(self, line: int, cells: list[str]) -> FileRow:
        note = ""
        if len(self._taken) == 1 and len(self._taken[0]) >= LONGEST_LINE:
            return FileRow(line, [], f"the line is longer than {LONGEST_LINE} characters: shorten its longest cell")
        for index, cell in enumerate(cells):
            if not cell.isascii():
                mended = _whole(cell)
                if mended != cell:
                    cells[index], note = mended, "bytes that are not UTF-8 were read as Windows-1252"
            if "\x00" in cell:
                cells[index] = cells[index].replace("\x00", "")
                note = "zero bytes were taken out"
        return FileRow(line, cells, "", note)


def _whole(cell: str) -> str:
    """The cell without half characters: its bytes read as Windows-1252 where it has some."""
    try:
        cell.encode()
    except UnicodeEncodeError:
        return cell.encode("utf-8", "surrogateescape").decode(_FALLBACK, "replace")
    return cell


def _opens(line: str, delimiter: str) -> bool:
    """Whether a quoted cell begins in this line and does not end in it."""
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
