"""A break that lasts longer than its reason allows is noted once, and changes nothing for the agent."""

from dataclasses import replace

import msgspec
import pytest

from callside.agents.machine import AgentState
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.floor.live import LiveSession
from callside.floor.view import view_of
from callside.sessions.model import EndCause
from callside.tenants.model import BreakReason
from tests.fakes.stage import AGENTS, Counter, Stage, directory, stage

BREAKS = (BreakReason("break", "Short break", 300), BreakReason("lunch", "Lunch", 1800), BreakReason("other", "Other"))


def with_limits():
    base = directory(wrap_up_s=0)
    return replace(base, tenant=replace(base.tenant, breaks=BREAKS))


@pytest.fixture
def floor():
    return stage(set_up=with_limits())


def noted(floor):
    return [(one.session_id, dict(one.detail)) for one in floor.facts if one.kind == "agent.break_exceeded"]


def shown(floor, session):
    return view_of(floor.floor.ground, floor.session(session), floor.now, 1).state


def test_it_is_noted_once_when_the_limit_is_reached_and_the_agent_stays_on_break(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    floor.wait(299_999)
    assert noted(floor) == []
    floor.wait(1)
    assert noted(floor) == [(session, {"reason": "break", "limit_s": 300})]
    floor.wait(3_600_000)
    assert len(noted(floor)) == 1
    assert floor.session(session).state is AgentState.BREAK


def test_the_agent_s_page_is_shown_the_moment_of_it(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    assert shown(floor, session).reason.limitMs == 300_000
    seen = []
    floor.after_step = lambda one: seen.append(one.records[-1].live_sessions.get(session) is not None)
    floor.wait(300_000)
    assert seen == [True]
    assert shown(floor, session).elapsedMs == 300_000


@pytest.mark.parametrize("reason", ["break", "lunch", "other"])
def test_who_is_back_in_time_is_never_noted(floor, reason):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, reason))
    floor.wait(200_000)
    floor.give(ev.GoReady(session))
    floor.wait(3_600_000)
    assert noted(floor) == []
    assert floor.session(session).break_limit_s is None


def test_a_reason_without_a_limit_may_last(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "other"))
    floor.wait(8 * 3_600_000)
    assert noted(floor) == []


def test_each_break_has_its_own_limit_from_its_own_beginning(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    floor.wait(250_000)
    floor.give(ev.GoOnBreak(session, "lunch"))
    floor.wait(1_799_999)
    assert noted(floor) == []
    floor.wait(1)
    floor.give(ev.GoReady(session))
    floor.give(ev.GoOnBreak(session, "break"))
    floor.wait(300_000)
    assert [detail["reason"] for _, detail in noted(floor)] == ["lunch", "break"]


def test_a_break_taken_after_a_call_begins_with_its_end(floor):
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Ada", session)
    floor.give(ev.GoOnBreak(session, "break"))
    floor.wait(600_000)
    floor.gone(leg)
    floor.wait(299_999)
    assert noted(floor) == []
    floor.wait(1)
    assert len(noted(floor)) == 1


def test_a_limit_that_administration_changes_holds_for_breaks_from_then_on(floor):
    first, second = floor.be_ready(AGENTS[0]), floor.be_ready(AGENTS[1])
    floor.give(ev.GoOnBreak(first, "break"))
    base = with_limits()
    floor.give(ev.DirectoryChanged(replace(base, tenant=replace(base.tenant, breaks=(BreakReason("break", "Break"),)))))
    floor.give(ev.GoOnBreak(second, "break"))
    floor.wait(3_600_000)
    assert [who for who, _ in noted(floor)] == [first]


def test_logging_out_ends_it(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    floor.give(ev.EndSession(session, EndCause.LOGOUT))
    floor.wait(3_600_000)
    assert noted(floor) == []


def restart(before):
    """Another process with the rows the first one wrote, read back from their bytes."""
    rows = [
        msgspec.json.decode(msgspec.json.encode(one), type=LiveSession) for one in before.floor.ground.sessions.values()
    ]
    after = Stage(Floor(with_limits(), Counter()), now=before.now, logins=before.logins)
    after.floor.ground.ids.given = 10_000
    after.take(after.floor.restore(rows, (), after.now))
    return after


def test_a_restart_in_the_middle_of_a_break_forgets_no_limit(floor):
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "break"))
    floor.wait(200_000)
    after = restart(floor)
    after.wait(99_999)
    assert noted(after) == []
    after.wait(1)
    assert noted(after) == [(session, {"reason": "break", "limit_s": 300})]


def test_a_limit_reached_while_nobody_ran_is_noted_after_the_restart_and_one_noted_before_is_not_noted_again(floor):
    late, early = floor.be_ready(AGENTS[0]), floor.be_ready(AGENTS[1])
    floor.give(ev.GoOnBreak(early, "break"))
    floor.wait(300_000)
    floor.give(ev.GoOnBreak(late, "break"))
    floor._advance(400_000)
    after = restart(floor)
    after.wait(1_000)
    assert [who for who, _ in noted(floor)] == [early]
    assert [who for who, _ in noted(after)] == [late]


@pytest.mark.parametrize("gone", ["line", "page", "engine"])
def test_a_break_asked_for_while_it_rings_begins_though_the_agent_is_lost_before_the_call_is_over(floor, gone):
    session = floor.be_ready(AGENTS[0])
    floor.call_in("Ada")
    floor.give(ev.GoOnBreak(session, "break"))
    assert floor.session(session).state is AgentState.RINGING
    match gone:
        case "line":
            floor.gone(floor.session(session).line_leg)
        case "page":
            floor.give(ev.PhoneChanged(session, connected=False))
        case _:
            floor.give(ev.EngineLost())
    assert floor.session(session).state is AgentState.BREAK
    assert floor.session(session).pending_break is None
