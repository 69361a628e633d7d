"""A row becomes a lead, or says why not; nothing of it is lost."""

import pytest

from callside.dialer.leads.columns import columns_of
from callside.dialer.leads.intake import LONGEST_CELL, Draft, Intake, Refusal, Verdict

HEADERS = ["Phone", "Mobile", "First name", "Last name", "Zone", "Notes", "City"]


@pytest.fixture
def intake():
    return Intake(columns_of(HEADERS, []), "US")


def test_a_whole_row_is_a_lead(intake):
    found = intake.read(
        ["(212) 555-0123", "+447911123456", "Ada", "Lovelace", "America/Denver", "after six", " Springfield"]
    )
    assert [(one.number, one.label) for one in found.numbers] == [
        ("+12125550123", "Phone"),
        ("+447911123456", "Mobile"),
    ]
    assert (found.name, found.zone, found.notes) == ("Ada Lovelace", "America/Denver", "after six")
    assert found.fields == {"City": " Springfield"}
    assert (
        found.numbers[0].zone_key == "America/Denver|America/New_York" or "America/Denver" in found.numbers[0].zone_key
    )


def test_a_short_row_is_a_lead_and_cells_beyond_the_header_are_kept(intake):
    assert isinstance(intake.read(["2125550123"]), Draft)
    found = intake.read(["2125550123", "", "", "", "", "", "", "extra", "", "more"])
    assert found.fields == {"more": "extra | more"}
    assert "2 cells more" in found.note


def test_a_second_number_that_is_none_is_kept_and_told(intake):
    found = intake.read(["2125550123", "n/a"])
    assert [one.number for one in found.numbers] == ["+12125550123"]
    assert found.fields == {"Mobile": "n/a"}
    assert 'Mobile: "n/a" is no phone number' in found.note


def test_one_number_in_two_columns_is_one_number(intake):
    assert len(intake.read(["2125550123", "+1 212 555 0123"]).numbers) == 1


def test_a_zone_that_is_none_is_kept_and_told(intake):
    found = intake.read(["2125550123", "", "", "", "EST5 or so"])
    assert (found.zone, found.fields) == ("", {"Zone": "EST5 or so"})
    assert "no time zone" in found.note


@pytest.mark.parametrize(
    ("cells", "verdict", "reason"),
    [
        (["", " ", ""], Verdict.EMPTY, "empty"),
        ([], Verdict.EMPTY, "empty"),
        (["", "", "Ada"], Verdict.REFUSED, "no number"),
        (["12", ""], Verdict.REFUSED, "is no phone number"),
        (["1.2125550123E+10"], Verdict.REFUSED, "cut by a spreadsheet"),
        (["=A1&B1"], Verdict.REFUSED, "formula"),
        (["#REF!"], Verdict.REFUSED, "spreadsheet's error"),
        (["\x00\x07"], Verdict.REFUSED, "no phone number"),
        (["2125550123", "", "x" * (LONGEST_CELL + 1)], Verdict.REFUSED, "First name: the cell has 32769 characters"),
    ],
)
def test_a_row_that_is_no_lead_says_why(intake, cells, verdict, reason):
    found = intake.read(cells)
    assert isinstance(found, Refusal)
    assert found.verdict is verdict
    assert reason in found.reason


def test_numbers_of_other_countries_are_read_with_their_code(intake):
    assert intake.read(["+91 98765 43210"]).numbers[0].number == "+919876543210"
