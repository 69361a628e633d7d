"""Recycling: every lead ends or has a date, nobody is called more often than allowed, nobody stays under way."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.leads.model import OPEN, Lead, LeadNumber, LeadState, Outcome
from callside.dialer.leads.rules import (
    DEFAULT_RECYCLING,
    EffectKind,
    LeadEffect,
    Recycle,
    RecyclingRules,
    Then,
    after_attempt,
    after_disposition,
    applied,
    begin_attempt,
    blocked,
    pick_number,
    put_off,
    spread,
)

NOW = 1_790_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
MOBILE, HOME = LeadNumber("+15550100101", "mobile"), LeadNumber("+15550100102", "home")
RULES = RecyclingRules()


def lead(*numbers: LeadNumber, **more) -> Lead:
    return Lead("7", "1011", "801", numbers or (MOBILE,), **more)


def called(one: Lead, index: int, outcome: Outcome, rules: RecyclingRules = RULES, at: int = NOW) -> Lead:
    under_way = applied(one, begin_attempt(one, index, "call", at))
    return applied(under_way, after_attempt(under_way, index, outcome, rules, at))


def test_an_attempt_is_counted_before_it_is_made():
    begun = applied(lead(MOBILE, HOME), begin_attempt(lead(MOBILE, HOME), 1, "c1", NOW))
    assert (begun.state, begun.call_id, begun.attempts) == (LeadState.DIALLING, "c1", 1)
    assert [number.attempts for number in begun.numbers] == [0, 1]


def test_a_busy_line_is_tried_again_soon():
    again = called(lead(), 0, Outcome.BUSY)
    assert (again.state, again.due_at) == (LeadState.DUE, NOW + 15 * 60_000)


def test_who_does_not_answer_is_tried_on_the_other_number_soon_and_on_the_first_hours_later():
    first = called(lead(MOBILE, HOME), 0, Outcome.NO_ANSWER)
    assert (first.next_index, first.due_at) == (1, NOW + RULES.other_after_s * 1000)
    second = called(first, 1, Outcome.NO_ANSWER)
    assert (second.next_index, second.due_at) == (0, NOW + 4 * HOUR)


@pytest.mark.parametrize("outcome", [Outcome.UNALLOCATED, Outcome.FAILED])
def test_the_number_before_keeps_its_own_pause_whatever_the_next_one_came_to(outcome):
    first = called(lead(MOBILE, HOME), 0, Outcome.NO_ANSWER)
    back = called(first, 1, outcome, at=first.due_at)
    assert (back.next_index, back.due_at) == (0, first.due_at + 4 * HOUR)


def test_a_number_that_does_not_exist_is_never_tried_again():
    other = called(lead(MOBILE, HOME), 0, Outcome.UNALLOCATED)
    assert (other.state, other.next_index) == (LeadState.DUE, 1)
    back = called(other, 1, Outcome.NO_ANSWER)
    assert (back.state, back.next_index) == (LeadState.DUE, 1)
    assert called(back, 1, Outcome.UNALLOCATED).state is LeadState.DONE
    assert called(lead(), 0, Outcome.UNALLOCATED).state is LeadState.DONE


def test_whoever_was_reached_is_done_until_a_disposition_says_otherwise():
    reached = called(lead(), 0, Outcome.CONNECTED)
    assert reached.state is LeadState.DONE
    retry = applied(reached, after_disposition(reached, LeadEffect(EffectKind.RETRY, 3600), RULES, NOW))
    assert (retry.state, retry.due_at) == (LeadState.DUE, NOW + HOUR)


def test_a_line_that_never_left_the_house_was_no_attempt():
    still = called(lead(), 0, Outcome.TRUNK_DOWN)
    assert (still.state, still.attempts, still.numbers[0].attempts) == (LeadState.DUE, 0, 0)
    assert applied(lead(), after_attempt(lead(), 0, Outcome.SKIPPED, RULES, NOW)).attempts == 0


def test_an_abandoned_call_holds_the_number_for_three_days():
    assert called(lead(), 0, Outcome.ABANDONED).due_at == NOW + 3 * DAY


@pytest.mark.parametrize("personal", [True, False])
def test_a_callback_is_made_when_it_was_asked_for(personal):
    reached = called(lead(), 0, Outcome.CONNECTED)
    effect = LeadEffect(EffectKind.CALLBACK, personal=personal)
    step = after_disposition(reached, effect, RULES, NOW, callback_at=NOW + 2 * DAY, agent_id="101")
    assert (step.state, step.due_at) == (LeadState.CALLBACK, NOW + 2 * DAY)
    assert step.callback_agent_id == ("101" if personal else None)
    assert step.anybody_from == step.due_at + (RULES.personal_for_s * 1000 if personal else 0)


def test_a_callback_in_the_past_is_due_now():
    step = after_disposition(lead(), LeadEffect(EffectKind.CALLBACK), RULES, NOW, callback_at=5)
    assert step.due_at == NOW


def test_a_personal_callback_that_nobody_answers_stays_personal():
    mine = lead(state=LeadState.CALLBACK, due_at=NOW, callback_agent_id="101")
    again = called(mine, 0, Outcome.NO_ANSWER)
    assert (again.state, again.callback_agent_id) == (LeadState.CALLBACK, "101")


def test_a_callback_may_be_made_on_a_number_that_was_called_often_enough():
    worn = lead(replace(MOBILE, attempts=RULES.most_per_number))
    assert pick_number(worn, RULES) is None
    assert pick_number(replace(worn, state=LeadState.CALLBACK), RULES) == 0


def test_a_machine_that_an_agent_has_found_is_called_again_like_one_that_was_detected():
    mine = lead(MOBILE, HOME, callback_agent_id="101")
    reached = called(mine, 1, Outcome.CONNECTED)
    said = applied(reached, after_disposition(reached, LeadEffect(EffectKind.MACHINE), RULES, NOW))
    detected = called(replace(mine, callback_agent_id=None), 1, Outcome.MACHINE)
    assert said == detected
    assert said.state is LeadState.DUE


def test_do_not_call_blocks_the_lead():
    step = after_disposition(lead(), LeadEffect(EffectKind.DNC), RULES, NOW)
    assert (step.state, step.due_at) == (LeadState.BLOCKED, 0)
    assert blocked(lead()).state is LeadState.BLOCKED


def test_a_blocked_number_is_passed_over():
    assert pick_number(lead(replace(MOBILE, blocked=True), HOME), RULES) == 1
    assert pick_number(lead(replace(MOBILE, blocked=True)), RULES) is None


def test_putting_off_changes_nothing_but_the_date():
    mine = lead(state=LeadState.CALLBACK, due_at=5, callback_agent_id="101", attempts=2)
    later = applied(mine, put_off(mine, NOW))
    assert later == replace(mine, due_at=NOW)


@pytest.mark.parametrize(
    ("after_h", "apart_h", "comes_h"), [(4, 3, 4), (1, 3, 3), (24, 3, 27), (23, 3, 27), (48, 0, 48), (20, 3, 20)]
)
def test_the_next_try_falls_at_another_time_of_day(after_h, apart_h, comes_h):
    assert spread(after_h * 3600, apart_h * 3600) == comes_h * 3600


@given(after=st.integers(0, 10 * 86_400), apart=st.integers(0, 12 * 3600))
def test_it_is_never_sooner_and_always_far_enough_apart(after, apart):
    found = spread(after, apart)
    of_day = found % 86_400
    assert found >= after
    assert min(of_day, 86_400 - of_day) >= apart


def test_every_outcome_has_its_rule():
    assert set(DEFAULT_RECYCLING) == set(Outcome)


RECYCLES = st.builds(
    Recycle,
    st.integers(0, 200_000),
    st.integers(1, 8),
    st.sampled_from(Then),
    st.integers(0, 12 * 3600),
    st.booleans(),
)
ANY_RULES = st.builds(
    RecyclingRules,
    st.integers(1, 8),
    st.integers(1, 5),
    st.integers(0, 5000),
    st.integers(0, 100_000),
    st.dictionaries(st.sampled_from(Outcome), RECYCLES),
)
EFFECTS = st.none() | st.builds(LeadEffect, st.sampled_from(EffectKind), st.integers(0, 200_000), st.booleans())
STEPS = st.lists(st.tuples(st.sampled_from(Outcome), EFFECTS, st.integers(0, 10**8)), max_size=40)


@given(rules=ANY_RULES, steps=STEPS, count=st.integers(1, 4))
def test_every_lead_ends_or_has_a_date_and_is_never_called_too_often(rules, steps, count):
    one = lead(*(LeadNumber(f"+1555010010{n}") for n in range(count)))
    now, asked_for = NOW, 0
    for outcome, effect, pause in steps:
        now += pause
        index = pick_number(one, rules)
        if one.state not in OPEN or index is None:
            break
        one = applied(one, begin_attempt(one, index, "call", now))
        assert one.state is LeadState.DIALLING
        assert one.attempts <= rules.most_attempts + asked_for
        one = applied(one, after_attempt(one, index, outcome, rules, now))
        if effect is not None and outcome is Outcome.CONNECTED:
            one = applied(one, after_disposition(one, effect, rules, now, agent_id="101"))
            asked_for += effect.kind is EffectKind.CALLBACK
        assert one.state is not LeadState.DIALLING
        if one.state in OPEN:
            assert one.due_at >= now > 0
            assert pick_number(one, rules) is not None, "an open lead can be called"
        assert 0 <= one.next_index < count
    assert all(number.attempts <= rules.most_per_number + asked_for for number in one.numbers)
