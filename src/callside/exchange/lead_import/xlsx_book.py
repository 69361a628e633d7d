"""A spreadsheet's book: which of the archive's parts are its sheets, its texts and its number formats (ECMA-376 part 1 and 2)."""

import posixpath
import zipfile
import zlib
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from callside.exchange.lead_import.xlsx_cells import BUILT_IN, Shown, shown_by, unescaped
from callside.exchange.lead_import.xlsx_xml import UnreadableFileError, elements, fed, parser, unreadable

LARGEST_UNPACKED: Final = 1 << 30
LARGEST_RATIO: Final = 200
_MOST_PARTS: Final = 2000
_PACKED_AS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""All that a spreadsheet's archive may use (ECMA-376 part 2, annex B)."""
_ENCRYPTED: Final = 0x1
_NO_ARCHIVE: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError)
"""What zipfile raises for archives that are damaged, cut off or of a version that it does not know."""
_BLOCK: Final = 1 << 20


class Texts:
    """The texts that cells share, end to end in one piece of memory: a third of what as many objects would take."""

    def __init__(self) -> None:
        self._all = bytearray()
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        """One of them.

        Raises:
            UnreadableFileError: There is none.
        """
        if not 0 <= index < len(self):
            raise unreadable(f"a cell shows the shared text {index}, of {len(self)}")
        return self._all[self._ends[index] : self._ends[index + 1]].decode("utf-8", "surrogatepass")

    def add(self, text: str) -> None:
        """One more."""
        self._all += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._all))


class Book:
    """An opened spreadsheet.

    Attributes:
        sheets: Name and part, in the order of their tabs.
    """

    def __init__(self, path: Path) -> None:
        check_archive(path)
        self._archive = zipfile.ZipFile(path)
        self._names = {name.casefold(): name for name in self._archive.namelist()}
        [main, *_] = self._related("", "/officeDocument").values() or [""]
        worksheets = self._related(main, "/worksheet")
        self.since_1904 = False
        self.sheets: list[tuple[str, str]] = []
        for _, name, given in elements(self.open(main)):
            if name == "workbookPr":
                self.since_1904 = given.get("date1904") in {"1", "true"}
            elif name == "sheet":
                related = next((value for key, value in given.items() if key.endswith(":id")), "")
                if related in worksheets:
                    self.sheets.append((given.get("name", ""), worksheets[related]))
        self.texts = self._texts(self._related(main, "/sharedStrings"))
        self.shown = self._shown(self._related(main, "/styles"))

    def open(self, part: str) -> IO[bytes]:
        """A part of the archive.

        Raises:
            UnreadableFileError: There is none.
        """
        name = self._names.get(part.casefold())
        if name is None:
            raise unreadable(f"its part {part[:80] or 'workbook'} is missing")
        return self._archive.open(name)

    def size(self, part: str) -> int:
        """Bytes of a part."""
        return self._archive.getinfo(self._names[part.casefold()]).file_size

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """The parts of one kind that a part refers to, by the reference's id."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed.casefold() not in self._names:
            return {}
        return {
            given.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, given.get("Target", ""))).lstrip("/")
            for _, name, given in elements(self.open(listed))
            if name == "Relationship" and given.get("Type", "").endswith(kind)
        }

    def _texts(self, parts: Mapping[str, str]) -> Texts:
        texts = Texts()
        for part in parts.values():
            with self.open(part) as file:
                for _ in fed(_TextReader(texts).parser, file):
                    continue
        return texts

    def _shown(self, parts: Mapping[str, str]) -> list[Shown]:
        """What the numbers of each cell style are shown as."""
        formats: dict[str, Shown] = {str(code): shown for code, shown in BUILT_IN.items()}
        found: list[Shown] = []
        for part in parts.values():
            for above, name, given in elements(self.open(part)):
                if (above, name) == ("numFmts", "numFmt"):
                    formats[given.get("numFmtId", "")] = shown_by(given.get("formatCode", ""))
                elif (above, name) == ("cellXfs", "xf"):
                    found.append(formats.get(given.get("numFmtId", ""), Shown.NUMBER))
        return found


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
                if part.compress_type not in _PACKED_AS or part.flag_bits & _ENCRYPTED:
                    raise unreadable("it is encrypted, or packed in a way that spreadsheets are not")
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        allowed -= len(block)
                        if allowed < 0:
                            msg = "the spreadsheet unpacks to far more than its size: export it as CSV"
                            raise UnreadableFileError(msg)
    except _NO_ARCHIVE as error:
        msg = f"the file is no whole spreadsheet ({error}): save it again as XLSX, or export it as CSV"
        raise UnreadableFileError(msg) from error


class _TextReader:
    """Reads the shared texts: of each the plain one, runs of a formatted one put together, without how it is pronounced."""

    def __init__(self, texts: Texts) -> None:
        self.parser = parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._texts = texts
        self._runs: list[str] = []
        self._said: list[str] = []
        self._taking = self._kept = self._pronunciation = False

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self._taking = not self._pronunciation
            self._kept = given.get("xml:space") == "preserve"
        elif local == "rPh":
            self._pronunciation = True

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self._taking = False
            run = "".join(self._said)
            self._runs.append(run if self._kept else run.strip())
            self._said.clear()
        elif local == "si":
            self._texts.add(unescaped("".join(self._runs)))
            self._runs.clear()
        elif local == "rPh":
            self._pronunciation = False

    def _characters(self, some: str) -> None:
        if self._taking:
            self._said.append(some)
