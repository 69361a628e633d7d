"""Files as they come: any encoding and delimiter, broken in every way; each row with its line, none lost."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callside.exchange.lead_import.csv_rows import LONGEST_LINE, CsvRows
from callside.exchange.lead_import.sniffing import canonical, text_form
from tests.examples import examples

TEXT = "Name;Téléphone\r\nZoë;+33 1 23 45 67 89\r\nIñigo;+34 600 000 000\r\n"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "people.csv"


def rows_of(file, **given_form):
    rows = CsvRows(file, text_form(file, **given_form))
    try:
        return list(rows)
    finally:
        rows.close()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-1"]
)
def test_every_usual_encoding_is_found(file, encoding):
    file.write_bytes(TEXT.encode(encoding))
    found = rows_of(file)
    assert [row.cells[0] for row in found] == ["Name", "Zoë", "Iñigo"]
    assert found[0].cells[1] == "Téléphone"
    assert text_form(file).why


def test_an_encoding_may_be_given(file):
    file.write_bytes("Имя;Телефон\nЖюли;+7 495 000 00 00\n".encode("cp1251"))
    assert rows_of(file, encoding="cp1251")[1].cells[0] == "Жюли"
    assert canonical("Windows-1251") == "cp1251"
    assert canonical("rot13") is None
    assert canonical("no such thing") is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found(file, delimiter):
    file.write_text("\n".join(delimiter.join(row) for row in (["a", "b", "d"], ["1", "2", "3"], ["4", "5", "6"])))
    assert text_form(file).delimiter == delimiter


def test_a_spreadsheets_own_word_for_the_delimiter_is_no_row(file):
    file.write_text("sep=|\na|b\n1,2|3,4\n")
    assert [row.cells for row in rows_of(file)] == [["a", "b"], ["1,2", "3,4"]]


def test_bytes_of_another_encoding_in_the_middle_are_mended_and_told(file, monkeypatch):
    file.write_bytes(b"a;b\n" + "Zoë;1\n".encode("cp1252") + b"Ian;2\n")
    found = rows_of(file, encoding="utf-8")
    assert [row.cells for row in found] == [["a", "b"], ["Zoë", "1"], ["Ian", "2"]]
    assert "Windows-1252" in found[1].note


def test_zero_bytes_are_taken_out_and_told(file):
    file.write_bytes(b"a,b\n1\x00,2\n")
    found = rows_of(file, encoding="utf-8")
    assert found[1].cells == ["1", "2"]
    assert "zero bytes" in found[1].note


def test_a_quotation_mark_that_never_closes_costs_its_own_line_only(file):
    file.write_text('a,b\n"open,1\n' + "".join(f"x{n},{n}\n" for n in range(300)))
    found = rows_of(file)
    assert "never closes" in found[1].broken
    assert found[1].line == 2
    assert [(row.line, row.cells) for row in found[2:4]] == [(3, ["x0", "0"]), (4, ["x1", "1"])]
    assert len(found) == 302


def test_at_the_end_of_the_file_too(file):
    file.write_text('a,b\n1,2\n3,"open')
    found = rows_of(file)
    assert [bool(row.broken) for row in found] == [False, False, True]


def test_a_quotation_mark_inside_of_a_cell_is_read_as_it_is(file):
    file.write_text('a,b\n"Ada" L,1\n')
    found = rows_of(file)[1]
    assert found.cells[1] == "1"
    assert "quotation mark" in found.note


def test_a_cell_may_span_lines(file):
    file.write_text('a,b\n"two\nlines",1\nx,2\n')
    assert [(row.line, row.cells) for row in rows_of(file)] == [
        (1, ["a", "b"]),
        (2, ["two\nlines", "1"]),
        (4, ["x", "2"]),
    ]


def test_a_cell_of_ten_megabytes_costs_its_own_line_only(file):
    file.write_text(f"a,b\n{'x' * (10 * LONGEST_LINE)},1\ny,2\n")
    found = rows_of(file)
    assert "longer than" in found[1].broken
    assert found[2].cells == ["y", "2"]
    assert len(found) == 3


@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text('ab",;\n\r\x00 é', max_size=12), max_size=30))
def test_whatever_the_file_is_reading_ends_and_lines_go_up(tmp_path, pieces):
    file = tmp_path / "any.csv"
    file.write_text("".join(pieces), newline="", encoding="utf-8")
    found = rows_of(file, encoding="utf-8", delimiter=",")
    lines = [row.line for row in found]
    assert lines == sorted(set(lines))
