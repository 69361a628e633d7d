"""Reading numbers fast is reading them as the parser does."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callside.calls.rules import read_number
from callside.dialer.leads.numbers import NumberReader
from callside.kernel.errors import InvalidFieldError
from tests.examples import examples

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
DIGITS = st.text("0123456789", min_size=3, max_size=14)


def either(read, *args):
    try:
        return read(*args)
    except InvalidFieldError:
        return "refused"


@st.composite
def written(draw):
    region = draw(st.sampled_from(REGIONS))
    code = str(phonenumbers.country_code_for_region(region))
    digits = draw(st.sampled_from(["", code])) + draw(DIGITS)
    spaced = "".join(one + draw(st.sampled_from(["", "", "", " ", "-", ".", "(", ")"])) for one in digits)
    return region, draw(st.sampled_from(["", "+", "+", "(", "00", "tel:"])) + spaced


@settings(max_examples=examples(2000), deadline=None)
@given(written())
def test_it_is_what_the_parser_says(example):
    region, text = example
    assert either(NumberReader(region).read, text) == either(read_number, text, region)


@pytest.mark.parametrize("region", REGIONS)
def test_the_examples_of_every_country_are_read_alike_in_every_form(region):
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
        example = phonenumbers.example_number_for_type(region, kind)
        for form in (0, 1, 2) if example else ():
            text = phonenumbers.format_number(example, form)
            assert NumberReader(region).read(text) == read_number(text, region)


@pytest.mark.parametrize("text", ["+1\u0661\u0662", "\uff0b12125550123", "+1 212 555 0123 ext. 5", "+", "2" * 60])
def test_odd_writings_are_left_to_the_parser(text):
    assert either(NumberReader("US").read, text) == either(read_number, text, "US")
