"""Tasks that somebody owns, and the order among those that concern the same thing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from dataclasses import dataclass, field
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


@dataclass(slots=True, eq=False)
class _Turn:
    """A piece of work, how many others it still waits for, and who waits for it."""

    keys: tuple[Hashable, ...]
    work: Work
    name: str
    before: int = 0
    behind: "list[_Turn]" = field(default_factory=list)


class Turns:
    """Work that shares a key is done one after the other, in the order it was given; other work goes on beside it.

    A piece of work may have several keys (a leg and a session): it waits for all that came before it on any of them. Nobody can
    wait in a circle, as everybody only waits for those before. Keys without work take no memory. What waited goes on in the task
    of what it waited for: most commands come in twos and threes for the same leg.
    """

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self._last: dict[Hashable, _Turn] = {}

    def add(self, keys: Iterable[Hashable], work: Work, name: str) -> None:
        """Do ``work`` when its turn has come."""
        turn = _Turn(tuple(dict.fromkeys(keys)), work, name)
        for before in {self._last[key] for key in turn.keys if key in self._last}:
            before.behind.append(turn)
            turn.before += 1
        for key in turn.keys:
            self._last[key] = turn
        if not turn.before:
            self._start(turn)

    def __len__(self) -> int:
        return len(self._last)

    def _start(self, turn: _Turn) -> None:
        self._tasks.start(self._in_turn(turn), turn.name)

    async def _in_turn(self, first: _Turn) -> None:
        turn: _Turn | None = first
        while turn is not None:
            try:
                await turn.work()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise  # all is closed
            except Exception:
                log.exception("engine.task_failed", task=turn.name)
            turn = self._next(turn)

    def _next(self, done: _Turn) -> _Turn | None:
        """Whose turn has come: the first one goes on in the same task."""
        for key in done.keys:
            if self._last.get(key) is done:
                del self._last[key]
        ready = []
        for turn in done.behind:
            turn.before -= 1
            if not turn.before:
                ready.append(turn)
        for turn in ready[1:]:
            self._start(turn)
        return ready[0] if ready else None
