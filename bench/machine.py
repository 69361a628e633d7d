"""The machine a figure belongs to, and how much CPU time a process has used."""

import contextlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def describe() -> str:
    """One line: CPU, cores, kernel, Python, and the parts whose version matters."""
    cores = os.cpu_count() or 1
    parts = [
        f"{_cpu_model()}, {cores} {'core' if cores == 1 else 'cores'}",
        f"{_memory_gib():.1f} GiB",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
    ]
    for package in ("uvicorn", "starlette"):
        with contextlib.suppress(PackageNotFoundError):
            parts.append(f"{package} {version(package)}")
    return " · ".join(parts)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def load_average() -> float:
    """Runnable processes over the last minute: above the number of cores, others were at work too."""
    return os.getloadavg()[0]
