"""Inbound calls on a real engine: Asterisk's app_queue and Callside in turn, same build, same callers (SIPp), same load."""

import asyncio
import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.inbound import talking
from bench.inbound.observer import Observer, observed
from bench.inbound.system import System, app_queue_with, callside_with
from bench.processes import cpu_seconds
from bench.tables import Table, percentile
from callside.acd.model import SILENCE

RATES = (60, 100, 140)
ROUNDS = 3
COST_ROUNDS = 9
SECONDS = 4
AGENTS, STAY_MS = 200, 700
BUSY_AGENTS, BUSY_CALLS, BUSY_TALK_S = 20, 240, 2.0
_PATIENT_MS = 300_000


def run() -> Iterable[Table]:
    """The tables."""
    yield from asyncio.run(_all())


async def _all() -> list[Table]:
    with tempfile.TemporaryDirectory(prefix="callside-bench-") as name:
        folder = Path(name)
        tables = await _free_agents(folder / "free")
        tables.append(await _never_empty(folder / "busy"))
        return [*tables, await _talking(folder / "talking")]


async def _free_agents(folder: Path) -> list[Table]:
    async with (
        app_queue_with(folder / "q", AGENTS) as queue,
        callside_with(folder / "c", AGENTS) as ours,
        callside_with(folder / "s", AGENTS, whisper=SILENCE) as silent,
        app_queue_with(folder / "t", AGENTS, tone=True) as announcing,
    ):
        both, alike = (queue, ours), (queue, silent, announcing, ours)
        for system in alike:
            await system.call(AGENTS, 50, STAY_MS)  # every agent once: nothing is measured cold
        for _ in range(ROUNDS):
            for rate in RATES:
                for system in both:
                    async with observed(system.access, system.callers) as seen:
                        await system.call(rate * SECONDS, rate, STAY_MS)
                    system.waits.setdefault(rate, []).append(seen.waits_ms)
        for number in range(COST_ROUNDS):
            for system in alike if number % 2 else alike[::-1]:
                await _cost(system, RATES[1])
    return [_waits_table(both), _cpu_table(alike)]


async def _cost(system: System, rate: int) -> None:
    """Without an observer."""
    before = [cpu_seconds(one) for one in system.pids]
    await system.call(rate * SECONDS, rate, STAY_MS)
    system.note_cost(before, rate * SECONDS)


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


def _cpu_table(systems: tuple[System, ...]) -> Table:
    base = statistics.median(systems[0].cpu_ms)
    rows = []
    for system in systems:
        whole = statistics.median(system.cpu_ms)
        parts = [statistics.median(one) for one in zip(*system.cpu_parts, strict=True)]
        control = f"{parts[1]:.2f}" if len(parts) > 1 else ""
        rows.append((system.name, f"{parts[0]:.2f}", control, f"{whole:.2f}", f"{whole / base:.2f} ×"))
    return Table("inbound-cpu", ("system", "engine, ms per call", "Callside, ms", "together, ms", ": app_queue"), rows)


async def _never_empty(folder: Path) -> Table:
    rows = []
    async with app_queue_with(folder / "q", BUSY_AGENTS, BUSY_TALK_S) as queue:
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


async def _talking(folder: Path) -> Table:
    async with (
        talking.far_sides(folder / "q") as theirs,
        talking.far_sides(folder / "c") as ours,
        talking.far_sides(folder / "s") as others,
        app_queue_with(folder / "q", talking.CALLS, audio_port=theirs.phones, caller="caller_talks.xml") as queue,
        callside_with(folder / "c", talking.CALLS, audio_port=ours.phones, caller="caller_talks.xml") as callside,
        callside_with(
            folder / "s", talking.CALLS, audio_port=others.phones, caller="caller_talks.xml", whisper=SILENCE
        ) as silent,
    ):
        systems = [(queue, theirs, folder / "q"), (silent, others, folder / "s"), (callside, ours, folder / "c")]
        return await talking.measure(systems)
