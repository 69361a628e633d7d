"""Samples of "machine" verdicts: what is measured, from when on, and how sure it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.laws.abandonment import Tally, report
from callside.dialer.laws.ledger import Answered, Detected, Outcome, enter
from callside.dialer.laws.sampling import FEWEST, MOST, OLDEST_MS, MachineSample, Sampled, Samples, wilson_upper
from callside.exchange.profiles import load_profiles

UK, US = (load_profiles().version(key) for key in ("uk-1", "us-1"))
NOW = 1_790_000_000_000


def sample(number: int, *, was_person: bool = False, at: int = NOW) -> MachineSample:
    return MachineSample("2001", f"{number:032d}", at, was_person)


def several(persons: int, machines: int) -> list[MachineSample]:
    return [sample(n, was_person=n < persons) for n in range(persons + machines)]


@pytest.mark.parametrize(
    ("hits", "count", "upper"),
    # The first four are the upper limits of method 3 in Newcombe 1998, table I; the last three were worked out by hand.
    [
        (81, 263, 0.3662),
        (15, 148, 0.1605),
        (0, 20, 0.1611),
        (1, 29, 0.1718),
        (0, 100, 0.0370),
        (2, 100, 0.0700),
        (100, 100, 1.0),
    ],
)
def test_the_upper_bound_is_as_in_the_golden_vectors(hits, count, upper):
    assert wilson_upper(hits, count) == pytest.approx(upper, abs=5e-5)


def test_nothing_seen_may_be_anything():
    assert wilson_upper(0, 0) == 1.0
    assert (Sampled().share, Sampled().rate) == (None, None)


@given(count=st.integers(1, 2000), data=st.data())
def test_the_bound_lies_above_what_was_seen_and_comes_nearer_with_more_of_the_same(count, data):
    hits = data.draw(st.integers(0, count))
    assert hits / count <= wilson_upper(hits, count) + 1e-12
    assert wilson_upper(10 * hits, 10 * count) <= wilson_upper(hits, count) + 1e-12


def test_too_few_samples_measure_nothing_and_enough_are_told_by_their_bound():
    assert Samples(several(1, FEWEST - 2)).at(NOW).rate is None
    enough = Samples(several(2, FEWEST - 2)).at(NOW)
    assert (enough.persons, enough.count, enough.share) == (2, FEWEST, 2 / FEWEST)
    assert enough.rate == enough.upper == wilson_upper(2, FEWEST)


def test_only_the_newest_count_and_none_that_is_too_old():
    kept = Samples([sample(n, was_person=n < 10) for n in range(MOST + 10)])
    assert kept.at(NOW) == Sampled(0, MOST)
    aging = Samples([sample(1, was_person=True, at=NOW), sample(2, at=NOW + 1000)])
    assert aging.at(NOW + OLDEST_MS) == Sampled(1, 2)
    assert aging.at(NOW + OLDEST_MS + 1) == Sampled(0, 1)


@given(st.lists(st.tuples(st.integers(0, OLDEST_MS), st.booleans()), max_size=40))
def test_samples_read_back_say_what_those_kept_said(steps):
    kept, every, at = Samples(), [], NOW
    for index, (pause, was_person) in enumerate(steps):
        at += pause
        every.append(sample(index, was_person=was_person, at=at))
        kept.add(every[-1])
        read_back = [one for one in every if one.at >= at - OLDEST_MS][-MOST:]
        assert kept.at(at) == Samples(read_back).at(at)


# ── in the report ──
def entry(outcome: Outcome, profile=UK):
    answered = {
        Outcome.CONNECTED: Answered(NOW, agent_at=NOW),
        Outcome.ABANDONED: Answered(NOW),
        Outcome.MACHINE: Answered(NOW, detected=Detected.MACHINE),
    }[outcome]
    return enter(profile, "2001", "c", None, "+447700900123", answered)


def day(connected: int, abandoned: int, machine: int, profile=UK):
    counts = {Outcome.CONNECTED: connected, Outcome.ABANDONED: abandoned, Outcome.MACHINE: machine}
    return [entry(outcome, profile) for outcome, count in counts.items() for _ in range(count)]


def test_a_report_reckons_with_the_assumption_until_enough_was_sampled():
    entries = day(97, 3, 100)
    few = Tally(UK, entries=entries, samples=Samples(several(0, FEWEST - 1))).report(NOW)
    assert (few.measured, few.false_positive_rate, few.sampled.count) == (False, 0.05, FEWEST - 1)
    assert few.rate == pytest.approx(8 / 105)
    enough = Tally(UK, entries=entries, samples=Samples(several(10, 90))).report(NOW)
    bound = wilson_upper(10, 100)
    assert (enough.measured, enough.false_positive_rate, enough.sampled) == (True, bound, Sampled(10, 100))
    assert enough.rate == pytest.approx((3 + 100 * bound) / (100 + 100 * bound))
    assert enough == report(entries, UK, UK.abandonment.window, NOW, sampled=Sampled(10, 100))


def test_what_a_caller_names_goes_before_what_was_sampled():
    said = Tally(UK, entries=day(97, 3, 100), samples=Samples(several(10, 90))).report(NOW, 0.0)
    assert (said.rate, said.measured) == (0.03, True)


@given(
    connected=st.integers(0, 60),
    abandoned=st.integers(0, 20),
    found=st.integers(0, 60),
    persons=st.integers(0, MOST),
    machines=st.integers(0, MOST),
    profile=st.sampled_from([UK, US]),
)
def test_listening_for_machines_never_lowers_the_rate(connected, abandoned, found, persons, machines, profile):
    """Whatever detection takes away from agents, and whatever samples say: the rate is that without detection, or higher."""
    found = min(found, connected)
    sampled = Sampled(persons, persons + machines)
    without = report(day(connected, abandoned, 0, profile), profile, profile.abandonment.window, NOW)
    listening = day(connected - found, abandoned, found, profile)
    assert report(listening, profile, profile.abandonment.window, NOW, sampled=sampled).rate >= without.rate - 1e-12


# ── in the ledger ──
@pytest.mark.parametrize(
    ("detected", "agent_after", "outcome"),
    [
        (Detected.MISTAKEN, 1999, Outcome.CONNECTED),
        (Detected.MISTAKEN, 2001, Outcome.ABANDONED),
        (Detected.MACHINE, 1999, Outcome.MACHINE),
        (Detected.UNSURE, None, Outcome.ABANDONED),
    ],
)
def test_a_person_found_in_a_sample_is_judged_like_any_other(detected, agent_after, outcome):
    answered = Answered(NOW, agent_at=None if agent_after is None else NOW + agent_after, detected=detected)
    assert enter(UK, "2001", "c", None, "+447700900123", answered).outcome is outcome
