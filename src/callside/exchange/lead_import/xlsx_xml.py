"""XML inside of a spreadsheet, read as a stream: never more of it in memory than a block.

A document type is refused, so there are no entities that could expand into more, and none that name files.
"""

import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Final
from xml.parsers import expat

BLOCK: Final = 1 << 16


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


def parser() -> expat.XMLParserType:
    """A parser that knows no document types."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.buffer_size = BLOCK
    made.StartDoctypeDeclHandler = _refused
    return made


def fed(reader: expat.XMLParserType, part: IO[bytes]) -> Iterator[int]:
    """Feed a part to a parser, block by block; after each, how many bytes it was.

    Raises:
        UnreadableFileError: It is no XML, or the archive is damaged.
    """
    try:
        while block := part.read(BLOCK):
            reader.Parse(block, False)
            yield len(block)
        reader.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise unreadable(error) from error


def elements(part: IO[bytes]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Each element of a small part: its parent's name, its own (both without prefix) and its attributes."""
    above = [""]
    found: list[tuple[str, str, Mapping[str, str]]] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        found.append((above[-1], local, attributes))
        above.append(local)

    reader = parser()
    reader.StartElementHandler = start
    reader.EndElementHandler = lambda _: above.pop()
    for _ in fed(reader, part):
        yield from found
        found.clear()
    yield from found


def unreadable(why: object) -> UnreadableFileError:
    """What cannot be read, in words for people."""
    return UnreadableFileError(
        f"the spreadsheet cannot be read ({why}): open it and save it again, or export it as CSV"
    )


def _refused(*_: object) -> None:
    raise unreadable("it has a document type, which no spreadsheet needs")
