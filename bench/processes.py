"""Programs that a benchmark starts: they tell their port in one line, and end with the block."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NS_PER_S = 1_000_000_000


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
    """CPU time of the process so far, all its threads together (Linux: nanoseconds on a core, ``/proc/<pid>/task/*/schedstat``)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / _NS_PER_S
