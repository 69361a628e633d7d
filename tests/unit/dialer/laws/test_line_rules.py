from dataclasses import replace
from datetime import datetime

import pytest

from callside.dialer.laws.line_rules import LineTerms, NumberHistory, check_line, hold_until, may_give_up
from callside.dialer.laws.model import Purpose
from callside.dialer.laws.windows import CallingBook
from callside.exchange.profiles import load_profiles
from callside.reception.model import OpeningHours

SHELF = load_profiles()
UK, US, IN, STRICT = (SHELF.version(key) for key in ("uk-1", "us-1", "in-1", "strict-1"))
NOON = int(datetime.fromisoformat("2026-06-04T12:00+01:00").timestamp() * 1000)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LINE = LineTerms(("Europe/London",), Purpose.SERVICE, agent_reserved=False, caller_id="+442079460100")
CLEAN = NumberHistory(dnc_scrubbed_at=NOON - DAY)


def broken(profile, history=CLEAN, line=LINE, now=NOON, hours=None) -> list[str]:
    return [one.rule for one in check_line(CallingBook(profile, hours), line, history, now)]


def test_a_number_that_nothing_speaks_against_may_be_dialled():
    assert broken(UK) == broken(STRICT) == []


@pytest.mark.parametrize(
    ("ago", "reserved", "rules"),
    [
        (71 * HOUR + 59 * MINUTE, False, ["hold.after_abandon_h"]),
        (71 * HOUR + 59 * MINUTE, True, []),
        (72 * HOUR - 1, False, ["hold.after_abandon_h"]),
        (72 * HOUR, False, []),
        (0, True, []),
    ],
)
def test_72_hours_after_an_abandoned_call_only_a_reserved_agent_may_have_it_dialled(ago, reserved, rules):
    assert broken(UK, replace(CLEAN, last_abandoned_at=NOON - ago), replace(LINE, agent_reserved=reserved)) == rules


def test_a_hold_says_until_when_and_what_to_do():
    found = check_line(CallingBook(UK), LINE, replace(CLEAN, last_abandoned_at=NOON), NOON)[0]
    assert (
        found.until == NOON + 72 * HOUR == hold_until(UK, NumberHistory(last_abandoned_at=NOON, last_machine_at=NOON))
    )
    assert "reserve an agent" in found.message


@pytest.mark.parametrize(("ago", "rules"), [(24 * HOUR - 1, ["hold.after_machine_h"]), (24 * HOUR, [])])
def test_24_hours_after_a_machine_the_same(ago, rules):
    assert broken(UK, replace(CLEAN, last_machine_at=NOON - ago)) == rules
    assert broken(UK, replace(CLEAN, last_machine_at=NOON - ago), replace(LINE, agent_reserved=True)) == []


def test_a_law_that_lifts_no_hold_holds_it_whoever_is_reserved():
    unmoved = replace(UK, hold=replace(UK.hold, lifted_by_reserved_agent=False))
    held = replace(CLEAN, last_abandoned_at=NOON - HOUR)
    assert broken(unmoved, held, replace(LINE, agent_reserved=True)) == ["hold.after_abandon_h"]


def test_a_law_without_a_hold_has_none():
    assert hold_until(US, NumberHistory(last_machine_at=NOON)) is None
    assert broken(US, replace(CLEAN, last_machine_at=NOON)) == []


@pytest.mark.parametrize(
    ("rung_ms", "may"), [(0, False), (14_900, False), (14_999, False), (15_000, True), (30_000, True), (-1, False)]
)
def test_a_phone_is_not_given_up_before_it_has_rung_for_15_seconds(rung_ms, may):
    assert may_give_up(UK, rung_ms) is may


def test_the_window_is_asked_at_the_instant_of_dialling():
    assert broken(UK, now=NOON + 10 * HOUR) == ["windows"]
    assert broken(UK, line=replace(LINE, zones=("Europe/London", "Pacific/Auckland"))) == ["windows"]
    assert broken(UK, line=replace(LINE, zones=())) == ["zone"]
    assert broken(UK, hours=OpeningHours("1", "1011", "Never", "UTC")) == ["hours"]


def test_a_closed_window_says_when_it_opens():
    late = NOON + 10 * HOUR
    found = check_line(CallingBook(UK), LINE, CLEAN, late)[0]
    assert found.until == NOON + 20 * HOUR
    assert "clock of Europe/London" in found.message


def test_attempts_are_counted_where_the_profile_has_a_limit():
    assert broken(STRICT, replace(CLEAN, attempts_today=2, attempts_week=6)) == []
    assert broken(STRICT, replace(CLEAN, attempts_today=3, attempts_week=7)) == [
        "attempts.per_day",
        "attempts.per_week",
    ]
    assert broken(UK, replace(CLEAN, attempts_today=99, attempts_week=99)) == []


def test_a_number_on_a_do_not_call_list_is_never_dialled():
    assert broken(UK, replace(CLEAN, opted_out=True), replace(LINE, agent_reserved=True)) == ["opt_out"]


INDIAN = replace(LINE, zones=("Asia/Calcutta",), caller_id="+911600000000", token_expires_at=NOON + 1)


def test_an_expired_token_is_never_dialled():
    assert broken(IN, line=INDIAN) == []
    assert broken(IN, line=replace(INDIAN, token_expires_at=NOON)) == ["scrub.token"]
    assert broken(IN, line=replace(INDIAN, token_expires_at=None)) == ["scrub.token"]


def test_a_bank_s_line_shows_a_number_of_its_series():
    other = replace(INDIAN, caller_id="+911100000000")
    assert broken(IN, line=other) == []
    assert broken(IN, line=replace(other, regulated=True)) == ["caller_id.series"]
    assert broken(IN, line=replace(INDIAN, regulated=True)) == []


def test_a_scrub_that_is_too_old_is_not_dialled():
    assert broken(US, replace(CLEAN, dnc_scrubbed_at=NOON - 31 * DAY - 1), replace(LINE, zones=("Europe/London",))) == [
        "scrub.max_age_d"
    ]


def test_a_scrub_that_never_was_or_is_yet_to_come_is_none():
    assert broken(US, replace(CLEAN, dnc_scrubbed_at=None)) == ["scrub.max_age_d"]
    assert broken(US, replace(CLEAN, dnc_scrubbed_at=NOON + 1)) == ["scrub.max_age_d"]
    assert broken(US, replace(CLEAN, dnc_scrubbed_at=NOON)) == []


def test_a_wrong_series_is_refused_when_dialling_too():
    assert broken(IN, line=replace(INDIAN, purpose=Purpose.PROMOTIONAL)) == ["caller_id.series"]
    assert broken(IN, line=replace(INDIAN, caller_id="+911400000000")) == ["caller_id.series"]
    assert broken(IN, line=replace(INDIAN, caller_id="")) == ["caller_id.required"]
    assert broken(IN, line=replace(INDIAN, caller_id="01600000000")) == []
