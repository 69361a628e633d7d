"""Reports and exports: no cell is a formula, and every cell comes back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.exchange.lead_import.report import Report, csv_text, safe


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\ufeff=1",
        "|x",
        "%x",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20A",
    ],
)
def test_what_could_be_a_formula_is_none(cell):
    assert safe(cell).startswith("'")


@pytest.mark.parametrize("cell", ["+15550100123", "Ada", "", "5 - 3", "a=b"])
def test_what_is_none_stays_as_it_is(cell):
    assert safe(cell) == cell


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_every_cell_comes_back_and_none_begins_a_formula(rows):
    back = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert [[cell.removeprefix("'") if cell != raw else cell for cell, raw in zip(*pair, strict=True)]
            for pair in zip(back, rows, strict=True)] == rows  # fmt: skip
    for row in back:
        for cell in row:
            assert not cell.startswith(("=", "-", "@", "\t", "\r"))
            assert cell[:1] != "+" or cell[1:].isdigit()


def test_a_report_goes_on_where_it_was_cut(tmp_path):
    path = tmp_path / "r.csv"
    report = Report(path, 0)
    agreed = report.add([("2", "imported", "", "7", "+15550100123")])
    report.add([("3", "refused", "lost in a crash", "", "")])
    report.close()
    again = Report(path, agreed)
    again.add([("3", "refused", "=told again", "", "")])
    again.close()
    rows = list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    assert [(row["line"], row["reason"]) for row in rows] == [("2", ""), ("3", "'=told again")]
    assert path.stat().st_mode & 0o077 == 0
