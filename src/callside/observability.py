"""Structured logs without secrets, and the metrics' own registry.

Every event passes :func:`redact` before it is written: keys that name a secret lose their value, and values that look
like one (a phone handle of 39 digits, a bearer, a password in a URL) are masked wherever they stand.
"""

import functools
import io
import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from structlog.typing import Processor

from callside.log_stream import LossyStream
from callside.request_lines import BatchedRequests, RequestLog, StructuredRequests

MASK: Final = "[redacted]"
_SECRET_KEY: Final = re.compile(
    r"(token|passw(or)?d|secret|authorization|cookie|handle|bearer|session_?key|api_?key|private_?key|digest|pwd)",
    re.IGNORECASE,
)
_HARMLESS_KEYS: Final = frozenset({"token_id"})
_PATTERNS: Final = (
    (re.compile(r"(?<!\d)\d{39}(?!\d)"), MASK),
    (re.compile(r"(?i)\b(bearer)([ .:=]+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1\2{MASK}"),
    (re.compile(r"(?i)\b(basic\s+)[A-Za-z0-9+/=]{8,}"), rf"\1{MASK}"),
    (re.compile(r"(://[^/\s:@]+:)[^@\s/]+@"), rf"\1{MASK}@"),
    (
        re.compile(
            r"(?i)([\"']?\b[\w-]*(?:token|passw(?:or)?d|secret|authorization|cookie)[\"']?\s*[:=]\s*)"
            r"(\"[^\"]*\"|'[^']*'|[^\s,;&}\]]+)"
        ),
        rf"\1{MASK}",
    ),
)
# Most texts in a log have none of these in them, and looking for words is much quicker than five substitutions.
_SUSPECT: Final = ("bearer", "basic", "://", "token", "passw", "secret", "authorization", "cookie")
_HANDLE: Final = re.compile(r"\d{39}")
_DEEPEST: Final = 6


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take the secrets out of one event (a structlog processor)."""
    for key, value in list(event.items()):
        event[key] = _cleaned(key, value, _DEEPEST)
    return event


def without_repetition(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Uvicorn says everything twice, the second time in colours."""
    event.pop("color_message", None)
    return event


def redact_text(text: str) -> str:
    """``text`` with everything that looks like a secret masked."""
    folded = text.casefold()
    if not any([word in folded for word in _SUSPECT]) and not _HANDLE.search(text):  # noqa: C419 - a list is quicker
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _cleaned(key: str, value: Any, deep: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _names_a_secret(key):
        return MASK
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return redact_text(value.decode(errors="replace"))
    return _cleaned_inside(value, deep)


@functools.lru_cache(maxsize=1024)
def _names_a_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None and key not in _HARMLESS_KEYS


def _cleaned_inside(value: Any, deep: int) -> Any:
    if isinstance(value, int | float):
        return MASK if _HANDLE.fullmatch(str(value)) else value
    if deep == 0:
        return "…"
    if isinstance(value, dict):
        return {key: _cleaned(str(key), one, deep - 1) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned("", one, deep - 1) for one in value]
    return redact_text(str(value))  # whatever it is: its text is what would be written


class _Requests:
    """Which way the access log's lines go; the last set-up counts."""

    def __init__(self) -> None:
        self.batched: BatchedRequests | None = None

    def replace(self, batched: BatchedRequests | None) -> None:
        if self.batched is not None:
            self.batched.close()
        self.batched = batched


_requests: Final = _Requests()


def request_log() -> RequestLog:
    """Where the access log's lines go, after :func:`set_up_logs`."""
    return _requests.batched or StructuredRequests()


def set_up_logs(
    level: str = "info",
    form: Literal["auto", "console", "json"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Send our own events and those of libraries (through ``logging``) to ``stream``, one line each.

    Args:
        level: Least level that is written.
        form: ``auto`` is for people on a terminal, JSON else.
        stream: Standard error by default.
    """
    colours = (stream or sys.stderr).isatty()
    as_json = form == "json" or (form == "auto" and not colours)
    out = cast("TextIO", LossyStream(stream or sys.stderr, as_json=as_json))
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        # Traces become text first and are cleaned as text: an exception may quote what it choked on.
        structlog.processors.format_exc_info,
        without_repetition,
        redact,
        structlog.processors.JSONRenderer(_as_json) if as_json else structlog.dev.ConsoleRenderer(colors=colours),
    ]
    out = _behind_requests(out) if as_json and logging.getLevelName(level.upper()) <= logging.INFO else _alone(out)
    # Ours go straight to the stream: through ``logging`` each line costs twice as much.
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *names: _NamedLogger(out, *names),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        ),
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quiet_libraries()


def _behind_requests(out: TextIO) -> TextIO:
    """Give the access log its own way to ``out``; the stream for all else, which waits its turn."""
    requests = BatchedRequests(out, redact_text)
    _requests.replace(requests)
    return cast("TextIO", _AfterRequests(out, requests))


def _alone(out: TextIO) -> TextIO:
    _requests.replace(None)
    return out


_JSON: Final = json.JSONEncoder(default=repr)


def _as_json(event: Any, **_: Any) -> str:
    return _JSON.encode(event)


class _NamedLogger(structlog.WriteLogger):
    """Writes lines to a stream; ``add_logger_name`` asks it for its name."""

    def __init__(self, stream: TextIO, name: str = "callside") -> None:
        super().__init__(stream)
        self.name = name


class _AfterRequests(io.TextIOBase):
    """A stream that other events are written to: no line overtakes the requests before it."""

    def __init__(self, stream: TextIO, requests: BatchedRequests) -> None:
        super().__init__()
        self._stream, self._requests = stream, requests

    def write(self, text: str, /) -> int:
        """Write, after the requests that wait."""
        self._requests.flush()
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush the stream beneath."""
        self._stream.flush()


def _quiet_libraries() -> None:
    # uvicorn's access log prints whole URLs, query strings included; `http.request` (our own) takes its place.
    access = logging.getLogger("uvicorn.access")
    access.handlers[:] = []
    access.propagate = False
    access.disabled = True
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    for name in ("aiohttp.access", "websockets", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Metrics:
    """What ``/metrics`` tells; one registry for each instance, never the process's global one."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each one, which nobody reads
        self.registry = CollectorRegistry()
        labels = ("operation", "status")
        self.requests = Counter(
            "callside_http_requests", "Requests by operation and HTTP status.", labels, registry=self.registry
        )
        self.latency = Histogram(
            "callside_http_request_seconds",
            "Time from request to the end of the answer.",
            ("operation",),
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.agents = Gauge("callside_agents", "Logged-in agents by state.", ("state",), registry=self.registry)
        self.calls = Gauge("callside_calls", "Live calls by state.", ("state",), registry=self.registry)
        self.engine_up = Gauge("callside_engine_up", "1 while the telephone engine answers.", registry=self.registry)
        self.trunks = Gauge(
            "callside_trunk_registered",
            "1 while a trunk that registers with its carrier is registered.",
            ("tenant", "trunk"),
            registry=self.registry,
        )
        self.callers_missed = Gauge(
            "callside_callers_missed",
            "Callers who came and went while Callside was away, put on record since its start.",
            registry=self.registry,
        )
        self.recorder_queue = Gauge(
            "callside_recorder_queue", "Records waiting to be written to the database.", registry=self.registry
        )
