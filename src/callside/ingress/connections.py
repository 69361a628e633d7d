"""HTTP connections that cannot be held for ever: uvicorn's own protocol, with an end to its patience (threats T22, T23, F31).

uvicorn waits without end for a request that does not come, keeps a head of any size in memory, and waits without end for a
client that takes no answer. Each such connection costs a file descriptor, and a few thousand of them, from one laptop, keep
everybody else out. A socket (``Upgrade``) is let alone once it is one: its own room looks after it.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGEST_HEAD: Final = 64 << 10
"""Bytes of request line and headers; one read of the socket may come on top."""


class BoundedHttp(HttpToolsProtocol):
    """One connection.

    A request must be there :attr:`PATIENCE_S` after it was due, or come with :attr:`SLOWEST` bytes a second on the average;
    an answer must be taken at such a pace that what waits in memory moves within :attr:`PATIENCE_S`. While we ourselves do not
    read (the body comes faster than it is worked off) nobody is late.
    """

    PATIENCE_S: ClassVar[float] = 30.0
    SLOWEST: ClassVar[float] = 500.0

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._in_head = False
        self._in_message = False
        self._head_bytes = 0
        self._due_since = 0.0
        self._received = 0
        self._due: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    # ── what comes in ────────────────────────────────────────────────────────────────────────────────────────────────
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A first request is due from here on."""
        super().connection_made(transport)
        self._begin_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._stop_waiting()
        self._taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; then look whether the rest of a request is still due."""
        was_in_head = self._in_head
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            self._stop_waiting()
            return
        self._head_bytes = self._head_bytes + len(data) if was_in_head and self._in_head else 0
        if self._head_bytes > LARGEST_HEAD:
            self._refuse_head()
        elif self._in_message or not (self._is_answering() or self.timeout_keep_alive_task):
            self._begin_waiting()
        else:
            self._stop_waiting()

    def on_message_begin(self) -> None:
        """The parser has seen the first byte of a request."""
        super().on_message_begin()
        self._in_head = self._in_message = True

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Its body, too."""
        self._in_message = False
        super().on_message_complete()

    # ── what goes out ────────────────────────────────────────────────────────────────────────────────────────────────
    def pause_writing(self) -> None:
        """The client is behind with reading."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.PATIENCE_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._taken()

    def _taken(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = (
            self.cycle
        )  # there is none before the first request, whatever its type says
        return cycle is not None and not cycle.response_complete

    def _begin_waiting(self) -> None:
        if self._due is None:
            self._due_since, self._received = self.loop.time(), 0
            self._due = self.loop.call_later(self.PATIENCE_S, self._is_due)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _is_due(self) -> None:
        self._due = None
        left_s = self._due_since + self.PATIENCE_S + self._received / self.SLOWEST - self.loop.time()
        if self.flow.read_paused or (self._in_head and self._is_answering()):
            left_s = self.PATIENCE_S  # it is our turn
        if left_s > 0:
            self._due = self.loop.call_later(left_s, self._is_due)
        else:
            self.transport.abort()

    def _refuse_head(self) -> None:
        self._stop_waiting()
        if self._is_answering():
            self.transport.abort()
        else:
            self.send_400_response("The request's headers are too large.")
