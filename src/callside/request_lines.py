"""The access log's lines as JSON: made without the processors of other events, written together some milliseconds later.

One line for each request is most of what a log is, and passing each through :mod:`structlog` and a flush of its own was the
largest part of what a request cost (docs/benchmarks.md). What such a line can hold is known beforehand, so that it can be
made at once; the path, which is a stranger's, is cleaned of secrets as every other text is.
"""

import asyncio
import atexit
import functools
import json
import time
from collections.abc import Callable
from typing import Final, Protocol, TextIO

import structlog

_LOGGER: Final = "callside.ingress.access_log"
_WAIT_S: Final = 0.02
_MOST_LINES: Final = 500


class RequestLog(Protocol):
    """Where the access log's lines go."""

    def tell(self, event: str, method: str, path: str, status: int | None, ms: int, client: str | None) -> None:
        """One request is over."""


class StructuredRequests:
    """Through structlog, as all other events: for people at a terminal, and for tests."""

    def __init__(self) -> None:
        self._log = structlog.get_logger(_LOGGER)

    def tell(self, event: str, method: str, path: str, status: int | None, ms: int, client: str | None) -> None:
        """One request is over."""
        self._log.info(event, method=method, path=path, status=status, ms=ms, client=client)


class BatchedRequests:
    """Straight to the stream, many lines at a time.

    Nothing is lost when the process ends in its own way (``atexit``), nor does another event overtake a request: it calls
    :meth:`flush` first. A process that is killed takes the lines of its last 20 ms along.

    Args:
        stream: Where to.
        clean: Takes secrets out of a text.
    """

    def __init__(self, stream: TextIO, clean: Callable[[str], str]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._second, self._second_text = 0, ""
        self._quoted = functools.lru_cache(maxsize=1024)(lambda text: json.dumps(clean(text)))
        atexit.register(self.flush)

    def tell(self, event: str, method: str, path: str, status: int | None, ms: int, client: str | None) -> None:
        """One request is over."""
        quoted = self._quoted
        self._lines.append(
            f'{{"method": {quoted(method)}, "path": {quoted(path)}, "status": {"null" if status is None else status}, '
            f'"ms": {ms}, "client": {"null" if client is None else quoted(client)}, "event": "{event}", "level": "info", '
            f'"logger": "{_LOGGER}", "timestamp": "{self._now()}"}}\n'
        )
        if len(self._lines) == 1:
            self._soon()
        elif len(self._lines) >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._lines:
            return
        text = "".join(self._lines)
        self._lines.clear()
        self._stream.write(text)
        self._stream.flush()

    def close(self) -> None:
        """Write what waits, and be called no more at the end of the process."""
        self.flush()
        atexit.unregister(self.flush)

    def _soon(self) -> None:
        try:
            asyncio.get_running_loop().call_later(_WAIT_S, self.flush)
        except RuntimeError:
            self.flush()  # nobody would come back to it

    def _now(self) -> str:
        now = time.time_ns() // 1_000
        second, micros = divmod(now, 1_000_000)
        if second != self._second:
            self._second, self._second_text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._second_text}.{micros:06}Z"
