"""Leads and numbers between two requests, two numbers, two calls and two processes: none is stuck, lost or called against its word."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.ledger import Outcome as Ledgered
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadNumber, LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import CallerIdChoice, PacePlan, Run
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.kernel.errors import ConflictError, NotAllowedError
from callside.kernel.ids import LeadId
from callside.sessions.model import LoginType
from tests.fakes.dialing import AGENTS, CAMPAIGN, DialStage, campaign, dial_stage, dialing_directory, lead, number_of
from tests.fakes.stage import Counter

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
ELSEWHERE = LeadNumber("+442079460958")
"""A number of a country that the campaign may not call."""


def by_hand(leads=3, **plan):
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30, **plan), leads=leads)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def previewing(leads=3, numbers=1, **plan):
    stage = dial_stage(campaign(Mode.PREVIEW, wrap_up_s=30, **plan), leads=leads, numbers=numbers)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def after_a_restart(stage, **how):
    """The next process, with the rows of this one; the agent's page and line come back unless it is told."""
    ground = stage.floor.ground
    begun = [one for one in stage.book.values() if one.state is LeadState.DIALLING]
    ids = Counter()
    ids.given = 1000
    after = DialStage(Floor(ground.directory, ids), book=dict(stage.book), now=stage.now, **how)
    rows = list(ground.sessions.values()), list(ground.calls.values())
    after.take(after.floor.restore(*rows, after.now, begun))
    return after


# ── a refused request leaves nothing half done ───────────────────────────────────────────────────────────────────────
def asks_until_there_is_one(stage, session, times=12):
    for _ in range(times):
        try:
            return stage.give(ev.NextLead(session))
        except ConflictError:
            stage.wait(11_000)
    return None


def test_who_asks_for_a_lead_when_those_at_hand_are_old_gets_one_a_little_later():
    stage, session = by_hand(leads=20)
    stage.wait(5 * MINUTE_MS)
    asks_until_there_is_one(stage, session, times=2)
    assert stage.session(session).state is AgentState.PREVIEW


def test_who_asks_for_a_lead_of_a_campaign_that_was_never_started_is_told_so():
    stage, session = by_hand(run=Run.STOPPED)
    with pytest.raises(NotAllowedError, match="not started"):
        stage.give(ev.NextLead(session))
    stage.give(ev.ShowLead(session, stage.book["9000"]))
    assert stage.session(session).state is AgentState.PREVIEW


def test_leads_that_may_not_be_called_do_not_hide_those_behind_them():
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30), leads=0)
    book = {LeadId(str(9000 + one)): lead(one) for one in range(60)}
    stage.book = {key: replace(one, numbers=(ELSEWHERE,)) if int(key) < 9040 else one for key, one in book.items()}
    stage.due = lambda: DialStage.due(stage, 11)
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    asks_until_there_is_one(stage, session)
    assert stage.session(session).lead_id == "9040"


# ── a number that may never be called ────────────────────────────────────────────────────────────────────────────────
def test_who_has_a_number_that_the_campaign_may_not_call_is_called_on_the_other_one():
    stage = dial_stage(leads=0)
    stage.book = {LeadId("9000"): replace(lead(0), numbers=(ELSEWHERE, LeadNumber(number_of(0))))}
    stage.agent()
    assert [one.number for one in stage.dialled] == [number_of(0)]
    assert stage.floor.ground.calls[stage.dialled[0].call_id].lead_number == 1


def test_a_number_that_is_off_its_do_not_call_list_again_is_taken_for_blocked_for_some_minutes_only():
    stage = dial_stage(leads=1)
    stage.give(ev.NumbersBlocked((number_of(0),)))
    stage.agent()
    assert stage.dialled == []
    # The store, which knows the lists, says whether it is blocked; where it is not the lead is due then.
    assert (stage.book["9000"].state, stage.book["9000"].due_at) == (LeadState.BLOCKED, stage.now.wall + 5 * MINUTE_MS)


def test_whose_only_numbers_may_not_be_called_waits_a_day():
    stage = dial_stage(leads=0)
    stage.book = {LeadId("9000"): replace(lead(0), numbers=(ELSEWHERE, replace(ELSEWHERE, number="+442079460959")))}
    stage.agent()
    assert stage.dialled == []
    assert (stage.book["9000"].state, stage.book["9000"].due_at) == (
        LeadState.DUE,
        stage.now.wall + 24 * 60 * MINUTE_MS,
    )


