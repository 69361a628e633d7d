"""Numbers by the million: the same reading as :func:`callside.calls.rules.read_number`, the common forms without the parser."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers

from callside.calls.rules import read_number

_PLAIN: Final = str.maketrans("", "", " ().-")
_LONGEST_FORMATTED: Final = 40
_NANP_NATIONAL: Final = re.compile(r"[2-9][0-9]{9}\Z")
_INTERNATIONAL: Final = re.compile(r"\+(?!1[01])[1-9][0-9]{6,14}\Z")
_NORTH_AMERICA: Final = 1
_LONGEST_CODE: Final = 3


class _Plan(NamedTuple):
    """What of a country's number plan decides how its international numbers are read.

    Attributes:
        lengths: How many digits a number may have behind the country code.
        prefix: What is taken off its front where a person wrote the national prefix all the same.
    """

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None


class NumberReader:
    """Reads the numbers of one import. ``region`` is for those without a country code."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._is_north_american = phonenumbers.country_code_for_region(region) == _NORTH_AMERICA

    def read(self, text: str) -> str:
        """The E.164 form.

        Raises:
            InvalidFieldError: Not a number that can exist.
        """
        plain = text.translate(_PLAIN)
        if len(text) <= _LONGEST_FORMATTED and plain.isascii():
            if self._is_north_american and _NANP_NATIONAL.match(plain) and text[:1] in _STARTS:
                return f"+1{plain}"
            if text[:1] == "+" and _INTERNATIONAL.match(plain) and _is_as_it_stands(plain):
                return plain
        return read_number(text, self._region)


_STARTS: Final = frozenset("(23456789")


def _is_as_it_stands(number: str) -> bool:
    for end in range(2, 2 + _LONGEST_CODE):
        plan = _plan(number[1:end])
        if plan is not None:
            national = number[end:]
            return len(national) in plan.lengths and (plan.prefix is None or plan.prefix.match(national) is None)
    return False


@lru_cache(maxsize=2048)
def _plan(code: str) -> _Plan | None:
    region = phonenumbers.region_code_for_country_code(int(code))
    if region == phonenumbers.UNKNOWN_REGION:
        return None
    if region == "001":
        plan = phonenumbers.PhoneMetadata.metadata_for_nongeo_region(int(code))
    else:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.general_desc is None:
        return None
    prefix = plan.national_prefix_for_parsing
    # Only whole lengths: a number that is complete for its own town alone goes through the parser.
    return _Plan(frozenset(plan.general_desc.possible_length), re.compile(prefix) if prefix else None)
