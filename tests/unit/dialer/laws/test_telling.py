import pytest

from callside.dialer.laws.parsing import RULES
from callside.dialer.laws.telling import tell
from callside.exchange.profiles import load_profiles

SHELF = load_profiles()
PROFILES = [profile for name in SHELF.ids for profile in SHELF.versions[name]]


def said(key: str) -> dict[str, str]:
    return {one.rule: one.says for one in tell(SHELF.version(key))}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.key)
def test_every_rule_is_told_with_its_origin(profile):
    told = tell(profile)
    assert tuple(one.rule for one in told) == RULES
    assert all(one.says.endswith(".") for one in told)
    assert [one.origin for one in told] == [profile.origins[name] for name in RULES]


@pytest.mark.parametrize(
    ("key", "rule", "words"),
    [
        ("uk-1", "windows", "Mon-Fri 08:00-21:00, Sat 09:00-20:00, Sun 10:00-18:00"),
        ("uk-1", "windows", "holidays with hours of their own are known until 2030-12-31"),
        ("us-1", "windows", "Mon-Sun 08:00-21:00, by the called party's clock."),
        ("uk-1", "abandonment", "At most 0.0%, 3.0% where opted in, over 24 hours. Abandoned: no agent within 2 s of the answer."),
        ("us-1", "abandonment", "over 30 days. Abandoned: no agent within 2 s of the end of the greeting."),
        ("ca-1", "abandonment", "for each calendar month of America/Toronto"),
        ("uk-1", "hold", "72 h after an abandoned call, 24 h after a machine, unless an agent is reserved"),
        ("strict-1", "attempts", "One number at most 3 a day, 7 in seven days."),
        ("strict-1", "modes", "MANUAL, PREVIEW, PROGRESSIVE."),
        ("in-1", "modes", "PREDICTIVE needs an opt-in, a notice to the carrier."),
        ("in-1", "caller_id", "Service calls: only 1600 (if regulated), never 140."),
        ("in-1", "scrub", "a token of the DLT preference register"),
        ("us-1", "scrub", "every 31 days"),
        ("us-1", "safe_message", "who, why, opt_out"),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_words(key, rule, words):
    assert words in said(key)[rule]
