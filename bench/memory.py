"""What an agent who is logged in and idle costs in memory: the engine's line and all that Callside keeps of the agent."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.inbound.system import callside_with
from bench.processes import resident_kb
from bench.tables import Table

FEW, MANY = 20, 220
REACH_KB = 250


def run() -> Iterable[Table]:
    """The table."""
    few, many = (asyncio.run(_resident(agents)) for agents in (FEW, MANY))
    parts = [(after - before) / (MANY - FEW) for before, after in zip(few, many, strict=True)]
    rows = [
        (f"{agents} agents", *(f"{kb / 1024:.1f} MB" for kb in (*each, sum(each))), "")
        for agents, each in ((FEW, few), (MANY, many))
    ]
    rows.append(("one agent more", *(f"{kb:.0f} kB" for kb in (*parts, sum(parts))), f"≤ {REACH_KB} kB"))
    yield Table("memory", ("logged in, idle", "engine", "Callside", "together", "reach"), rows)


async def _resident(agents: int) -> list[int]:
    with tempfile.TemporaryDirectory(prefix="callside-bench-") as name:
        async with callside_with(Path(name) / "c", agents) as system:
            return [resident_kb(pid) for pid in system.pids]
