"""The migrations arrive at the schema that queries are written against, on both databases; strangers' schemas are refused."""

import apsw
import asyncpg
import pytest
from sqlalchemy import BigInteger, Integer, PrimaryKeyConstraint, UniqueConstraint

from callside.kernel.errors import StoreUnavailableError
from callside.store import open_store
from callside.store.migrations import STEPS
from callside.store.tables import METADATA

BOOKKEEPING = "schema_versions"
COLUMNS_SQLITE = """
    SELECT t.name, c.name, c.type, c."notnull" FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
    WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'
"""
KEYS_SQLITE = """
    SELECT t.name, i.name, i."unique", i.partial,
      (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
    FROM pragma_table_list AS t, pragma_index_list(t.name) AS i WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'
"""
COLUMNS_POSTGRES = """
    SELECT table_name, column_name, data_type, is_nullable = 'NO' FROM information_schema.columns
    WHERE table_schema = 'public'
"""
KEYS_POSTGRES = """
    SELECT t.relname, i.relname, x.indisunique, x.indpred IS NOT NULL,
      (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(x.indkey) WITH ORDINALITY AS k(number, place)
       JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number)
    FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace WHERE n.nspname = 'public'
"""
FAMILIES = {"TEXT": "text", "text": "text", "INTEGER": "number", "bigint": "number", "integer": "number"}


async def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Straight from the database, past the store."""
    if url.startswith("sqlite"):
        with apsw.Connection(url.removeprefix("sqlite:///")) as connection:
            return list(connection.execute(query))
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


@pytest.fixture
async def migrated(url: str) -> str:
    store = open_store(url)
    await store.open()
    await store.close()
    return url


async def test_the_columns_are_those_the_queries_know(migrated):
    found = await rows(migrated, COLUMNS_SQLITE if migrated.startswith("sqlite") else COLUMNS_POSTGRES)
    there = {(t, c): (FAMILIES[kind], bool(needed)) for t, c, kind, needed in found if t != BOOKKEEPING}
    known = {
        (table.name, column.name): (
            "number" if isinstance(column.type, BigInteger | Integer) else "text",
            not column.nullable,
        )
        for table in METADATA.tables.values()
        for column in table.columns
        if table.name != BOOKKEEPING
    }
    assert there == known


async def test_what_must_be_unique_is_unique_under_the_names_that_errors_are_read_by(migrated):
    is_sqlite = migrated.startswith("sqlite")
    found = await rows(migrated, KEYS_SQLITE if is_sqlite else KEYS_POSTGRES)
    there = {
        (t, columns): (bool(unique), bool(partial)) for t, _, unique, partial, columns in found if t != BOOKKEEPING
    }
    names = {name for t, name, *_ in found if t != BOOKKEEPING}
    known, known_names = {}, set()
    for table in METADATA.tables.values():
        unique = [one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)]
        for one in [*unique, *table.indexes]:
            columns = ",".join(column.name for column in one.columns)
            partial = getattr(one, "dialect_options", {}).get("sqlite", {}).get("where") is not None
            known[table.name, columns] = (getattr(one, "unique", True) is not False, partial)
            known_names.add(one.name)
    known = {key: value for key, value in known.items() if key[0] != BOOKKEEPING}
    if is_sqlite:  # a whole number as key is the row's own number there, and has no index
        known.pop(("facts", "seq"))
        known.pop(("leads", "id"))
        assert {name for name in names if not name.startswith("sqlite_autoindex")} <= known_names
    else:
        assert names == known_names - {f"{BOOKKEEPING}_pkey"}
    assert there == known


async def test_keys_between_tables_hold(migrated):
    if migrated.startswith("sqlite"):
        assert await rows(migrated, "SELECT * FROM pragma_foreign_key_check") == []
    else:
        assert await rows(migrated, "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated") == []


async def test_opening_again_changes_nothing(migrated):
    query = "SELECT number, name, checksum FROM schema_versions ORDER BY number"
    before = await rows(migrated, query)
    store = open_store(migrated)
    await store.open()
    await store.close()
    assert await rows(migrated, query) == before
    assert [row[0] for row in before] == list(range(1, len(before) + 1))


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(migrated):
    await rows(migrated, "INSERT INTO schema_versions (number, name, checksum) VALUES (9999, 'from the future', 'x')")
    with pytest.raises(StoreUnavailableError, match=r"9999.*newer"):
        await open_store(migrated).open()
    assert len(await rows(migrated, "SELECT number FROM schema_versions WHERE number = 9999")) == 1


async def test_a_database_whose_history_is_another_is_refused(migrated):
    await rows(migrated, "UPDATE schema_versions SET checksum = 'another' WHERE number = 1")
    with pytest.raises(StoreUnavailableError, match="schema 1"):
        await open_store(migrated).open()


async def test_how_far_it_is_behind_can_be_asked_and_changes_nothing(url):
    assert await open_store(url).behind() == 0
    store = open_store(url)
    await store.open()
    await store.close()
    assert await open_store(url).behind() == 0
    await rows(url, "DELETE FROM schema_versions WHERE number > 18")
    assert await open_store(url).behind() == len(STEPS) - 18
    assert (await rows(url, "SELECT max(number) FROM schema_versions"))[0][0] == 18


async def test_a_newer_one_is_told_before_it_is_opened(migrated):
    await rows(migrated, "INSERT INTO schema_versions (number, name, checksum) VALUES (9999, 'from the future', 'x')")
    with pytest.raises(StoreUnavailableError, match=r"9999.*newer"):
        await open_store(migrated).behind()


async def test_a_database_that_cannot_be_reached_cannot_be_looked_at(unused_tcp_port, tmp_path):
    (tmp_path / "callside.db").write_text("this is no database, however long it is looked at" * 40)
    for wrong in (f"postgresql://callside@127.0.0.1:{unused_tcp_port}/callside", f"sqlite:///{tmp_path}/callside.db"):
        with pytest.raises(StoreUnavailableError):
            await open_store(wrong).behind()
