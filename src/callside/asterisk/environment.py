"""The environment that an engine of ours is started in."""

import os
from pathlib import Path
from typing import Final

_FEWEST_ARENAS: Final = 4
_MAPPED_BYTES: Final = 65_536


def environment(home: Path, *, spare_memory: bool) -> dict[str, str]:
    """All that the engine finds: nothing of ours, as the controller's environment may hold secrets.

    ``spare_memory`` is said to the C library (glibc; another one does not know the words). For each leg the engine takes some
    600 kB for an instant (ICE, also where a phone has none). By itself glibc soon keeps these among the small things, which then
    live on in their remains: a hundred kilobytes for each agent's line. Mapped for themselves they are given back at once, at
    the price of some 160 pages to be made for each leg. Two arenas a core, and caches of one thing of each size, are enough for
    threads that mostly sleep.
    """
    given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(home)}
    if spare_memory:
        given["MALLOC_ARENA_MAX"] = str(max(_FEWEST_ARENAS, 2 * (os.cpu_count() or 1)))
        given["MALLOC_MMAP_THRESHOLD_"] = str(_MAPPED_BYTES)
        given["GLIBC_TUNABLES"] = "glibc.malloc.tcache_count=1"
    return given
