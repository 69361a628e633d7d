from dataclasses import replace

import pytest

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import AgentMode, Known, KnownAgent, KnownLine, PacingMode, PacingSettings
from callside.kernel.errors import InvalidFieldError

HOUR = 3_600_000
PREDICTIVE = PacingSettings(mode=PacingMode.PREDICTIVE, smallest_team=0)


def agents(ready=0, talking=0, wrapping=0, since=0):
    modes = [AgentMode.READY] * ready + [AgentMode.TALKING] * talking + [AgentMode.WRAPPING] * wrapping
    return tuple(KnownAgent(f"a{number}", mode, since) for number, mode in enumerate(modes))


def lines(count, launched=0):
    return tuple(KnownLine(f"l{number}", launched) for number in range(count))


def asked(settings, known, now=0):
    return pacer_for(settings, replace(known, ends_ms=8 * HOUR)).lines_to_launch(now)


@pytest.mark.parametrize(("ready", "out", "launched"), [(0, 0, 0), (3, 0, 3), (3, 2, 1), (3, 3, 0), (2, 5, 0)], ids=str)
def test_progressive_fills_up_to_one_line_for_each_idle_agent(ready, out, launched):
    assert asked(PacingSettings(), Known(lines=lines(out), agents=agents(ready, 4))) == launched


def test_an_answered_call_that_waits_is_a_line_in_flight():
    waits = (KnownLine("l1", 0, answered_ms=10_000),)
    assert asked(PacingSettings(), Known(lines=waits, agents=agents(ready=2))) == 1


def test_predictive_dials_more_than_one_line_for_an_idle_agent_and_ahead_of_those_who_are_about_to_finish():
    assert asked(PREDICTIVE, Known(agents=agents(ready=10))) > 10
    assert (
        asked(PREDICTIVE, Known(agents=agents(wrapping=60))) > asked(PREDICTIVE, Known(agents=agents(talking=60))) == 0
    )


def test_the_fewer_people_answer_the_more_lines_go_out():
    def after(answers, failures):
        pacer = pacer_for(PREDICTIVE, Known(agents=agents(ready=10), ends_ms=8 * HOUR))
        for number in range(answers + failures):
            pacer.line_launched(f"x{number}", 0)
        for number in range(answers):
            pacer.lines_to_launch(number * 10_000 // answers)
            pacer.line_answered(f"x{number}", number * 10_000 // answers)
            pacer.call_connected(f"x{number}", number * 10_000 // answers)
        for second in range(10, 26):
            pacer.lines_to_launch(second * 1000)
        for number in range(answers, answers + failures):
            pacer.line_ended(f"x{number}", 25_000)
        return pacer.lines_to_launch(30_000)

    assert after(20, 380) > after(100, 300) > after(200, 200) >= 10


def test_a_person_who_waits_and_a_line_about_to_be_answered_hold_further_lines_back():
    crew = agents(ready=4, talking=6)
    free = asked(PREDICTIVE, Known(agents=crew), 10_000)
    ringing = asked(PREDICTIVE, Known(agents=crew, lines=lines(8, launched=2000)), 10_000)
    assert 0 <= ringing < free - 4


@pytest.mark.parametrize("mode", [PacingMode.BOOST, PacingMode.PREDICTIVE])
def test_an_exhausted_budget_means_progressive(mode):
    settings = replace(PREDICTIVE, mode=mode)
    within = Known(agents=agents(ready=10), connected=1000, abandoned=10)
    over = replace(within, abandoned=40)
    last_minutes = 8 * HOUR - 10 * 60_000
    assert asked(settings, within, last_minutes) > 10
    assert asked(settings, over, last_minutes) == 10


def test_nothing_is_borrowed_when_nobody_knows_when_the_shift_ends():
    known = Known(agents=agents(ready=10))
    assert pacer_for(PREDICTIVE, known).lines_to_launch(0) == 10
    pacer = pacer_for(PREDICTIVE, known)
    pacer.shift_ends(8 * HOUR)
    assert pacer.lines_to_launch(0) > 10


def test_whoever_leaves_is_not_counted_on_until_they_stay_or_are_ready_again():
    pacer = pacer_for(PacingSettings(), Known(agents=agents(ready=2, talking=1)))
    pacer.agent_leaving("a0", 0)
    assert pacer.lines_to_launch(0) == 1
    pacer.agent_leaving("a2", 10)
    pacer.agent_wrapping("a2", 20)
    assert pacer.known().agents[-1] == KnownAgent("a2", AgentMode.WRAPPING, 20, leaving=True)
    pacer.agent_staying("a2", 30)
    pacer.agent_ready("a2", 40)
    pacer.agent_ready("a0", 50)
    assert pacer.lines_to_launch(50) == 3
    pacer.agent_gone("a0", 60)
    assert pacer.lines_to_launch(60) == 2


def test_leaving_agents_are_no_staff_for_the_caps_and_the_small_team():
    pacer = pacer_for(replace(PREDICTIVE, smallest_team=6), Known(agents=agents(ready=6), ends_ms=8 * HOUR))
    assert pacer.lines_to_launch(0) > 6
    pacer = pacer_for(replace(PREDICTIVE, smallest_team=6), Known(agents=agents(ready=6), ends_ms=8 * HOUR))
    pacer.agent_leaving("a0", 0)
    assert pacer.plain
    assert pacer.lines_to_launch(0) == 5


def test_calls_per_second_spread_a_burst_and_say_when_to_ask_again():
    pacer = pacer_for(PacingSettings(calls_per_second=3), Known(agents=agents(ready=8)))
    assert pacer.lines_to_launch(0) == 3
    for number in range(3):
        pacer.line_launched(f"l{number}", 100 * number)
    assert (pacer.lines_to_launch(200), pacer.next_due(200)) == (0, 1000)
    assert pacer.lines_to_launch(1000) == 1


def test_late_and_doubled_events_change_nothing():
    pacer = pacer_for(PREDICTIVE, Known(agents=agents(ready=3), lines=lines(1)))
    pacer.line_answered("l0", 5000)
    pacer.call_abandoned("l0", 7000)
    before = pacer.known()
    pacer.line_answered("l0", 8000)
    pacer.call_abandoned("l0", 8000)
    pacer.call_connected("l0", 8000)
    pacer.line_ended("l0", 8000)
    pacer.line_ended("unknown", 8000)
    pacer.agent_ready("a0", 9000)
    assert pacer.known() == before
    assert (before.connected, before.abandoned) == (0, 1)


def test_a_caller_who_hangs_up_before_it_counts_as_abandoned_is_in_no_count():
    pacer = pacer_for(PREDICTIVE, Known(lines=lines(1)))
    pacer.line_answered("l0", 5000)
    pacer.line_ended("l0", 5500)
    known = pacer.known()
    assert (known.connected, known.abandoned, known.lines) == (0, 0, ())


def test_a_new_day_begins_with_its_own_ledger_and_keeps_what_was_learnt():
    pacer = pacer_for(PREDICTIVE, Known(lines=lines(1), connected=10, abandoned=3))
    pacer.line_answered("l0", 5000)
    pacer.begin_window(6000, 9 * HOUR, connected=1)
    known = pacer.known()
    assert (known.connected, known.abandoned, known.began_ms, known.ends_ms) == (1, 0, 6000, 9 * HOUR)
    assert sum(known.memory.answered) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"target": 0.9}, {"patience_ms": -1}, {"lines_per_agent": 0.5}, {"calls_per_second": 0}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_settings_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(InvalidFieldError, match=next(iter(wrong))):
        PacingSettings(**wrong)
