"""SIPp as carrier and as desk phones: scenarios in ``scenarios/``, one line of a CSV file for each call."""

import asyncio
import contextlib
import csv
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What SIPp says of itself at its end (its ``-trace_stat`` file)."""

    created: int
    successful: int
    failed: int


def free_port() -> int:
    """A UDP port of the loopback interface that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sipp:
    """One SIPp process; it ends by itself, after its calls or after ``seconds``."""

    def __init__(self, folder: Path, scenario: str, port: int, engine_port: int) -> None:
        self.port = port
        self._folder, self._scenario, self._engine_port = folder, scenario, engine_port
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True, exist_ok=True)

    async def start(self, rows: Iterable[Sequence[str]], *, seconds: int, words: Sequence[str] = ()) -> None:
        """Start it with what its calls are injected with; ``words`` are more of its options."""
        lines = "".join(f"{';'.join(row)}\n" for row in rows)
        (self._folder / "calls.csv").write_text(f"SEQUENTIAL\n{lines}")
        said = (self._folder / "stderr.log").open("wb")
        self._process = await asyncio.create_subprocess_exec(
            "sipp", f"127.0.0.1:{self._engine_port}", "-sf", str(SCENARIOS / self._scenario),
            "-inf", "calls.csv", "-i", "127.0.0.1", "-p", str(self.port), "-bind_local", "-nostdin",
            "-timeout", str(seconds), "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_err", "-error_file", "errors.log",
            "-timer_resol", "1", *words,
            cwd=self._folder, stdout=asyncio.subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        said.close()

    async def ended(self, within_s: float) -> Statistics:
        """Wait for its end; what it counted.

        Raises:
            TimeoutError: It goes on.
        """
        assert self._process is not None, "start it first"
        async with asyncio.timeout(within_s):
            await self._process.wait()
        with (self._folder / "stat.csv").open(newline="") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return Statistics(int(last["TotalCallCreated"]), int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]))

    async def stop(self) -> None:
        """End it, now, if it was started."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(_GRACE_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def errors(self) -> str:
        """The end of what it complained of."""
        found = self._folder / "errors.log"
        return found.read_text(errors="replace")[-2000:] if found.exists() else ""
