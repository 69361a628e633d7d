"""A process that brings a file in, for tests that kill it: store's address, folder, tenant and list come as arguments."""

import asyncio
import sys
import time
from pathlib import Path

from callside.exchange.lead_import.importer import LeadImporter
from callside.kernel.clock import Moment
from callside.store import open_store


class Clock:
    def now(self) -> Moment:
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


async def main(url: str, folder: str) -> None:
    store = open_store(url)
    await store.open()
    importer = LeadImporter(store.lead_imports, store.directories, Clock(), Path(folder))
    for one in await store.lead_imports.unfinished():
        await importer.carry_out(one)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
