"""Dialling where things come in an unlucky order: nobody is called twice, none against their word, and none is forgotten."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.calls.model import Cause
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import Run
from callside.floor import events as ev
from callside.floor.dialing_desk import Halt
from callside.kernel.errors import NotAllowedError
from callside.kernel.ids import CampaignId
from callside.sessions.model import LoginType
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory, lead, number_of

OTHER = CampaignId("291")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def previewing(leads=3, numbers=1, **plan):
    stage = dial_stage(campaign(Mode.PREVIEW, wrap_up_s=30, **plan), leads=leads, numbers=numbers)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def by_hand(**plan):
    stage = dial_stage(campaign(Mode.MANUAL, wrap_up_s=30, **plan), leads=3)
    return stage, stage.agent(AGENTS[0], LoginType.MANUAL)


def set_to(stage, run):
    one = stage.floor.ground.directory.campaigns[CAMPAIGN]
    stage.give(ev.DirectoryChanged(dialing_directory(replace(one, plan=replace(one.plan, run=run)))))


def two_campaigns():
    """Campaign 291 beside the usual one; its leads come only when a test brings them."""
    beside = replace(campaign(), id=OTHER, name="Welcome")
    base = dialing_directory()
    stage = dial_stage(leads=0, set_up=replace(base, campaigns=base.campaigns | {OTHER: beside}), slow=True)
    return stage, stage.be_ready(AGENTS[0], LoginType.PROGRESSIVE, OTHER)


# ── a lead is one agent's ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_lead_opened_from_ones_own_list_is_not_given_to_the_next_who_asks():
    stage, session = by_hand()
    other = stage.agent(AGENTS[1], LoginType.MANUAL)
    stage.give(ev.ShowLead(session, stage.book["9000"]))  # which is at hand for whoever asks next
    stage.give(ev.NextLead(other))
    assert stage.session(other).lead_id == "9001"


def test_who_is_at_hand_for_their_agent_and_opened_by_that_agent_is_called_once():
    stage, session = by_hand()
    mine = lead(5, state=LeadState.CALLBACK, callback_agent_id=AGENTS[0], due_at=1)
    stage.book[mine.id] = mine
    stage.give(ev.LeadsChanged(CAMPAIGN))
    stage.give(ev.ShowLead(session, mine))
    stage.give(ev.DialLead(session, 0))
    stage.gone(stage.leg(), Cause.BUSY)
    stage.give(ev.GoReady(session))
    stage.give(ev.NextLead(session))
    assert stage.session(session).lead_id != mine.id


# ── what an administrator has stopped ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("run", [Run.PAUSED, Run.STOPPED])
def test_a_countdown_that_ends_while_the_campaign_is_paused_calls_nobody_and_the_lead_is_as_before(run):
    stage, session = previewing(preview_s=10)
    set_to(stage, run)
    stage.wait(10_000)
    assert stage.dialled == []
    assert stage.session(session).state is AgentState.READY
    assert (stage.book["9000"].state, stage.book["9000"].last_outcome) == (LeadState.DUE, None)
    set_to(stage, Run.RUNNING)
    assert stage.session(session).state is AgentState.PREVIEW


def test_the_lead_of_a_paused_campaign_is_not_called_at_a_click_either():
    stage, session = previewing()
    set_to(stage, Run.PAUSED)
    with pytest.raises(NotAllowedError, match="paused"):
        stage.give(ev.DialLead(session, 0))
    assert stage.session(session).state is AgentState.PREVIEW
    set_to(stage, Run.RUNNING)
    stage.give(ev.DialLead(session, 0))
    assert len(stage.dialled) == 1


def test_after_the_campaigns_end_nobody_is_called_by_hand_either():
    stage, session = by_hand()
    one = stage.floor.ground.directory.campaigns[CAMPAIGN]
    over = replace(one, plan=replace(one.plan, ends_at=stage.now.wall + 1000))
    stage.give(ev.DirectoryChanged(dialing_directory(over)))
    stage.wait(1000)
    for asked in (ev.Dial(session, "+15550100123"), ev.NextLead(session)):
        with pytest.raises(NotAllowedError, match="is over"):
            stage.give(asked)


def test_a_campaign_by_hand_that_was_never_started_can_be_dialled_in():
    stage, session = by_hand(run=Run.STOPPED)
    stage.give(ev.Dial(session, "+15550100123"))
    assert len(stage.dialled) == 1


def test_a_campaign_that_is_removed_under_a_call_leaves_no_lead_behind():
    stage = dial_stage(leads=1)
    stage.agent()
    stage.rings(stage.leg())
    without = dialing_directory()
    stage.give(
        ev.DirectoryChanged(replace(without, campaigns={k: v for k, v in without.campaigns.items() if k != CAMPAIGN}))
    )
    stage.fails(stage.leg(), Cause.BUSY)
    assert stage.book["9000"].state is LeadState.DUE
    assert stage.book["9000"].last_outcome is Outcome.BUSY
    assert stage.floor.ground.dialing.leads == {}


def test_what_was_read_before_the_lists_changed_is_not_called():
    stage = dial_stage(leads=1, slow=True)
    stage.agent()
    before = stage.due()
    stage.book.clear()
    stage.give(ev.LeadsChanged(CAMPAIGN))  # the list was disabled while its leads were being read
    stage.give(ev.LeadsFetched(CAMPAIGN, before))
    assert stage.dialled == []
    stage.fetch_all()
    stage.wait(10_000)
    assert stage.dialled == []


# ── a person's word ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_pressed_on_one_phone_counts_for_all_of_that_persons():
    stage = dial_stage(leads=1, numbers=2)
    session = stage.agent()
    leg = stage.leg()
    stage.rings(leg)
    stage.give(ev.PhoneChanged(session, connected=False))
    stage.answers(leg)
    stage.wait(2000)
    stage.give(ev.LegDigit(leg, "9"))
    assert stage.dnc == {number_of(0, 0), number_of(0, 1)}


def test_a_disposition_that_means_never_again_counts_for_all_numbers_of_the_lead():
    stage, session = previewing(numbers=2, effects={"sale": LeadEffect(EffectKind.DNC)})
    stage.give(ev.DialLead(session, 0))
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    stage.give(ev.Dispose(session, "sale"))
    assert stage.dnc == {number_of(0, 0), number_of(0, 1)}
    assert stage.book["9000"].state is LeadState.BLOCKED


def test_a_number_blocked_for_one_campaign_is_called_by_another():
    stage, _ = two_campaigns()
    there = lead(3)
    stage.book[there.id] = there
    stage.give(ev.NumbersBlocked((number_of(3),), CAMPAIGN))
    stage.give(ev.LeadsFetched(OTHER, (there,)))
    assert [one.number for one in stage.dialled] == [number_of(3)]


def test_what_one_campaign_knows_of_a_number_is_not_held_against_another():
    stage, session = two_campaigns()
    there = lead(3)
    stage.book[there.id] = there
    manual = stage.be_ready(AGENTS[1], LoginType.PROGRESSIVE, CAMPAIGN)
    assert manual != session
    stage.give(ev.LeadsFetched(CAMPAIGN, (), {number_of(3): NumberHistory(opted_out=True)}))
    stage.give(ev.LeadsFetched(OTHER, (there,), {number_of(3): NumberHistory()}))
    assert [one.number for one in stage.dialled] == [number_of(3)]


def test_of_a_lead_with_one_number_blocked_the_other_is_called():
    stage = dial_stage(leads=1, numbers=2)
    stage.give(ev.NumbersBlocked((number_of(0, 0),)))
    stage.agent()
    assert [one.number for one in stage.dialled] == [number_of(0, 1)]
    assert stage.book["9000"].state is LeadState.DIALLING


@pytest.mark.parametrize("of", [None, CAMPAIGN])
def test_a_number_put_on_a_list_while_its_lead_is_on_the_screen_is_not_called_however_long_that_stays(of):
    stage, session = previewing()
    stage.give(ev.NumbersBlocked((number_of(0),), of))
    for _ in range(10):
        stage.wait(60_000)
        stage.give(ev.NumbersBlocked(("+15550109999",)))
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        stage.give(ev.DialLead(session, 0))


def test_a_hold_that_began_while_a_number_was_being_read_is_not_forgotten():
    stage, session = two_campaigns()
    number = number_of(3)
    ground = stage.floor.ground
    ground.dialing.histories[number] = NumberHistory(last_abandoned_at=stage.now.wall, attempts_today=1)
    stage.give(ev.LeadsFetched(OTHER, (), {number: NumberHistory()}))
    assert ground.dialing.history(number).last_abandoned_at == stage.now.wall
    assert session


# ── a callback is a promise ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_personal_callback_that_its_agent_leaves_is_not_anybodys_at_once():
    stage = dial_stage(campaign(Mode.PREVIEW), leads=1)
    stage.book["9000"] = replace(
        stage.book["9000"], state=LeadState.CALLBACK, callback_agent_id=AGENTS[0], due_at=stage.now.wall
    )
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    outcome = stage.give(ev.GoOnBreak(session, "lunch"))
    (progress,) = outcome.record.leads
    assert progress.callback_agent_id == AGENTS[0]
    assert progress.anybody_from >= stage.now.wall + DAY_MS - 1000


def test_a_callback_that_is_skipped_is_a_callback_still_however_often_it_was_called():
    stage = dial_stage(campaign(Mode.PREVIEW), leads=1)
    stage.book["9000"] = replace(stage.book["9000"], state=LeadState.CALLBACK, attempts=6)
    session = stage.agent(AGENTS[0], LoginType.MANUAL)
    stage.give(ev.SkipLead(session, "not now"))
    after = stage.book["9000"]
    assert (after.state, after.last_outcome, after.attempts) == (LeadState.CALLBACK, Outcome.SKIPPED, 6)
    assert after.due_at == stage.now.wall + HOUR_MS


def test_a_callback_that_never_left_the_house_is_a_callback_still():
    stage = dial_stage(leads=5)
    for each in stage.book.values():
        stage.book[each.id] = replace(each, state=LeadState.CALLBACK, attempts=6, due_at=1)
    stage.agent()
    for _ in range(5):
        stage.fails(stage.leg(), Cause.FAILED)
    states = [(one.state, one.attempts) for one in stage.book.values()]
    assert states == [(LeadState.CALLBACK, 6)] * 5


def test_a_callback_that_comes_due_goes_before_the_leads_at_hand():
    stage = dial_stage(leads=5)
    stage.agent()
    promised = lead(9, state=LeadState.CALLBACK, due_at=stage.now.wall)
    stage.book[promised.id] = promised
    stage.give(ev.LeadsFetched(CAMPAIGN, (*stage.due()[:0], promised)))
    stage.fails(stage.leg(), Cause.BUSY)
    assert stage.dialled[-1].number == number_of(9)


# ── a dead trunk uses nobody up ──────────────────────────────────────────────────────────────────────────────────────
def test_the_calls_by_which_a_dead_trunk_was_found_out_are_no_attempts():
    stage = dial_stage()
    stage.agent()
    for _ in range(5):
        stage.fails(stage.leg(), Cause.FAILED)
    tried = [one for one in stage.book.values() if one.last_outcome is not None]
    assert [(one.last_outcome, one.attempts, one.numbers[0].attempts) for one in tried] == [
        (Outcome.TRUNK_DOWN, 0, 0)
    ] * 5
    assert {one.due_at for one in tried} == {stage.now.wall + 60_000}


def test_a_lead_that_somebody_has_changed_meanwhile_is_left_as_it_is():
    stage = dial_stage()
    stage.agent()
    stage.fails(stage.leg(), Cause.FAILED)
    stage.book["9000"] = replace(stage.book["9000"], state=LeadState.DONE)
    stage.give(ev.LeadsChanged(CAMPAIGN))
    for _ in range(4):
        stage.fails(stage.leg(), Cause.FAILED)
    assert stage.book["9000"].state is LeadState.DONE


def test_single_failures_between_calls_that_ring_are_attempts():
    stage = dial_stage()
    stage.agent()
    for _ in range(4):
        stage.fails(stage.leg(), Cause.FAILED)
    stage.rings(stage.leg())
    stage.fails(stage.leg(), Cause.NO_ANSWER)
    assert stage.book["9000"].attempts == 1
    assert stage.book["9000"].last_outcome is Outcome.FAILED


def test_a_month_of_dialled_numbers_is_not_remembered_for_ever(monkeypatch):
    monkeypatch.setattr("callside.floor.dialing_desk._MOST_HISTORIES", 100)
    dialing = dial_stage().floor.ground.dialing
    for number in range(1000):
        dialing.learn("281", {f"+1555{number:07}": NumberHistory(attempts_today=1)}, 0)
    assert len(dialing.histories) == 100
    assert dialing.history("+15550000999").attempts_today == 1


def test_a_dead_trunk_halts_a_campaign_whose_agents_call_as_well_and_uses_none_of_its_leads_up():
    stage, session = previewing(leads=8)
    for _ in range(5):
        stage.give(ev.DialLead(session, 0))
        stage.gone(stage.leg(), Cause.FAILED)
        stage.give(ev.GoReady(session))
    assert stage.session(session).state is AgentState.READY
    assert stage.floor.ground.dialing.desk(CAMPAIGN).halt is Halt.TRUNK_DOWN
    tried = [one for one in stage.book.values() if one.last_outcome is not None]
    assert [(one.last_outcome, one.attempts) for one in tried] == [(Outcome.TRUNK_DOWN, 0)] * 5
    stage.wait(10_000)
    assert stage.session(session).state is AgentState.PREVIEW


def test_what_agents_type_by_hand_says_nothing_of_the_trunk():
    stage, session = by_hand()
    for _ in range(6):
        stage.give(ev.Dial(session, "+15550100123"))
        stage.gone(stage.leg(), Cause.FAILED)
        stage.give(ev.GoReady(session))
    assert not stage.told("trunk.down")


def test_whoever_has_just_said_never_again_is_not_called_again_from_the_wrap_up():
    stage, session = previewing(numbers=2, effects={"sale": LeadEffect(EffectKind.DNC)})
    stage.give(ev.DialLead(session, 0))
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    stage.give(ev.Dispose(session, "sale", finish=False))
    assert stage.session(session).state is AgentState.WRAP_UP
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        stage.give(ev.DialLead(session, 1))
    assert stage.session(session).state is AgentState.WRAP_UP
    assert len(stage.dialled) == 1


def test_another_profile_does_not_make_what_was_abandoned_undone():
    stage = dial_stage(leads=3)
    session = stage.agent()
    stage.give(ev.PhoneChanged(session, connected=False))
    stage.answers(stage.leg())
    stage.wait(2000)
    stage.gone(stage.leg())
    ground = stage.floor.ground
    one = ground.directory.campaigns[CAMPAIGN]
    none, uk = (ground.directory.profile_at(name, stage.now.wall) for name in ("none", "uk"))
    assert ground.dialing.tally(CAMPAIGN, none).counts(stage.now.wall).abandoned == 1
    stage.give(ev.DirectoryChanged(dialing_directory(replace(one, plan=replace(one.plan, profile="uk")))))
    after = ground.dialing.tally(CAMPAIGN, uk)
    assert (after.profile.key, after.counts(stage.now.wall).abandoned) == (uk.key, 1)
