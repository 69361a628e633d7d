"""``python -m bench [PART …]``: prints tables and keeps them in docs/benchmarks.md; not with ``--dry``. The parts: ``PARTS``."""

import importlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import describe, load_average
from bench.tables import write_into

PARTS = ("floor", "guide", "page", "inbound", "memory", "outbound", "laws", "leads", "dialer")
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PICTURES = DOCUMENT.parent / "benchmarks"


def main(words: list[str]) -> int:
    """Run the parts that are named, or all."""
    wanted = [word for word in words if word != "--dry"] or list(PARTS)
    if unknown := [word for word in wanted if word not in PARTS]:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    machine = describe()
    print(machine)
    for part in wanted:
        _run(part, machine, dry="--dry" in words)
    return 0


def _run(part: str, machine: str, *, dry: bool) -> None:
    began, load = time.monotonic(), load_average()
    for table in importlib.import_module(f"bench.{part}").run():
        day = datetime.now(UTC).date()
        said = f"{table.markdown()}\n\n<sub>{machine} · {day} · load average at the start {load:.1f}</sub>"
        print(f"\n## {table.name}\n\n{said}", flush=True)
        if not dry and table.keep:
            write_into(DOCUMENT, table.name, said)
            if table.plot:
                (PICTURES / f"{table.name}.svg").write_text(table.plot, encoding="utf-8")
    print(f"\n{part}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
