import asyncio

import pytest
import structlog

from callside.asterisk.tasks import OwnedTasks, Turns
from tests.patience import PATIENCE_S


@pytest.fixture
async def tasks():
    tasks = OwnedTasks()
    yield tasks
    await tasks.close()


def writer(done: list[str], name: str, gate: asyncio.Event | None = None):
    async def write() -> None:
        if gate is not None:
            await gate.wait()
        done.append(name)

    return write


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0)


async def test_work_that_shares_a_key_keeps_its_order(tasks):
    turns, done, gate = Turns(tasks), [], asyncio.Event()
    turns.add(["leg"], writer(done, "first", gate), "first")
    turns.add(["leg", "session"], writer(done, "second"), "second")
    turns.add(["session"], writer(done, "third"), "third")
    turns.add(["other"], writer(done, "beside"), "beside")
    await until(lambda: done == ["beside"])
    gate.set()
    await until(lambda: done == ["beside", "first", "second", "third"])


async def test_work_that_fails_lets_the_next_go_on_and_is_logged(tasks):
    turns, done = Turns(tasks), []

    async def fail() -> None:
        raise RuntimeError("broken")

    with structlog.testing.capture_logs() as logs:
        turns.add(["leg"], fail, "fails")
        turns.add(["leg"], writer(done, "next"), "next")
        await until(lambda: done == ["next"])
    assert [(entry["event"], entry["task"]) for entry in logs] == [("engine.task_failed", "fails")]


async def test_work_that_was_cancelled_from_within_lets_the_next_go_on(tasks):
    turns, done = Turns(tasks), []

    async def cancelled() -> None:
        raise asyncio.CancelledError

    turns.add(["leg"], cancelled, "cancelled")
    turns.add(["leg"], writer(done, "next"), "next")
    await until(lambda: done == ["next"] and not len(turns))


async def test_keys_without_work_take_no_memory(tasks):
    turns, done = Turns(tasks), []
    for number in range(100):
        turns.add([number, "all"], writer(done, str(number)), "work")
    assert len(turns) == 101
    await until(lambda: len(done) == 100 and not len(tasks))
    assert len(turns) == 0


async def test_closing_cancels_what_runs_and_what_waits(tasks):
    turns, done, gate = Turns(tasks), [], asyncio.Event()
    turns.add(["leg"], writer(done, "first", gate), "first")
    turns.add(["leg"], writer(done, "second"), "second")
    await tasks.close()
    gate.set()
    assert len(tasks) == 0
    assert done == []
