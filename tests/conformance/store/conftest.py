"""The stores that must behave alike: in memory, SQLite, PostgreSQL."""

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


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
async def postgres_url(postgres_cluster: Cluster) -> AsyncIterator[str]:
    """An empty database of the test's own."""
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres_cluster.url())
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield postgres_cluster.url(name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


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
    return open_store(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


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