def test_who_is_put_off_comes_up_for_the_number_that_was_to_be_called():
    """Leads are fetched by the hours of the number that is next: of one on a do-not-call list they do not matter."""
    stage = dial_stage(leads=0)
    numbers = (LeadNumber(number_of(0), blocked=True), LeadNumber(number_of(1)))
    stage.book = {LeadId("9000"): replace(lead(0), numbers=numbers)}
    stage.floor.ground.dialing.busy_numbers[number_of(1)] = "a call of another campaign"
    stage.agent()
    assert stage.dialled == []
    assert stage.book["9000"].next_index == 1


# ── called once more from the wrap-up ────────────────────────────────────────────────────────────────────────────────
def test_what_was_noted_of_the_first_call_is_not_lost_with_the_second():
    stage, session = previewing(numbers=2, effects={"sale": LeadEffect(EffectKind.RETRY)})
    for index, words in enumerate(("Asks for a quote.", "Has got it.")):
        stage.give(ev.DialLead(session, index))
        stage.join(stage.leg(), session)
        stage.gone(stage.leg())
        stage.give(ev.WriteNotes(session, words))
        stage.give(ev.Dispose(session, "sale", finish=False))
    stage.give(ev.GoReady(session))
    assert stage.book["9000"].notes == "Asks for a quote.\nHas got it."


def test_a_wrap_up_is_as_it_was_when_the_campaign_has_no_trunk_any_more():
    stage, session = previewing(numbers=2)
    stage.give(ev.DialLead(session, 0))
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    stage.give(ev.DirectoryChanged(replace(stage.floor.ground.directory, trunks={})))
    with pytest.raises(NotAllowedError, match="no trunk"):
        stage.give(ev.DialLead(session, 1))
    assert stage.session(session).wrap_call_id is not None
    stage.wait(31_000)
    assert stage.session(session).state is not AgentState.WRAP_UP


# ── on a screen when we restart ──────────────────────────────────────────────────────────────────────────────────────
def test_a_callback_on_a_screen_when_we_restart_is_that_agents_still():
    stage = dial_stage(campaign(Mode.PREVIEW), leads=0)
    mine = lead(0, state=LeadState.CALLBACK, callback_agent_id=AGENTS[0], due_at=1, attempts=2)
    stage.book = {mine.id: mine}
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    assert stage.session(session).lead_id == mine.id
    after = after_a_restart(stage, slow=True)
    after.wait(MINUTE_MS + 1000)
    back = after.book[mine.id]
    assert (back.state, back.callback_agent_id, back.attempts) == (LeadState.CALLBACK, AGENTS[0], 2)


def test_a_lead_on_a_screen_when_we_restart_was_not_tried_and_nothing_is_taken_back():
    stage = dial_stage(campaign(Mode.PREVIEW), leads=1)
    stage.book["9000"] = replace(
        stage.book["9000"], attempts=2, due_at=1, numbers=(LeadNumber(number_of(0), attempts=2),)
    )
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    after = after_a_restart(stage, slow=True)
    line = after.session(session).line_leg
    after.give(ev.EngineFound((ev.LegSeen(line, answered=True, session_id=session),)))
    after.give(ev.PhoneChanged(session, connected=True))
    assert after.session(session).state is AgentState.PREVIEW
    after.give(ev.SkipLead(session, "not now"))
    assert (after.book["9000"].attempts, after.book["9000"].numbers[0].attempts) == (2, 2)


@pytest.mark.parametrize("came_back", [True, False])
def test_anybodys_callback_on_a_screen_when_we_restart_is_a_callback_still_with_its_date_and_its_note(came_back):
    stage = dial_stage(campaign(Mode.PREVIEW), leads=0)
    promised = lead(0, state=LeadState.CALLBACK, due_at=stage.now.wall - MINUTE_MS, attempts=6, notes="Ask for Ada")
    stage.book = {promised.id: promised}
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    after = after_a_restart(stage, slow=True)
    if came_back:
        line = after.session(session).line_leg
        after.give(ev.EngineFound((ev.LegSeen(line, answered=True, session_id=session),)))
        after.give(ev.PhoneChanged(session, connected=True))
        shown = after.floor.ground.dialing.leads[promised.id]
        assert (shown.state, shown.notes) == (LeadState.CALLBACK, "Ask for Ada")
        after.give(ev.GoOnBreak(session, "lunch"))
    after.wait(MINUTE_MS + 1000)
    assert after.book[promised.id] == promised


