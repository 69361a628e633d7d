"""What was acknowledged is there afterwards: after a restart, after a kill, after the disk was full."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import apsw
import pytest

from callside.exchange.ports import CdrQuery
from callside.kernel.clock import Moment
from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store
from callside.store.recorder import SqlRecorder
from callside.store.sqlite import SqliteDatabase
from callside.store.store import SqlStore
from tests.conformance.store.samples import NOW, World, live_call, live_session

ROOT = Path(__file__).resolve().parents[3]
SOON_S = 60


@pytest.fixture
async def opened(url):
    """Opens the same database again and again; whatever is still open at the end is closed."""
    stores = []

    async def open_it():
        stores.append(open_store(url))
        await stores[-1].open()
        return stores[-1]

    yield open_it
    for one in stores:
        await one.close()


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_everything_is_there_after_a_restart(opened):
    first = await opened()
    world = await World.build(first, "Acme")
    session, cdr, row = await world.open_session(), world.cdr(), live_session()
    await world.write(facts=[world.fact(call_id=cdr.call_id)], cdrs=[cdr], live_sessions={row.id: row})
    before = await world.directory()
    await first.close()
    world.store = await opened()
    assert await world.directory() == before
    assert await world.store.sessions.by_id(world.id, session.id) == session
    assert await world.store.call_records.cdr(world.id, cdr.call_id) == cdr
    assert len(await world.store.call_records.facts(world.id, cdr.call_id)) == 1
    assert await world.store.recorder.live(world.id) == ([row], [])
    assert await world.store.is_healthy()


async def test_ids_go_on_after_a_restart(opened):
    first = await opened()
    world = await World.build(first, "Acme")
    await first.close()
    other = await World.build(await opened(), "Other")
    for noun in ("tenant", "agent", "extension", "queue", "campaign", "trunk", "token"):
        assert int(getattr(other, noun).id) > int(getattr(world, noun).id)


async def test_two_processes_may_open_a_new_database_at_once(url):
    stores = [open_store(url) for _ in range(3)]
    await asyncio.gather(*(one.open() for one in stores))
    world = await World.build(stores[0], "Acme")
    assert await stores[1].directories.directory(world.id) == await world.directory()
    for one in stores:
        await one.close()


@pytest.mark.parametrize("round_", range(2))
async def test_a_killed_process_has_lost_nothing_it_acknowledged(url, opened, round_):
    command = [sys.executable, "-m", "tests.conformance.store.acknowledger", url]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(SOON_S):
            tenant_id = (await child.stdout.readline()).decode().split()[1]
            said = [(await child.stdout.readline()).decode().split() for _ in range(150)]
    finally:
        child.kill()  # in the middle of whatever it is doing
    # What it had said before it died and we had not yet read counts too; a line cut short was not said.
    rest = await child.stdout.read()
    said += [line.decode().split() for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    await child.wait()
    store = await opened()
    live = {row.id for row in (await store.recorder.live(tenant_id))[1]}
    for call_id, row_id in said:
        assert await store.call_records.cdr(tenant_id, call_id) is not None
        assert len(await store.call_records.facts(tenant_id, call_id)) == 1
        assert row_id in live
    # Whole records only: whatever else reached the disk has its facts and its live row as well.
    kept = await store.call_records.cdrs(tenant_id, CdrQuery(limit=100_000))
    assert len(kept) == len(live)
    for cdr in kept[:50]:
        assert len(await store.call_records.facts(tenant_id, cdr.call_id)) == 1
    if url.startswith("sqlite"):
        await store.close()
        with apsw.Connection(str(file_of(url))) as checked:
            assert checked.pragma("integrity_check") == "ok"
            assert checked.pragma("foreign_key_check") is None


async def test_after_a_restart_of_the_machine_live_times_are_moved_by_the_wall_clock(opened, tmp_path):
    store = await opened()
    world = await World.build(store, "Acme")
    boot = tmp_path / "boot_id"
    boot.write_text("first boot\n")
    recorder = SqlRecorder(store.database, boot_id=boot)
    await recorder.anchor(1_000_000, NOW)
    session = live_session(opened=Moment(999_000, NOW - 1_000), wrap_up_ends=Moment(1_030_000, NOW + 30_000))
    call = live_call(started=Moment(998_000, NOW - 2_000), owned_until=1_020_000)
    await world.write(live_sessions={session.id: session}, live_calls={call.id: call})
    await recorder.anchor(1_005_000, NOW + 5_000)
    assert await recorder.live(world.id) == ([session], [call])
    boot.write_text("second boot\n")
    # A minute later by the wall clock; the machine has been up for ten seconds.
    await recorder.anchor(10_000, NOW + 60_000)
    ([moved], [moved_call]) = await recorder.live(world.id)
    assert moved.opened == Moment(10_000 - 61_000, NOW - 1_000)
    assert moved.wrap_up_ends == Moment(10_000 - 30_000, NOW + 30_000)
    assert moved_call.started == Moment(10_000 - 62_000, NOW - 2_000)
    assert moved_call.owned_until == 10_000 - 40_000
    assert moved.phone_since is None
    await recorder.anchor(11_000, NOW + 61_000)
    assert await recorder.live(world.id) == ([moved], [moved_call])


async def test_a_store_that_is_closed_says_so(opened):
    store = await opened()
    world = await World.build(store, "Acme")
    await store.close()
    assert not await store.is_healthy()
    with pytest.raises(StoreUnavailableError):
        await world.write(cdrs=[world.cdr()])
    with pytest.raises(StoreUnavailableError):
        await world.directory()


async def test_what_was_given_before_the_close_is_written(opened):
    store = await opened()
    world = await World.build(store, "Acme")
    cdrs = [world.cdr() for _ in range(50)]
    writing = [asyncio.get_running_loop().create_task(world.write(cdrs=[one])) for one in cdrs]
    await asyncio.sleep(0)
    await store.close()
    done = await asyncio.gather(*writing, return_exceptions=True)
    world.store = await opened()
    for cdr, outcome in zip(cdrs, done, strict=True):
        kept = await world.store.call_records.cdr(world.id, cdr.call_id)
        assert (kept == cdr) if outcome is None else isinstance(outcome, StoreUnavailableError)


async def test_a_caller_who_stops_waiting_stops_nobody_else(opened):
    world = await World.build(await opened(), "Acme")
    loop = asyncio.get_running_loop()
    cdrs = [world.cdr() for _ in range(20)]
    writing = [loop.create_task(world.write(cdrs=[one])) for one in cdrs]
    await asyncio.sleep(0)
    writing[3].cancel()
    done = await asyncio.gather(*writing, return_exceptions=True)
    assert [n for n, one in enumerate(done) if one is not None] in ([], [3])
    for n, cdr in enumerate(cdrs):
        assert n == 3 or await world.store.call_records.cdr(world.id, cdr.call_id) == cdr


# ── SQLite's own ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_the_file_and_its_log_are_for_their_owner_alone(sqlite_url):
    before = os.umask(0)
    try:
        store = open_store(sqlite_url)
        await store.open()
        world = await World.build(store, "Acme")
        await world.write(cdrs=[world.cdr()])
        place = file_of(sqlite_url)
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        files = list(place.parent.iterdir())
        assert {one.name for one in files} >= {"callside.db", "callside.db-wal"}
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
        await store.close()
    finally:
        os.umask(before)


async def test_after_a_close_the_file_alone_holds_everything(sqlite_url):
    store = open_store(sqlite_url)
    await store.open()
    world = await World.build(store, "Acme")
    await store.close()
    assert [one.name for one in file_of(sqlite_url).parent.iterdir()] == ["callside.db"]
    with apsw.Connection(str(file_of(sqlite_url)), flags=apsw.SQLITE_OPEN_READONLY) as alone:
        assert alone.execute("SELECT id FROM tenants").fetchall() == [(world.id,)]
        assert alone.pragma("journal_mode") == "wal"


async def on_a_small_disk(place):
    """A database with little room beyond its empty tables, however many of those there are by now."""
    made = SqliteDatabase(place)
    await made.open()
    await made.close()
    with apsw.Connection(str(place)) as alone:
        pages = alone.pragma("page_count")
    return SqliteDatabase(place, max_pages=pages + 40)


async def test_a_full_disk_is_told_and_reading_goes_on_and_room_is_all_it_needs(tmp_path):
    database = await on_a_small_disk(tmp_path / "callside.db")
    store = SqlStore(database)
    await store.open()
    world = await World.build(store, "Acme")
    kept, lost, told = [], world.cdr(), None
    while told is None:
        lost = world.cdr(notes="n" * 3_000)
        try:
            await world.write(cdrs=[lost], facts=[world.fact(call_id=lost.call_id)])
            kept.append(lost)
        except StoreUnavailableError as full:
            told = full
    assert "disk is full" in told.message
    assert kept
    assert (await world.directory()).tenant == world.tenant
    assert await store.call_records.cdr(world.id, kept[-1].call_id) == kept[-1]
    assert await store.call_records.cdr(world.id, lost.call_id) is None
    assert list(await store.call_records.facts(world.id, lost.call_id)) == []
    with pytest.raises(StoreUnavailableError):  # still full, and the writer still answers
        await world.write(cdrs=[lost])
    await make_room(database)
    await world.write(cdrs=[lost])
    assert await store.call_records.cdr(world.id, lost.call_id) == lost
    assert await store.is_healthy()
    assert len(await store.call_records.cdrs(world.id, CdrQuery(limit=10_000))) == len(kept) + 1
    await store.close()


async def make_room(database):
    """On the writer's own connection: SQLite keeps this limit for each."""
    await database.write(lambda connection: _unlimited(database))


