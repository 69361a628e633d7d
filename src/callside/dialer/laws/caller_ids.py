"""Does the number that is shown belong to the series of the call's purpose?"""

from callside.dialer.laws.model import Profile, Purpose, Violation


def check_caller_id(profile: Profile, number: str, purpose: Purpose, *, regulated: bool = False) -> Violation | None:
    """The rule that a shown number breaks, or ``None``.

    Args:
        profile: The rules.
        number: As the called person sees it: E.164, or a national number.
        purpose: What the call is for.
        regulated: It is made for an organisation that a financial regulator watches over.
    """
    series = profile.caller_id.series.get(purpose)
    if series is None:
        return None
    digits = _national(number, profile.caller_id.country_code)
    if digits.startswith(series.never):
        wrong = next(one for one in series.never if digits.startswith(one))
        text = f"caller_ids: {number} is of series {wrong}, which {profile.title} forbids for {purpose} calls; show another number"
        return Violation("caller_id.series", "caller_ids", text)
    bound = regulated or not series.only_for_regulated
    if series.only and bound and not digits.startswith(series.only):
        right = " or ".join(series.only)
        text = f"caller_ids: {number} is not of series {right}, which {profile.title} asks for in {purpose} calls; show one"
        return Violation("caller_id.series", "caller_ids", text)
    return None


def _national(number: str, country_code: str) -> str:
    """Digits without the country's code; a national number is taken as it is, with its leading zeros off."""
    if number.startswith("+"):
        return number[1:].removeprefix(country_code)
    return number.lstrip("0").removeprefix(country_code) if country_code else number.lstrip("0")
