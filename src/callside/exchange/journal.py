"""A tenant's way to disk: what the floor leaves behind, in order, many steps in one transaction.

Where nobody waits, records are gathered for a moment first: a commit is a sync of the disk, and a busy floor would ask for
hundreds a second. What a crash takes then is the last moment's record of calls that go on in the engine, whose own list decides.

While the store cannot write, records are kept in memory and tried again; calls go on. Nothing is dropped and nothing overtakes.
"""

import asyncio
from collections.abc import Callable

import structlog

from callside.exchange.ports import Recorder
from callside.floor.facts import Record
from callside.kernel.errors import ConflictError

_GATHER_S = 0.02
_RETRY_S = (0.05, 0.2, 0.5, 1.0)
_log = structlog.get_logger(__name__)


class Journal:
    """Writes one tenant's records.

    Args:
        on_written: Hears the number of the last record that is on disk.
        on_stalled: Called when nothing can be written any more; ``on_resumed``: when it can again.
    """

    def __init__(
        self,
        recorder: Recorder,
        on_written: Callable[[int], None],
        on_stalled: Callable[[], None],
        on_resumed: Callable[[], None] = lambda: None,
    ) -> None:
        self._recorder = recorder
        self._on_resumed = on_resumed
        self._on_written = on_written
        self._on_stalled = on_stalled
        self._waiting: list[tuple[int, Record]] = []
        self._given = 0
        self._written = 0
        self._waiters: dict[asyncio.Future[None], int] = {}
        """Who waits, and for which record."""
        self._due = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self.stalled = False

    def put(self, record: Record) -> int:
        """Take a record; its number."""
        self._given += 1
        self._waiting.append((self._given, record))
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(_GATHER_S, self._due.set)
        return self._given

    def hurry(self) -> None:
        """Somebody waits for what was put last: no gathering."""
        self._due.set()

    @property
    def newest(self) -> int:
        """Number of the last record taken."""
        return self._given

    @property
    def backlog(self) -> int:
        """Records not yet on disk."""
        return self._given - self._written

    async def written(self, number: int, within_s: float) -> bool:
        """Wait until a record is on disk; ``False`` when it is not in time."""
        self.hurry()
        if self._written >= number:
            return True
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[written] = number
        try:
            async with asyncio.timeout(within_s):
                await written
        except TimeoutError:
            return False
        finally:
            self._waiters.pop(written, None)
        return True

    async def drained(self, patience_s: float) -> bool:
        """Wait until all is on disk, for as long as it moves; ``False`` when nothing was written for ``patience_s``."""
        while self.backlog:
            before = self._written
            if not await self.written(self.newest, patience_s) and self._written == before:
                return False
        return True

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            self._disarm()
            due = self._given
            while self._written < due:
                number, record = self._next_batch()
                if not self._waiting:
                    self._disarm()  # for what came during the write before this one
                if not await self._write(record):
                    # Its rows are as they are now, not as they were when it was put: the rest must not be far behind.
                    due = self._given
                self._written = number
                self._told(lambda: self._on_written(number))  # noqa: B023 - called at once
                self._answer()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _answer(self) -> None:
        """Tell those who wait for what is on disk now."""
        for written in [one for one, number in self._waiters.items() if number <= self._written]:
            del self._waiters[written]
            if not written.done():
                written.set_result(None)

    def _next_batch(self) -> tuple[int, Record]:
        number, first = self._waiting[0]
        batch = Record(first.tenant_id)
        taken = 0
        for count, record in self._waiting:
            if not batch.can_take(record):
                break
            batch.take(record)
            number, taken = count, taken + 1
        del self._waiting[:taken]
        return number, batch

    async def _write(self, record: Record) -> bool:
        """Try until it is written; whether it was at the first try."""
        tries = 0
        while True:
            try:
                await self._recorder.write(record)
            except ConflictError as error:
                # Two open sessions of one agent: an error of ours. The rest of the record must not wait for it for ever.
                _log.critical("journal.login_refused", tenant_id=record.tenant_id, error=error.message)
                record.opened = ()
            except Exception as error:  # noqa: BLE001 - whatever it is: a journal that ends silently loses all that follows
                if not self.stalled:
                    _log.error("journal.stalled", tenant_id=record.tenant_id, error=str(error), exc_info=error)
                    self.stalled = True
                    self._told(self._on_stalled)
                await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
                tries += 1
            else:
                if self.stalled:
                    _log.info("journal.resumed", tenant_id=record.tenant_id)
                    self.stalled = False
                    self._told(self._on_resumed)
                return tries == 0

    @staticmethod
    def _told(tell: Callable[[], None]) -> None:
        """Whoever is told may stumble over it: a fault of theirs must not end the way to disk."""
        try:
            tell()
        except Exception:  # noqa: BLE001 - logged whole
            _log.exception("journal.told_in_vain")
