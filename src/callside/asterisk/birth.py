"""Telling a process from any other that ever had its id."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ENDED: Final = frozenset({"Z", "X"})


@dataclass(frozen=True, slots=True)
class Birth:
    """A process beyond doubt: its id, its start in clock ticks since boot, and which boot."""

    pid: int
    ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Birth | None":
        """Return the birth of process ``pid``, or ``None`` when there is none (proc(5)).

        One that ended and that its parent did not ask for yet (a zombie) still counts.
        """
        fields = _stat_fields(pid)
        return None if fields is None else cls(pid, int(fields[19]), _boot())

    def known(self) -> bool:
        """Say whether exactly this process is still in the system's table."""
        return Birth.of(self.pid) == self

    def alive(self) -> bool:
        """Say whether exactly this process still runs."""
        fields = _stat_fields(self.pid)
        return fields is not None and fields[0] not in _ENDED and self.known()


def _stat_fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/pid/stat from the third, the state, on."""
    try:
        # The second, the name, may hold blanks and brackets itself.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
