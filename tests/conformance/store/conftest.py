"""The stores that must behave alike: in memory, SQLite, PostgreSQL."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from callside.exchange.ports import Store
from callside.store import open_store
from tests.conformance.store.postgres import Cluster, cluster, programs
from tests.conformance.store.samples import World
from tests.fakes.memory_store import MemoryStore

POSTGRES = pytest.param(
    "postgres",
    marks=[
        pytest.mark.postgres,
        pytest.mark.skipif(programs() is None, reason="PostgreSQL's server programs are not on this machine"),
    ],
)

# TRUNCATE would make a new file for every table and every index; a few rows are sooner deleted. As a replica deletes them, in any
# order: nobody looks at foreign keys.
EMPTY_EVERY_TABLE = """
SET session_replication_role = replica;
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versions' LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
async def postgres_url(postgres_cluster: Cluster) -> str:
    """An empty database of the test's own; it goes with the cluster."""
    return await new_database(postgres_cluster)


@pytest.fixture(scope="session")
def shared_database(postgres_cluster: Cluster) -> str:
    return asyncio.run(new_database(postgres_cluster))


@pytest.fixture
async def emptied_url(shared_database: str) -> str:
    """The database that most tests share, with nothing in it: quicker than a new one."""
    connection = await asyncpg.connect(shared_database)
    await connection.execute(EMPTY_EVERY_TABLE)
    await connection.close()
    return shared_database


async def new_database(postgres: Cluster) -> str:
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return postgres.url(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'kept' / 'callside.db'}"


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest) -> str:
    """Where a store that survives its process keeps everything."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
def unopened(request: pytest.FixtureRequest) -> Store:
    """Every kind of store."""
    if request.param == "memory":
        return MemoryStore()
    return open_store(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "emptied_url"))


@pytest.fixture
async def store(unopened: Store) -> AsyncIterator[Store]:
    """Every kind of store, open and empty."""
    await unopened.open()
    yield unopened
    await unopened.close()


@pytest.fixture
async def world(store: Store) -> World:
    """A tenant with one of each."""
    return await World.build(store, "Acme")


@pytest.fixture
async def twin(store: Store, world: World) -> World:
    """A second tenant with things of the same names."""
    return await World.build(store, "Twin")
