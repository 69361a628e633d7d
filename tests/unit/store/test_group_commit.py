"""The writer thread: who shares a transaction, and whose failure is whose."""

import asyncio
import threading

import apsw
import pytest
from sqlalchemy import bindparam, func, insert, select

from callside.kernel.errors import StoreUnavailableError
from callside.store.connection import DoubledError
from callside.store.group_commit import MOST_TOGETHER
from callside.store.query import Query
from callside.store.sqlite import SqliteDatabase
from callside.store.tables import META

ADD = Query(insert(META))
COUNT = Query(select(func.count()).select_from(META))
GET = Query(select(META.c.value).where(META.c.key == bindparam("wanted")))


@pytest.fixture
async def database(tmp_path):
    made = SqliteDatabase(tmp_path / "c.db")
    await made.open()
    yield made
    await made.close()


def adding(key):
    return lambda connection: connection.execute(ADD, {"key": key, "value": "x"})


def counted_commits(database):
    commits = []

    def committing():
        commits.append(1)
        return False

    database._writing.set_commit_hook(committing)
    return commits


async def count(database):
    return (await database.read(lambda connection: connection.fetch_one(COUNT, {})))[0]


class Gate:
    """Work that holds the writer until it is opened, so that what is asked for meanwhile gathers behind it."""

    def __init__(self):
        self.entered, self.opened = threading.Event(), threading.Event()

    async def work(self, connection):
        self.entered.set()
        assert self.opened.wait(10)


async def behind_a_gate(database, *works):
    """The outcomes of works that were all waiting when the writer came to them."""
    gate = Gate()
    first = asyncio.create_task(database.write(gate.work))
    await asyncio.to_thread(gate.entered.wait, 10)
    tasks = [asyncio.create_task(database.write(work)) for work in works]
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_waits_together_is_committed_together(database):
    commits = counted_commits(database)
    await behind_a_gate(database, *(adding(f"k{number}") for number in range(50)))
    assert await count(database) == 50
    assert len(commits) == 2


async def test_no_transaction_grows_without_bounds(database):
    commits = counted_commits(database)
    await behind_a_gate(database, *(adding(f"k{number}") for number in range(MOST_TOGETHER + 1)))
    assert len(commits) == 3


async def test_work_that_is_refused_undoes_itself_alone(database):
    async def two(connection):
        await adding("b")(connection)
        await adding("a")(connection)

    before, refused, after = await behind_a_gate(database, adding("a"), two, adding("c"))
    assert (before, after) == (1, 1)
    assert isinstance(refused, DoubledError)
    assert (refused.table, refused.column) == ("meta", "key")
    assert await count(database) == 2


async def test_work_that_is_refused_alone_leaves_nothing_behind(database):
    async def half_done(connection):
        await adding("a")(connection)
        await adding("a")(connection)

    with pytest.raises(DoubledError):
        await database.write(half_done)
    assert await count(database) == 0
    assert await database.write(adding("a")) == 1


async def test_when_the_commit_fails_nobody_is_told_that_it_is_done(database):
    database._writing.set_commit_hook(lambda: True)
    both = (database.write(adding("a")), database.write(adding("b")))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one) for one in outcomes] == [StoreUnavailableError] * 2
    database._writing.set_commit_hook(None)
    assert await count(database) == 0
    assert await database.write(adding("a")) == 1


async def test_an_error_that_ends_the_transaction_fails_all_who_shared_it(database):
    async def losing_everything(connection):
        connection._handle.execute("ROLLBACK")
        raise apsw.FullError("database or disk is full")

    before, lost, after = await behind_a_gate(database, adding("a"), losing_everything, adding("b"))
    for one in (before, lost, after):
        assert isinstance(one, StoreUnavailableError)
        assert "disk is full" in one.message
    assert await count(database) == 0
    assert await database.write(adding("a")) == 1


async def test_a_mistake_of_ours_reaches_who_made_it_and_the_writer_lives(database):
    async def mistaken(connection):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(mistaken)
    assert await database.write(adding("a")) == 1


async def test_work_that_waits_for_something_else_is_refused(database):
    async def waiting(connection):
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaited something else"):
        await database.write(waiting)
    assert await database.write(adding("a")) == 1


async def test_what_is_answered_can_be_read_at_once(database):
    await database.write(adding("a"))
    assert await database.read(lambda connection: connection.fetch_one(GET, {"wanted": "a"})) == ("x",)


async def test_the_reading_connection_cannot_write(database):
    with pytest.raises(StoreUnavailableError):
        await database.read(adding("a"))
    assert await count(database) == 0


async def test_the_file_is_kept_as_the_research_asks(database):
    for handle in (database._writing, database._reading):
        settings = {
            name: handle.pragma(name)
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout", "temp_store")
        }
        assert settings == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "busy_timeout": 5000,
            "temp_store": 2,
        }
    assert database._reading.pragma("query_only") == 1
    assert database._reading.pragma("wal_autocheckpoint") == 0
