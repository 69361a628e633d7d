"""What the page shows of campaigns and their leads."""

from dataclasses import replace

import pytest

from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadNumber, LeadState
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import Run
from callside.floor import events as ev
from callside.floor.lead_view import (
    LONGEST_VALUE,
    MOST_FIELDS,
    CampaignView,
    LeadCallbackView,
    LeadFieldView,
    lead_rows,
)
from callside.floor.view import view_of
from callside.sessions.model import EndCause, LoginType
from callside.tenants.model import Disposition
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory, lead, number_of
from tests.fakes.stage import SUPPORT


def shown(stage, session):
    return view_of(stage.floor.ground, stage.session(session), stage.now, 1)


def previewing(*, leads=1, numbers=1, change=None, **fields):
    """A floor with a PREVIEW campaign, and an agent before whom the first lead is."""
    stage = dial_stage(campaign(Mode.PREVIEW, **fields), leads=leads, numbers=numbers)
    if change is not None:
        stage.book = {one.id: replace(one, **change) for one in stage.book.values()}
    return stage, stage.agent(kind=LoginType.MANUAL)


# ── the card ──
def test_a_lead_that_is_shown_is_on_the_page_with_its_countdown():
    stage, session = previewing(numbers=2, preview_s=20, change={"notes": "Prefers mornings"})
    stage.wait(5_000)
    view = shown(stage, session)
    assert (view.state.name, view.previewMs, view.call) == ("preview", 15_000, None)
    card = view.lead
    assert (card.id, card.name, card.notes, card.chosen) == ("9000", "Lead 0", "Prefers mornings", 0)
    assert [one.number for one in card.numbers] == [number_of(0), number_of(0, 1)]
    assert card.numbers[0].display == "(555) 010-0000"


def test_the_card_stays_through_the_call_and_its_wrap_up_and_then_goes():
    stage, session = previewing(numbers=2, wrap_up_s=30, script="Good morning")
    stage.give(ev.DialLead(session, 1))
    dialing = shown(stage, session)
    assert (dialing.lead.chosen, dialing.lead.attempts, dialing.previewMs) == (1, 1, None)
    assert (dialing.call.leadId, dialing.call.script) == ("9000", "Good morning")
    stage.join(stage.leg(), session)
    assert shown(stage, session).lead.id == "9000"
    stage.gone(stage.leg())
    assert shown(stage, session).lead.id == "9000"
    stage.give(ev.GoReady(session))
    assert shown(stage, session).lead is None


def test_where_callside_dials_the_card_is_there_before_the_answer():
    stage = dial_stage(leads=1)
    session = stage.agent()
    view = shown(stage, session)
    assert (view.state.name, view.lead.id, view.call.leadId) == ("dialing", "9000", "9000")


def test_without_a_campaign_there_is_neither_card_nor_campaign():
    stage = dial_stage()
    session = stage.be_ready(AGENTS[1], LoginType.AUTO, SUPPORT)
    view = shown(stage, session)
    assert (view.campaign, view.lead, view.previewMs) == (None, None, None)


def test_empty_columns_are_left_out_and_long_ones_cut():
    fields = {"Empty": "  ", "Long": "x" * 9_000} | {f"Column {number}": "1" for number in range(100)}
    stage, session = previewing(change={"fields": fields})
    found = shown(stage, session).lead.fields
    assert len(found) == MOST_FIELDS
    assert found[0].name == "Long"
    assert len(found[0].value) == LONGEST_VALUE
    assert found[1] == LeadFieldView("Column 0", "1")


def test_a_number_that_asked_not_to_be_called_is_marked():
    stage, session = previewing(numbers=2)
    assert session in stage.give(ev.NumbersBlocked((number_of(0, 1),))).changed
    assert [one.blocked for one in shown(stage, session).lead.numbers] == [False, True]


def test_the_number_that_may_be_called_is_chosen_and_is_the_one_that_the_countdown_calls():
    stage = dial_stage(campaign(Mode.PREVIEW, preview_s=20), leads=1, numbers=2)
    (kept,) = stage.book.values()
    numbers = (replace(kept.numbers[0], blocked=True), kept.numbers[1])
    stage.book = {kept.id: replace(kept, numbers=numbers)}
    session = stage.agent(kind=LoginType.MANUAL)
    assert shown(stage, session).lead.chosen == 1
    stage.wait(20_000)
    assert stage.dialled[-1].number == number_of(0, 1)


@pytest.mark.parametrize(
    ("zone", "key", "told"),
    [
        ("Europe/Berlin", "America/New_York", "Europe/Berlin"),
        ("", "America/New_York", "America/New_York"),
        ("", "America/Chicago|America/New_York", ""),
        ("", "", ""),
    ],
)
def test_the_customers_clock_is_told_only_where_it_is_sure(zone, key, told):
    numbers = (LeadNumber(number_of(0), zone_key=key),)
    stage, session = previewing(change={"zone": zone, "numbers": numbers})
    assert shown(stage, session).lead.zone == told


@pytest.mark.parametrize(("owner", "mine"), [(AGENTS[0], True), (AGENTS[1], False)])
def test_a_callback_says_whose_it_is(owner, mine):
    stage, session = previewing(change={"callback_agent_id": owner})
    assert shown(stage, session).lead.callback == LeadCallbackView(f"Agent {owner}", mine=mine)


# ── a page that is loaded again ──
def away(stage, session):
    stage.give(ev.PhoneChanged(session, connected=False))


def back(stage, session):
    stage.give(ev.PhoneChanged(session, connected=True))


