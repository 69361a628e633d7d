"""Accounts of trunks; phone numbers read as people write them, and shown (libphonenumber's tables, through ``phonenumbers``)."""

import hashlib
import re
from functools import lru_cache
from typing import Final

import phonenumbers

from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import CallId, LegId, TenantId, TrunkId

_NORTH_AMERICA = 1
_MU_LAW = frozenset({_NORTH_AMERICA, 81})
"""Country codes."""
_FIRST_IN_NORTH_AMERICA = 2_000_000_000
"""No area code begins with 0 or 1 (the North American numbering plan)."""
_LONGEST_INPUT = 40
_SECOND: Final = re.compile(r"(?:\A|-)([0-9]{10})\.[0-9]+\Z")
"""The end of an id that the engine gave: Unix time, and a count."""
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_AS_SENT: Final = re.compile(r"\+?[(0-9][0-9 ().-]{5,29}[0-9]")
_SEPARATORS: Final = re.compile(r"[ ().-]")
_FEWEST_DIGITS: Final = 7
"""Shorter ones are extensions of a PBX, or services of the carrier's."""


def arrival_id(leg_id: LegId, our_number: str) -> CallId:
    """The id of a caller's call: the same whoever learns of it, so that one that is told twice is one call.

    It begins with the second in which the engine saw them first, if the leg's id says it. Calls of a minute then lie together in
    the store's indexes; with nothing but a hash each would be written to a page of its own, wherever that is.
    """
    digest = hashlib.sha256(f"{leg_id}\n{our_number}".encode()).digest()
    second = _SECOND.search(leg_id)
    if second is None:
        return CallId(digest[:16].hex())
    return CallId(f"{int(second[1]):08x}{digest[:12].hex()}")


def account_user(tenant_id: TenantId, trunk_id: TrunkId) -> str:
    """SIP user of a trunk's far side, which is the trunk's name in the engine too; unique in the installation."""
    return f"trunk-{tenant_id}-{trunk_id}"


def read_number(text: str, region: str, *, field: str = "number") -> str:
    """The E.164 form of a number as a person writes it.

    Args:
        text: E.g. ``"+1 555-0100"``, ``"tel:+15550100"``, or without country code.
        region: ISO 3166 code for numbers without one.
        field: Named in the error.

    Raises:
        InvalidFieldError: Not a number that can exist.
    """
    cleaned = text.strip().removeprefix("tel:")
    if not cleaned or len(cleaned) > _LONGEST_INPUT:
        msg = f"{field}: type a phone number, with + and country code for other countries"
        raise InvalidFieldError(msg, field=field)
    try:
        parsed = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        msg = f"{field}: this is not a phone number; write it like {example_number(region)}"
        raise InvalidFieldError(msg, field=field) from None
    if parsed.extension or not phonenumbers.is_possible_number(parsed):
        msg = f"{field}: this number has too few or too many digits; write it like {example_number(region)}"
        raise InvalidFieldError(msg, field=field)
    if parsed.country_code == _NORTH_AMERICA and (parsed.national_number or 0) < _FIRST_IN_NORTH_AMERICA:
        msg = f"{field}: no number of North America begins so; for other countries write + and the country code"
        raise InvalidFieldError(msg, field=field)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def telephone_codecs(region: str) -> tuple[str, str]:
    """The two laws of G.711 as the engine names them, first that of the region's networks: µ in North America and Japan, else A."""
    mu_law = phonenumbers.country_code_for_region(region) in _MU_LAW
    return ("ulaw", "alaw") if mu_law else ("alaw", "ulaw")


def example_number(region: str) -> str:
    """A fictional number of that region in international form, for messages."""
    example = phonenumbers.example_number(region)
    if example is None:
        return "+15550100123"
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def show_number(number: str, region: str) -> str:
    """A number for people: national form within ``region``, international form else; unreadable ones unchanged."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    at_home = phonenumbers.country_code_for_region(region) == parsed.country_code
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def clean_caller(text: str, limit: int = 128) -> str:
    """A caller's own words without control characters, at most ``limit`` long (reliability-security.md T14, T17)."""
    if not text.isprintable():
        text = "".join(one for one in text if one.isprintable())
    return text.strip() if len(text) <= limit else text[:limit].strip()


def caller_number(text: str, region: str) -> str:
    """The E.164 form of a caller's number, however their carrier writes it; as it is where that is not certain.

    Args:
        text: What came with the call, as :func:`clean_caller` leaves it; hostile, and often no number at all.
        region: ISO 3166 code of the country whose national form a carrier may use.
    """
    if _E164.fullmatch(text) or not _AS_SENT.fullmatch(text):
        return text
    return _in_full(_SEPARATORS.sub("", text), region) or text


@lru_cache(maxsize=10_000)
def _in_full(digits: str, region: str) -> str | None:
    """National form, international prefix, or E.164 that lacks its plus."""
    if len(digits.lstrip("+")) < _FEWEST_DIGITS:
        return None
    found = _certain(digits, region)
    return found if found is not None or digits[0] in "+0" else _certain(f"+{digits}", region)


def _certain(digits: str, region: str) -> str | None:
    """Countries whose numbers have many lengths take nearly everything for possible: there it must be one that is assigned."""
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code == _NORTH_AMERICA:
        reason, is_full = phonenumbers.is_possible_number_with_reason(parsed), phonenumbers.ValidationResult.IS_POSSIBLE
        known = reason == is_full and (parsed.national_number or 0) >= _FIRST_IN_NORTH_AMERICA
    else:
        known = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if known else None
