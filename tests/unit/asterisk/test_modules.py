import pytest

from callside.asterisk.modules import (
    CARRIER_MODULES,
    FORBIDDEN_MODULES,
    OPTIONAL_MODULES,
    QUEUE_MODULES,
    REQUIRED_MODULES,
    missing_modules,
    modules_to_load,
    present_modules,
)


def test_nothing_forbidden_is_ever_loaded_by_us():
    ours = {*REQUIRED_MODULES, *OPTIONAL_MODULES, *CARRIER_MODULES, *QUEUE_MODULES}
    assert not ours & FORBIDDEN_MODULES


def test_no_module_is_listed_twice():
    ours = [*REQUIRED_MODULES, *OPTIONAL_MODULES, *CARRIER_MODULES, *QUEUE_MODULES]
    assert len(ours) == len(set(ours))


def test_optional_modules_are_loaded_only_where_the_build_has_them():
    assert "codec_opus" not in modules_to_load([*REQUIRED_MODULES, "codec_opus_open_source"])
    assert "codec_opus_open_source" in modules_to_load([*REQUIRED_MODULES, "codec_opus_open_source"])


def test_extra_modules_come_last_and_once():
    loaded = modules_to_load([*REQUIRED_MODULES, "app_dial"], ["app_dial", "app_dial", "app_echo"])
    assert loaded == (*REQUIRED_MODULES, "app_dial")


@pytest.mark.parametrize("name", ["app_system", "func_shell", "chan_iax2"])
def test_a_forbidden_module_is_refused_even_as_an_extra(name):
    with pytest.raises(ValueError, match=name):
        modules_to_load([*REQUIRED_MODULES, name], [name])


def test_an_extra_module_that_the_build_lacks_is_refused():
    with pytest.raises(ValueError, match="app_nowhere"):
        modules_to_load(REQUIRED_MODULES, ["app_nowhere"])


def test_missing_modules_are_named():
    assert missing_modules(name for name in REQUIRED_MODULES if name != "res_srtp") == ["res_srtp"]


def test_present_modules_are_the_files_of_the_folder(tmp_path):
    (tmp_path / "app_echo.so").touch()
    (tmp_path / "notes.txt").touch()
    assert present_modules(tmp_path) == {"app_echo"}
