"""Which numbers a campaign may call. Deny by default (reliability-security.md T1)."""

import phonenumbers

from callside.dialer.model import CallerIdChoice, Campaign, DialRules
from callside.kernel.errors import NotAllowedError

_PREMIUM = frozenset({phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST})


def check_dial(number: str, rules: DialRules) -> None:
    """Let an E.164 number pass, or refuse it.

    Raises:
        NotAllowedError: The campaign's dial rules do not allow it; the message says which rule.
    """
    for prefix in rules.blocked_prefixes:
        if number.startswith(prefix):
            msg = f"number: numbers beginning with {prefix} are blocked by this campaign's dial rules"
            raise NotAllowedError(msg, field="number")
    parsed = phonenumbers.parse(number)
    if not allowed_country(parsed, rules):
        msg = "number: this campaign's dial rules do not allow calls to that country"
        raise NotAllowedError(msg, field="number")
    if rules.dearest and not _is_cheap(number, rules):
        msg = "number: this campaign's dial rules do not allow what a minute to that number costs"
        raise NotAllowedError(msg, field="number")
    if not rules.allow_premium and phonenumbers.number_type(parsed) in _PREMIUM:
        msg = "number: premium-rate numbers are not allowed by this campaign's dial rules"
        raise NotAllowedError(msg, field="number")


def choose_caller_id(campaign: Campaign, number: str, turn: int, fallback: str) -> str:
    """The number to show: of the campaign's pool by its choice (``turn`` counts its calls), else its own, else ``fallback``."""
    pool = campaign.plan.caller_ids
    if not pool:
        return campaign.caller_id or fallback
    match campaign.plan.caller_id_choice:
        case CallerIdChoice.ROTATE:
            return pool[turn % len(pool)]
        case CallerIdChoice.LOCAL:
            return max(pool, key=lambda one: _in_common(one, number))
        case _:
            return pool[0]


def _is_cheap(number: str, rules: DialRules) -> bool:
    lengths = range(len(number), 0, -1)
    price = next((rules.prices[number[:length]] for length in lengths if number[:length] in rules.prices), None)
    return price is not None and price <= rules.dearest


def allowed_country(parsed: phonenumbers.PhoneNumber, rules: DialRules) -> bool:
    """Whether the number's country is listed; of countries that share a code (+1) the number's own one decides where known."""
    own = phonenumbers.region_code_for_number(parsed)
    if own is not None:
        return own in rules.countries
    sharing = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return bool(sharing) and sharing[0] in rules.countries


def _in_common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
