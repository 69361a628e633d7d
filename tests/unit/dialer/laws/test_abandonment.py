from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.laws.abandonment import BUCKET_MS, Counts, Tally, formula_of, rate_of, report, window_start
from callside.dialer.laws.ledger import Answered, Detected, LedgerEntry, Outcome, enter
from callside.dialer.laws.model import MeasuredSpan, Span
from callside.exchange.profiles import load_profiles

SHELF = load_profiles()
UK, US, CA = (SHELF.version(key) for key in ("uk-1", "us-1", "ca-1"))
DAY = 86_400_000
WEEK = MeasuredSpan(Span.ROLLING, hours=24 * 7)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOW = at("2026-06-04T12:00+01:00")


def entry(outcome: Outcome, when: int = NOW, profile=UK) -> LedgerEntry:
    answered = {
        Outcome.CONNECTED: Answered(when, agent_at=when),
        Outcome.ABANDONED: Answered(when),
        Outcome.LEFT: Answered(when, left_at=when + 1),
        Outcome.MACHINE: Answered(when, detected=Detected.MACHINE),
    }[outcome]
    made = enter(profile, "2001", "c" * 32, None, "+447700900123", answered)
    assert made.outcome is outcome
    return made


def many(connected=0, abandoned=0, machine=0, left=0, **more) -> list[LedgerEntry]:
    wanted = {"connected": connected, "abandoned": abandoned, "machine": machine, "left": left}
    return [entry(Outcome(name), **more) for name, count in wanted.items() for _ in range(count)]


VECTORS = [
    ("nobody answered", UK, {}, 0.0, 0.0),
    ("UK: 3 of 100", UK, {"connected": 97, "abandoned": 3}, 0.0, 0.03),
    ("UK: persons who left are in no part of it", UK, {"connected": 97, "abandoned": 3, "left": 50}, 0.0, 0.03),
    ("UK: machines leave the denominator", UK, {"connected": 97, "abandoned": 3, "machine": 100}, 0.0, 0.03),
    ("UK: 2 % of 100 machines were persons", UK, {"connected": 97, "abandoned": 3, "machine": 100}, 0.02, 5 / 102),
    ("UK: only machines, all of them persons", UK, {"machine": 10}, 1.0, 1.0),
    ("US: persons who left were answered by a person", US, {"connected": 90, "abandoned": 3, "left": 7}, 0.0, 0.03),
    ("US: machines leave the denominator", US, {"connected": 97, "abandoned": 3, "machine": 400}, 0.0, 0.03),
    ("CA: 5 of 100", CA, {"connected": 95, "abandoned": 5}, 0.0, 0.05),
]


@pytest.mark.parametrize(
    ("profile", "calls", "share", "rate"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS]
)
def test_the_rate_is_as_in_the_golden_vectors(profile, calls, share, rate):
    said = report(many(**calls, profile=profile), profile, WEEK, NOW, share)
    assert said.rate == pytest.approx(rate, abs=1e-12)
    assert said.counts == Counts(**calls)


def test_a_report_names_its_formula_its_window_and_whether_the_share_was_measured():
    said = report(many(connected=97, abandoned=3, machine=10), UK, UK.abandonment.window, NOW)
    assert said.formula == "(abandoned + f·machine) / (connected + abandoned + f·machine)"
    assert formula_of(US.abandonment).endswith("+ left)")
    assert (said.measured, said.false_positive_rate, said.profile) == (False, 0.05, "uk-1")
    assert report([], UK, WEEK, NOW, 0.01).measured


def test_over_the_target_is_said_and_on_the_target_is_not_over():
    calls = many(connected=97, abandoned=3, profile=US)
    assert not report(calls, US, WEEK, NOW, 0.0).over
    assert report([*calls, entry(Outcome.ABANDONED, profile=US)], US, WEEK, NOW, 0.0).over
    assert report(many(connected=97, abandoned=3), UK, WEEK, NOW, 0.0).over
    assert not report(many(connected=97, abandoned=3), UK, WEEK, NOW, 0.0, opted_in=True).over


def test_a_window_is_a_campaigns_hours_or_its_calendar():
    day = MeasuredSpan(Span.ROLLING, hours=24)
    assert window_start(day, NOW) == NOW - DAY + BUCKET_MS
    assert window_start(day, NOW + BUCKET_MS - 1) == NOW - DAY + BUCKET_MS
    toronto = CA.abandonment.window
    assert window_start(toronto, at("2026-11-27T12:00-05:00")) == at("2026-11-01T00:00-04:00")
    assert window_start(toronto, at("2026-12-01T04:59+00:00")) == at("2026-11-01T00:00-04:00")
    assert window_start(toronto, at("2026-12-01T05:00+00:00")) == at("2026-12-01T00:00-05:00")
    kathmandu = MeasuredSpan(Span.CALENDAR_DAY, zone="Asia/Kathmandu")
    assert window_start(kathmandu, at("2026-06-04T12:00+05:45")) == at("2026-06-04T00:00+05:45")


