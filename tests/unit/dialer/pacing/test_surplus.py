"""Which ringing lines nobody would be there for."""

from dataclasses import replace

import pytest

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import AgentMode, Known, KnownAgent, KnownLine, PacingMode, PacingSettings

PREDICTIVE = PacingSettings(mode=PacingMode.PREDICTIVE, smallest_team=0)
NOW = 20_000


def crew(ready=0, talking=0, wrapping=0):
    modes = [AgentMode.READY] * ready + [AgentMode.TALKING] * talking + [AgentMode.WRAPPING] * wrapping
    return tuple(KnownAgent(f"a{number}", mode, 0) for number, mode in enumerate(modes))


def surplus(settings, agents, launched):
    lines = tuple(KnownLine(f"l{number}", at) for number, at in enumerate(launched))
    pacer = pacer_for(settings, Known(lines=lines, agents=agents))
    return pacer.surplus_lines([one.line_id for one in lines], NOW)


@pytest.mark.parametrize("mode", list(PacingMode))
def test_with_nobody_there_every_line_is_one_too_many(mode):
    assert surplus(replace(PREDICTIVE, mode=mode), (), [0, 1000, 2000]) == ["l0", "l1", "l2"]


@pytest.mark.parametrize("mode", list(PacingMode))
def test_with_an_idle_agent_for_each_line_none_is(mode):
    assert surplus(replace(PREDICTIVE, mode=mode), crew(ready=3), [0, 1000, 2000]) == []


@pytest.mark.parametrize("mode", [PacingMode.PROGRESSIVE, PacingMode.BOOST])
def test_without_a_forecast_it_is_those_beyond_the_idle_agents_the_oldest_first(mode):
    assert surplus(replace(PREDICTIVE, mode=mode), crew(ready=1, talking=5), [0, 1000, 2000]) == ["l0", "l1"]


def test_a_forecast_counts_on_chance_and_on_agents_about_to_be_free():
    assert surplus(PREDICTIVE, crew(ready=1), [0, 1000, 2000]) == []
    assert surplus(PREDICTIVE, crew(wrapping=20), [0, 1000, 2000]) == []


def test_a_forecast_begins_with_the_oldest_and_stops_where_the_rest_may_find_somebody():
    every = [f"l{number}" for number in range(400)]
    named = surplus(PREDICTIVE, crew(ready=1), [number * 10 for number in range(400)])
    assert 0 < len(named) < 400
    assert named[0] == "l0"
    assert named == [one for one in every if one in set(named)]


def test_lines_that_pacing_does_not_know_or_that_were_answered_are_not_named():
    pacer = pacer_for(PREDICTIVE, Known(lines=(KnownLine("l0", 0), KnownLine("l1", 0, answered_ms=NOW))))
    assert pacer.surplus_lines(["other", "l1", "l0"], NOW) == ["l0"]


def test_it_looks_as_seldom_as_it_looks_for_lines_to_launch():
    pacer = pacer_for(PREDICTIVE, Known(lines=(KnownLine("l0", 0),)))
    pacer.lines_to_launch(NOW)
    assert pacer.surplus_lines(["l0"], NOW + 100) == []
    assert pacer.surplus_lines(["l0"], NOW + 200) == ["l0"]


def test_a_line_that_we_ended_teaches_nothing_but_that_it_rang():
    pacer = pacer_for(PREDICTIVE, Known(lines=(KnownLine("l0", 0),)))
    pacer.line_withdrawn("l0", 16_500)
    learnt = pacer.known().memory
    assert (sum(learnt.answered), sum(learnt.failed), sum(learnt.ringing_s)) == (0, 0, 16.5)
    assert pacer.in_flight == 0
