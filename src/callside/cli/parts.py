"""What commands need of the instance when no server runs."""

import contextlib
import time
from collections.abc import AsyncIterator

from callside.config import Settings
from callside.exchange.ports import Store
from callside.kernel.clock import Moment


class CommandClock:
    """The machine's clocks, for commands (the server's own is in ``app``, which takes long to import)."""

    def now(self) -> Moment:
        """The present moment."""
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


@contextlib.asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The instance's store, brought to the newest schema; but not under a server that runs on it and may be of another version.

    Raises:
        StoreUnavailableError: It cannot be opened, or is older and in use.
    """
    from callside.store import open_store

    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    try:
        if await store.behind():
            await store.reserve(f"a command in {settings.home}", lambda: None)
        await store.open()
        yield store
    finally:
        await store.close()
