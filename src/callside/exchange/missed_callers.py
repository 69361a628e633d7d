"""Taking in the callers whom the engine kept while we were away: each once, and let go by the engine only when it is on disk."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from callside.calls.rules import arrival_id
from callside.exchange.floor_runner import FloorRunner
from callside.exchange.ports import CallRecords, Telephony
from callside.floor.commands import ForgetCallers
from callside.floor.missed_events import CallersMissed, MissedCaller
from callside.kernel.errors import StoreUnavailableError

_AT_ONCE: Final = 100
_TRY_AGAIN_S: Final = 2.0
_log = structlog.get_logger(__name__)


class MissedCallers:
    """One after the other, in tasks of its own: nothing waits for them."""

    def __init__(self, records: CallRecords, telephony: Telephony) -> None:
        self._records = records
        self._telephony = telephony
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self.count = 0
        """Who was put on record since the start; those who hung up at once were not missed by us."""

    def take(self, runner: FloorRunner, event: CallersMissed) -> None:
        """Put them on record soon."""
        task = asyncio.get_running_loop().create_task(self._take(runner, event.callers), name="missed-callers")
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            # They stay in the engine and are told again after the next connect.
            _log.error("callers.not_taken_in", exc_info=failure)

    async def stop(self) -> None:
        """What is not on record yet is told again by the engine."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, runner: FloorRunner, callers: Sequence[MissedCaller]) -> None:
        async with self._turn:
            missed: list[MissedCaller] = []
            for begin in range(0, len(callers), _AT_ONCE):
                some = callers[begin : begin + _AT_ONCE]
                missed += await self._put_on_record(runner, some)
                legs = tuple(one.leg_id for one in some)
                self._telephony.execute(runner.tenant_id, ForgetCallers(legs))
        self.count += len(missed)
        if missed:
            first, last = missed[0].came_at, max(one.went_at for one in missed)
            _log.warning("callers.missed", tenant_id=runner.tenant_id, callers=len(missed), since=first, until=last)

    async def _put_on_record(self, runner: FloorRunner, callers: Sequence[MissedCaller]) -> list[MissedCaller]:
        """Those who are not yet; which of them came while we were away."""
        # Who was on their way to disk is there before it is asked who is.
        await self._on_disk(runner, runner.journal.newest)
        new = [one for one in callers if await self._is_new(runner, one)]
        if new:
            await self._on_disk(runner, runner.handle(CallersMissed(tuple(new))))
        return [one for one in new if not one.at_once]

    async def _is_new(self, runner: FloorRunner, caller: MissedCaller) -> bool:
        call_id = arrival_id(caller.leg_id, caller.our_number)
        while True:
            try:
                return await self._records.cdr(runner.tenant_id, call_id) is None
            except StoreUnavailableError:
                await asyncio.sleep(_TRY_AGAIN_S)

    @staticmethod
    async def _on_disk(runner: FloorRunner, number: int) -> None:
        while not await runner.journal.written(number, _TRY_AGAIN_S):
            pass
