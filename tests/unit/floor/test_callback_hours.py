"""Customers are called back only while the queue's hours for that are open, and those who waited through the night come first."""

import copy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.kernel.clock import Moment
from callside.reception.model import Destination, Number, OpeningHours, Target, WeekWindow
from tests.fakes.called_back import ADA, GRACE, OFFER, ask, calling_back, facts, kept, last_dialled
from tests.fakes.stage import AGENTS, SUPPORT_NUMBER, TENANT, stage

HOUR_MS = 3_600_000
WEEKDAYS = OpeningHours("501", TENANT, "Office", "UTC", tuple(WeekWindow(day, 9 * 60, 17 * 60) for day in range(5)))


def at(day: int, hour: int, minute: int = 0) -> int:
    """Wall ms in a week of June 2026 that begins on Monday the first."""
    return int(datetime(2026, 6, day, hour, minute, tzinfo=UTC).timestamp() * 1000)


def in_hours(offer=OFFER, hours=WEEKDAYS, **fields):
    return replace(calling_back(replace(offer, hours_id="501"), **fields), hours={"501": hours})


def floor_at(day: int, hour: int, minute: int = 0, **fields):
    floor = stage(set_up=in_hours(**fields), engine=False)
    floor.now = Moment(1_000_000, at(day, hour, minute))
    floor.give(ev.EngineFound(()))
    return floor


def until(floor, day: int, hour: int, minute: int = 0) -> None:
    floor.wait(at(day, hour, minute) - floor.now.wall)


def in_the_night(floor, name="Ada", caller=ADA):
    """An agent is there (somebody staffs the night), but the window for callbacks is shut."""
    ask(floor, name, caller)


def test_inside_the_hours_it_is_as_without():
    floor = floor_at(1, 10)
    ask(floor)
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.Answer(session))
    assert last_dialled(floor).number == ADA


def test_outside_it_waits_while_agents_are_idle_and_callers_are_served():
    floor = floor_at(1, 20)
    in_the_night(floor)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.READY
    assert facts(floor, "callback.out_of_hours") == [{"queue_id": "279", "opens_at": at(2, 9)}]
    leg = floor.call_in("Grace", caller=GRACE)
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    floor.gone(leg)
    until(floor, 2, 8, 59)
    assert floor.sent(cm.DialCustomer) == []
    [place] = kept(floor)
    assert (place.state, place.callback.opens) == (CallState.QUEUED, at(2, 9))


def test_when_the_hours_open_it_is_offered_before_whoever_came_later():
    floor = floor_at(1, 20)
    in_the_night(floor)
    until(floor, 2, 8, 58)
    leg = floor.call_in("Grace", caller=GRACE)
    until(floor, 2, 9)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).call_id == kept(floor)[0].id
    assert kept(floor)[0].callback.opens == 0
    assert floor.call_on(leg).state is CallState.QUEUED
    floor.give(ev.Answer(session))
    assert last_dialled(floor).number == ADA


def test_an_agent_who_is_idle_when_they_open_is_offered_it_at_that_moment():
    floor = floor_at(1, 20)
    in_the_night(floor)
    until(floor, 2, 8, 55)
    session = floor.be_ready(AGENTS[0])
    until(floor, 2, 8, 59)
    assert floor.session(session).state is AgentState.READY
    until(floor, 2, 9)
    assert floor.session(session).state is AgentState.RINGING


def test_one_that_waits_in_line_when_they_shut_is_called_the_next_day():
    floor = floor_at(1, 16, 50)
    ask(floor)
    until(floor, 1, 17)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.READY
    floor.give(ev.EndSession(session, "logout"))
    until(floor, 2, 9)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING


def test_an_agent_who_takes_it_a_moment_too_late_calls_nobody_and_is_ready():
    floor = floor_at(1, 16, 58)
    ask(floor)
    floor.wait(50_000)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING
    until(floor, 1, 17)
    floor.give(ev.Answer(session))
    assert floor.sent(cm.DialCustomer) == []
    assert floor.session(session).state is AgentState.READY
    [place] = kept(floor)
    assert (place.state, place.callback.attempts, place.callback.opens) == (CallState.QUEUED, 0, at(2, 9))
    assert [one["why"] for one in facts(floor, "callback.postponed")] == ["out_of_hours"]


