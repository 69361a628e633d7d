"""What administration changed reaches each floor: one change after the other, and again where it could not be read."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakValueDictionary

import structlog

from callside.kernel.errors import StoreUnavailableError
from callside.kernel.ids import TenantId

_AGAIN_S: Final = 2.0
_log = structlog.get_logger(__name__)


class InTurn:
    """Brings tenants' directories to their floors.

    Each change reads the directory anew and takes several steps until the floor has it. Two at once could arrive in the other
    order, and the older one would stay.

    Args:
        bring: Reads one tenant's directory and hands it on.
    """

    def __init__(self, bring: Callable[[TenantId], Awaitable[None]]) -> None:
        self._bring = bring
        self._turns: WeakValueDictionary[TenantId, asyncio.Lock] = WeakValueDictionary()
        self._again: dict[TenantId, asyncio.Task[None]] = {}

    async def bring(self, tenant_id: TenantId) -> None:
        """Bring what is there now.

        Raises:
            StoreUnavailableError: It was written but cannot be read; it is tried again until it can.
        """
        turn = self._turns.setdefault(tenant_id, asyncio.Lock())
        async with turn:
            try:
                await self._bring(tenant_id)
            except StoreUnavailableError:
                if tenant_id not in self._again:
                    work = self._until_brought(tenant_id)
                    self._again[tenant_id] = asyncio.get_running_loop().create_task(work, name="directory")
                raise

    async def stop(self) -> None:
        """Try no more."""
        for task in list(self._again.values()):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _until_brought(self, tenant_id: TenantId) -> None:
        turn = self._turns.setdefault(tenant_id, asyncio.Lock())
        try:
            while True:
                await asyncio.sleep(_AGAIN_S)
                async with turn:
                    try:
                        await self._bring(tenant_id)
                    except Exception as failed:  # noqa: BLE001 - whatever it is: the floor must not stay with what is no more
                        _log.warning("directory.not_brought", tenant_id=tenant_id, reason=str(failed))
                    else:
                        return
        finally:
            self._again.pop(tenant_id, None)
