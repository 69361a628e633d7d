"""A number that is put on a do-not-call list while its phone rings rings no more."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy, Cause, Party
from callside.dialer.laws.ledger import Outcome as Entered
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect, RecyclingRules
from callside.dialer.model import PacePlan
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.dialing_desk import numbers_of
from callside.kernel.ids import CampaignId
from callside.sessions.model import LoginType
from callside.tenants.model import Disposition
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory, lead, number_of

FIVE_MINUTES = 300_000


def hung_up(stage):
    return [one.leg_id for one in stage.commands if isinstance(one, cm.HangUpLeg)]


def ringing(leads=1, numbers=1, **plan):
    stage = dial_stage(campaign(**plan), leads=leads, numbers=numbers)
    session = stage.agent()
    stage.rings(stage.leg())
    return stage, session


@pytest.mark.parametrize("of", [None, CAMPAIGN])
def test_a_phone_that_rings_is_let_go_at_once_when_its_number_goes_on_a_list(of):
    stage, session = ringing()
    leg = stage.leg()
    stage.give(ev.NumbersBlocked((number_of(0),), of))
    assert hung_up(stage) == [leg]
    stage.gone(leg, Cause.CANCELLED)
    (cdr,) = stage.cdrs
    assert (cdr.cause, cdr.hung_up_by) == (Cause.CANCELLED, Party.SYSTEM)
    assert [one.call_id for one in stage.told("call.blocked")] == [cdr.call_id]
    assert stage.session(session).state is AgentState.READY


def test_its_lead_is_ended_by_the_list_and_the_attempt_is_one():
    stage, _ = ringing()
    stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.gone(stage.leg(), Cause.CANCELLED)
    kept = stage.book["9000"]
    assert (kept.state, kept.last_outcome, kept.attempts) == (LeadState.BLOCKED, Outcome.CANCELLED, 1)
    assert kept.numbers[0].attempts == 1
    # Where it is off the list again by then, the store lets it come up.
    assert kept.due_at == stage.now.wall + FIVE_MINUTES
    assert stage.floor.ground.dialing.history(number_of(0)).attempts_today == 1


def test_a_lead_that_was_called_as_often_as_may_be_is_blocked_for_good():
    stage, _ = ringing(recycling=RecyclingRules(most_attempts=1))
    stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.gone(stage.leg(), Cause.CANCELLED)
    assert (stage.book["9000"].state, stage.book["9000"].due_at) == (LeadState.BLOCKED, 0)


def test_a_lead_with_another_number_is_called_on_that_one():
    stage, _ = ringing(numbers=2)
    stage.give(ev.NumbersBlocked((number_of(0, 0),)))
    stage.gone(stage.leg(), Cause.CANCELLED)
    kept = stage.book["9000"]
    assert (kept.state, kept.next_index) == (LeadState.DUE, 1)


def test_a_line_that_is_not_heard_to_ring_yet_is_let_go_as_well():
    stage = dial_stage(leads=1)
    stage.agent()
    stage.give(ev.NumbersBlocked((number_of(0),)))
    assert hung_up(stage) == [stage.leg()]


def test_who_has_answered_is_not_cut_off():
    stage, session = ringing(detect_machines=True)
    stage.answers(stage.leg())
    stage.give(ev.NumbersBlocked((number_of(0),)))
    assert hung_up(stage) == []
    stage.is_judged(stage.leg(), AnsweredBy.PERSON)
    stage.join(stage.leg(), session)
    stage.give(ev.NumbersBlocked((number_of(0),)))
    assert hung_up(stage) == []
    stage.gone(stage.leg())
    assert stage.book["9000"].state is LeadState.DONE


def test_whoever_answers_in_that_instant_was_abandoned_and_the_ledger_has_it():
    stage, _ = ringing()
    stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.answers(stage.leg())
    stage.gone(stage.leg(), Cause.NORMAL)
    assert [one.outcome for one in stage.ledger] == [Entered.ABANDONED]
    assert stage.cdrs[0].cause is Cause.ABANDONED
    assert stage.book["9000"].state is LeadState.BLOCKED


def test_another_campaigns_list_lets_it_ring():
    stage, _ = ringing()
    stage.give(ev.NumbersBlocked((number_of(0),), CampaignId("291")))
    assert hung_up(stage) == []


@pytest.mark.parametrize("kind", [Mode.MANUAL, Mode.PREVIEW])
def test_a_call_that_an_agent_makes_is_let_go_too(kind):
    stage = dial_stage(campaign(kind), leads=1)
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    if kind is Mode.MANUAL:
        stage.give(ev.Dial(session, number_of(0)))
    else:
        stage.give(ev.DialLead(session, 0))
    stage.rings(stage.leg())
    stage.give(ev.NumbersBlocked((number_of(0),)))
    assert hung_up(stage) == [stage.leg()]
    stage.gone(stage.leg(), Cause.CANCELLED)
    assert (stage.cdrs[0].cause, stage.cdrs[0].hung_up_by) == (Cause.CANCELLED, Party.SYSTEM)
    if kind is Mode.PREVIEW:
        assert stage.book["9000"].state is LeadState.BLOCKED


def test_a_persons_word_on_one_phone_ends_the_ringing_of_another():
    """Two leads of one household: what an agent notes of the first ends the call to the second."""
    effects = {"dnc": LeadEffect(EffectKind.DNC)}
    base = dialing_directory(campaign(effects=effects, wrap_up_s=30))
    tenant = replace(base.tenant, dispositions=(Disposition("dnc", "Do not call"),))
    stage = dial_stage(leads=1, numbers=2, set_up=replace(base, tenant=tenant))
    first = stage.agent()
    shared = replace(lead(1), numbers=(stage.book["9000"].numbers[1],))
    stage.answers(stage.leg())
    stage.join(stage.leg(), first)
    stage.book[shared.id] = shared
    stage.give(ev.LeadsChanged(CAMPAIGN))
    stage.agent(AGENTS[1])
    assert [one.number for one in stage.dialled] == [number_of(0, 0), number_of(0, 1)]
    stage.rings(stage.leg())
    stage.gone(stage.leg(0))
    stage.give(ev.Dispose(first, "dnc"))
    assert hung_up(stage) == [stage.leg(1)]
    stage.gone(stage.leg(1), Cause.CANCELLED)
    assert stage.book["9001"].state is LeadState.BLOCKED


def test_a_register_of_any_length_names_the_floor_a_number_that_an_agent_has_typed():
    stage = dial_stage(campaign(Mode.MANUAL), leads=0)
    stage.give(ev.Dial(stage.agent(AGENTS[0], LoginType.MANUAL), "+15550100123"))
    assert numbers_of(stage.floor.ground.dialing) == {"+15550100123"}


@pytest.mark.parametrize("why", ["blocked", "never left the house", "by itself"])
def test_pacing_learns_how_lines_end_by_themselves_and_not_how_we_end_them(why):
    stage = dial_stage(campaign(Mode.PREDICTIVE, pace=PacePlan(calls_per_second=0, smallest_team=1)), leads=1)
    stage.agent()
    if why == "blocked":
        stage.rings(stage.leg())
        stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.give(ev.LegGone(stage.leg(), Cause.FAILED, went_out=why != "never left the house"))
    learnt = stage.floor.ground.dialing.desks[CAMPAIGN].pacer.known().memory
    assert sum(learnt.failed) == (1 if why == "by itself" else 0)
