"""Where the sound of voicemails lies: ``<folder>/<tenant>/<call>.wav``, written by the engine's side."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Final

from callside.kernel.ids import CallId, TenantId

_SAFE: Final = re.compile(r"[A-Za-z0-9]{1,64}")


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

    async def remove_all(self, tenant_id: TenantId) -> None:
        """The tenant is gone."""
        if _SAFE.fullmatch(tenant_id):
            await asyncio.to_thread(shutil.rmtree, self._folder / tenant_id, ignore_errors=True)
