"""The time zone of a country that has one only, from the machine's own table (``zone.tab`` of the tz database)."""

import functools
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path


def only_zone_of(region: str) -> str:
    """The IANA name of the region's one zone; ``UTC`` where it has several, or where the machine has no table."""
    zones = _table().get(region.upper(), ())
    return zones[0] if len(zones) == 1 else "UTC"


@functools.cache
def _table() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for folder in zoneinfo.TZPATH:
        table = Path(folder) / "zone.tab"
        if not table.is_file():
            continue
        for line in table.read_text(encoding="utf-8").splitlines():
            parts = line.split("\t")
            if len(parts) >= 3 and not line.startswith("#"):
                found[parts[0]].append(parts[2])
        break
    return found
