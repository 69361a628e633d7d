"""PROGRESSIVE and PREDICTIVE on the floor: one line for each agent, agents at once, and what becomes of the others."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.model import DialRules, Run
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.sessions.model import EndCause
from tests.fakes.dialing import (
    AGENTS,
    CAMPAIGN,
    SAFE_MESSAGE,
    campaign,
    dial_stage,
    dialing_directory,
    lead,
    number_of,
)


def in_call(stage, session):
    """The agent's line has been answered and they talk."""
    leg = next(one.leg_id for one in stage.dialled if stage.call_on(one.leg_id).session_id == session)
    stage.answers(leg)
    stage.join(leg, session)
    return leg


# ── progressive ──
def test_nothing_is_dialled_before_an_agent_is_there():
    assert dial_stage().dialled == []


def test_each_ready_agent_has_one_line():
    stage = dial_stage()
    first, second = stage.agent(AGENTS[0]), stage.agent(AGENTS[1])
    assert len(stage.dialled) == 2
    assert {stage.call_on(one.leg_id).session_id for one in stage.dialled} == {first, second}
    assert stage.session(first).state is AgentState.DIALING
    assert stage.dialled[0].session_id is None


def test_a_lead_is_begun_on_record_before_it_is_dialled():
    stage = dial_stage(leads=1)
    stage.agent()
    record = next(one for one in stage.records if one.leads)
    assert record.leads[0].state is LeadState.DIALLING
    assert record.leads[0].call_id == stage.dialled[0].call_id
    assert stage.dialled[0].call_id in record.live_calls


def test_whoever_answers_is_joined_with_the_agent_at_once():
    stage = dial_stage()
    session = stage.agent()
    stage.rings(stage.leg())
    stage.answers(stage.leg())
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(stage.leg(), session)
    stage.join(stage.leg(), session)
    assert stage.session(session).state is AgentState.TALKING
    assert stage.call_on(stage.leg()).state is CallState.TALKING


def test_a_line_that_nobody_answers_is_followed_by_the_next_and_the_agent_keeps_their_place():
    stage = dial_stage()
    session = stage.agent()
    idle_since = stage.session(session).idle_since
    first = stage.leg()
    stage.wait(20_000)
    stage.fails(first)
    assert len(stage.dialled) == 2
    assert stage.leg() != first
    assert stage.session(session).idle_since == idle_since
    assert stage.book["9000"].state is LeadState.DUE
    assert stage.book["9000"].last_outcome is Outcome.NO_ANSWER
    assert stage.book["9000"].due_at > stage.now.wall


def test_after_the_call_the_next_line_goes_out():
    stage = dial_stage()
    session = stage.agent()
    leg = in_call(stage, session)
    stage.gone(leg)
    assert len(stage.dialled) == 2
    assert stage.book["9000"].state is LeadState.DONE
    assert [one.outcome for one in stage.ledger] == [Verdict.CONNECTED]


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (Cause.BUSY, Outcome.BUSY),
        (Cause.NO_ANSWER, Outcome.NO_ANSWER),
        (Cause.REJECTED, Outcome.REJECTED),
        (Cause.UNALLOCATED, Outcome.UNALLOCATED),
        (Cause.CONGESTION, Outcome.CONGESTION),
        (Cause.FAILED, Outcome.FAILED),
        (Cause.RECOVERED, Outcome.RECOVERED),
    ],
)
def test_what_a_line_came_to_is_what_the_lead_is_told(cause, outcome):
    stage = dial_stage(leads=1)
    stage.agent()
    stage.fails(stage.leg(), cause)
    assert stage.book["9000"].last_outcome is outcome
    assert len(stage.cdrs) == 1
    assert stage.book["9000"].state is not LeadState.DIALLING


def test_a_break_that_is_asked_for_waits_for_the_line_and_no_further_one_goes_out():
    stage = dial_stage()
    session = stage.agent()
    stage.give(ev.GoOnBreak(session, "lunch"))
    assert stage.session(session).state is AgentState.DIALING
    stage.fails(stage.leg())
    assert stage.session(session).state is AgentState.BREAK
    assert len(stage.dialled) == 1


