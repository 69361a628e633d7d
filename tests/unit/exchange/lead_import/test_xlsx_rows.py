"""Spreadsheets, read row by row: what a person sees in them, the same as calamine reads, and no more memory than a row takes."""

import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callside.exchange.lead_import.csv_rows import LONGEST_LINE
from callside.exchange.lead_import.xlsx_book import check_archive
from callside.exchange.lead_import.xlsx_rows import XlsxRows
from callside.exchange.lead_import.xlsx_xml import UnreadableFileError
from tests.examples import examples
from tests.unit.exchange.lead_import.spreadsheets import MAIN, write, write_parts

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="#,##0.0&quot; days&quot;;[Red]\\d0"/>'
    '<numFmt numFmtId="167" formatCode="[$-409]h:mm AM/PM;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/>'
    '<xf numFmtId="46"/><xf numFmtId="21"/><xf numFmtId="166"/><xf numFmtId="167"/></cellXfs></styleSheet>'
)
TEXTS = (
    f'<sst xmlns="{MAIN}"><si><t>plain</t></si><si><r><t>rich</t></r><r><t xml:space="preserve"> text</t></r>'
    "<rPh><t>RICH</t></rPh></si><si/><si><t>two_x000D_lines _x0041_ _x005F_x</t></si><si><t>  padded </t></si>"
    "<si><t>line&#10;and &amp; Zoë 日本 😀</t></si></sst>"
)


def seen_by_calamine(file):
    sheet = python_calamine.load_workbook(str(file)).get_sheet_by_index(0)
    return [[text_of(cell) for cell in row] for row in sheet.iter_rows()] if sheet.end else []


def text_of(cell):
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e17 else repr(cell)
    return cell.isoformat() if isinstance(cell, datetime | date | time) else str(cell).replace("\x00", "")


def seen_here(file):
    book = XlsxRows(file)
    try:
        return [row.cells for row in book]
    finally:
        book.close()


def padded(rows):
    """Without what is empty on the right and below, which nobody sees."""
    trimmed = [list(row) for row in rows]
    for row in trimmed:
        while row and not row[-1]:
            row.pop()
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed


cells = st.one_of(
    st.builds(lambda n: f'<c t="s"><v>{n}</v></c>', st.integers(0, 5)),
    st.builds(
        lambda n, style: f'<c s="{style}"><v>{n!r}</v></c>',
        st.one_of(st.integers(0, 2_958_465), st.floats(0, 2_958_465).map(lambda n: round(n, 5)), st.integers(-9, 99)),
        st.sampled_from([0, 3, 5, 7, 99]),
    ),
    st.builds(
        lambda n, style: f'<c s="{style}"><v>{n!r}</v></c>',
        st.one_of(st.integers(0, 70), st.integers(0, 2_957_000), st.floats(0, 2_957_000).map(lambda n: round(n, 5))),
        st.sampled_from([1, 2, 4, 6, 8]),
    ),
    st.sampled_from(
        [
            "<c/>",
            "<c><v></v></c>",
            "<c><f>1+1</f></c>",
            "<c><v>abc</v></c>",
            "<c><v>1e3</v></c>",
            "<c><v>1.2E+10</v></c>",
            "<c><v>007</v></c>",
            "<c><v>12345678901234567890</v></c>",
            '<c t="b"><v>1</v></c>',
            '<c t="b"><v>0</v></c>',
            '<c t="e"><v>#N/A</v></c>',
            '<c t="d"><v>2024-01-05T10:00:00</v></c>',
            '<c t="d"><v>2024-01-05</v></c>',
            '<c t="str"><f>A1&amp;B1</f><v> x_x0041_ </v></c>',
            '<c t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b </t></r><rPh><t>z</t></rPh></is></c>',
            '<c t="inlineStr"><is><t/></is></c>',
            '<c t="inlineStr"><is><t> p_x000D_ </t></is></c>',
        ]
    ),
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cells, max_size=6), min_size=1, max_size=6), since_1904=st.booleans())
def test_every_cell_is_what_calamine_says(tmp_path, rows, since_1904):
    # With something in its first column: there calamine's rows begin.
    body = "".join(f"<row>{''.join(['<c><v>1</v></c>', *row])}</row>" for row in rows)
    file = write_parts(tmp_path / "any.xlsx", body, styles=STYLES, texts=TEXTS, since_1904=since_1904)
    assert padded(seen_here(file)) == padded(seen_by_calamine(file))


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>1</v></c></row><row r="4"><c r="D4"><v>1</v></c></row>',
        '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="AB1"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>',
        '<row r="1"/><row r="2"><c/></row><row r="3"><c><v>1</v></c></row><row r="9"><c s="1"/></row>',
    ],
)
def test_cells_and_rows_stand_where_calamine_says(tmp_path, body):
    file = write_parts(tmp_path / "any.xlsx", body)
    assert padded(seen_here(file)) == padded(seen_by_calamine(file))