def test_a_retry_that_would_fall_outside_waits_for_the_opening():
    floor = floor_at(1, 16, 57, offer=replace(OFFER, retry_s=600))
    session = floor.be_ready(AGENTS[0])
    floor.give(ev.GoOnBreak(session, "lunch"))
    ask(floor)
    floor.give(ev.GoReady(session))
    floor.give(ev.Answer(session))
    floor.gone(last_dialled(floor).leg_id, Cause.BUSY)
    [place] = kept(floor)
    assert place.callback.due < place.callback.opens == at(2, 9)
    until(floor, 2, 8, 59)
    assert len(floor.sent(cm.DialCustomer)) == 1


def test_a_weekend_between_does_not_make_it_too_old_but_a_day_of_open_hours_does():
    floor = floor_at(5, 16, 55)  # Friday
    ask(floor)
    until(floor, 8, 9)  # Monday
    assert len(kept(floor)) == 1
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.EndSession(session, "logout"))
    until(floor, 9, 8, 59)
    assert len(kept(floor)) == 1
    until(floor, 9, 9)
    assert [one["why"] for one in facts(floor, "callback.closed")] == ["too_old"]


def test_hours_that_administration_changes_hold_at_once():
    floor = floor_at(1, 20)
    in_the_night(floor)
    session = floor.be_ready(AGENTS[0])
    always = replace(WEEKDAYS, weekly=tuple(WeekWindow(day, 0, 0) for day in range(7)))
    floor.give(ev.DirectoryChanged(in_hours(hours=always)))
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.DirectoryChanged(calling_back()))
    assert kept(floor)[0].callback.opens in {0, at(2, 9)}


def test_a_restart_in_the_night_opens_it_in_the_morning_all_the_same():
    floor = floor_at(1, 20)
    in_the_night(floor)
    ground = floor.floor.ground
    rows = copy.deepcopy(list(ground.calls.values()))
    floor.floor = Floor(ground.directory, ground.ids, ground.policy)
    floor.take(floor.floor.restore((), rows, floor.now))
    floor.give(ev.EngineFound(()))
    until(floor, 2, 8, 50)
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.READY
    until(floor, 2, 9)
    assert floor.session(session).state is AgentState.RINGING


@pytest.mark.parametrize("shut", [(), (WeekWindow(5, 600, 660),)])
def test_hours_that_hardly_ever_open_keep_nobody_for_ever(shut):
    floor = floor_at(1, 20, hours=replace(WEEKDAYS, weekly=shut))
    in_the_night(floor)
    floor.wait(10 * 24 * HOUR_MS)
    assert kept(floor) == []
    assert floor.sent(cm.DialCustomer) == []


@pytest.mark.parametrize("whose", ["hours for callbacks", "the number's opening hours"])
@pytest.mark.parametrize(("called_at", "in_time"), [((1, 17, 0), None), ((2, 10, 50), True), ((2, 11, 1), False)])
def test_what_is_promised_within_two_hours_is_owed_on_in_the_morning_after_closing_time(whose, called_at, in_time):
    offer = replace(OFFER, within_s=7200)
    if whose == "hours for callbacks":
        set_up = in_hours(offer)
    else:
        way = Number("77", TENANT, SUPPORT_NUMBER, Destination(Target.QUEUE, "279"), "501")
        set_up = replace(calling_back(offer), hours={"501": WEEKDAYS}, numbers={"77": way})
    floor = stage(set_up=set_up, engine=False)
    floor.now = Moment(1_000_000, at(1, 16, 54))
    floor.give(ev.EngineFound(()))
    ask(floor)  # has come at 16:54
    until(floor, *called_at)
    session = floor.be_ready(AGENTS[0])
    if in_time is None and whose == "hours for callbacks":
        assert floor.session(session).state is AgentState.READY
        return
    floor.give(ev.Answer(session))
    [dialled] = facts(floor, "callback.dialled")
    open_min = {(1, 17, 0): 6, (2, 10, 50): 116, (2, 11, 1): 127}[called_at]
    assert dialled["owed_ms"] == open_min * 60_000
    assert dialled["in_time"] is (in_time if in_time is not None else True)
    assert dialled["waited_ms"] == at(*called_at) - at(1, 16, 54)