def test_an_agent_whose_line_is_lost_while_it_rings_makes_way_for_another():
    stage = dial_stage(leads=3)
    first, second = stage.agent(AGENTS[0]), stage.agent(AGENTS[1])
    leg = next(one.leg_id for one in stage.dialled if stage.call_on(one.leg_id).session_id == first)
    other = next(one.leg_id for one in stage.dialled if one.leg_id != leg)
    stage.gone(stage.session(first).line_leg, Cause.FAILED)
    stage.answers(leg)
    assert stage.session(first).state is AgentState.LOST
    stage.fails(other)
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(leg, second)


def test_nobody_left_for_somebody_who_answered_means_the_safe_message_in_time():
    stage = dial_stage(leads=1)
    session = stage.agent()
    stage.gone(stage.session(session).line_leg, Cause.FAILED)
    stage.answers(stage.leg())
    stage.wait(2000)
    assert stage.last(cm.SayAndHangUp).prompt_id == SAFE_MESSAGE
    stage.give(ev.MessageStarted(stage.leg()))
    stage.gone(stage.leg())
    assert [one.outcome for one in stage.ledger] == [Verdict.ABANDONED]
    assert stage.ledger[0].answered.message_at == stage.ledger[0].answered.answered_at + 2000
    assert stage.book["9000"].last_outcome is Outcome.ABANDONED
    assert stage.cdrs[0].cause is Cause.ABANDONED


def test_the_key_of_the_safe_message_is_a_word_for_ever():
    stage = dial_stage(leads=1)
    session = stage.agent()
    stage.gone(stage.session(session).line_leg, Cause.FAILED)
    leg = stage.leg()
    stage.answers(leg)
    stage.wait(2000)
    stage.give(ev.LegDigit(leg, "1"))
    assert stage.dnc == set()
    stage.give(ev.LegDigit(leg, "9"))
    assert stage.dnc == {number_of(0)}
    assert stage.last(cm.HangUpLeg).leg_id == leg


def test_a_session_that_is_closed_by_force_leaves_its_line_to_others():
    stage = dial_stage(leads=1)
    first = stage.agent(AGENTS[0])
    second = stage.agent(AGENTS[1])
    stage.give(ev.EndSession(first, EndCause.LOGOUT, force=True))
    assert first not in stage.floor.ground.sessions
    stage.answers(stage.leg(0))
    assert stage.last(cm.JoinAgent).session_id == second


# ── leads ──
def test_a_number_is_never_in_two_calls_at_once():
    stage = dial_stage(leads=2)
    stage.book["9001"] = replace(stage.book["9001"], numbers=stage.book["9000"].numbers)
    stage.agent(AGENTS[0])
    stage.agent(AGENTS[1])
    assert len(stage.dialled) == 1


def test_leads_of_a_stopped_campaign_are_not_touched():
    stage = dial_stage(campaign(run=Run.STOPPED))
    stage.agent()
    assert stage.dialled == []
    assert stage.wanted == []


def test_a_paused_campaign_goes_on_when_it_is_started_again():
    stage = dial_stage(campaign(run=Run.PAUSED))
    stage.agent()
    assert stage.dialled == []
    stage.give(ev.DirectoryChanged(dialing_directory(campaign())))
    assert len(stage.dialled) == 1


def test_a_lead_out_of_its_hours_is_put_off_until_they_begin():
    stage = dial_stage(campaign(profile="us"), leads=1)
    # 2026-09-21 14:13 UTC: 07:13 in Los Angeles, where nobody is called before 8.
    stage.book["9000"] = replace(stage.book["9000"], zone="America/Los_Angeles")
    stage.agent()
    assert stage.dialled == []
    assert stage.told("lead.put_off")[0].detail["rule"] == "windows"
    assert stage.book["9000"].due_at > stage.now.wall
    assert stage.book["9000"].attempts == 0


def test_a_number_that_the_campaigns_rules_do_not_allow_is_not_dialled():
    stage = dial_stage(campaign(dial_rules=DialRules(frozenset({"DE"}))), leads=1)
    stage.agent()
    assert stage.dialled == []
    assert stage.told("lead.put_off")[0].detail["rule"] == "dial_rules"


def test_a_number_that_was_blocked_after_it_was_fetched_is_not_dialled():
    stage = dial_stage(leads=2, slow=True)
    stage.agent()
    stage.give(ev.LeadsFetched(CAMPAIGN, (stage.book["9001"],)))
    stage.fails(stage.leg())
    stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.give(ev.LeadsFetched(CAMPAIGN, (stage.book["9000"],)))
    assert [one.number for one in stage.dialled] == [number_of(1)]
    assert stage.book["9000"].state is LeadState.BLOCKED


