"""What the import's process says to the server: frames of MessagePack, each with its length in front."""

import msgspec

from callside.dialer.leads.model import LeadNumber

PREFIX = 4
"""Bytes of a frame's length, big-endian."""
LARGEST = 256 << 20


class Row(msgspec.Struct, array_like=True):
    """One row of the file. ``verdict`` is empty where it may become a lead."""

    line: int
    verdict: str
    note: str
    name: str = ""
    zone: str = ""
    notes: str = ""
    numbers: list[tuple[str, str, str]] = []
    """Number, label, zone key."""
    fields: dict[str, str] = {}

    def lead_numbers(self) -> tuple[LeadNumber, ...]:
        """The numbers as a lead has them."""
        return tuple(LeadNumber(*one) for one in self.numbers)


class Start(msgspec.Struct, tag="start"):
    """What the file is, said once before its rows."""

    form: str
    """For people: "CSV, utf-8 (all of it is UTF-8), cells divided by ;"."""
    columns: list[tuple[str, str]]
    """Header and role."""
    has_header: bool
    total: int | None
    """Rows, where the file says it."""
    sample: list[list[str]] = []
    """The first rows as they are."""


class Chunk(msgspec.Struct, tag="chunk"):
    """Some rows."""

    rows: list[Row]
    read: float
    """Share of the file that was read, 0 to 1."""


class End(msgspec.Struct, tag="end"):
    """The file is at its end."""


class Failed(msgspec.Struct, tag="failed"):
    """It cannot be read (further)."""

    message: str


Frame = Start | Chunk | End | Failed
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Start | Chunk | End | Failed)


def encoded(frame: Frame) -> bytes:
    """A frame with its length in front."""
    body = _encoder.encode(frame)
    return len(body).to_bytes(PREFIX) + body


def decoded(body: bytes) -> Frame:
    """A frame without its length."""
    found: Frame = _decoder.decode(body)
    return found


class Order(msgspec.Struct):
    """What the import's process is asked to do; the answer to each guess may be given instead.

    Attributes:
        skip: Rows that were dealt with before a crash.
        columns: Role by header; those it does not name are guessed.
        preview: Only the start.
    """

    path: str
    region: str
    skip: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    columns: dict[str, str] = {}
    preview: bool = False
    chunk: int = 1000
