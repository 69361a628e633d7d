"""One expression, two databases; values go in as values."""

import pytest
from sqlalchemy import bindparam, select, update

from callside.store.query import Insertion, Query
from callside.store.tables import AGENTS

BOTH = Query(
    update(AGENTS)
    .where(AGENTS.c.tenant_id == bindparam("tenant"), AGENTS.c.enabled == 1)
    .values(name=bindparam("name"))
)


def test_a_query_is_compiled_for_each_database_once():
    sqlite, postgres = BOTH.compiled("sqlite"), BOTH.compiled("postgresql")
    assert "?" in sqlite.text
    assert "$1" in postgres.text
    assert BOTH.compiled("sqlite") is sqlite


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_values_and_constants_go_in_in_the_order_of_the_text(dialect):
    assert BOTH.compiled(dialect).arguments({"tenant": "1011", "name": "Asha"}) == ("Asha", "1011", 1)


def test_a_value_that_nobody_gave_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        BOTH.compiled("sqlite").arguments({"tenant": "1011"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\x00b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("Zoë 日本 😀", "Zoë 日本 😀"), (None, None), ("", "")],
)
def test_what_a_database_cannot_keep_is_replaced(given, kept):
    query = Query(select(AGENTS.c.id).where(AGENTS.c.name == bindparam("name")))
    assert query.compiled("postgresql").arguments({"name": given}) == (kept,)


def test_many_rows_go_in_in_the_order_of_the_columns_named():
    some = Insertion(AGENTS, "tenant_id", "name")
    assert some.sqlite == "INSERT INTO agents (tenant_id, name) VALUES (?, ?)"
    assert some.arguments([("1011", "a\x00b"), ["1011", 7]]) == [("1011", "a\ufffdb"), ("1011", 7)]


def test_a_column_that_the_table_lacks_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        Insertion(AGENTS, "tenant")
