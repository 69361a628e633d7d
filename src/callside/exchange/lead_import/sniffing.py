"""What a text file is written in: its encoding and its delimiter, guessed from its beginning."""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLE_BYTES: Final = 1 << 20
_BLOCK: Final = 1 << 22
_LINES: Final = 100
_DELIMITERS: Final = ",;\t|"
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_CP1252: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
_ASKED: Final = (
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 ascii cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 "
    "cp437 cp850 cp852 cp866 iso8859-1 iso8859-2 iso8859-5 iso8859-7 iso8859-9 iso8859-15 koi8-r koi8-u mac-roman "
    "shift_jis euc-jp euc-kr gb18030 big5"
)
ENCODINGS: Final = frozenset(codecs.lookup(one).name for one in _ASKED.split(" "))
"""What may be asked for: plain text encodings only."""


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is to be read.

    Attributes:
        why: What the guess was made from, for people.
    """

    encoding: str
    delimiter: str
    why: str


def text_form(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> TextForm:
    """The form of a file; what is given is not guessed.

    Raises:
        UnicodeError: Not even the guess fits (an odd byte in a two-byte encoding).
    """
    with path.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
    found, why = (encoding, "the encoding was given") if encoding else _encoding(path, start)
    text = start.decode(found, errors="replace")
    marked = _marked_delimiter(text)
    return TextForm(found, delimiter or marked or _delimiter(text), why)


def canonical(encoding: str) -> str | None:
    """The name by which we know an encoding, or ``None`` for one that we do not read."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return None
    return name if name in ENCODINGS else None


def _encoding(path: Path, start: bytes) -> tuple[str, str]:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name, "the file begins with this encoding's mark"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 5:
        return ("utf-16-le", "every other byte is zero") if odd > even else ("utf-16-be", "every other byte is zero")
    if _is_utf8(path):
        return "utf-8", "all of it is UTF-8"
    if _NOT_IN_CP1252.isdisjoint(start):
        return (
            "cp1252",
            "it is not UTF-8, so the most common Western encoding is taken; name another if names look wrong",
        )
    return "iso8859-1", "it is neither UTF-8 nor Windows-1252; name the encoding if names look wrong"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _marked_delimiter(text: str) -> str | None:
    """A spreadsheet's own word for it: a first line ``sep=;``."""
    first = text.lstrip("\ufeff")[:6]
    return first[4] if first[:4].lower() == "sep=" and first[4:5] in _DELIMITERS and first[4:5] else None


def _delimiter(text: str) -> str:
    """The one that divides most lines into equally many cells, and into most."""
    lines = text.lstrip("\ufeff").splitlines()[:_LINES]
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=candidate) if row)
        except csv.Error:
            continue
        cells, lines_like_it = max(counts.items(), key=lambda one: (one[1], one[0]), default=(1, 0))
        score = (lines_like_it / max(1, counts.total()), cells)
        if cells > 1 and score > best_score:
            best, best_score = candidate, score
    return best
