"""Ringing lines that nobody would be there for are let go after the law's shortest ring; the person's lead is as it was."""

import pytest

from callside.calls.model import Cause, Party
from callside.dialer.laws.ledger import Outcome as Entered
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.model import Run
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.sessions.model import EndCause
from tests.fakes.dialing import CAMPAIGN, PROFILES, campaign, dial_stage, dialing_directory
from tests.fakes.stage import AGENTS

HOUR = 3_600_000
MIN_RING = 15_000


def ringing(lines=3, **fields):
    """As many agents of a predictive campaign as there are lines, each line ringing."""
    stage = dial_stage(campaign(Mode.PREDICTIVE, **fields), leads=lines)
    stage.everybody = [stage.agent(one) for one in AGENTS[:lines]]
    for one in stage.dialled:
        stage.rings(one.leg_id)
    assert len(stage.dialled) == lines
    return stage


def leave(stage, sessions=None):
    for session in sessions or stage.everybody:
        stage.give(ev.GoOnBreak(session, "lunch"))


def let_go(stage):
    return [one.leg_id for one in stage.commands if isinstance(one, cm.HangUpLeg)]


def test_when_the_team_has_gone_its_lines_are_let_go_after_the_shortest_ring_and_not_before():
    stage = ringing()
    leave(stage)
    stage.wait(MIN_RING - 1)
    assert let_go(stage) == []
    stage.wait(1001)
    assert let_go(stage) == [one.leg_id for one in stage.dialled]
    assert {one.detail["rung_ms"] for one in stage.told("call.surplus")} <= set(range(MIN_RING, MIN_RING + 1001))


def test_the_record_says_why_and_the_lead_was_not_tried():
    stage = ringing(lines=1)
    leave(stage)
    stage.wait(MIN_RING + 1000)
    stage.gone(stage.leg(), Cause.CANCELLED)
    (cdr,) = stage.cdrs
    assert (cdr.cause, cdr.hung_up_by) == (Cause.SURPLUS, Party.SYSTEM)
    (lead,) = stage.book.values()
    assert (lead.state, lead.last_outcome, lead.attempts) == (LeadState.DUE, Outcome.SURPLUS, 0)
    assert lead.due_at == stage.now.wall + HOUR
    assert stage.ledger == []


def test_for_the_law_it_was_an_attempt():
    stage = ringing(lines=1)
    leave(stage)
    stage.wait(MIN_RING + 1000)
    stage.gone(stage.leg(), Cause.CANCELLED)
    assert stage.floor.ground.dialing.history(stage.dialled[0].number).attempts_today == 1


def test_as_long_as_somebody_is_free_for_them_lines_ring_on():
    stage = ringing()
    stage.wait(MIN_RING + 20_000)
    assert let_go(stage) == []


def test_whoever_stays_is_reason_enough_for_more_than_one_line():
    stage = ringing()
    leave(stage, stage.everybody[1:])
    stage.wait(MIN_RING + 2000)
    assert let_go(stage) == []


def test_no_law_no_minimum_and_a_phone_rings_for_fifteen_seconds_all_the_same():
    assert PROFILES["none"][0].min_ring_s == 0
    stage = ringing(lines=1, profile="none")
    leave(stage)
    stage.wait(MIN_RING - 1)
    assert let_go(stage) == []


def test_who_comes_back_in_time_finds_their_lines():
    stage = ringing()
    leave(stage)
    stage.wait(MIN_RING - 2000)
    for session in stage.everybody:
        stage.give(ev.GoReady(session))
    stage.wait(5000)
    assert let_go(stage) == []


def test_a_line_that_has_not_been_heard_to_ring_is_not_let_go():
    stage = dial_stage(campaign(Mode.PREDICTIVE), leads=1)
    session = stage.agent()
    leave(stage, [session])
    stage.wait(MIN_RING + 10_000)
    assert let_go(stage) == []
    stage.rings(stage.leg())
    stage.wait(MIN_RING + 2000)
    assert let_go(stage) == [stage.leg()]


def test_lines_of_a_campaign_that_was_stopped_are_let_go_too_when_its_agents_have_gone():
    stage = ringing()
    stage.give(ev.DirectoryChanged(dialing_directory(campaign(Mode.PREDICTIVE, run=Run.STOPPED))))
    for session in stage.everybody:
        stage.give(ev.EndSession(session, EndCause.LOGOUT))
    stage.wait(MIN_RING + 1000)
    assert {one.leg_id for one in stage.dialled} <= set(let_go(stage))


def test_whoever_answers_in_that_instant_was_abandoned_and_the_ledger_has_it():
    stage = ringing(lines=1)
    leave(stage)
    stage.wait(MIN_RING + 1000)
    assert let_go(stage) == [stage.leg()]
    stage.answers(stage.leg())
    stage.gone(stage.leg(), Cause.NORMAL)
    assert [one.outcome for one in stage.ledger] == [Entered.ABANDONED]
    assert stage.cdrs[0].cause is Cause.ABANDONED
    (lead,) = stage.book.values()
    assert (lead.last_outcome, lead.attempts) == (Outcome.ABANDONED, 1)
    assert stage.floor.ground.dialing.desks[CAMPAIGN].pacer.known().abandoned == 1


@pytest.mark.parametrize("kind", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_a_line_with_its_agent_rings_as_long_as_the_campaign_says(kind):
    stage = dial_stage(campaign(kind), leads=1)
    stage.agent()
    stage.rings(stage.leg())
    stage.wait(MIN_RING + 20_000)
    assert let_go(stage) == []
