"""The rows of a spreadsheet (XLSX), through calamine. Opened in the import's own process, whose memory is limited."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from callside.exchange.lead_import.csv_rows import FileRow

LARGEST_UNPACKED: Final = 1 << 30
LARGEST_RATIO: Final = 200
_MOST_PARTS: Final = 2000
_BLOCK: Final = 1 << 20


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


class XlsxRows:
    """Iterates the rows of the first sheet that has any."""

    def __init__(self, path: Path) -> None:
        check_archive(path)
        import python_calamine  # noqa: PLC0415 - only the import's process needs it

        try:
            book = python_calamine.load_workbook(str(path))
            self._sheet, self.name = _first_filled(book)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            msg = f"the spreadsheet cannot be read ({error}): open it and save it again, or export it as CSV"
            raise UnreadableFileError(msg) from error
        self.total = int(self._sheet.end[0]) + 1
        self.position = 0

    def close(self) -> None:
        """Let go of it."""
        self._sheet = None

    def __iter__(self) -> Iterator[FileRow]:
        """The rows, top to bottom; the line is the spreadsheet's row."""
        for line, cells in enumerate(self._sheet.iter_rows(), 1):
            self.position = line
            yield FileRow(line, [_text(cell) for cell in cells])


def check_archive(path: Path) -> None:
    """Refuse an archive that would unpack to more than memory allows, by unpacking it into nowhere.

    What it says of its own size is not believed.

    Raises:
        UnreadableFileError: It is no archive, damaged, or unpacks to too much.
    """
    allowed = min(LARGEST_UNPACKED, max(_BLOCK * 64, path.stat().st_size * LARGEST_RATIO))
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS:
                raise UnreadableFileError(f"the spreadsheet has {len(parts)} parts, {_MOST_PARTS} are allowed")
            for part in parts:
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        allowed -= len(block)
                        if allowed < 0:
                            msg = "the spreadsheet unpacks to far more than its size: export it as CSV"
                            raise UnreadableFileError(msg)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        msg = f"the file is no whole spreadsheet ({error}): save it again as XLSX, or export it as CSV"
        raise UnreadableFileError(msg) from error


def _first_filled(book: Any) -> tuple[Any, str]:
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is not None:
            return sheet, str(name)
    raise UnreadableFileError("the spreadsheet is empty: none of its sheets has a row")


def _text(cell: Any) -> str:
    """The cell as a person would write it; a number without the decimals that it does not have."""
    if isinstance(cell, str):
        return cell.replace("\x00", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e17 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""