@pytest.mark.parametrize("restarted", [True, False])
def test_a_callback_of_tomorrow_that_an_agent_has_looked_at_is_one_of_tomorrow_still(restarted):
    stage, session = by_hand(leads=0)
    promised = lead(0, state=LeadState.CALLBACK, due_at=stage.now.wall + DAY_MS)
    stage.book = {promised.id: promised}
    stage.give(ev.ShowLead(session, promised))
    if restarted:
        stage = after_a_restart(stage, slow=True)
        stage.wait(MINUTE_MS + 1000)
    else:
        stage.give(ev.GoOnBreak(session, "lunch"))
    assert stage.book[promised.id] == promised


@pytest.mark.parametrize("state", [LeadState.CALLBACK, LeadState.DUE])
def test_a_lead_of_tomorrow_that_is_skipped_today_does_not_come_up_earlier(state):
    stage, session = by_hand(leads=0)
    later = lead(0, state=state, due_at=stage.now.wall + DAY_MS, attempts=1)
    stage.book = {later.id: later}
    stage.give(ev.ShowLead(session, later))
    stage.give(ev.SkipLead(session, "too early"))
    assert (stage.book[later.id].state, stage.book[later.id].due_at) == (state, later.due_at)


def test_a_lead_that_was_looked_at_and_left_has_its_turn_in_the_list_still():
    stage, session = previewing()
    stage.give(ev.GoOnBreak(session, "lunch"))
    assert (stage.book["9000"].state, stage.book["9000"].due_at) == (LeadState.DUE, 0)


def test_a_callback_whose_call_never_left_the_house_is_one_still_though_we_restarted_meanwhile():
    stage = dial_stage(leads=0)
    stage.book = {one.id: one for one in (lead(index, state=LeadState.CALLBACK, due_at=1) for index in range(5))}
    stage.agent()
    for _ in range(4):
        stage.fails(stage.leg(), Cause.FAILED)
    before = dict(stage.floor.ground.dialing.trunks)
    after = after_a_restart(stage, slow=True)
    after.floor.ground.dialing.trunks.update(before)  # the trunk goes on failing
    after.fails(stage.leg(), Cause.FAILED)
    under_way = stage.dialled[-1].number
    (kept,) = [one for one in after.book.values() if one.numbers[0].number == under_way]
    assert (kept.state, kept.last_outcome) == (LeadState.CALLBACK, Outcome.TRUNK_DOWN)


# ── whose owner is with us ───────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_dialled_while_they_wait_in_our_own_queue():
    stage = dial_stage(leads=1)
    waiting = stage.call_in("ann", caller=number_of(0))
    session = stage.agent()
    assert stage.dialled == []
    assert stage.book["9000"].due_at == stage.now.wall + MINUTE_MS
    stage.gone(waiting)
    stage.wait(MINUTE_MS + 11_000)
    assert [one.number for one in stage.dialled] == [number_of(0)]
    assert stage.session(session).state is AgentState.DIALING


def test_nobody_is_called_by_hand_while_they_wait_in_our_own_queue():
    stage, session = by_hand()
    stage.call_in("ann", caller="+15550100123")
    with pytest.raises(NotAllowedError, match="in a call already"):
        stage.give(ev.Dial(session, "+15550100123"))


def test_who_dials_by_hand_is_given_nobody_when_the_campaign_becomes_a_dialers():
    stage, session = by_hand(run=Run.STOPPED)
    one = stage.floor.ground.directory.campaigns[CAMPAIGN]
    running = replace(one, type=Mode.PROGRESSIVE, plan=replace(one.plan, run=Run.RUNNING))
    stage.give(ev.DirectoryChanged(dialing_directory(running)))
    assert stage.dialled == []
    assert session not in stage.floor.ground.sessions