def test_a_day_that_begins_in_the_hour_left_out_begins_when_the_clocks_jump():
    cairo = MeasuredSpan(Span.CALENDAR_DAY, zone="Africa/Cairo")
    assert window_start(cairo, at("2026-04-24T12:00+03:00")) == at("2026-04-24T01:00+03:00")


OUTCOMES = st.sampled_from(Outcome)
SHARES = st.floats(0, 1)
PROFILES = st.sampled_from([UK, US, CA])
CALLS = st.builds(Counts, *(st.integers(0, 500) for _ in range(4)))


@given(profile=PROFILES, counts=CALLS, share=SHARES)
def test_machines_found_never_lower_the_reported_rate(profile, counts, share):
    with_amd = rate_of(counts, profile.abandonment, share)
    assert with_amd >= rate_of(replace(counts, machine=0), profile.abandonment, share) - 1e-12


@given(profile=PROFILES, counts=CALLS.filter(lambda one: one.connected > 0), share=SHARES)
def test_a_person_taken_from_an_agent_as_a_machine_never_lowers_the_reported_rate(profile, counts, share):
    swallowed = replace(counts, connected=counts.connected - 1, machine=counts.machine + 1)
    assert rate_of(swallowed, profile.abandonment, share) >= rate_of(counts, profile.abandonment, share) - 1e-12


@given(profile=PROFILES, counts=CALLS, share=SHARES)
def test_a_rate_is_between_none_and_all_and_a_larger_share_of_mistakes_never_lowers_it(profile, counts, share):
    rate = rate_of(counts, profile.abandonment, share)
    assert 0 <= rate <= 1
    assert rate_of(counts, profile.abandonment, min(1.0, share + 0.1)) >= rate - 1e-12


SPANS = st.sampled_from(
    [
        WEEK,
        MeasuredSpan(Span.ROLLING, hours=1),
        CA.abandonment.window,
        MeasuredSpan(Span.CALENDAR_DAY, zone="Asia/Kathmandu"),
    ]
)
STEPS = st.lists(
    st.tuples(st.integers(0, 5 * DAY) | st.integers(0, BUCKET_MS), OUTCOMES, st.integers(0, DAY)), max_size=40
)


@given(window=SPANS, steps=STEPS, share=st.none() | SHARES)
def test_the_tally_says_what_the_report_says_at_every_moment(window, steps, share):
    tally, entries, now = Tally(UK, window), [], NOW
    for ahead, outcome, late in steps:
        now += ahead
        entries.append(entry(outcome, now - late))
        tally.add(entries[-1])
        assert tally.report(now, share) == report(entries, UK, window, now, share)


@given(window=SPANS, steps=STEPS)
def test_a_tally_rebuilt_from_the_ledger_in_any_order_is_the_same(window, steps):
    tally, entries, now = Tally(UK, window), [], NOW
    for ahead, outcome, late in steps:
        now += ahead
        entries.append(entry(outcome, now - late))
        tally.add(entries[-1])
        tally.counts(now)
    assert Tally(UK, window, reversed(entries)).report(now, 0.1) == tally.report(now, 0.1)


@given(steps=STEPS, more=STEPS)
def test_a_longer_window_is_whole_once_the_ledger_has_been_read(steps, more):
    """Calls that end while it is read are counted here and may be in what was read: once all the same."""
    tally, entries, now = Tally(UK), [], NOW

    def happen(what):
        nonlocal now
        for ahead, outcome, late in what:
            now += ahead
            entries.append(replace(entry(outcome, now - late), call_id=f"call-{len(entries)}"))
            tally.add(entries[-1])
            tally.counts(now)

    happen(steps)
    tally = tally.under(US)
    lacking = tally.lacking(now)
    happen(more)
    if lacking is not None:
        since, before = lacking
        tally.recall([one for one in entries if since <= one.answered.answered_at < before], since)
    assert tally.report(now) == report(entries, US, US.abandonment.window, now)


def test_nothing_is_lacking_where_the_window_has_grown_shorter():
    tally = Tally(US, since=window_start(US.abandonment.window, NOW))
    assert tally.under(UK).lacking(NOW) is None
