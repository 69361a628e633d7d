"""The import's process, as the server sees it: frames come in, and it ends with whoever asked for it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import msgspec
import structlog

from callside.exchange.lead_import import frames
from callside.exchange.lead_import.frames import Frame, Order

_BUFFER = 4 << 20
_log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def reading(order: Order) -> AsyncIterator[AsyncIterator[Frame]]:
    """Start the process; its frames can be iterated while the block runs, afterwards it is gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callside.exchange.lead_import.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_BUFFER,
    )
    try:
        yield _frames(process, order)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # To the end of its words, too: else its pipe may outlive the block, and the event loop with it.
        await process.communicate()


async def _frames(process: asyncio.subprocess.Process, order: Order) -> AsyncIterator[Frame]:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(ConnectionError):
        process.stdin.write(msgspec.json.encode(order))
        await process.stdin.drain()
        process.stdin.close()
    try:
        while True:
            length = int.from_bytes(await process.stdout.readexactly(frames.PREFIX))
            yield frames.decoded(await process.stdout.readexactly(length))
    except asyncio.IncompleteReadError:
        # Killed for the memory it took, most likely.
        await process.wait()
        if process.returncode:
            _log.warning("import.process_died", code=process.returncode)
            yield frames.Failed("the file could not be read to its end: export it as CSV, or in parts")
