"""The two systems that are compared, each with its processes, its phones and its callers."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.inbound import app_queue
from bench.processes import ROOT, cpu_seconds
from callside.acd.model import TONE
from callside.asterisk.access import EngineAccess
from callside.asterisk.packages import default_cache, install
from callside.asterisk.process import ensure_running, find_running
from tests.asterisk.centre import OUR_NUMBER
from tests.asterisk.sipp import Sipp, free_port

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

    def note_cost(self, before: list[float], calls: int) -> None:
        """CPU time that ``calls`` calls took, counted since the processes had used ``before`` (s)."""
        parts = [(cpu_seconds(one) - was) * 1000 / calls for one, was in zip(self.pids, before, strict=True)]
        self.cpu_ms.append(sum(parts))
        self.cpu_parts.append(parts)

    async def call(self, calls: int, rate: int, stay_ms: int, words: Sequence[str] = ()) -> None:
        """Have SIPp make so many calls; ``words`` are more of its options.

        Raises:
            RuntimeError: Some of them came to nothing.
        """
        rows = [(OUR_NUMBER, f"+1555{one:07}", str(stay_ms)) for one in range(calls)]
        await self.carrier.start(rows, seconds=110, words=("-m", str(calls), "-r", str(rate), "-l", str(calls), *words))
        counted = await self.carrier.ended(120)
        if counted.successful != calls:
            raise RuntimeError(f"{self.name}: {calls} calls, but {counted}: {self.carrier.errors()}")


@contextlib.asynccontextmanager
async def app_queue_with(
    folder: Path,
    agents: int,
    talk_s: float = 0.0,
    *,
    audio_port: int = 9,
    caller: str = "caller.xml",
    tone: bool = False,
) -> AsyncIterator[System]:
    """The baseline: an engine whose queue has so many members, who hang up after ``talk_s`` or never.

    ``audio_port``: where the phones hear and speak; nobody is there by default. ``caller``: the callers' scenario.
    ``tone``: they hear ours before a caller, for which callers wait.
    """
    carrier_port, phones_port = free_port(), free_port()
    records = folder / "engine" / "engine" / "log" / "cdr-csv"  # the engine does not make it
    await asyncio.to_thread(records.mkdir, parents=True)
    engine = await ensure_running(
        folder / "engine",
        install(cache=default_cache()),
        app_queue.profile(agents, carrier_port, phones_port, f"{records.parents[1]}/var/tone" if tone else ""),
    )
    sip = engine.access.ports.sip
    phones = Sipp(folder / "phones", "phone_hangs_up.xml" if talk_s else "phone.xml", phones_port, sip)
    try:
        await phones.start([(str(audio_port), str(round(talk_s * 1000)))], seconds=600)
        carrier = Sipp(folder / "carrier", caller, carrier_port, sip)
        yield System(
            "app_queue with the tone" if tone else "app_queue", engine.access, app_queue.CALLERS, carrier, [engine.pid]
        )
    finally:
        await phones.stop()
        await engine.stop()


@contextlib.asynccontextmanager
async def callside_with(
    folder: Path,
    agents: int,
    talk_s: float = 0.0,
    *,
    audio_port: int = 0,
    caller: str = "caller.xml",
    whisper: str = TONE,
) -> AsyncIterator[System]:
    """Callside and its engine with so many agents logged in, who end their calls after ``talk_s`` or not at all.

    ``audio_port``: where the phones hear and speak; 0: nobody's, a murmur only keeps their lines alive.
    ``whisper``: what agents hear before a caller.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    port = free_port()
    words = [sys.executable, "-m", "bench.inbound.server", str(folder), str(agents), str(port), str(talk_s)]
    words += [str(audio_port), whisper]
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
        carrier = Sipp(folder / "carrier", caller, port, engine.access.ports.sip)
        name = "Callside" if whisper == TONE else "Callside without the tone"
        yield System(name, engine.access, "PJSIP/trunk-", carrier, [json.loads(line)["engine"], server.pid])
    finally:
        server.stdin.close()
        await server.wait()
