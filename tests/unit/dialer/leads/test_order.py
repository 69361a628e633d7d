"""Orders: within a list by a column's text, across lists by weight."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.leads.order import LAST, mixed, order_key, share


def test_numbers_sort_by_value_dates_by_time_and_words_by_their_beginning():
    for column in (
        ("-2.5", "3", "20", "100"),
        ("2026-01-02", "2026-01-10T08:00:00", "2026-02-01"),
        ("Ada", "bob", "Zoë"),
    ):
        keys = [order_key(text) for text in column]
        assert keys == sorted(set(keys))


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_an_empty_column_comes_last(text):
    assert order_key(text) == LAST


@given(st.text(max_size=50))
def test_any_text_has_a_place_that_a_database_can_keep(text):
    assert -(2**63) <= order_key(text) <= LAST


def test_lists_are_mixed_by_weight_and_keep_their_order():
    found = mixed([(3, [f"a{n}" for n in range(9)]), (1, [f"b{n}" for n in range(9)])], 8)
    assert Counter(one[0] for one in found) == {"a": 6, "b": 2}
    assert [one for one in found if one[0] == "a"] == [f"a{n}" for n in range(6)]
    assert found[:4] != ["a0", "a1", "a2", "a3"]


def test_a_list_that_runs_out_leaves_its_part_to_the_others():
    assert Counter(one[0] for one in mixed([(9, ["a"]), (1, ["b"] * 9)], 5)) == {"a": 1, "b": 4}


@given(st.lists(st.tuples(st.integers(1, 9), st.lists(st.integers(), max_size=9)), max_size=5), st.integers(0, 30))
def test_nothing_is_lost_or_doubled(sources, limit):
    found = mixed(sources, limit)
    assert len(found) == min(limit, sum(len(things) for _, things in sources))
    assert not Counter(found) - Counter(one for _, things in sources for one in things)


def test_shares_are_rounded_up():
    assert [share(weight, 4, 10) for weight in (3, 1)] == [8, 3]
