"""Which time zones a number may be in (libphonenumber's tables, through ``phonenumbers``), as a short canonical key."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from callside.kernel.zones import DAY_MS, offset_changes, offset_s, read_zone

UNKNOWN: Final[tuple[str, ...]] = ()
"""Zones of a number that may be anywhere: no minute is allowed everywhere in the world, so it is not dialled."""

_NORTH_AMERICA: Final = 1
_LONGEST_COUNTRY_CODE: Final = 3
_COMPARED_FROM_MS: Final = 1_735_689_600_000  # 2025-01-01
_COMPARED_TO_MS: Final = 2_082_758_400_000  # 2036-01-01: rules of today repeat every year by then
_COMPARED_EVERY_MS: Final = (
    10 * DAY_MS
)  # shorter than any time that a zone has been off its usual offset (Ramadan, in Morocco)


def zones_of(number: str, lead_zone: str = "") -> tuple[str, ...]:
    """The zones a number may be in.

    By the number: what the table says of its longest known prefix; where the prefix is not tied to a place (most mobile numbers,
    toll-free ones, an unknown area code) that is the whole country. The lead's own zone is added, as a phone moves with its owner.
    It stands alone where the number says no more than the country and the zone is one of that country's, or where the number says
    nothing at all.

    Args:
        number: E.164.
        lead_zone: The lead's own IANA zone, if it has one.

    Returns:
        Sorted; where several have the same clocks (Detroit, New York) one stands for all of them, so that keys are few and short.
        Empty (:data:`UNKNOWN`): it may be anywhere.

    Raises:
        InvalidFieldError: The lead's zone is none.
    """
    return _merged(_prefix_of(number), lead_zone)


def _prefix_of(number: str) -> str:
    """The prefix the table is asked for: the longest one it has, or the country code of a number that is not tied to a place."""
    digits = number.removeprefix("+")
    country = next((digits[:n] for n in range(1, _LONGEST_COUNTRY_CODE + 1) if _is_country(digits[:n])), "")
    if not country:
        return ""
    if len(_of_table(country)) == 1 or (country != str(_NORTH_AMERICA) and not _tied_to_a_place(number, int(country))):
        return country
    return next((digits[:n] for n in range(TIMEZONE_LONGEST_PREFIX, 0, -1) if digits[:n] in TIMEZONE_DATA), "")


@lru_cache(maxsize=2048)
def _is_country(digits: str) -> bool:
    return digits.isdecimal() and int(digits) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and digits in TIMEZONE_DATA


def _tied_to_a_place(number: str, country_code: int) -> bool:
    """By the kind of number. In North America every area code is a place's, mobile phones' too: nobody asks there."""
    try:
        parsed = phonenumbers.parse(number if number.startswith("+") else f"+{number}")
    except phonenumbers.NumberParseException:
        return False
    kind = phonenumbers.number_type(parsed)
    return bool(phonenumbers.is_number_type_geographical(kind, country_code))


@lru_cache(maxsize=16_384)
def _merged(prefix: str, lead_zone: str) -> tuple[str, ...]:
    by_number = _of_table(prefix)
    if not lead_zone:
        return by_number
    read_zone(lead_zone, field="zone")
    if not by_number:
        return _canonical((lead_zone,))
    own = _clocks_of(lead_zone)
    wide = len(by_number) > 1 and len(prefix) <= _LONGEST_COUNTRY_CODE and _is_country(prefix)
    if wide and any(_clocks_of(one) == own for one in by_number):
        return _canonical((lead_zone,))
    return _canonical((*by_number, lead_zone))


@cache
def _of_table(prefix: str) -> tuple[str, ...]:
    return _canonical(TIMEZONE_DATA.get(prefix, UNKNOWN))


def _canonical(zones: Iterable[str]) -> tuple[str, ...]:
    """One zone for each kind of clocks, sorted. The one that most numbers are in stands for the others."""
    best: dict[tuple[int, ...], str] = {}
    for zone in sorted(zones, key=lambda one: (-_weights()[one], one)):
        best.setdefault(_clocks_of(zone), zone)
    return tuple(sorted(best.values()))


@cache
def _weights() -> Counter[str]:
    return Counter(zone for zones in TIMEZONE_DATA.values() for zone in zones if len(zones) == 1)


@lru_cache(maxsize=1024)
def _clocks_of(zone: str) -> tuple[int, ...]:
    """How the clocks of a zone go: equal for two zones that cannot be told apart from 2025 on."""
    clocks = read_zone(zone)
    changes = offset_changes(clocks, _COMPARED_FROM_MS, _COMPARED_TO_MS, _COMPARED_EVERY_MS)
    return (offset_s(clocks, _COMPARED_FROM_MS), *(part for at in changes for part in (at, offset_s(clocks, at))))
