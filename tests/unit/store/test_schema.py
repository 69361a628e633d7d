"""The schema's steps, and what is said to a database they do not fit."""

import types

import apsw
import pytest

from callside.kernel.errors import StoreUnavailableError
from callside.store import schema
from callside.store.sqlite import LEAST_VERSION, SqliteDatabase, check_version
from callside.store.tables import METADATA, doubled_column


def step_like(number, *statements):
    return types.SimpleNamespace(NUMBER=number, NAME=f"step {number}", STATEMENTS=statements)


async def opened(path):
    database = SqliteDatabase(path)
    await database.open()
    await database.close()
    return apsw.Connection(str(path))


async def test_the_steps_build_exactly_the_tables_that_queries_are_written_against(tmp_path):
    there = await opened(tmp_path / "c.db")
    built = {
        table: {name: bool(not_null) for _, name, _, not_null, _, _ in there.execute(f"PRAGMA table_info({table})")}
        for (table,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    }
    built.pop("schema_versions")
    wanted = {table.name: {one.name: not one.nullable for one in table.columns} for table in METADATA.sorted_tables}
    assert built == wanted


async def test_the_steps_build_every_index_with_its_columns(tmp_path):
    there = await opened(tmp_path / "c.db")
    for table in METADATA.sorted_tables:
        for index in table.indexes:
            columns = [name for _, _, name in there.execute(f"PRAGMA index_info({index.name})")]
            assert columns == [one.name for one in index.columns], index.name
    unique = list(there.execute("SELECT sql FROM sqlite_master WHERE name = 'sessions_open'"))
    assert unique == [("CREATE UNIQUE INDEX sessions_open ON sessions (tenant_id, agent_id) WHERE ended_at IS NULL",)]


def test_every_step_is_written_for_both_databases_and_numbered_without_a_gap():
    for dialect in ("sqlite", "postgresql"):
        steps = schema.steps(dialect)
        assert [one.number for one in steps] == list(range(1, len(steps) + 1))
        assert not [one for step in steps for one in step.statements if "{" in one.replace("'{}'", "")]


def test_only_steps_that_are_missing_are_taken():
    known = schema.steps("sqlite", [step_like(1, "one"), step_like(2, "two")])
    assert schema.missing(known, []) == known
    assert schema.missing(known, [(1, known[0].checksum)]) == known[1:]


def test_spaces_do_not_change_a_checksum_and_words_do():
    spaced, tight, other = (
        schema.steps("sqlite", [step_like(1, text)])[0].checksum for text in ("a\n   b", "a b", "a c")
    )
    assert spaced == tight
    assert spaced != other


def test_a_newer_schema_is_refused_with_both_numbers():
    known = schema.steps("sqlite", [step_like(1, "one")])
    with pytest.raises(StoreUnavailableError, match=r"schema 7.*schemas up to 1.*newer Callside"):
        schema.missing(known, [(1, known[0].checksum), (7, "x")])


def test_a_schema_of_another_build_is_refused():
    with pytest.raises(StoreUnavailableError, match="another checksum"):
        schema.missing(schema.steps("sqlite", [step_like(1, "one")]), [(1, "x")])


async def test_a_database_of_a_newer_callside_is_left_as_it_is(tmp_path):
    path = tmp_path / "c.db"
    there = await opened(path)
    there.execute("INSERT INTO schema_versions (number, name, checksum) VALUES (99, 'later', 'x')")
    there.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailableError, match="newer Callside"):
        await SqliteDatabase(path).open()
    assert path.read_bytes() == before


async def test_a_step_that_fails_leaves_nothing_and_can_be_taken_again(tmp_path, monkeypatch):
    path = tmp_path / "c.db"
    right = schema.steps("sqlite")
    broken = [right[0]._replace(statements=(*right[0].statements[:3], "CREATE TABLE"))]
    monkeypatch.setattr(schema, "steps", lambda dialect: broken)
    with pytest.raises(StoreUnavailableError):
        await SqliteDatabase(path).open()
    monkeypatch.undo()
    assert list((await opened(path)).execute("SELECT count(*) FROM tenants")) == [(0,)]


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2"])
def test_a_library_with_the_wal_fault_is_refused(version):
    with pytest.raises(StoreUnavailableError, match=r"apsw that brings 3\.51\.3"):
        check_version(version)


def test_our_library_is_new_enough():
    check_version(apsw.sqlite_lib_version())
    check_version(".".join(map(str, LEAST_VERSION)))


def test_a_constraint_is_told_by_table_and_column():
    assert doubled_column("agents_username") == ("agents", "username_key")
    assert doubled_column("sessions_open") == ("sessions", "agent_id")
    assert doubled_column("tenants_pkey") == ("tenants", "id")
    assert doubled_column("nobody's") is None
