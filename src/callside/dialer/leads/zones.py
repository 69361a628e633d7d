"""The time zones a number may be in, as one word: what leads are sorted by, so that closed ones need not be looked at."""

from functools import lru_cache
from typing import Final

from phonenumbers import timezone
from phonenumbers.phonenumberutil import NumberParseException, parse

SEPARATOR: Final = "|"
UNKNOWN: Final = ""
_NOWHERE: Final = "Etc/Unknown"


def zone_key(number: str, lead_zone: str = "") -> str:
    """The zones of an E.164 number in order, joined; the lead's own zone alone where it has one.

    Numbers that say nothing (toll-free ones) may be anywhere in their country and name all of its zones.
    """
    return lead_zone or _of_number(number)


def zones_in(key: str) -> tuple[str, ...]:
    """The zones that a key names; none for the unknown."""
    return tuple(key.split(SEPARATOR)) if key else ()


@lru_cache(maxsize=65_536)
def _of_number(number: str) -> str:
    try:
        found = timezone.time_zones_for_number(parse(number))
    except NumberParseException:
        return UNKNOWN
    return SEPARATOR.join(sorted(one for one in found if one != _NOWHERE))
