import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.calls.rules import arrival_id, caller_number, clean_caller, read_number, show_number
from callside.kernel.errors import InvalidFieldError


@pytest.mark.parametrize(
    "text", ["+15550100123", "(555) 010-0123", "555-010-0123", "tel:+15550100123", " 1 555 010 0123 "]
)
def test_what_people_write_becomes_e164(text):
    assert read_number(text, "US") == "+15550100123"


def test_the_region_decides_numbers_without_a_country_code():
    assert read_number("020 7946 0123", "GB") == "+442079460123"


@pytest.mark.parametrize("text", ["", "abc", "911", "+1", "5550100123 ext 5", "9" * 41, "\x00", "sip:x@y"])
def test_what_is_no_number_is_refused_with_the_field_s_name(text):
    with pytest.raises(InvalidFieldError, match="number"):
        read_number(text, "US")


@given(st.text(max_size=60))
def test_whatever_is_read_is_only_digits(text):
    try:
        number = read_number(text, "US")
    except InvalidFieldError:
        return
    assert re.fullmatch(r"\+[0-9]{3,15}", number)


def test_numbers_are_shown_as_people_at_home_write_them():
    assert show_number("+15550100123", "US") == "(555) 010-0123"
    assert show_number("+15550100123", "GB") == "+1 555-010-0123"


def test_what_cannot_be_read_is_shown_as_it_is():
    assert show_number("anonymous", "US") == "anonymous"


@given(st.text(max_size=300))
def test_a_caller_s_words_have_no_control_characters(text):
    assert all(one.isprintable() for one in clean_caller(text))
    assert len(clean_caller(text)) <= 128


@pytest.mark.parametrize("text", ["030 1234567", "+1 030 123 4567", "+1 130 123 4567"])
def test_what_begins_as_no_north_american_number_does_is_none(text):
    with pytest.raises(InvalidFieldError, match="no number of North America begins so"):
        read_number(text, "US")


def test_the_same_digits_are_a_number_where_they_are_one():
    assert read_number("030 1234567", "DE") == "+49301234567"


# ── callers' numbers ──
@pytest.mark.parametrize(("sent", "region", "number"), [
    ("+15550100123", "US", "+15550100123"),
    ("5550100123", "US", "+15550100123"),
    ("15550100123", "US", "+15550100123"),
    ("(555) 010-0123", "US", "+15550100123"),
    ("+1 (555) 010-0123", "US", "+15550100123"),
    ("011442079460958", "US", "+442079460958"),
    ("442079460958", "US", "+442079460958"),
    ("02079460958", "GB", "+442079460958"),
    ("442079460958", "GB", "+442079460958"),
    ("00442079460958", "GB", "+442079460958"),
    ("0015550100123", "GB", "+15550100123"),
])  # fmt: skip
def test_a_callers_number_is_read_however_their_carrier_writes_it(sent, region, number):
    assert caller_number(sent, region) == number


@pytest.mark.parametrize(("sent", "region"), [
    ("", "US"),
    ("anonymous", "US"),
    ("5550100", "US"),  # of which city?
    ("205", "DE"),  # an extension
    ("1234567", "DE"),
    ("+0123456789", "US"),
    ("1-800-EXAMPLE", "US"),
    ("SHELLid+15550100666", "US"),
    ("0301234567", "US"),
])  # fmt: skip
def test_what_is_not_certainly_one_number_stays_as_it_was_sent(sent, region):
    assert caller_number(sent, region) == sent


@given(st.text(max_size=60), st.sampled_from(["US", "GB", "DE", "IN", "ZZ"]))
def test_whatever_a_caller_claims_is_read_or_left_as_it_is(sent, region):
    number = caller_number(sent, region)
    assert number == sent or re.fullmatch(r"\+[0-9]{3,15}", number)
    assert caller_number(number, region) == number


@pytest.mark.parametrize("leg_id", ["1795821731.12", "callside-1795821731.12"])
def test_a_caller_s_call_has_the_same_id_whoever_learns_of_it_and_later_ones_come_later(leg_id):
    first = arrival_id(leg_id, "+15550100900")
    assert first == arrival_id(leg_id, "+15550100900")
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first < arrival_id(leg_id.replace("731", "732"), "+15550100900")
    assert len({arrival_id(leg_id, f"+155501009{one:02}") for one in range(10)}) == 10


@pytest.mark.parametrize("leg_id", ["1795821731", "in-1", "99999999999.1", "x1795821731.1"])
def test_a_leg_s_id_that_says_no_second_is_as_good(leg_id):
    assert re.fullmatch("[0-9a-f]{32}", arrival_id(leg_id, "+15550100900"))
