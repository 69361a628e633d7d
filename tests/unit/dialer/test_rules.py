import pytest

from callside.dialer.model import DialRules
from callside.dialer.rules import check_dial
from callside.kernel.errors import NotAllowedError

US = DialRules(frozenset({"US"}))


def test_without_a_country_nothing_may_be_dialled():
    with pytest.raises(NotAllowedError):
        check_dial("+15550100123", DialRules())


def test_a_listed_country_may_be_dialled():
    check_dial("+15550100123", US)


@pytest.mark.parametrize("number", ["+442079460123", "+4915550100123", "+88213000000"])
def test_other_countries_may_not(number):
    with pytest.raises(NotAllowedError, match="country"):
        check_dial(number, US)


def test_a_country_that_shares_the_code_is_another_country():
    canadian = "+16135550123"
    with pytest.raises(NotAllowedError):
        check_dial(canadian, US)
    check_dial(canadian, DialRules(frozenset({"CA"})))


def test_premium_numbers_are_refused_unless_allowed():
    premium = "+19002345678"
    with pytest.raises(NotAllowedError, match="remium"):
        check_dial(premium, US)
    check_dial(premium, DialRules(frozenset({"US"}), allow_premium=True))


def test_a_blocked_prefix_beats_the_country():
    with pytest.raises(NotAllowedError, match=r"\+1555"):
        check_dial("+15550100123", DialRules(frozenset({"US"}), ("+1555",)))
