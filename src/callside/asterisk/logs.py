"""Our engine's logs are kept small: it writes on for months, and each phone that registers leaves two lines.

The engine opens them for appending, so a file may be cut while it is written to; nothing has to be asked of the engine.
"""

import os
import shutil
from pathlib import Path
from typing import Final

LARGEST_BYTES: Final = 32 << 20


def cut(folder: Path, largest: int = LARGEST_BYTES) -> list[str]:
    """Put logs that have grown beyond ``largest`` aside as ``….1``, in place of what was put aside before; their names.

    Where there is no room even for that, what was written is given up: a full disk is worse.
    """
    done = []
    for log in sorted(folder.glob("*.log")):
        if log.stat().st_size <= largest:
            continue
        aside = log.with_name(f"{log.name}.1")
        try:
            shutil.copyfile(log, aside)
        except OSError:
            aside.unlink(missing_ok=True)
        os.truncate(log, 0)
        done.append(log.name)
    return done