async def _unlimited(database):
    database._writing.execute("PRAGMA max_page_count = 1000000")


async def test_a_full_disk_takes_no_neighbour_with_it_that_fits(tmp_path):
    database = await on_a_small_disk(tmp_path / "callside.db")
    store = SqlStore(database)
    await store.open()
    world = await World.build(store, "Acme")
    cdrs = [world.cdr(notes="n" * 3_000) for _ in range(200)]
    done = await asyncio.gather(*(world.write(cdrs=[one]) for one in cdrs), return_exceptions=True)
    assert any(isinstance(one, StoreUnavailableError) for one in done)
    for cdr, outcome in zip(cdrs, done, strict=True):
        assert await store.call_records.cdr(world.id, cdr.call_id) == (cdr if outcome is None else None)
    await store.close()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(sqlite_url):
    place = file_of(sqlite_url)
    place.parent.mkdir()
    place.write_bytes(b"a letter to grandmother" * 100)
    with pytest.raises(StoreUnavailableError):
        await open_store(sqlite_url).open()
    assert place.read_bytes() == b"a letter to grandmother" * 100


async def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="file"):
        await open_store(f"sqlite:///{tmp_path / 'file' / 'callside.db'}").open()


@pytest.mark.parametrize("address", ["", "mysql://localhost/x", "callside.db", "sqlite://", "sqlite:///"])
def test_an_address_of_another_kind_is_refused_with_an_example(address):
    with pytest.raises(StoreUnavailableError, match="postgresql://"):
        open_store(address)