def test_what_a_fetch_brings_of_a_lead_begun_meanwhile_is_old():
    stage = dial_stage(leads=2, slow=True)
    stage.agent()
    stage.give(ev.LeadsFetched(CAMPAIGN, stage.due()))
    assert len(stage.wanted) == 2  # the second was asked for while the other lead was still at hand
    old = stage.due()
    stage.fails(stage.leg(), Cause.BUSY)
    stage.fails(stage.leg(), Cause.BUSY)
    stage.give(ev.LeadsFetched(CAMPAIGN, old))
    assert [one.number for one in stage.dialled] == [number_of(0), number_of(1)]


def test_the_law_holds_a_number_that_was_abandoned_unless_an_agent_is_reserved():
    now = dial_stage().now.wall
    stage = dial_stage(
        campaign(Mode.PREDICTIVE, profile="uk", predictive_opt_in=True, officer="Ada"), leads=1, slow=True
    )
    stage.book["9000"] = replace(stage.book["9000"], zone="Europe/London")
    stage.agent()
    history = NumberHistory(last_abandoned_at=now - 71 * 3_600_000, dnc_scrubbed_at=now)
    stage.give(ev.LeadsFetched(CAMPAIGN, stage.due(), {number_of(0): history}))
    assert stage.dialled == []


def test_a_trunk_that_takes_no_call_pauses_the_campaign_and_it_resumes_by_itself():
    stage = dial_stage(leads=40)
    stage.agent()
    while not stage.told("trunk.down"):
        stage.fails(stage.leg(), Cause.FAILED)
    tried = len(stage.dialled)
    assert tried == 5
    assert stage.told("campaign.halted")[-1].detail["halt"] == "trunk_down"
    assert stage.book["9004"].attempts == 0
    stage.wait(9_000)
    assert len(stage.dialled) == tried
    stage.wait(3_000)
    assert len(stage.dialled) == tried + 1
    stage.rings(stage.leg())
    stage.fails(stage.leg())
    assert stage.told("trunk.up_again")
    assert len(stage.dialled) == tried + 2


# ── restart ──
def test_a_restart_goes_on_with_its_lines_and_dials_no_lead_twice():
    stage = dial_stage(leads=3)
    stage.agent(AGENTS[0])
    ground = stage.floor.ground
    sessions, calls = list(ground.sessions.values()), list(ground.calls.values())
    begun = [one for one in stage.book.values() if one.state is LeadState.DIALLING]
    after = dial_stage(leads=0)
    after.book = stage.book
    after.take(after.floor.restore(sessions, calls, after.now, begun))
    leg = stage.leg()
    after.give(
        ev.EngineFound(
            (
                ev.LegSeen(leg, answered=False),
                ev.LegSeen(sessions[0].line_leg, answered=True, session_id=sessions[0].id),
            )
        )
    )
    assert after.dialled == []
    after.give(ev.PhoneChanged(sessions[0].id, connected=True))
    assert after.dialled == []
    after.answers(leg)
    assert after.last(cm.JoinAgent).session_id == sessions[0].id


def test_a_lead_whose_call_is_on_no_record_comes_up_again():
    stage = dial_stage(leads=1)
    stage.agent()
    begun = stage.book["9000"]
    after = dial_stage(leads=1)
    after.book["9000"] = begun
    after.take(after.floor.restore([], [], after.now, [begun]))
    assert after.book["9000"].state is LeadState.DUE
    assert after.book["9000"].last_outcome is Outcome.RECOVERED


def test_a_call_answered_while_nobody_looked_is_put_through_when_it_is_found():
    stage = dial_stage(leads=1)
    session = stage.agent()
    stage.give(ev.EngineLost())
    line = stage.session(session).line_leg
    stage.give(
        ev.EngineFound((ev.LegSeen(stage.leg(), answered=True), ev.LegSeen(line, answered=True, session_id=session)))
    )
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(stage.leg(), session)


def test_a_campaign_without_leads_says_so_once_and_looks_again():
    stage = dial_stage(leads=0)
    stage.agent()
    stage.wait(60_000)
    assert [one.detail["halt"] for one in stage.told("campaign.halted")] == ["no_leads"]
    stage.book["9000"] = lead(0)
    stage.wait(11_000)
    assert [one.number for one in stage.dialled] == [number_of(0)]
    assert len(stage.told("campaign.goes_on")) == 1
