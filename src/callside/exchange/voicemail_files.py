"""Where the sound of voicemails lies: ``<folder>/<tenant>/<call>.wav``, written by the engine's side."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from callside.kernel.ids import CallId, TenantId

_HEADER_BYTES: Final = 44
_BYTES_A_MS: Final = 16
"""8,000 samples of two bytes a second."""
_SAFE: Final = re.compile(r"[A-Za-z0-9]{1,64}")


class KeptFile(NamedTuple):
    """A message's file.

    Attributes:
        recorded_at: Wall ms at which it was written.
    """

    id: CallId
    duration_ms: int
    recorded_at: int


def duration_ms(size: int) -> int:
    """How long a WAV file of so many bytes is."""
    return max(0, size - _HEADER_BYTES) // _BYTES_A_MS


class VoicemailFiles:
    """Reads and removes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, tenant_id: TenantId, message_id: CallId) -> Path | None:
        """The file of a message; ``None`` for ids that cannot be ours (each becomes part of a path)."""
        if not (_SAFE.fullmatch(tenant_id) and _SAFE.fullmatch(message_id)):
            return None
        return self._folder / tenant_id / f"{message_id}.wav"

    async def read(self, tenant_id: TenantId, message_id: CallId) -> bytes | None:
        """Its sound, as WAV; ``None``: it is not there."""
        place = self.place(tenant_id, message_id)
        if place is None:
            return None
        try:
            return await asyncio.to_thread(place.read_bytes)
        except FileNotFoundError:
            return None

    async def remove(self, tenant_id: TenantId, message_id: CallId) -> None:
        """Take the file away; no matter if it is not there."""
        place = self.place(tenant_id, message_id)
        if place is not None:
            await asyncio.to_thread(place.unlink, missing_ok=True)

    async def kept(self, tenant_id: TenantId) -> Sequence[KeptFile]:
        """All of a tenant, the oldest first. What was left half written is taken away: the engine still has it whole."""
        if not _SAFE.fullmatch(tenant_id):
            return []
        return await asyncio.to_thread(_kept_in, self._folder / tenant_id)

    async def remove_all(self, tenant_id: TenantId) -> None:
        """The tenant is gone."""
        if _SAFE.fullmatch(tenant_id):
            await asyncio.to_thread(shutil.rmtree, self._folder / tenant_id, ignore_errors=True)


def _kept_in(folder: Path) -> list[KeptFile]:
    found = []
    for place in folder.glob("*"):
        if place.suffix == ".new":
            place.unlink(missing_ok=True)
        elif place.suffix == ".wav" and _SAFE.fullmatch(place.stem) and place.is_file():
            about = place.stat()
            found.append(KeptFile(CallId(place.stem), duration_ms(about.st_size), about.st_mtime_ns // 1_000_000))
    return sorted(found, key=lambda one: (one.recorded_at, one.id))
