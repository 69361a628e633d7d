"""Inbound calls on a real engine: Asterisk's app_queue and Callside in turn, same build, same callers (SIPp), same load."""

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.inbound import app_queue
from bench.inbound.observer import Observer, observed
from bench.processes import ROOT, cpu_seconds
from bench.tables import Table, percentile
from callside.asterisk.access import EngineAccess
from callside.asterisk.packages import default_cache, install
from callside.asterisk.process import ensure_running, find_running
from tests.asterisk.centre import OUR_NUMBER
from tests.asterisk.sipp import Sipp, free_port

RATES = (60, 100, 140)
ROUNDS = 3
SECONDS = 4
AGENTS, STAY_MS = 200, 700
BUSY_AGENTS, BUSY_CALLS, BUSY_TALK_S = 20, 240, 2.0
_PATIENT_MS = 300_000
_READY_S = 90


@dataclass(slots=True)
class System:
    """One of the two, running. ``pids`` are all of its processes."""

    name: str
    access: EngineAccess
    callers: str
    carrier: Sipp
    pids: list[int]
    waits: dict[int, list[list[float]]] = field(default_factory=dict)
    cpu_ms: list[float] = field(default_factory=list)
    cpu_parts: list[list[float]] = field(default_factory=list)

    async def call(self, calls: int, rate: int, stay_ms: int) -> None:
        """Have SIPp make so many calls.

        Raises:
            RuntimeError: Some of them came to nothing.
        """
        rows = [(OUR_NUMBER, f"+1555{one:07}", str(stay_ms)) for one in range(calls)]
        await self.carrier.start(rows, seconds=110, words=("-m", str(calls), "-r", str(rate), "-l", str(calls)))
        counted = await self.carrier.ended(120)
        if counted.successful != calls:
            raise RuntimeError(f"{self.name}: {calls} calls, but {counted}: {self.carrier.errors()}")


def run() -> Iterable[Table]:
    """The tables."""
    yield from asyncio.run(_all())


async def _all() -> list[Table]:
    with tempfile.TemporaryDirectory(prefix="callside-bench-") as name:
        folder = Path(name)
        tables = await _free_agents(folder / "free")
        return [*tables, await _never_empty(folder / "busy")]


async def _free_agents(folder: Path) -> list[Table]:
    async with _app_queue(folder / "q", AGENTS) as queue, callside_with(folder / "c", AGENTS) as ours:
        both = (queue, ours)
        for system in both:
            await system.call(AGENTS, 50, STAY_MS)  # every agent once: nothing is measured cold
        for _ in range(ROUNDS):
            for rate in RATES:
                for system in both:
                    async with observed(system.access, system.callers) as seen:
                        await system.call(rate * SECONDS, rate, STAY_MS)
                    system.waits.setdefault(rate, []).append(seen.waits_ms)
            for system in both:
                await _cost(system, RATES[1])
    return [_waits_table(both), _cpu_table(both)]


async def _cost(system: System, rate: int) -> None:
    """Without an observer."""
    before = [cpu_seconds(one) for one in system.pids]
    await system.call(rate * SECONDS, rate, STAY_MS)
    parts = [(cpu_seconds(one) - was) * 1000 / (rate * SECONDS) for one, was in zip(system.pids, before, strict=True)]
    system.cpu_ms.append(sum(parts))
    system.cpu_parts.append(parts)


def _waits_table(both: tuple[System, ...]) -> Table:
    rows = []
    for rate in RATES:
        for system in both:
            shares = [
                statistics.median(percentile(one, share) for one in system.waits[rate]) for share in (0.5, 0.95, 0.99)
            ]
            connected = sum(map(len, system.waits[rate]))
            rows.append((f"{system.name}, {rate} calls/s", f"{connected}", *(f"{one:.0f}" for one in shares)))
    return Table("inbound", ("system, load", "calls", "p50 ms", "p95 ms", "p99 ms"), rows)


def _cpu_table(both: tuple[System, ...]) -> Table:
    base = statistics.median(both[0].cpu_ms)
    rows = []
    for system in both:
        whole = statistics.median(system.cpu_ms)
        parts = [statistics.median(one) for one in zip(*system.cpu_parts, strict=True)]
        control = f"{parts[1]:.2f}" if len(parts) > 1 else ""
        rows.append((system.name, f"{parts[0]:.2f}", control, f"{whole:.2f}", f"{whole / base:.2f} ×"))
    return Table("inbound-cpu", ("system", "engine, ms per call", "Callside, ms", "together, ms", ": app_queue"), rows)


async def _never_empty(folder: Path) -> Table:
    rows = []
    async with _app_queue(folder / "q", BUSY_AGENTS, BUSY_TALK_S) as queue:
        rows.append(_busy_row(queue, await _busy(queue)))
    async with callside_with(folder / "c", BUSY_AGENTS, BUSY_TALK_S) as ours:
        rows.append(_busy_row(ours, await _busy(ours)))
    perfect = BUSY_CALLS / BUSY_AGENTS * BUSY_TALK_S
    head = ("system", f"all served in s (perfect: {perfect:.1f})", "idle p50 ms", "idle p99 ms", "calls/s")
    return Table("inbound-busy", head, rows)


async def _busy(system: System) -> Observer:
    async with observed(system.access, system.callers) as seen:
        await system.call(BUSY_CALLS, 200, _PATIENT_MS)
    return seen


def _busy_row(system: System, seen: Observer) -> tuple[str, ...]:
    whole = (seen.last - (seen.first or 0.0)) / 1000
    idle = [f"{percentile(seen.idle_ms, share):.0f}" for share in (0.5, 0.99)]
    return (system.name, f"{whole:.1f}", *idle, f"{len(seen.waits_ms) / whole:.1f}")


@contextlib.asynccontextmanager
async def _app_queue(folder: Path, agents: int, talk_s: float = 0.0) -> AsyncIterator[System]:
    carrier_port, phones_port = free_port(), free_port()
    engine = await ensure_running(
        folder / "engine", install(cache=default_cache()), app_queue.profile(agents, carrier_port, phones_port)
    )
    sip = engine.access.ports.sip
    phones = Sipp(folder / "phones", "phone_hangs_up.xml" if talk_s else "phone.xml", phones_port, sip)
    try:
        await phones.start([("9", str(round(talk_s * 1000)))], seconds=600)
        carrier = Sipp(folder / "carrier", "caller.xml", carrier_port, sip)
        yield System("app_queue", engine.access, app_queue.CALLERS, carrier, [engine.pid])
    finally:
        await phones.stop()
        await engine.stop()


@contextlib.asynccontextmanager
async def callside_with(folder: Path, agents: int, talk_s: float = 0.0) -> AsyncIterator[System]:
    """Callside and its engine with so many agents logged in, who end their calls after ``talk_s`` or not at all."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    port = free_port()
    words = [sys.executable, "-m", "bench.inbound.server", str(folder), str(agents), str(port), str(talk_s)]
    with (folder / "server.log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            *words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        async with asyncio.timeout(_READY_S):
            line = await server.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended: {(folder / 'server.log').read_text()[-2000:]}")
        engine = find_running(folder / "engine")
        assert engine is not None
        carrier = Sipp(folder / "carrier", "caller.xml", port, engine.access.ports.sip)
        yield System("Callside", engine.access, "PJSIP/trunk-", carrier, [json.loads(line)["engine"], server.pid])
    finally:
        server.stdin.close()
        await server.wait()