def test_a_page_that_is_loaded_again_shows_the_same_lead_with_a_new_countdown():
    stage, session = previewing(leads=5, preview_s=20)
    stage.wait(15_000)
    away(stage, session)
    assert (shown(stage, session).state.name, shown(stage, session).previewMs) == ("lost", None)
    stage.wait(10_000)
    assert stage.dialled == []
    back(stage, session)
    view = shown(stage, session)
    assert (view.state.name, view.lead.id, view.previewMs) == ("preview", "9000", 20_000)
    stage.wait(20_000)
    assert stage.call_on(stage.leg()).lead_id == "9000"


def test_a_lead_whose_agent_does_not_come_back_is_given_to_others():
    stage, session = previewing(leads=1)
    away(stage, session)
    other = stage.agent(AGENTS[1], kind=LoginType.MANUAL)
    assert shown(stage, other).lead is None
    stage.wait(61_000)
    assert stage.book["9000"].attempts == 0
    stage.wait(30_000)
    assert shown(stage, other).lead.id == "9000"
    back(stage, session)
    assert shown(stage, session).lead is None


@pytest.mark.parametrize(("event", "word"), [(ev.GoOnBreak, "lunch"), (ev.EndSession, EndCause.LOGOUT)])
def test_an_agent_who_goes_while_they_are_away_lets_the_lead_go(event, word):
    stage, session = previewing(leads=1)
    away(stage, session)
    stage.give(event(session, word))
    assert stage.book["9000"].state is LeadState.DUE
    assert stage.floor.ground.dialing.leads == {}


# ── why nothing is dialled ──
def test_an_agent_who_waits_is_told_that_the_campaign_runs():
    stage = dial_stage(leads=1, slow=True)
    assert shown(stage, stage.agent()).campaign == CampaignView("PROGRESSIVE", None, None)


@pytest.mark.parametrize("run", [Run.STOPPED, Run.PAUSED])
def test_a_campaign_that_does_not_run_says_so(run):
    stage = dial_stage(campaign(run=run))
    assert shown(stage, stage.agent()).campaign == CampaignView("PROGRESSIVE", run, None)


def test_a_campaign_without_a_profile_says_so():
    stage = dial_stage(campaign(profile="nowhere"))
    assert shown(stage, stage.agent()).campaign.halt == "no_profile"


def test_a_campaign_that_begins_later_says_when():
    stage = dial_stage()
    begins = stage.now.wall + 60_000
    stage.give(ev.DirectoryChanged(dialing_directory(campaign(starts_at=begins))))
    session = stage.agent()
    stage.wait(20_000)
    assert shown(stage, session).campaign == CampaignView("PROGRESSIVE", "not_yet", 40_000)


def test_agents_are_shown_a_new_reason_at_once():
    stage = dial_stage(leads=0)
    session = stage.agent()
    assert shown(stage, session).campaign.halt == "no_leads"
    begins = stage.now.wall + 1_000
    assert session in stage.give(ev.DirectoryChanged(dialing_directory(campaign(starts_at=begins)))).changed
    stage.wait(999)
    outcomes = []
    stage.after_step = lambda _: outcomes.append(shown(stage, session).campaign.halt)
    stage.wait(1)
    assert outcomes[-1] != "not_yet"


def test_an_agent_who_waits_is_shown_when_the_list_has_run_dry():
    stage = dial_stage(leads=0, slow=True)
    session = stage.agent()
    assert shown(stage, session).campaign.halt is None
    outcome = stage.give(ev.LeadsFetched(CAMPAIGN, ()))
    assert session in outcome.changed
    assert shown(stage, session).campaign.halt == "no_leads"


# ── wrap-up and the list ──
def test_wrap_up_knows_which_dispositions_ask_for_a_date_and_what_was_chosen():
    stage, session = previewing(wrap_up_s=30, effects={"cb": LeadEffect(EffectKind.CALLBACK)})
    directory = stage.floor.ground.directory
    words = (Disposition("sale", "Sale"), Disposition("cb", "Call back"))
    tenant = replace(directory.tenant, dispositions=words)
    stage.give(ev.DirectoryChanged(replace(directory, tenant=tenant)))
    stage.give(ev.DialLead(session))
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    assert shown(stage, session).wrapUp.callbacks == ("cb",)
    at = stage.now.wall + 86_400_000
    stage.give(ev.Dispose(session, "cb", finish=False, callback_at=at, callback_mine=True))
    wrapped = shown(stage, session).wrapUp.call
    assert (wrapped.disposition, wrapped.callbackAt, wrapped.callbackMine) == ("cb", at, True)


def test_the_agents_list_says_who_when_and_whose_and_leaves_out_whom_somebody_has():
    stage, _ = previewing(leads=1)
    ground, at = stage.floor.ground, stage.now.wall + 3_600_000
    mine = lead(1, state=LeadState.CALLBACK, due_at=at, callback_agent_id=AGENTS[0], notes="n" * 500)
    anybodys = lead(2, state=LeadState.CALLBACK, due_at=at)
    rows = lead_rows(ground, AGENTS[0], [stage.book["9000"], mine, anybodys, lead(3)])
    assert [one.id for one in rows] == ["9001", "9002", "9003"]
    assert rows[0].callback == LeadCallbackView(f"Agent {AGENTS[0]}", mine=True)
    assert rows[1].callback == LeadCallbackView("", mine=False)
    assert (rows[2].callback, rows[2].dueAt, rows[0].dueAt) == (None, 0, at)
    assert len(rows[0].notes) < 200
