"""A stream for logs that takes nothing with it when it cannot be written: a full disk is full for the log as well."""

import contextlib
import io
from typing import Final, TextIO

_UNWRITABLE: Final = (OSError, ValueError)
"""A full disk, a reader that is gone; a stream that was closed."""


class LossyStream(io.TextIOBase):
    """Writes to ``stream``; what cannot be written is lost and counted, and told in a line of its own as soon as one can be."""

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        super().__init__()
        self._stream = stream
        self._as_json = as_json
        self._lost = 0

    def write(self, text: str, /) -> int:
        """Write and flush; never raises."""
        try:
            if self._lost:
                self._stream.write(self._told())
                self._stream.flush()
                self._lost = 0
            self._stream.write(text)
            self._stream.flush()
        except _UNWRITABLE:
            self._lost += text.count("\n")
        return len(text)

    def flush(self) -> None:
        """As far as that can be."""
        with contextlib.suppress(*_UNWRITABLE):
            self._stream.flush()

    def isatty(self) -> bool:
        """As the stream beneath."""
        return self._stream.isatty()

    def _told(self) -> str:
        if self._as_json:
            return f'{{"event": "log.lines_lost", "level": "warning", "count": {self._lost}}}\n'
        return f"[warning  ] log.lines_lost                count={self._lost}\n"
