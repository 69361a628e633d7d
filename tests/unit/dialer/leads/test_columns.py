"""Columns are known by their headers in many languages, or by what stands in them."""

import pytest

from callside.dialer.leads.columns import Column, Role, chosen, columns_of, has_header, unique_headers


def roles(headers, *rows):
    return [one.role for one in columns_of(headers, rows)]


@pytest.mark.parametrize(
    "header",
    ["Phone", "phone_number", "PHONE 2", "Mobile", "Telefonnummer", "Teléfono", "Numéro de téléphone", "Handy", "Cell Phone",
     "Contact No.", "电话", "मोबाइल", "Телефон", "Work phone (private)"],
)  # fmt: skip
def test_a_column_of_numbers_is_known_by_its_header(header):
    assert roles([header]) == [Role.NUMBER]


def test_names_zones_and_notes_are_known_everything_else_is_kept():
    headers = ["Vorname", "Nachname", "Time Zone", "Bemerkung", "Score", "Tel"]
    assert roles(headers) == [Role.FIRST_NAME, Role.LAST_NAME, Role.ZONE, Role.NOTES, Role.FIELD, Role.NUMBER]


def test_a_column_of_numbers_is_known_by_what_stands_in_it_where_no_header_says_so():
    rows = [
        ["Ada", "+15550100123", "7", "America/New_York"],
        ["Bob", "(555) 010-0124", "81", "America/Denver"],
        ["", "", "", ""],
    ]
    assert roles(["a", "b", "c", "d"], *rows) == [Role.FIELD, Role.NUMBER, Role.FIELD, Role.ZONE]


def test_a_second_name_column_is_kept_as_a_field():
    assert roles(["Name", "Customer name", "Phone", "Phone 2"]) == [Role.NAME, Role.FIELD, Role.NUMBER, Role.NUMBER]


def test_a_file_without_a_header_is_seen():
    assert has_header([["Name", "Phone"], ["Ada", "+15550100123"]])
    assert not has_header([["Ada", "+15550100123"], ["Bob", "+15550100124"]])
    assert not has_header([])


def test_doubled_and_empty_headers_get_names_of_their_own():
    assert unique_headers(["Phone", "phone", "", " \x00 ", "Phone"]) == [
        "Phone",
        "phone (2)",
        "column 3",
        "column 4",
        "Phone (3)",
    ]


def test_doubled_number_columns_are_both_numbers():
    assert roles(["Phone", "Phone"]) == [Role.NUMBER, Role.NUMBER]


def test_a_person_may_choose_otherwise_but_not_what_is_not_there():
    columns = columns_of(["Phone", "Score"], [])
    assert chosen(columns, {"Score": Role.SKIP}) == (Column("Phone", Role.NUMBER), Column("Score", Role.SKIP))
    with pytest.raises(KeyError, match="Scores"):
        chosen(columns, {"Scores": Role.SKIP})
