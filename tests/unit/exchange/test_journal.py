"""The way to disk: gathered where nobody waits, at once where somebody does."""

import asyncio
import contextlib
import logging
from pathlib import Path

import pytest
import structlog

from callside.exchange.journal import Journal
from callside.floor.facts import Fact, Record
from callside.kernel.clock import Moment
from callside.observability import set_up_logs
from tests.patience import PATIENCE_S


class Recorder:
    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.fails_with: Exception | None = None

    async def write(self, record):
        if self.fails_with is not None:
            raised, self.fails_with = self.fails_with, None
            raise raised
        self.written.append([fact.kind for fact in record.facts])


def record(kind: str) -> Record:
    return Record("1", facts=[Fact(kind, "1", Moment(1, 1))])


@pytest.fixture
async def journal():
    recorder = Recorder()
    made = Journal(recorder, lambda _: None, lambda: None)
    made.recorder = recorder
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_what_nobody_waits_for_is_gathered_and_written_in_one_go(journal, monkeypatch):
    monkeypatch.setattr("callside.exchange.journal._GATHER_S", 0.2)
    for kind in ("a", "b"):
        journal.put(record(kind))
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        while journal.backlog:
            await asyncio.sleep(0.001)
    assert journal.recorder.written == [["a", "b"]]


async def test_what_comes_while_a_record_is_written_is_gathered_too_unless_somebody_waits(journal, monkeypatch):
    monkeypatch.setattr("callside.exchange.journal._GATHER_S", 2 * PATIENCE_S)
    writing, disk = asyncio.Event(), asyncio.Event()
    write = journal.recorder.write

    async def slowly(record):
        writing.set()
        await disk.wait()
        await write(record)

    monkeypatch.setattr(journal.recorder, "write", slowly)
    first = asyncio.create_task(journal.written(journal.put(record("login")), PATIENCE_S))
    await writing.wait()
    journal.put(record("a"))
    disk.set()
    assert await first
    assert journal.backlog == 1
    assert await journal.written(journal.put(record("b")), PATIENCE_S)
    assert journal.recorder.written == [["login"], ["a", "b"]]


async def test_what_somebody_waits_for_is_written_at_once(journal, monkeypatch):
    monkeypatch.setattr("callside.exchange.journal._GATHER_S", 2 * PATIENCE_S)
    assert await journal.written(journal.put(record("login")), PATIENCE_S)
    journal.put(record("dial"))
    journal.hurry()
    async with asyncio.timeout(PATIENCE_S):
        while journal.backlog:
            await asyncio.sleep(0.001)
    assert journal.recorder.written == [["login"], ["dial"]]


@pytest.mark.parametrize("fault", [OSError("disk"), RuntimeError("a fault of ours")])
async def test_whatever_a_write_fails_with_it_is_tried_again_and_nothing_is_lost(journal, fault):
    journal.recorder.fails_with = fault
    assert await journal.written(journal.put(record("a")), PATIENCE_S)
    assert await journal.written(journal.put(record("b")), PATIENCE_S)
    assert journal.recorder.written == [["a"], ["b"]]
    assert not journal.stalled


async def test_a_log_on_the_same_full_disk_does_not_end_the_way_to_disk(journal, monkeypatch):
    monkeypatch.setattr("callside.exchange.journal._RETRY_S", (0.0,))
    with _log_on_a_full_disk():
        journal.recorder.fails_with = OSError(28, "No space left on device")
        assert await journal.written(journal.put(record("login")), PATIENCE_S)
    assert journal.recorder.written == [["login"]]


@contextlib.contextmanager
def _log_on_a_full_disk():
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - closing it fails, too
    set_up_logs("info", "json", stream)
    try:
        yield
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
        with contextlib.suppress(OSError):
            stream.close()


class Slow(Journal):
    """Time passes at once: so many records get to disk in each span of patience."""

    def __init__(self, *each_time):
        super().__init__(Recorder(), lambda _: None, lambda: None)
        self.each_time = list(each_time)

    async def written(self, number, within_s):
        self._written += self.each_time.pop(0)
        return self._written >= number


@pytest.mark.parametrize(
    ("each_time", "is_drained"), [((1, 1, 1, 1, 1), True), ((2, 0), False), ((5,), True), ((0,), False)]
)
async def test_at_the_end_all_is_waited_for_as_long_as_it_moves(each_time, is_drained):
    journal = Slow(*each_time)
    for _ in range(5):
        journal.put(record("cdr"))
    assert await journal.drained(2.0) is is_drained
    assert journal.each_time == []
