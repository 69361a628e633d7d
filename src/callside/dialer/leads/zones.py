"""The time zones a number may be in, as one word: what leads are sorted by, so that closed ones need not be looked at."""

from functools import lru_cache
from typing import Final

from callside.dialer.laws.zones import zones_of
from callside.kernel.errors import InvalidFieldError
from callside.kernel.zones import read_zone

SEPARATOR: Final = "|"


def zone_key(number: str, lead_zone: str = "") -> str:
    """The zones of an E.164 number (:func:`~callside.dialer.laws.zones.zones_of`), joined; empty: it may be anywhere."""
    return SEPARATOR.join(zones_of(number, lead_zone))


def zones_in(key: str) -> tuple[str, ...]:
    """The zones that a key names; none for the unknown."""
    return tuple(key.split(SEPARATOR)) if key else ()


@lru_cache(maxsize=2048)
def is_zone(name: str) -> bool:
    """Whether there is such an IANA time zone."""
    try:
        read_zone(name, field="zone")
    except InvalidFieldError:
        return False
    return True
