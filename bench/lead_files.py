"""Files of leads: the same million people as CSV and as XLSX, and what the reading process takes for each.

In the spreadsheet texts are shared between cells, as spreadsheet programs write them: the form that needs most memory.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from bench.tables import Table
from callside.exchange.lead_import import frames
from callside.exchange.lead_import.frames import Chunk, Failed, Order

ROWS = 1_000_000
HEADER = ("Phone", "First name", "Last name", "City", "Plan", "Score")
AREAS = (205, 907, 602, 501, 213, 303, 203, 302, 305, 404, 808, 208, 312, 317, 515, 316, 502, 504, 207, 301, 617, 313, 612, 601,
         314, 406, 402, 702, 603, 201, 505, 212, 704, 701, 216, 405, 503, 215, 401, 803, 605, 615, 214, 801, 802, 804, 206, 304,
         414, 307)  # fmt: skip
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def people(size: int) -> Iterator[tuple[str, ...]]:
    """Rows of that many people, the same ones each time."""
    dice = random.Random(size)
    for n in range(size):
        number = f"+1{dice.choice(AREAS)}{dice.randint(200, 999)}{dice.randint(0, 9999):04d}"
        yield (number, f"Ada{n}", "Lovelace", "Springfield", "gold", str(dice.randint(1, 99)))


def write_csv(file: Path, size: int) -> None:
    """As CSV, divided by semicolons."""
    with file.open("w", encoding="utf-8") as out:
        out.write(f"{';'.join(HEADER)}\n")
        out.writelines(f"{';'.join(row)}\n" for row in people(size))


def write_xlsx(file: Path, size: int) -> None:
    """As XLSX, texts shared, the score as a number."""
    texts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("_rels/.rels", _relations((("officeDocument", "xl/workbook.xml"),)))
        parts = (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
        book.writestr("xl/_rels/workbook.xml.rels", _relations(parts))
        sheets = '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets>'
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}">{sheets}</workbook>')
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            begin = f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:F{size + 1}"/><sheetData>'
            sheet.write(begin.encode())
            sheet.write(_row(1, HEADER, texts))
            for number, row in enumerate(people(size), 2):
                sheet.write(_row(number, row, texts))
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as shared:
            shared.write(f'<sst xmlns="{_MAIN}">'.encode())
            shared.writelines(f"<si><t>{text}</t></si>".encode() for text in texts)
            shared.write(b"</sst>")


_WRITERS = {"CSV": write_csv, "XLSX": write_xlsx}


def run() -> Iterable[Table]:
    """The table."""
    rows: list[Sequence[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in _WRITERS:
            file = Path(folder, name)
            # Not written here: the kernel counts what its parent held to the most that a process ever held.
            subprocess.run([sys.executable, "-m", "bench.lead_files", name, file, str(ROWS)], check=True)
            rows.append((name, f"{ROWS:,}", f"{file.stat().st_size >> 20}", *_read(file)))
    yield Table("leads-reading", ("file", "rows", "MB", "s", "CPU s", "peak MB"), rows)


def _relations(parts: Iterable[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATION}/{kind}" Target="{name}"/>'
        for n, (kind, name) in enumerate(parts, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'


def _row(number: int, row: Sequence[str], texts: dict[str, int]) -> bytes:
    cells = "".join(
        f'<c r="{letter}{number}"><v>{text}</v></c>'
        if text.isdigit()
        else f'<c r="{letter}{number}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
        for letter, text in zip("ABCDEF", row, strict=True)
    )
    return f'<row r="{number}">{cells}</row>'.encode()


def _read(file: Path) -> Sequence[str]:
    """Have the import's process read it to its end: seconds, CPU seconds and the most memory it held."""
    began, read = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "callside.exchange.lead_import.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(Order(str(file), "US", chunk=250)))
    process.stdin.close()
    while prefix := process.stdout.read(frames.PREFIX):
        frame = frames.decoded(process.stdout.read(int.from_bytes(prefix)))
        assert not isinstance(frame, Failed), frame
        read += len(frame.rows) if isinstance(frame, Chunk) else 0
    took = time.monotonic() - began
    process.stdout.close()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    assert read == ROWS, read
    return f"{took:.1f}", f"{used.ru_utime + used.ru_stime:.1f}", f"{used.ru_maxrss >> 10}"


if __name__ == "__main__":
    _WRITERS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
