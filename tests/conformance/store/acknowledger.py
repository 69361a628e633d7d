"""A process that writes records as fast as it can and says on its pipe which are on disk; it is killed in the middle.

Run as ``python -m tests.conformance.store.acknowledger URL``. It says ``tenant <id>`` first, then one call id a line.
"""

import asyncio
import sys

from callside.observability import set_up_logs
from callside.store import open_store
from tests.conformance.store.samples import World, fresh, live_call

WRITERS = 8


async def write_for_ever(world: World) -> None:
    while True:
        call_id = fresh()
        row = live_call()
        await world.write(
            facts=[world.fact("call.ended", call_id)], cdrs=[world.cdr(call_id)], live_calls={row.id: row}
        )
        sys.stdout.write(f"{call_id} {row.id}\n")
        sys.stdout.flush()


async def main(url: str) -> None:
    set_up_logs("warning")  # to standard error: the pipe is for what is on disk
    store = open_store(url)
    await store.open()
    world = await World.build(store, "Acme")
    sys.stdout.write(f"tenant {world.id}\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as writers:
        for _ in range(WRITERS):
            writers.create_task(write_for_ever(world))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