# ── an agent who goes between the answer and the first word ──────────────────────────────────────────────────────────
def test_whose_agent_loses_the_line_while_they_are_put_through_hears_the_message_in_time():
    stage = dial_stage(leads=1)
    session = stage.agent()
    stage.answers(stage.leg())
    assert stage.last(cm.JoinAgent).leg_id == stage.leg()
    stage.gone(stage.session(session).line_leg)
    assert stage.session(session).state is AgentState.LOST
    stage.wait(2000)
    assert stage.last(cm.SayAndHangUp).leg_id == stage.leg()
    stage.join(stage.leg(), session)  # told late: nobody talks there
    stage.gone(stage.leg())
    assert [one.outcome for one in stage.ledger] == [Ledgered.ABANDONED]


def test_whoever_is_free_takes_a_person_whose_agent_loses_the_line_while_they_are_put_through():
    stage = dial_stage(leads=1)
    session = stage.agent()
    other = stage.agent(AGENTS[1])
    stage.answers(stage.leg())
    stage.gone(stage.session(session).line_leg)
    assert stage.last(cm.JoinAgent) == cm.JoinAgent(stage.leg(), other)


def test_an_agents_lost_line_is_no_matter_while_it_is_listened_who_has_answered():
    stage = dial_stage(campaign(detect_machines=True), leads=1)
    session = stage.agent()
    stage.answers(stage.leg())
    stage.gone(stage.session(session).line_leg)
    assert stage.session(session).state is AgentState.DIALING
    stage.is_judged(stage.leg(), AnsweredBy.MACHINE)
    assert stage.last(cm.HangUpLeg).leg_id == stage.leg()


# ── what a campaign's rules count ────────────────────────────────────────────────────────────────────────────────────
def test_calls_of_the_last_minute_count_for_the_limit_of_a_minute_after_a_restart_too():
    stage = dial_stage(campaign(pace=PacePlan(calls_per_second=0, calls_per_minute=2)), leads=20)
    for agent in AGENTS[:2]:
        stage.agent(agent)
    assert len(stage.dialled) == 2
    after = after_a_restart(stage)
    after.give(ev.EngineFound(tuple(ev.LegSeen(one.leg_id, answered=False) for one in stage.dialled)))
    after.agent(AGENTS[2])
    assert after.dialled == []
    after.wait(MINUTE_MS)
    for one in stage.dialled:
        after.fails(one.leg_id)
    assert after.dialled


def test_numbers_that_agents_type_are_shown_each_caller_id_in_turn_too():
    pool = ("+15550100901", "+15550100902")
    stage, session = by_hand(caller_ids=pool, caller_id_choice=CallerIdChoice.ROTATE)
    for number in ("+15550100123", "+15550100124"):
        stage.gone(stage.dial(session, number), Cause.BUSY)
        stage.give(ev.GoReady(session))
    assert tuple(one.caller_id for one in stage.dialled) == pool


# ── the law's attempts ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_call_that_never_left_the_house_is_none_of_the_attempts_that_the_law_counts():
    stage = dial_stage(leads=2)
    stage.agent()
    stage.give(ev.LegGone(stage.leg(), Cause.FAILED, went_out=False))
    assert stage.cdrs[-1].went_out is False
    assert stage.floor.ground.dialing.history(stage.dialled[0].number).attempts_today == 0
    stage.fails(stage.leg(), Cause.FAILED)  # of this one nobody knows
    assert stage.cdrs[-1].went_out is True
    assert stage.floor.ground.dialing.history(stage.dialled[1].number).attempts_today == 1


def test_a_phone_that_was_heard_to_ring_was_called_whatever_the_engine_says_later():
    stage = dial_stage(leads=1)
    stage.agent()
    stage.rings(stage.leg())
    stage.give(ev.LegGone(stage.leg(), Cause.FAILED, went_out=False))
    assert stage.cdrs[-1].went_out is True


@pytest.mark.parametrize("state", [LeadState.DUE, LeadState.CALLBACK])
def test_a_lead_whose_call_never_left_the_house_was_not_tried_and_a_promise_to_it_holds(state):
    stage = dial_stage(leads=0)
    stage.book = {"9000": lead(0, state=state, due_at=1, attempts=2)}
    stage.agent()
    stage.give(ev.LegGone(stage.leg(), Cause.FAILED, went_out=False))
    kept = stage.book["9000"]
    assert (kept.state, kept.last_outcome, kept.attempts) == (state, Outcome.TRUNK_DOWN, 2)
    assert kept.due_at == stage.now.wall + MINUTE_MS
