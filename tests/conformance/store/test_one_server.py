"""A database has one server: a second one is refused, whatever its home, and a crash keeps nobody out."""

import asyncio
import sys

import asyncpg
import pytest

from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store, postgres_claim
from callside.store.file_claim import FileClaim
from tests.patience import PATIENCE_S

SERVER = """
import asyncio, sys
from callside.store import open_store
async def serve():
    await open_store(sys.argv[1]).reserve("north:/srv/one", lambda: None)
    print("in", flush=True)
    await asyncio.Event().wait()
asyncio.run(serve())
"""


def nothing():
    """Nobody is told."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(postgres_claim, "_OTHERS_PATIENCE_S", 0.0)
    monkeypatch.setattr(postgres_claim, "_LOOK_EVERY_S", 0.05)


@pytest.fixture
async def first(url):
    store = open_store(url)
    await store.reserve("north:/srv/one", nothing)
    await store.open()
    yield store
    await store.close()


async def test_a_second_server_is_refused_and_told_of_the_first(url, first):
    second = open_store(url)
    with pytest.raises(StoreUnavailableError, match=r"another Callside \(north:/srv/one\).*CALLSIDE_DATABASE"):
        await second.reserve("south:/srv/two", nothing)
    await second.close()
    assert await first.is_healthy()


async def test_who_closes_tidily_lets_the_next_one_in(url):
    for home in ("north:/srv/one", "south:/srv/two"):
        store = open_store(url)
        await store.reserve(home, nothing)
        await store.close()


async def test_commands_work_beside_a_server(url, first):
    beside = open_store(url)
    await beside.open()
    assert await beside.is_healthy()
    await beside.close()
    with pytest.raises(StoreUnavailableError):
        await open_store(url).reserve("south:/srv/two", nothing)


async def test_a_server_that_was_killed_is_in_nobodys_way(url, monkeypatch):
    monkeypatch.setattr(postgres_claim, "_OTHERS_PATIENCE_S", PATIENCE_S)
    crashed = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, url, stdout=asyncio.subprocess.PIPE)
    assert await crashed.stdout.readline() == b"in\n"
    crashed.kill()
    await crashed.wait()
    store = open_store(url)
    await store.reserve("south:/srv/two", nothing)
    await store.close()


async def test_another_name_for_the_same_file_is_the_same_file(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    first = FileClaim(tmp_path / "there" / "callside.db", "north")
    first.take()
    with pytest.raises(StoreUnavailableError, match="north"):
        FileClaim(tmp_path / "link" / "callside.db", "south").take()
    first.give_up()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        await open_store(f"sqlite:///{tmp_path}/file/callside.db").reserve("north", nothing)


async def ended_connections(url, cluster, *, names="callside server%"):
    admin = await asyncpg.connect(cluster.url())
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE $2"
    await admin.execute(query, url.rpartition("/")[2], names)
    await admin.close()


@pytest.mark.postgres
async def test_a_lost_connection_takes_the_right_again(postgres_url, postgres_cluster):
    store = open_store(postgres_url)
    await store.reserve("north:/srv/one", nothing)
    before = store.database._claim._raw
    await ended_connections(postgres_url, postgres_cluster)
    async with asyncio.timeout(PATIENCE_S):
        while store.database._claim._raw in {before, None}:
            await asyncio.sleep(0)
    with pytest.raises(StoreUnavailableError, match="north"):
        await open_store(postgres_url).reserve("south:/srv/two", nothing)
    await store.close()


@pytest.mark.postgres
async def test_who_has_lost_it_to_another_is_told_to_end(postgres_url, postgres_cluster, monkeypatch):
    monkeypatch.setattr(postgres_claim, "_OTHERS_PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(postgres_claim, "_LOOK_EVERY_S", 0.5)
    taken = asyncio.Event()
    first, second = open_store(postgres_url), open_store(postgres_url)
    await first.reserve("north:/srv/one", taken.set)
    waits = asyncio.create_task(second.reserve("south:/srv/two", nothing))
    monkeypatch.setattr(postgres_claim, "_AGAIN_S", 0.0)  # the second asks all the time, the first looks twice a second
    await asyncio.sleep(0)
    await ended_connections(postgres_url, postgres_cluster, names="callside server north%")
    await waits
    await asyncio.wait_for(taken.wait(), PATIENCE_S)
    await second.close()
    await first.close()
