"""An import's report: a CSV file with a line for each row of the imported file, safe to open in a spreadsheet."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

HEADER: Final = ("line", "verdict", "reason", "lead_id", "number")
# The wide forms begin a formula in East Asian editions of spreadsheets.
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula: with an apostrophe in front where one might begin.

    Plain E.164 numbers stay as they are: a plus and digits calculate nothing.
    """
    bare = cell.lstrip(" \u00a0\ufeff")
    if bare.startswith(_DANGEROUS) and not (bare == cell and bare[0] == "+" and bare[1:].isdigit() and bare.isascii()):
        return f"'{cell}"
    return cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, every cell quoted and :func:`safe`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


class Report:
    """The report of one import, written piece by piece.

    Its length is kept with the import's progress in the store: after a crash it is cut back to what was agreed on.
    """

    def __init__(self, path: Path, length: int) -> None:
        """Go on behind ``length`` bytes; 0 begins anew."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._handle, length)
        os.lseek(self._handle, 0, os.SEEK_END)
        self.length = length
        if not length:
            self.add([HEADER])

    def add(self, rows: Iterable[Sequence[str]]) -> int:
        """Write lines, down to the disk; the length afterwards."""
        content = csv_text(rows).encode()
        view = memoryview(content)
        while view:
            view = view[os.write(self._handle, view) :]
        os.fdatasync(self._handle)
        self.length += len(content)
        return self.length

    def back_to(self, length: int) -> None:
        """What was written behind ``length`` did not come to be."""
        os.ftruncate(self._handle, length)
        os.lseek(self._handle, length, os.SEEK_SET)
        self.length = length

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)
