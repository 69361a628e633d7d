"""What PostgreSQL alone can do to a store: be elsewhere, be closed to us, lose connections."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store, postgres, schema
from tests.conformance.store.samples import World

SOON_S = 60


async def test_a_server_that_is_not_there_is_told_without_its_password(unused_tcp_port):
    store = open_store(f"postgresql://callside:canary-password@127.0.0.1:{unused_tcp_port}/callside")
    with pytest.raises(StoreUnavailableError) as refused:
        await store.open()
    assert "canary" not in refused.value.message
    assert str(unused_tcp_port) in refused.value.message or "127.0.0.1" in refused.value.message


@pytest.mark.postgres
async def test_a_wrong_password_is_told_without_it(postgres_cluster):
    url = replace(postgres_cluster, password="canary-password").url()
    with pytest.raises(StoreUnavailableError) as refused:
        await open_store(url).open()
    assert "canary" not in refused.value.message


@pytest.mark.postgres
async def test_lost_connections_to_postgresql_come_back_by_themselves(postgres_url, postgres_cluster):
    store = open_store(postgres_url)
    await store.open()
    world = await World.build(store, "Acme")
    admin = await asyncpg.connect(postgres_cluster.url())
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    await admin.execute(ended, postgres_url.rpartition("/")[2])
    await admin.close()
    cdr = world.cdr()
    async with asyncio.timeout(SOON_S):
        while True:
            try:
                await world.write(cdrs=[cdr], facts=[world.fact(call_id=cdr.call_id)])
                break
            except StoreUnavailableError:
                await asyncio.sleep(0)
    assert await store.call_records.cdr(world.id, cdr.call_id) == cdr
    assert await store.is_healthy()
    await store.close()


@pytest.mark.postgres
async def test_a_step_of_the_schema_may_take_longer_than_an_answer(postgres_url, monkeypatch):
    """An index on a large table; the server itself waits here."""
    slow = schema.Step(1, "slow", ("SELECT pg_sleep(0.5)", "CREATE TABLE made (id INTEGER)"), "checksum")
    monkeypatch.setattr(schema, "steps", lambda _: [slow])
    monkeypatch.setattr(postgres, "_ANSWER_WITHIN_S", 0.2)
    store = open_store(postgres_url)
    await store.open()
    await store.close()
    raw = await asyncpg.connect(postgres_url)
    assert await raw.fetchval("SELECT to_regclass('made')") == "made"
    await raw.close()


@pytest.mark.postgres
async def test_a_step_that_is_interrupted_leaves_nothing_and_is_done_at_the_next_start(postgres_url, monkeypatch):
    broken = schema.Step(1, "broken", ("CREATE TABLE made (id INTEGER)", "SELECT nothing FROM nowhere"), "checksum")
    whole = schema.Step(1, "whole", ("CREATE TABLE made (id INTEGER)",), "checksum")
    monkeypatch.setattr(schema, "steps", lambda _: [broken])
    with pytest.raises(StoreUnavailableError, match="nowhere"):
        await open_store(postgres_url).open()
    monkeypatch.setattr(schema, "steps", lambda _: [whole])
    store = open_store(postgres_url)
    await store.open()
    await store.close()
