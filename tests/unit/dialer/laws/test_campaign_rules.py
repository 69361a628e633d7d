from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callside.dialer.laws.campaign_rules import CampaignTerms, check_campaign
from callside.dialer.laws.model import Mode, Purpose, Said
from callside.exchange.profiles import load_profiles

SHELF = load_profiles()
NOW = int(datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
TERMS = CampaignTerms(
    mode=Mode.PROGRESSIVE,
    purpose=Purpose.PROMOTIONAL,
    ring_s=30,
    caller_ids=("+442079460100",),
    safe_message=True,
    message_says=frozenset(Said),
    dnc_scrubbed_at=NOW - DAY,
)
INDIAN = replace(TERMS, caller_ids=("+911400000000",), token_expires_at=NOW + 1)


def broken(profile: str, terms: CampaignTerms, now: int = NOW) -> list[str]:
    return [one.rule for one in check_campaign(SHELF.version(profile), terms, now)]


@pytest.mark.parametrize("profile", ["uk-1", "us-1", "ca-1", "strict-1"])
def test_a_careful_progressive_campaign_may_start(profile):
    assert broken(profile, TERMS) == []
    assert broken("in-1", INDIAN) == []


PREDICTIVE = replace(TERMS, mode=Mode.PREDICTIVE, opt_in=True, officer="A. Smith", abandon_target=0.02)
CASES = [
    ("uk-1", PREDICTIVE, []),
    ("uk-1", replace(PREDICTIVE, opt_in=False), ["modes.predictive_opt_in", "abandonment.target"]),
    ("uk-1", replace(PREDICTIVE, officer=" "), ["modes.predictive_officer"]),
    ("uk-1", replace(PREDICTIVE, abandon_target=0.031), ["abandonment.target"]),
    ("uk-1", replace(PREDICTIVE, abandon_target=0.03), []),
    ("us-1", replace(PREDICTIVE, officer="", abandon_target=0.03), []),
    ("us-1", replace(PREDICTIVE, abandon_target=0.0301), ["abandonment.target"]),
    ("ca-1", replace(PREDICTIVE, abandon_target=0.05), []),
    ("ca-1", replace(PREDICTIVE, abandon_target=0.06), ["abandonment.target"]),
    ("strict-1", PREDICTIVE, ["modes.allowed", "modes.predictive_notice", "abandonment.target"]),
    ("uk-1", replace(TERMS, safe_message=False), ["safe_message.required"]),
    ("uk-1", replace(TERMS, message_says=frozenset({Said.WHO})), ["safe_message.must_say"]),
    ("uk-1", replace(TERMS, message_says=frozenset(Said) - {Said.OPT_OUT}), ["safe_message.must_say"]),
    ("uk-1", replace(TERMS, message_says=frozenset(), mode=Mode.PREVIEW), []),
    ("uk-1", replace(TERMS, safe_message=False, mode=Mode.PREVIEW), []),
    ("uk-1", replace(TERMS, safe_message=False, mode=Mode.MANUAL), []),
    ("uk-1", replace(TERMS, ring_s=14), ["ring.min_s"]),
    ("us-1", replace(TERMS, ring_s=15), []),
    ("us-1", replace(TERMS, caller_ids=()), ["caller_id.required"]),
    ("us-1", replace(TERMS, dnc_scrubbed_at=None), ["scrub.max_age_d"]),
    ("us-1", replace(TERMS, dnc_scrubbed_at=NOW - 31 * DAY), []),
    ("us-1", replace(TERMS, dnc_scrubbed_at=NOW - 31 * DAY - 1), ["scrub.max_age_d"]),
    ("us-1", replace(TERMS, dnc_scrubbed_at=NOW + 1), ["scrub.max_age_d"]),
    ("strict-1", replace(TERMS, attempts_per_day=4, attempts_per_week=8), ["attempts.per_day", "attempts.per_week"]),
    ("strict-1", replace(TERMS, attempts_per_day=3, attempts_per_week=7), []),
    ("in-1", replace(INDIAN, caller_ids=("+911600000000",)), ["caller_id.series"]),
    ("in-1", replace(INDIAN, caller_ids=("1600000000",)), ["caller_id.series"]),
    ("in-1", replace(INDIAN, caller_ids=("+911100000000",)), ["caller_id.series"]),
    ("in-1", replace(INDIAN, purpose=Purpose.SERVICE), ["caller_id.series"]),
    ("in-1", replace(INDIAN, purpose=Purpose.SERVICE, caller_ids=("+911600000000",)), []),
    ("in-1", replace(INDIAN, purpose=Purpose.SERVICE, caller_ids=("+911100000000",)), []),
    (
        "in-1",
        replace(INDIAN, purpose=Purpose.TRANSACTIONAL, caller_ids=("+911100000000",), regulated=True),
        ["caller_id.series"],
    ),
    ("in-1", replace(INDIAN, token_expires_at=None), ["scrub.token"]),
    ("in-1", replace(INDIAN, token_expires_at=NOW), ["scrub.token"]),
    ("in-1", replace(INDIAN, mode=Mode.PREDICTIVE, opt_in=True), ["modes.predictive_notice"]),
    (
        "in-1",
        replace(INDIAN, mode=Mode.PREDICTIVE, opt_in=True, autodialer_notified_at=NOW + 1),
        ["modes.predictive_notice"],
    ),
    ("in-1", replace(INDIAN, mode=Mode.PREDICTIVE, opt_in=True, autodialer_notified_at=NOW), []),
]


@pytest.mark.parametrize(("profile", "terms", "rules"), CASES)
def test_a_campaign_that_a_profile_forbids_cannot_start(profile, terms, rules):
    assert broken(profile, terms) == rules


@pytest.mark.parametrize(("profile", "terms", "rules"), [case for case in CASES if case[2]])
def test_each_message_names_the_field_and_the_remedy(profile, terms, rules):
    for one in check_campaign(SHELF.version(profile), terms, NOW):
        assert one.message.startswith(f"{one.field}: ")
        assert any(
            verb in one.message
            for verb in ("choose", "name", "notify", "lower", "raise", "show", "add", "hold", "scrubbed", "record")
        )


def test_a_profile_that_is_not_in_force_or_knows_no_holidays_any_more_starts_nothing():
    late = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp() * 1000)
    assert broken("uk-1", replace(TERMS, dnc_scrubbed_at=late), late) == ["windows.holidays_until"]
    assert broken("us-1", replace(TERMS, dnc_scrubbed_at=late), late) == []
    last = int(datetime(2030, 12, 31, 23, tzinfo=UTC).timestamp() * 1000)
    assert broken("uk-1", replace(TERMS, dnc_scrubbed_at=last), last) == []
    early = int(datetime(2017, 2, 28, tzinfo=UTC).timestamp() * 1000)
    assert broken("uk-1", replace(TERMS, dnc_scrubbed_at=early), early) == ["profile.effective"]


def test_strict_is_at_no_rule_softer_than_any_other_profile():
    strict = SHELF.version("strict-1")
    for other in (SHELF.version(key) for key in ("uk-1", "us-1", "in-1", "ca-1")):
        assert strict.min_ring_s >= other.min_ring_s
        assert strict.abandonment.target <= other.abandonment.target
        assert strict.abandonment.opted_in_target <= other.abandonment.opted_in_target
        assert strict.abandonment.connect_deadline_ms <= other.abandonment.connect_deadline_ms
        assert strict.abandonment.left_counted <= other.abandonment.left_counted
        assert strict.hold.after_abandon_h >= other.hold.after_abandon_h
        assert strict.hold.after_machine_h >= other.hold.after_machine_h
        assert strict.modes.allowed <= other.modes.allowed
        assert strict.safe_message.must_say >= other.safe_message.must_say
        assert strict.keep_ledger_months >= other.keep_ledger_months
        assert strict.scrub.max_age_d <= (other.scrub.max_age_d or 9999)