def test_dates_are_read_as_dates_and_times_that_have_passed_as_such(tmp_path):
    days = ("45000", "45000.5", "0.75", "59", "61")
    body = "".join(f'<row><c s="2"><v>{one}</v></c><c s="3"><v>{one}</v></c></row>' for one in days)
    assert seen_here(write_parts(tmp_path / "dates.xlsx", body, styles=STYLES)) == [
        ["2023-03-15", "45000 days, 0:00:00"],
        ["2023-03-15T12:00:00", "45000 days, 12:00:00"],
        ["18:00:00", str(timedelta(hours=18))],
        ["1900-02-28", "59 days, 0:00:00"],
        ["1900-03-01", "61 days, 0:00:00"],
    ]


def test_elements_may_have_a_prefix(tmp_path):
    body = '<x:row><x:c t="inlineStr"><x:is><x:t>Phone</x:t></x:is></x:c></x:row>'
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{body}</x:sheetData></x:worksheet>'
    assert seen_here(write_parts(tmp_path / "prefixed.xlsx", sheet=sheet)) == [["Phone"]]


def test_an_entity_is_refused_before_it_expands(tmp_path):
    sheet = (
        '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(UnreadableFileError, match="document type"):
        XlsxRows(write_parts(tmp_path / "entities.xlsx", sheet=sheet))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>', "row 1 comes after row 2"),
        ('<row r="1048577"><c><v>1</v></c></row>', "row 1048577"),
        ('<row><c r="XFE1"><v>1</v></c></row>', "column"),
        ('<row><c r="7"><v>1</v></c></row>', "column"),
        ('<row><c t="s"><v>6</v></c></row>', "shared text 6"),
        ("<row><c></row>", "mismatched tag"),
    ],
)
def test_what_the_format_does_not_allow_is_told(tmp_path, body, why):
    with pytest.raises(UnreadableFileError, match=why):
        seen_here(write_parts(tmp_path / "broken.xlsx", body, texts=TEXTS))


def test_a_row_that_names_a_long_text_again_and_again_costs_itself_only(tmp_path):
    texts = f'<sst xmlns="{MAIN}"><si><t>{"x" * (LONGEST_LINE // 2)}</t></si></sst>'
    again = '<c t="s"><v>0</v></c>' * 5000
    body = f"<row>{again}</row><row><c><v>1</v></c></row>"
    found = list(XlsxRows(write_parts(tmp_path / "long.xlsx", body, texts=texts)))
    assert "longer than" in found[0].broken
    assert found[1].cells == ["1"]


def test_the_first_sheet_with_a_row_is_taken_and_says_how_long_it_is(tmp_path):
    sheet = (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:C7"/><sheetData><row r="7"><c><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    book = XlsxRows(write_parts(tmp_path / "two.xlsx", "<row><c/></row>", second=sheet))
    assert (book.name, book.total) == ("More", 7)
    assert [row.line for row in book] == list(range(1, 8))
    assert book.position == book.size == len(sheet)


def test_a_spreadsheet_is_read_as_a_person_would_write_it(tmp_path):
    rows = [["Phone", "Score", "x"], [12125550123.0, 7.5, None], [("A1&B1", "+12125550124"), 3, "=not a formula"]]
    book = XlsxRows(write(tmp_path / "people.xlsx", rows))
    assert book.name == "People"
    assert [row.cells for row in book] == [
        ["Phone", "Score", "x"],
        ["12125550123", "7.5", ""],
        ["+12125550124", "3", "=not a formula"],
    ]


def test_lines_are_the_spreadsheets_rows_empty_ones_counted(tmp_path):
    book = XlsxRows(write(tmp_path / "people.xlsx", [[None], [None], ["Phone"], ["1"]]))
    assert [(row.line, row.cells) for row in book] == [(1, []), (2, []), (3, ["Phone"]), (4, ["1"])]


@pytest.mark.parametrize("content", [b"PK\x03\x04 nonsense", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_spreadsheet_is_refused(tmp_path, content):
    file = tmp_path / "broken.xlsx"
    file.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="no whole spreadsheet"):
        XlsxRows(file)


def test_an_archive_that_is_something_else_is_refused(tmp_path):
    file = tmp_path / "other.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        XlsxRows(file)


@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=20)), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_damaged_in_a_file_it_is_read_or_refused(tmp_path, damages):
    file = write(
        tmp_path / "damaged.xlsx", [["Phone", "Name"], *([f"+1555010{one:04}", f"Person {one}"] for one in range(99))]
    )
    content = bytearray(file.read_bytes())
    for place, other in damages:
        at = place % len(content)
        content[at : at + len(other)] = other
    file.write_bytes(content)
    try:
        book = XlsxRows(file)
        list(book)
        book.close()
    except UnreadableFileError:
        pass


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_that_is_packed_as_spreadsheets_are_not_is_refused(tmp_path, packing):
    file = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFileError, match="packed in a way"):
        check_archive(file)


def test_a_bomb_is_refused_before_it_is_opened(tmp_path):
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20))
    assert file.stat().st_size < 1 << 20
    with pytest.raises(UnreadableFileError, match="far more"):
        check_archive(file)


def test_an_empty_sheet_is_told(tmp_path):
    with pytest.raises(UnreadableFileError, match="empty"):
        XlsxRows(write(tmp_path / "empty.xlsx", []))
