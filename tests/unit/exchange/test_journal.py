"""The way to disk: gathered where nobody waits, at once where somebody does."""

import asyncio
import contextlib

import pytest

from callside.exchange.journal import Journal
from callside.floor.facts import Fact, Record
from callside.kernel.clock import Moment

PATIENCE_S = 5


class Recorder:
    def __init__(self) -> None:
        self.written: list[list[str]] = []

    async def write(self, record):
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


async def test_what_nobody_waits_for_is_gathered_and_written_in_one_go(journal):
    for kind in ("a", "b"):
        journal.put(record(kind))
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        while journal.backlog:
            await asyncio.sleep(0.001)
    assert journal.recorder.written == [["a", "b"]]


async def test_what_somebody_waits_for_is_written_at_once(journal, monkeypatch):
    monkeypatch.setattr("callside.exchange.journal._GATHER_S", 2 * PATIENCE_S)
    assert await journal.written(journal.put(record("login")), PATIENCE_S)
    journal.put(record("dial"))
    journal.hurry()
    async with asyncio.timeout(PATIENCE_S):
        while journal.backlog:
            await asyncio.sleep(0.001)
    assert journal.recorder.written == [["login"], ["dial"]]
