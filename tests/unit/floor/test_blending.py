"""Agents of a campaign who take their queues' calls too."""

from dataclasses import replace

import pytest

from callside.acd.model import Overflow, OverflowWhen
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.view import view_of
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, MANUAL, SALES, SALES_NUMBER, SUPPORT, TENANT, TRUNK, directory, stage, with_queue

PROGRESSIVE = "290"


def blended(blend=True, base=None):
    base = base or directory()
    fed = Campaign(PROGRESSIVE, TENANT, "Fall", Mode.PROGRESSIVE, TRUNK, frozenset(AGENTS), blend_queues=blend)
    by_hand = replace(base.campaigns[MANUAL], blend_queues=blend)
    return replace(base, campaigns={MANUAL: by_hand, PROGRESSIVE: fed})


def test_it_is_off_unless_the_campaign_says_so():
    floor = stage(set_up=blended(blend=False))
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    leg = floor.call_in("Ada")
    assert floor.session(session).state is AgentState.READY
    assert floor.call_on(leg).state is CallState.QUEUED


@pytest.mark.parametrize(("kind", "campaign"), [(LoginType.MANUAL, MANUAL), (LoginType.PROGRESSIVE, PROGRESSIVE)])
def test_ready_agents_get_the_calls_of_all_their_queues(kind, campaign):
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[0], kind, campaign)
    assert floor.session(session).queue_ids == (SALES, SUPPORT)
    leg = floor.call_in("Ada", SALES_NUMBER)
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    assert floor.session(session).state is AgentState.TALKING
    shown = view_of(floor.floor.ground, floor.session(session), floor.now, 1)
    assert (shown.call.via, [one.name for one in shown.queues]) == ("Sales", ["Sales", "Support"])


def test_an_agent_gets_calls_of_their_own_queues_only():
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[3], LoginType.MANUAL, MANUAL)
    floor.call_in("Ada", SALES_NUMBER)
    assert floor.session(session).state is AgentState.READY


def test_an_agent_who_calls_out_is_left_alone_and_has_the_queues_again_after_it():
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    dialled = floor.dial(session)
    waiting = floor.call_in("Ada")
    assert floor.call_on(waiting).state is CallState.QUEUED
    floor.join(dialled, session)
    floor.gone(dialled)
    assert floor.session(session).state is AgentState.WRAP_UP
    floor.give(ev.GoReady(session))
    assert floor.call_on(waiting).session_id == session


def test_a_call_that_waits_comes_before_the_next_that_the_agent_would_make():
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    floor.gone(floor.dial(session), Cause.BUSY)
    waiting = floor.call_in("Ada")
    floor.give(ev.GoReady(session))
    assert floor.session(session).state is AgentState.RINGING
    assert floor.call_on(waiting).session_id == session
    assert len(floor.sent(cm.DialCustomer)) == 1


def test_idle_agents_of_all_login_types_stand_in_one_line():
    floor = stage(set_up=blended())
    first = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    floor.wait(1_000)
    second = floor.be_ready(AGENTS[1])
    floor.wait(1_000)
    third = floor.be_ready(AGENTS[2], LoginType.PROGRESSIVE, PROGRESSIVE)
    legs = [floor.call_in(name) for name in "abc"]
    assert [floor.call_on(leg).session_id for leg in legs] == [first, second, third]


def test_who_is_blended_in_counts_as_staff_of_the_queue():
    base = with_queue(directory(), overflow=(Overflow(OverflowWhen.UNSTAFFED, SALES),))
    base = with_queue(base, SALES, agents=frozenset())
    floor = stage(set_up=blended(base=base))
    floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    assert floor.call_on(floor.call_in("Ada")).queue_id == SUPPORT


def test_switching_it_off_and_on_holds_from_the_next_call_on():
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    floor.give(ev.DirectoryChanged(blended(blend=False)))
    leg = floor.call_in("Ada")
    assert floor.session(session).state is AgentState.READY
    floor.give(ev.DirectoryChanged(blended()))
    assert floor.call_on(leg).session_id == session
    assert floor.session(session).state is AgentState.RINGING


def test_an_agent_who_is_assigned_to_another_queue_meanwhile_has_it_too():
    floor = stage(set_up=blended())
    session = floor.be_ready(AGENTS[3], LoginType.MANUAL, MANUAL)
    leg = floor.call_in("Ada", SALES_NUMBER)
    floor.give(ev.DirectoryChanged(with_queue(blended(), SALES, agents=frozenset(AGENTS))))
    assert floor.call_on(leg).session_id == session
