"""A small HTTP/1.1 client that keeps a server busy: connections in a closed loop, requests written before the clock starts."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.processes import cpu_seconds

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request cost."""

    cpu_us: float
    per_second: float
    bodies: list[bytes]


def post(path: str, body: bytes) -> bytes:
    """A whole request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, requests: list[bytes], done: asyncio.Future[None], bodies: list[bytes]) -> None:
        self._requests = requests
        self._done = done
        self._bodies = bodies
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ends, rest = self._received.partition(b"\r\n\r\n")
        if not ends:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self._finish(RuntimeError(f"the server answered {(head.splitlines()[0] + b' ' + rest)[:300]!r}"))
            return
        self._bodies.append(rest)
        self._received = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._finish(ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        if self._requests:
            self._transport.write(self._requests.pop())
        else:
            self._finish(None)

    def _finish(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error) if error else self._done.set_result(None)
        self._transport.close()


async def measure(port: int, pid: int, requests: Sequence[bytes]) -> Cost:
    """Send them all, and tell what the server's process used for it.

    Raises:
        RuntimeError: An answer was not 200.
    """
    loop, left, bodies = asyncio.get_running_loop(), list(reversed(requests)), []
    dones = [loop.create_future() for _ in range(min(CONNECTIONS, len(left)))]
    cpu, wall = cpu_seconds(pid), time.perf_counter()
    for done in dones:
        await loop.create_connection(lambda done=done: _Connection(left, done, bodies), "127.0.0.1", port)
    async with asyncio.timeout(120):
        await asyncio.gather(*dones)
    cpu, wall = cpu_seconds(pid) - cpu, time.perf_counter() - wall
    return Cost(cpu / len(requests) * 1e6, len(requests) / wall, bodies)
