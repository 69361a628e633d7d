"""What a call costs whose two sides talk: app_queue and Callside in turn, calls as long as some seconds, both ways G.711.

With silent far sides a mixing bridge sends silence where one that passes packets on sends nothing; people are not silent.
"""

import contextlib
import statistics
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from bench.inbound.system import System
from bench.inbound.voices import Voices, voices
from bench.processes import cpu_seconds
from bench.tables import Table

CALLS: Final = 20
ROUNDS: Final = 3
TALK_S: Final = 12
_PER_SECOND: Final = 20
_LOG: Final = "talks.log"
_HEARD_AT_LEAST: Final = 0.9
_PACKETS: Final = TALK_S * 50


@contextlib.asynccontextmanager
async def far_sides(folder: Path) -> AsyncIterator[Voices]:
    """Somebody who talks on both sides of a system whose carrier lives in ``folder``."""
    (folder / "carrier").mkdir(parents=True)
    with voices(folder / "carrier" / _LOG) as far:
        yield far


async def measure(systems: list[tuple[System, Voices, Path]]) -> Table:
    """All of them in turn.

    Raises:
        RuntimeError: Somebody was not heard: then what was measured is no conversation.
    """
    for system, far, folder in systems:
        await _talk(system, far, folder, 1)
    for _ in range(ROUNDS):
        for system, far, folder in systems:
            before = [cpu_seconds(one) for one in system.pids]
            heard = await _talk(system, far, folder, TALK_S)
            system.note_cost(before, CALLS)
            if min(heard) < _HEARD_AT_LEAST * _PACKETS * CALLS:
                raise RuntimeError(f"{system.name}: of {_PACKETS * CALLS} packets callers and phones heard {heard}")
    return _table([system for system, _, _ in systems])


async def _talk(system: System, far: Voices, folder: Path, seconds: int) -> tuple[int, int]:
    (folder / "carrier" / _LOG).unlink(missing_ok=True)
    more = ("-trace_logs", "-log_file", _LOG, "-key", "voice_port", str(far.callers))
    await system.call(CALLS, _PER_SECOND, seconds * 1000, more)
    return far.heard()


def _table(systems: list[System]) -> Table:
    base = statistics.median(systems[0].cpu_ms)
    rows = []
    for system in systems:
        parts = [f"{statistics.median(one):.1f}" for one in zip(*system.cpu_parts, strict=True)]
        whole = statistics.median(system.cpu_ms)
        row = (*(*parts, "")[:2], f"{whole:.1f}", f"{whole / TALK_S / 10:.2f} %", f"{whole / base:.2f} ×")
        rows.append((system.name, *row))
    head = ("system", "engine, ms per call", "Callside, ms", "together, ms", "of a core, while it lasts", ": app_queue")
    return Table("inbound-talking", head, rows)
