"""Telling a process from any other that ever had its id."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Birth:
    """A process beyond doubt: its id, its start in clock ticks since boot, and which boot."""

    pid: int
    ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Birth | None":
        """Return the birth of the living process ``pid``, or ``None`` (proc(5))."""
        try:
            # The name, in brackets, may hold blanks and brackets itself.
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (OSError, ValueError):
            return None
        return None if parts[0] in {"Z", "X"} else cls(pid, int(parts[19]), boot)

    def alive(self) -> bool:
        """Say whether exactly this process still runs."""
        return Birth.of(self.pid) == self
