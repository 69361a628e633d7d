"""Tasks that somebody owns, and the order among those that concern the same thing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class OwnedTasks:
    """Tasks that run until they end or ``close``; none is lost, none fails in silence.

    Not a TaskGroup: one command's failure must not cancel the others, nor the task that happened to open the group.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run ``work`` soon; an exception that leaves it is logged."""
        _ = self.run(work, name)

    def run(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Like ``start``, and give the task to those who wait for its end."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait for it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def __len__(self) -> int:
        return len(self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("engine.task_failed", task=task.get_name(), exc_info=failure)


Work = Callable[[], Awaitable[None]]


class Turns:
    """Work that shares a key is done one after the other, in the order it was given; other work goes on beside it.

    A piece of work may have several keys (a leg and a session): it waits for all that came before it on any of them. Nobody can
    wait in a circle, as everybody only waits for those before. Keys without work take no memory.
    """

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self._last: dict[Hashable, asyncio.Task[None]] = {}

    def add(self, keys: Iterable[Hashable], work: Work, name: str) -> None:
        """Do ``work`` when its turn has come."""
        mine = tuple(dict.fromkeys(keys))
        before = {self._last[key] for key in mine if key in self._last}
        task = self._tasks.run(self._in_turn(before, work), name)
        for key in mine:
            self._last[key] = task
        task.add_done_callback(lambda done: self._forget(mine, done))

    def __len__(self) -> int:
        return len(self._last)

    @staticmethod
    async def _in_turn(before: set[asyncio.Task[None]], work: Work) -> None:
        if before:
            await asyncio.wait(before)
        await work()

    def _forget(self, keys: tuple[Hashable, ...], done: asyncio.Task[None]) -> None:
        for key in keys:
            if self._last.get(key) is done:
                del self._last[key]
