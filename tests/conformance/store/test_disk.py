"""SQLite on a disk that is watched: what is acknowledged was synced, and a disk that fails for a while does no lasting harm."""

import asyncio
import shutil
import sys
import threading

import apsw
import pytest

from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store
from tests.conformance.store.samples import World


class Disk(apsw.VFS):
    """The machine's own, counting what is synced, and failing when told to."""

    def __init__(self):
        self.is_broken = False
        self.log_syncs = 0
        self.may_sync = threading.Event()
        self.may_sync.set()
        self.beneath = apsw.vfs_names()[0]
        super().__init__("watched", self.beneath, makedefault=True)

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's names
        return WatchedFile(self, name, flags)


class WatchedFile(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        self.disk = disk
        self.is_log = (name.filename() if isinstance(name, apsw.URIFilename) else name or "").endswith("-wal")
        super().__init__(disk.beneath, name, flags)

    def xWrite(self, content, offset):  # noqa: N802
        self._fail()
        super().xWrite(content, offset)

    def xSync(self, flags):  # noqa: N802
        self._fail()
        assert self.disk.may_sync.wait(30)
        self.disk.log_syncs += self.is_log
        super().xSync(flags)

    def _fail(self):
        if self.disk.is_broken:
            raise apsw.IOError


@pytest.fixture
def disk():
    watched = Disk()
    yield watched
    watched.unregister()


@pytest.fixture
async def opened(disk, sqlite_url):
    store = open_store(sqlite_url)
    await store.open()
    yield store
    await store.close()


async def test_whatever_is_acknowledged_was_synced_before(disk, opened):
    world = await World.build(opened, "Acme")
    for _ in range(10):
        before = disk.log_syncs
        await world.write(cdrs=[world.cdr()])
        assert disk.log_syncs > before


async def test_many_at_once_share_a_sync(disk, opened):
    world = await World.build(opened, "Acme")
    before = disk.log_syncs
    disk.may_sync.clear()
    writing = asyncio.gather(*(world.write(cdrs=[world.cdr()]) for _ in range(200)))
    for _ in range(10):
        await asyncio.sleep(0)  # all of them are handed over while the first is being synced
    disk.may_sync.set()
    await writing
    assert 0 < disk.log_syncs - before < 10


async def test_a_disk_that_fails_is_told_reading_goes_on_and_writing_too_when_it_is_well_again(disk, opened):
    world = await World.build(opened, "Acme")
    kept, lost = world.cdr(), world.cdr()
    await world.write(cdrs=[kept])
    disk.is_broken = True
    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match="disk"):
            await world.write(cdrs=[lost], facts=[world.fact(call_id=lost.call_id)])
    assert not await opened.is_healthy()
    assert await opened.call_records.cdr(world.id, kept.call_id) == kept
    assert await opened.call_records.cdr(world.id, lost.call_id) is None
    disk.is_broken = False
    await world.write(cdrs=[lost], facts=[world.fact(call_id=lost.call_id)])
    assert await opened.call_records.cdr(world.id, lost.call_id) == lost
    assert len(await opened.call_records.facts(world.id, lost.call_id)) == 1
    assert await opened.is_healthy()


async def test_an_open_database_is_locked_against_those_who_would_think_themselves_alone_on_it(sqlite_url):
    """SQLite's shared lock (its file format, "locking"): without it another process may take the log away under us."""
    store = open_store(sqlite_url)
    await store.open()
    await store.close()
    await store.open()  # the file was there already
    alone = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
    path = sqlite_url.removeprefix("sqlite:///")
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", alone, path, stderr=asyncio.subprocess.PIPE)
    assert b"BlockingIOError" in (await asked.communicate())[1]
    await store.close()


async def test_a_database_that_is_replaced_under_us_takes_nothing_more_until_it_is_back(sqlite_url, tmp_path):
    """A backup put in its place while we run: what we wrote to the old file would be nowhere."""
    store = open_store(sqlite_url)
    await store.open()
    world = await World.build(store, "Acme")
    place = sqlite_url.removeprefix("sqlite:///")
    shutil.move(place, tmp_path / "aside.db")
    for replaced in (False, True):
        if replaced:
            shutil.copy(tmp_path / "aside.db", place)
        with pytest.raises(StoreUnavailableError, match="moved or replaced"):
            await world.write(facts=[world.fact()])
        assert not await store.is_healthy()
    shutil.move(tmp_path / "aside.db", place)
    assert await store.is_healthy()
    await store.close()
