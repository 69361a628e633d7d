"""What an engine finds when it starts."""

import os

from callside.asterisk.environment import environment


def test_an_engine_inherits_nothing_that_the_controller_may_hold_as_a_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("CALLSIDE_ARI_PASSWORD", "secret")
    found = environment(tmp_path, spare_memory=True)
    assert "secret" not in found.values()
    assert found["HOME"] == str(tmp_path)


def test_memory_is_kept_in_few_arenas_also_on_a_machine_of_one_core(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert environment(tmp_path, spare_memory=True)["MALLOC_ARENA_MAX"] == "4"
    monkeypatch.setattr(os, "cpu_count", lambda: 32)
    assert environment(tmp_path, spare_memory=True)["MALLOC_ARENA_MAX"] == "64"


def test_where_memory_is_not_spared_the_c_library_is_told_nothing(tmp_path):
    assert environment(tmp_path, spare_memory=False).keys() == {"PATH", "LC_ALL", "HOME"}
