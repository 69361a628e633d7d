"""The import's own process: reads the file, finds out what it is, and turns rows into leads; the server only stores them.

In a process of its own, because a million rows take a core for half a minute and the server's floors must not wait for it,
and because a file that is made to exhaust memory ends this process and nothing else.
"""

import itertools
import os
import resource
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from callside.dialer.leads.columns import Column, Role, chosen, columns_of, has_header
from callside.dialer.leads.intake import Draft, Intake, Verdict
from callside.exchange.lead_import.csv_rows import CsvRows, FileRow
from callside.exchange.lead_import.frames import Chunk, End, Failed, Frame, Order, Row, Start, encoded
from callside.exchange.lead_import.sniffing import text_form
from callside.exchange.lead_import.xlsx_rows import XlsxRows
from callside.exchange.lead_import.xlsx_xml import UnreadableFileError

MOST_MEMORY: Final = 3 << 30
"""Address space, which is far more than what is used of it."""
_SAMPLE: Final = 50
_SHOWN: Final = 5
_BEGINNING: Final = 4096
_PDF: Final = b"%PDF"
_LEADING: Final = b"\xef\xbb\xbf \t\r\n"
_MARKUP: Final = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")
_USUAL_CONTROLS: Final = "\t\r\n\0"
"""A zero byte here and there is taken out, and said."""
_MOST_ODD: Final = 20
"""Of twenty characters of a text not one is a control character."""
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def main() -> int:
    """Read the order from standard input, write frames to standard output."""
    os.nice(10)  # calls come first
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    out = sys.stdout.buffer
    try:
        for frame in frames(order):
            _say(out, frame)
    except UnreadableFileError as error:
        _say(out, Failed(str(error)))
    except UnicodeError as error:
        _say(
            out,
            Failed(f"the file is not in the encoding {order.encoding or 'that was guessed'} ({error}): name another"),
        )
    except MemoryError:
        _say(out, Failed("the file needs more memory than an import may use: export it as CSV, or in parts"))
    except OSError as error:
        _say(out, Failed(f"the file cannot be read ({error.strerror})"))
    return 0


def frames(order: Order) -> Iterator[Frame]:
    """All that is to be said of the file."""
    path = Path(order.path)
    rows, form = opened(path, order)
    try:
        following = iter(rows)
        first = list(itertools.islice(following, _SAMPLE))
        whole = [row.cells for row in first if not row.broken]
        if not any(any(map(str.strip, cells)) for cells in whole):
            raise UnreadableFileError("the file is empty: it has no row with anything in it")
        headed = has_header(whole) if order.has_header is None else order.has_header
        columns = columns_in(whole, order, headed=headed)
        # The header is a line of the file, but no row of it.
        begin = next((index + 1 for index, row in enumerate(first) if not row.broken), 0) if headed else 0
        if headed and len(first) == 1:
            raise UnreadableFileError("the file has a header and no row below it: there is nothing to bring in")
        total = max(0, rows.total - begin) if isinstance(rows, XlsxRows) and rows.total else None
        shown = [[cell[:200] for cell in cells[:50]] for cells in whole[int(headed) :][:_SHOWN]]
        yield Start(form, [(one.header, one.role.value) for one in columns], headed, total, shown)
        if not order.preview:
            body = itertools.chain(first[:begin][:-1], first[begin:], following)
            intake = Intake(columns, order.region)
            yield from _chunks(itertools.islice(body, order.skip, None), intake, rows, path, order.chunk)
            yield End()
    finally:
        rows.close()


def opened(path: Path, order: Order) -> tuple[CsvRows | XlsxRows, str]:
    """The file's rows, and what it is, for people.

    Raises:
        UnreadableFileError: It is no file of leads.
    """
    with path.open("rb") as file:
        start = file.read(_BEGINNING)
    if not start:
        raise UnreadableFileError("the file is empty")
    _is_a_table(start)
    if start.startswith(_OLD_OFFICE):
        raise UnreadableFileError(
            "the file is an old or a protected spreadsheet: save it as XLSX without a password, or as CSV"
        )
    if start.startswith(_ZIP):
        book = XlsxRows(path)
        return book, f'XLSX, sheet "{book.name[:40]}"'
    form = text_form(path, encoding=order.encoding, delimiter=order.delimiter)
    _is_text(start, form.encoding)
    named = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}.get(form.delimiter, repr(form.delimiter))
    return CsvRows(path, form), f"CSV, {form.encoding} ({form.why}), cells divided by {named}"


def _is_a_table(start: bytes) -> None:
    """Refuse by name what is often sent for a table.

    Raises:
        UnreadableFileError: It is something else.
    """
    if start.startswith(_PDF):
        raise UnreadableFileError("the file is a PDF: export the table itself, as XLSX or CSV")
    if start.lstrip(_LEADING).lower().startswith(_MARKUP):
        raise UnreadableFileError(
            "the file is a web page or XML, whatever it is called (some programs name it XLS): open it in a spreadsheet program "
            "and save it as XLSX or CSV"
        )


def _is_text(start: bytes, encoding: str) -> None:
    text = start.decode(encoding, errors="ignore")
    odd = sum(unicodedata.category(one) == "Cc" and one not in _USUAL_CONTROLS for one in text)
    if odd * _MOST_ODD > len(text):
        raise UnreadableFileError("the file is neither text nor a spreadsheet: export the table as XLSX or CSV")


def columns_in(whole: list[list[str]], order: Order, *, headed: bool) -> tuple[Column, ...]:
    """The file's columns, guessed and chosen.

    Raises:
        UnreadableFileError: A chosen column is not there, or no column has numbers.
    """
    width = max(map(len, whole))
    headers = whole[0] if headed else [""] * width
    columns = columns_of(headers, whole[int(headed) :])
    try:
        columns = chosen(columns, {header: Role(role) for header, role in order.columns.items()})
    except KeyError as missing:
        there = ", ".join(one.header for one in columns)
        raise UnreadableFileError(f"columns: there is no column {missing}; there are: {there[:500]}") from None
    if all(one.role is not Role.NUMBER for one in columns):
        there = ", ".join(one.header for one in columns)
        raise UnreadableFileError(f"columns: say which column has the phone numbers; there are: {there[:500]}")
    return columns


def _chunks(
    body: Iterator[FileRow], intake: Intake, rows: CsvRows | XlsxRows, path: Path, size: int
) -> Iterator[Chunk]:
    whole = rows.size if isinstance(rows, XlsxRows) else path.stat().st_size
    while some := list(itertools.islice(body, size)):
        yield Chunk([_taken_in(row, intake) for row in some], min(1.0, rows.position / max(1, whole)))


def _taken_in(row: FileRow, intake: Intake) -> Row:
    if row.broken:
        return Row(row.line, Verdict.REFUSED, row.broken)
    found = intake.read(row.cells)
    if not isinstance(found, Draft):
        return Row(row.line, found.verdict, "; ".join(filter(None, (found.reason, row.note))))
    numbers = [(one.number, one.label, one.zone_key) for one in found.numbers]
    note = "; ".join(filter(None, (found.note, row.note)))
    return Row(row.line, "", note, found.name, found.zone, found.notes, numbers, found.fields)


def _say(out: BinaryIO, frame: Frame) -> None:
    out.write(encoded(frame))
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
