"""Which shared libraries a program file asks for: its DT_NEEDED entries, read without any tool.

A fresh machine has neither ``readelf`` nor ``objdump``, and ``ldd`` would run the foreign file.
Source: System V ABI, chapters 4 and 5 (ELF header, program header, dynamic section).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = b"\x7fELF"
_CLASS_64: Final = 2
_LITTLE_ENDIAN: Final = 1
_PT_LOAD: Final = 1
_PT_DYNAMIC: Final = 2
_DT_NULL: Final = 0
_DT_NEEDED: Final = 1
_DT_STRTAB: Final = 5
_HEADER_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


def needed_libraries(path: Path) -> tuple[str, ...]:
    """Return the names ``path`` asks its loader for, such as ``libssl.so.3``, in file order.

    Anything that is not a 64-bit ELF file with a dynamic section asks for nothing: ``()``.
    """
    image = path.read_bytes()
    if len(image) < _HEADER_BYTES or image[:4] != _MAGIC or image[4] != _CLASS_64:
        return ()
    order = "<" if image[5] == _LITTLE_ENDIAN else ">"
    segments = _segments(image, order)
    dynamic = next((part for part in segments if part.kind == _PT_DYNAMIC), None)
    if dynamic is None:
        return ()
    entries = _dynamic_entries(image, order, dynamic)
    strings = next((value for tag, value in entries if tag == _DT_STRTAB), None)
    if strings is None:
        return ()
    start = _file_offset(segments, strings)
    return tuple(_text(image, start + value) for tag, value in entries if tag == _DT_NEEDED)


def _segments(image: bytes, order: str) -> list[_Segment]:
    (table,) = struct.unpack_from(f"{order}Q", image, 32)
    width, count = struct.unpack_from(f"{order}HH", image, 54)
    found = []
    for index in range(count):
        kind, _flags, offset, address, _physical, size = struct.unpack_from(
            f"{order}IIQQQQ", image, table + index * width
        )
        found.append(_Segment(kind, offset, address, size))
    return found


def _dynamic_entries(image: bytes, order: str, dynamic: _Segment) -> list[tuple[int, int]]:
    entries: list[tuple[int, int]] = []
    for at in range(dynamic.offset, dynamic.offset + dynamic.size, 16):
        tag, value = struct.unpack_from(f"{order}qQ", image, at)
        if tag == _DT_NULL:
            break
        entries.append((tag, value))
    return entries


def _file_offset(segments: list[_Segment], address: int) -> int:
    for part in segments:
        if part.kind == _PT_LOAD and part.address <= address < part.address + part.size:
            return address - part.address + part.offset
    return address


def _text(image: bytes, at: int) -> str:
    return image[at : image.index(b"\0", at)].decode()
