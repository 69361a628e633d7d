from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.laws.ledger import Answered, Detected, Outcome, deadline_of, enter, message_in_time, outcome_of
from callside.exchange.profiles import load_profiles

SHELF = load_profiles()
UK, US = SHELF.version("uk-1"), SHELF.version("us-1")
T = int(datetime.fromisoformat("2026-06-04T12:00+01:00").timestamp() * 1000)

GOLDEN = [
    ("an agent after 0.1 s", UK, Answered(T, agent_at=T + 100), Outcome.CONNECTED),
    ("an agent on the deadline", UK, Answered(T, agent_at=T + 2000), Outcome.CONNECTED),
    ("an agent a millisecond late", UK, Answered(T, agent_at=T + 2001), Outcome.ABANDONED),
    ("the message at 1.9 s", UK, Answered(T, message_at=T + 1900), Outcome.ABANDONED),
    ("nothing at all", UK, Answered(T), Outcome.ABANDONED),
    ("the person hung up at 1.9 s", UK, Answered(T, left_at=T + 1900), Outcome.LEFT),
    ("the person hung up on the deadline", UK, Answered(T, left_at=T + 2000), Outcome.ABANDONED),
    ("hung up at 1.9 s, into the message", UK, Answered(T, message_at=T + 1500, left_at=T + 1900), Outcome.ABANDONED),
    ("talked, then hung up", UK, Answered(T, agent_at=T + 100, left_at=T + 60_000), Outcome.CONNECTED),
    ("a machine", UK, Answered(T, detected=Detected.MACHINE), Outcome.MACHINE),
    ("a machine given to an agent", UK, Answered(T, agent_at=T + 1500, detected=Detected.MACHINE), Outcome.MACHINE),
    ("nobody is sure: a person", UK, Answered(T, detected=Detected.UNSURE), Outcome.ABANDONED),
    ("US: two seconds from the end of the greeting", US, Answered(T, T + 1500, agent_at=T + 3500), Outcome.CONNECTED),
    ("US: a millisecond later", US, Answered(T, T + 1500, agent_at=T + 3501), Outcome.ABANDONED),
    ("UK: the greeting gives no time", UK, Answered(T, T + 1500, agent_at=T + 3500), Outcome.ABANDONED),
    ("US: nobody heard the greeting end", US, Answered(T, agent_at=T + 2001), Outcome.ABANDONED),
    ("US: hung up after 3 s, within the greeting's time", US, Answered(T, T + 1500, left_at=T + 3000), Outcome.LEFT),
    ("US: a greeting before the answer is none", US, Answered(T, T - 500, agent_at=T + 2000), Outcome.CONNECTED),
]


@pytest.mark.parametrize(
    ("profile", "answered", "outcome"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN]
)
def test_what_became_of_an_answered_call(profile, answered, outcome):
    assert outcome_of(answered, profile) is outcome


def test_an_entry_names_the_profile_that_judged_it():
    entry = enter(UK, "2001", "c" * 32, "7", "+447700900123", Answered(T))
    assert (entry.outcome, entry.profile) == (Outcome.ABANDONED, "uk-1")
    with pytest.raises(AttributeError):
        entry.outcome = Outcome.CONNECTED


def test_the_message_has_to_begin_by_the_deadline():
    assert message_in_time(Answered(T, message_at=T + 2000), UK)
    assert not message_in_time(Answered(T, message_at=T + 2001), UK)
    assert not message_in_time(Answered(T), UK)
    assert message_in_time(Answered(T, agent_at=T + 1), UK)
    assert deadline_of(Answered(T, T + 700), US) == T + 2700


@given(
    answered=st.builds(
        Answered,
        st.just(T),
        st.none() | st.integers(T, T + 5000),
        st.none() | st.integers(T, T + 9000),
        st.none() | st.integers(T, T + 9000),
        st.none() | st.integers(T, T + 9000),
        st.sampled_from(Detected),
    )
)
def test_every_person_ends_as_connected_abandoned_or_left_and_more_time_never_abandons_more(answered):
    person = answered.detected is not Detected.MACHINE
    assert (outcome_of(answered, UK) is not Outcome.MACHINE) is person
    patient = replace(UK, abandonment=replace(UK.abandonment, connect_deadline_ms=4000))
    if outcome_of(answered, UK) is not Outcome.ABANDONED and answered.message_at is None:
        assert outcome_of(answered, patient) is not Outcome.ABANDONED
