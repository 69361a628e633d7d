import sys
from pathlib import Path

from callside.asterisk.elf import needed_libraries


def test_the_running_interpreter_asks_for_the_c_library():
    assert any(name.startswith("libc.so") for name in needed_libraries(Path(sys.executable).resolve()))


def test_a_file_that_is_no_program_asks_for_nothing(tmp_path):
    text = tmp_path / "notes.so"
    text.write_text("not a program, but longer than the sixty-four bytes that a header has at least")
    assert needed_libraries(text) == ()


def test_an_empty_file_asks_for_nothing(tmp_path):
    (tmp_path / "empty.so").touch()
    assert needed_libraries(tmp_path / "empty.so") == ()
