"""Programs that a benchmark starts: they tell their port in one line, and end with the block."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SCHED = 2
"""Linux: of a process's CPU clocks, the one that counts nanoseconds on a core (``CPUCLOCK_SCHED``)."""


@contextlib.contextmanager
def started(
    words: Sequence[str], *, log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A program of this checkout, run by this Python; its standard error goes to ``log``."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def told(process: subprocess.Popen[str]) -> str:
    """The next line it prints.

    Raises:
        RuntimeError: It ended instead.
    """
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended with status {process.wait()}")
    return line.strip()


def cpu_seconds(pid: int) -> float:
    """CPU time of the process so far, of all its threads, also those that have ended (Linux: the process's CPU clock).

    Not the sum over ``/proc/<pid>/task``: an engine has a thread for each call, which ends with it.
    """
    return time.clock_gettime(~pid << 3 | _SCHED)


def resident_kb(pid: int) -> int:
    """Memory of the process that is in RAM now, in kB (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
