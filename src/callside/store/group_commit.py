"""SQLite's one writer: a thread that takes whatever work has gathered and commits it together.

Each piece of work runs inside a savepoint of its own, so that one that fails undoes nothing but itself. Everybody is
answered after the COMMIT, which has reached the disk by then (``synchronous=FULL``). Sharing it gives 36-40 thousand
durable transactions a second where one COMMIT each gives 6 thousand (stack.md §2).
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

import apsw

from callside.kernel.errors import StoreUnavailableError
from callside.store.connection import Connection, DanglingError, DoubledError, Work

T = TypeVar("T")
MOST_TOGETHER: Final = 256
"""Pieces of work in one transaction: bounds how long the first one waits for the last."""


@dataclass(slots=True)
class Job(Generic[T]):
    """One piece of work and who waits for it."""

    work: Work[T]
    waiter: "asyncio.Future[T]"
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: Exception | None = field(default=None)

    def answer(self) -> None:
        """On the event loop: tell who waits, unless nobody does any more."""
        if self.waiter.done():
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.result)


class GroupCommit:
    """The writer thread. Ends when it is closed, after all that was asked for before.

    ``look`` is called before each transaction; what it raises is everybody's answer.
    """

    def __init__(self, handle: apsw.Connection, connection: Connection, look: Callable[[], None]) -> None:
        self._look = look
        self._handle = handle
        self._connection = connection
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._closing = False
        self._thread.start()

    async def submit(self, work: Work[T]) -> T:
        """Have ``work`` done and committed."""
        if self._closing:
            msg = "The database is being closed"
            raise StoreUnavailableError(msg)
        loop = asyncio.get_running_loop()
        job = Job(work, cast("asyncio.Future[T]", loop.create_future()), loop)
        self._jobs.put(job)
        return await job.waiter

    async def close(self) -> None:
        """Commit what is waiting, then end the thread."""
        if not self._closing:
            self._closing = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs = [first]
            is_last = False
            while len(jobs) < MOST_TOGETHER and not self._jobs.empty():
                more = self._jobs.get()
                if more is None:
                    is_last = True
                    break
                jobs.append(more)
            self._commit_together(jobs)
            _answer(jobs)
            if is_last:
                return

    def _commit_together(self, jobs: list[Job[Any]]) -> None:
        try:
            self._look()
            self._handle.execute("BEGIN IMMEDIATE")
            if len(jobs) == 1:
                self._do_alone(jobs[0])
            else:
                for job in jobs:
                    self._do(job)
            self._handle.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - the thread must live, and everybody must be answered
            with contextlib.suppress(apsw.Error):
                if self._handle.in_transaction:
                    self._handle.execute("ROLLBACK")
            for job in jobs:
                # A refused one keeps its own answer; nobody else's work is on disk.
                if job.error is None:
                    job.error = unavailable(error)

    def _do_alone(self, job: Job[Any]) -> None:
        """Nobody shares the transaction, which is undone with the work: no savepoint, for which SQLite would copy each page."""
        try:
            job.result = driven(job.work(self._connection))
        except Exception as error:
            job.error = translated(error)
            raise

    def _do(self, job: Job[Any]) -> None:
        self._handle.execute("SAVEPOINT job")
        try:
            job.result = driven(job.work(self._connection))
        except Exception as error:
            job.error = translated(error)
            # A full disk or an I/O error may have ended the whole transaction; then nothing of it may count as done.
            if not self._handle.in_transaction:
                raise
            self._handle.execute("ROLLBACK TO job")
        self._handle.execute("RELEASE job")


def driven(work: Awaitable[T]) -> T:
    """Run a coroutine that waits for nothing to its end, here and now."""
    coroutine = cast("Coroutine[Any, Any, T]", work)
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    coroutine.close()
    msg = "work on the database awaited something else than its connection"
    raise RuntimeError(msg)


def translated(error: Exception) -> Exception:
    """The driver's errors in our words; others as they are."""
    if isinstance(error, apsw.ConstraintError):
        return _refusal(error)
    return unavailable(error) if isinstance(error, apsw.Error) else error


def unavailable(error: Exception) -> Exception:
    """What the disk or the file did to us; an error that is none of the driver's stays what it is."""
    if not isinstance(error, apsw.Error):
        return error
    reason = {
        apsw.FullError: "the disk is full: make room",
        apsw.IOError: "the disk reports an error: look at the machine's log",
        apsw.ReadOnlyError: "it cannot be written: look at the file's owner and permissions",
        apsw.BusyError: "another program holds it: stop that one",
        apsw.CorruptError: "it is damaged: restore a backup",
        apsw.NotADBError: "the file is no database: look at the setting `database`",
        apsw.CantOpenError: "it cannot be opened: look at its folder's owner and permissions",
    }.get(type(error), str(error))
    made = StoreUnavailableError(f"The database cannot be used; {reason}")
    made.__cause__ = error
    return made


def _refusal(error: apsw.ConstraintError) -> Exception:
    extended: int = getattr(error, "extendedresult", 0)
    if extended == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
        return DanglingError(str(error))
    if extended in {apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY}:
        # SQLite says it in its message only: UNIQUE constraint failed: agents.tenant_id, agents.username_key
        table, _, column = str(error).rpartition(" ")[2].partition(".")
        return DoubledError(table, column)
    return unavailable(error)


def _answer(jobs: list[Job[Any]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Callable[[], None]]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job.answer)
    for loop, answers in by_loop.items():
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_call_all, answers)


def _call_all(answers: list[Callable[[], None]]) -> None:
    for answer in answers:
        answer()
