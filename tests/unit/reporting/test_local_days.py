"""Days by a tenant's clocks, and what is counted by interval adds up to what is counted by day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.floor.facts import Fact
from callside.floor.missed import UNAVAILABLE
from callside.kernel.clock import Moment
from callside.reporting.day import Today
from callside.reporting.figures import Figures
from callside.reporting.local_days import DaySteps, day_of, next_day, zone_of

HOUR = 3_600_000
QUARTER = 900_000
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
)


def at(text: str, zone: str = "UTC") -> int:
    moment = datetime.fromisoformat(text)
    return round(moment.replace(tzinfo=zone_of(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-10-26", "Europe/Berlin", 24),
        ("2026-03-08", "America/New_York", 23),
        ("2026-11-01", "America/New_York", 25),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2026-03-29", "Asia/Beirut", 23),
        ("2026-11-01", "America/Havana", 25),
        ("2026-07-01", "UTC", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(day, zone, hours):
    begin = day_of(at(f"{day}T12:00", zone), zone_of(zone))
    assert next_day(begin, zone_of(zone)) - begin == hours * HOUR


@given(st.integers(at("2000-01-01T00:00"), at("2037-01-01T00:00")), st.sampled_from(ZONES))
def test_every_moment_lies_in_one_day_that_begins_on_a_quarter_of_an_hour(wall, zone):
    clocks = zone_of(zone)
    begin, end = day_of(wall, clocks), next_day(wall, clocks)
    assert begin <= wall < end
    assert begin % QUARTER == end % QUARTER == 0
    assert day_of(begin, clocks) == begin
    assert day_of(end, clocks) == end
    assert day_of(end - 1, clocks) == begin


def test_today_begins_at_the_tenants_midnight():
    today = Today(at("2026-10-25T12:00", "Europe/Berlin"), "Europe/Berlin")
    assert today.at(at("2026-10-25T23:59", "Europe/Berlin")).since == at("2026-10-25T00:00", "Europe/Berlin")
    assert today.at(at("2026-10-26T00:00", "Europe/Berlin")).since == at("2026-10-26T00:00", "Europe/Berlin")


def spent(agent: str, state: str, until: int, lasted: int) -> Fact:
    detail = {"from": state, "to": "ready", "lasted_ms": lasted}
    return Fact("agent.state_changed", "1012", Moment(until, until), agent_id=agent, session_id="s", detail=detail)


def answered(agent: str, when: int) -> Fact:
    return Fact(
        "call.answered", "1012", Moment(when, when), agent_id=agent, call_id="c", detail={"direction": "outbound"}
    )


def facts_around(begin: int, end: int):
    moment = st.integers(begin - 3 * HOUR, end + 3 * HOUR)
    agent, state = st.sampled_from(["101", "102"]), st.sampled_from(["ready", "talking", "held", "wrap_up", "break"])
    a_state = st.builds(spent, agent, state, moment, st.integers(0, 9 * HOUR))
    return st.lists(st.one_of(a_state, st.builds(answered, agent, moment)), max_size=30)


@pytest.mark.parametrize(
    ("day", "zone"),
    [("2026-10-25", "Europe/Berlin"), ("2026-03-29", "Europe/Berlin"), ("2026-07-01", "Asia/Kathmandu")],
)
@given(data=st.data())
def test_an_agents_quarters_add_up_to_the_day(day, zone, data):
    clocks = ZoneInfo(zone)
    begin = at(f"{day}T00:00", zone)
    end = next_day(begin, clocks)
    facts = data.draw(facts_around(begin, end))
    quarters = Figures(begin, end, QUARTER, agents_by_interval=True)
    whole = Figures(begin, end, steps=DaySteps(clocks), agents_by_interval=True)
    for fact in facts:
        quarters.take(fact)
        whole.take(fact)
    for agent in ("101", "102"):
        parts = [one for (who, _), one in quarters.agent_intervals.items() if who == agent]
        of_day = whole.agent_intervals.get((agent, begin))
        total = whole.agent(agent)
        for state in ("ready", "talking", "held", "wrap_up", "break"):
            assert sum(one.spent_ms[state] for one in parts) == total.spent_ms[state]
            assert (of_day.spent_ms[state] if of_day else 0) == total.spent_ms[state]
        assert sum(one.answered_out for one in parts) == total.answered_out
        assert all(sum(one.spent_ms.values()) <= QUARTER * len(facts) for one in parts)


def test_a_state_over_an_intervals_end_is_cut_there():
    begin = at("2026-07-01T09:00")
    figures = Figures(begin, begin + HOUR, QUARTER, agents_by_interval=True)
    figures.take(spent("101", "talking", begin + QUARTER + 60_000, 120_000))
    assert figures.agent_intervals["101", begin].spent_ms == {"talking": 60_000}
    assert figures.agent_intervals["101", begin + QUARTER].spent_ms == {"talking": 60_000}


def test_facts_that_are_on_disk_and_were_kept_back_are_counted_once():
    wall = at("2026-07-01T09:00")
    today = Today(wall)
    before, during, after = (spent("101", "ready", wall + n * 1000, 1000) for n in (1, 2, 3))
    today.take([before])
    today.move(wall, "Asia/Kathmandu")
    today.begin_recount()
    today.take([during])
    today.recount([before, during])
    today.take([after])
    today.end_recount(is_complete=True)
    assert today.at(wall).agent("101").spent_ms == {"ready": 3000}
    assert today.at(wall).since == at("2026-07-01T00:00", "Asia/Kathmandu")


def test_a_clock_that_ran_far_ahead_for_a_moment_does_not_end_the_counting():
    wall = at("2026-10-25T12:00", "Europe/Berlin")
    today = Today(wall, "Europe/Berlin")
    before = today.at(wall).since
    today.at(at("2036-02-07T06:28", "Europe/Berlin"))
    assert today.at(wall + 60_000).since == before
    assert not today.is_complete


def test_a_caller_missed_yesterday_who_is_told_of_today_takes_none_of_todays_figures_away():
    wall = at("2026-07-01T09:00")
    today = Today(wall)
    today.take([spent("101", "ready", wall, 1000)])
    came = Moment(wall - 12 * HOUR, wall - 12 * HOUR)
    missed = Fact(UNAVAILABLE, "t", came, None, None, "c1", {"queue_id": "279"})
    today.take([missed])
    assert today.is_complete
    assert today.at(wall).agent("101").spent_ms == {"ready": 1000}
    today.begin_recount()
    today.take([missed])
    today.end_recount(is_complete=True)
    assert today.is_complete
    assert today.at(wall).agent("101").spent_ms == {"ready": 1000}
    assert today.at(wall).queues == {}
