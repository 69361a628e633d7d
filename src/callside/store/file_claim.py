"""One server on a SQLite file: a lock on a small file beside it, which ends with the process, however that ends.

Not on the file itself: there SQLite has its own locks, all of which a process loses when it closes any handle of the file.
"""

import fcntl
import os
from pathlib import Path

from callside.store.connection import another_server


class FileClaim:
    """The right to be the file's one server. ``who`` is told to whoever comes second."""

    def __init__(self, database: Path, who: str) -> None:
        real = database.resolve()  # one file may have several names
        self._place = real.with_name(f"{real.name}-server")
        self._who = who
        self._handle: int | None = None

    def take(self) -> None:
        """Have it until :meth:`give_up`.

        Raises:
            StoreUnavailableError: Another server has it.
            OSError: There is no folder, or it cannot be written.
        """
        self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(handle, 500).decode(errors="replace")
            os.close(handle)
            raise another_server(who.strip() or "?") from None
        os.ftruncate(handle, 0)
        os.write(handle, self._who.encode(errors="replace"))
        self._handle = handle

    def give_up(self) -> None:
        """Let the next one in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
