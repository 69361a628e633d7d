"""Random days: what pacing must never do, whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.model import PacingMode, PacingSettings
from tests.unit.dialer.pacing.days import STEPS, TinyFloor

step = st.tuples(st.sampled_from(STEPS), st.integers(0, 50), st.integers(0, 4000))
day = st.lists(step, min_size=20, max_size=70)
modes = st.sampled_from(list(PacingMode))
WILD = PacingSettings(smallest_team=0)


def run(settings, agents, steps, *, check=lambda floor, launched: None, ends_ms=None):
    floor = TinyFloor(pacer_for(settings), agents)
    floor.pacer.begin_window(0, ends_ms)
    check(floor, floor.ask())
    for one in steps:
        floor.step(*one)
        check(floor, floor.ask())
    return floor


@given(st.integers(0, 12), day)
def test_progressive_never_launches_past_the_idle_agents(agents, steps):
    def check(floor, launched):
        if launched:
            assert len(floor.ringing) + len(floor.waiting) <= len(floor.ready)

    run(replace(WILD, mode=PacingMode.PROGRESSIVE), agents, steps, check=check)


@given(st.integers(0, 12), day)
def test_progressive_leaves_no_idle_agent_without_a_line(agents, steps):
    def check(floor, launched):
        assert len(floor.ringing) + len(floor.waiting) >= len(floor.ready)

    run(replace(WILD, mode=PacingMode.PROGRESSIVE), agents, steps, check=check)


@given(modes, st.integers(0, 12), day)
def test_no_mode_dials_less_than_progressive_would(mode, agents, steps):
    def check(floor, launched):
        assert len(floor.ringing) + len(floor.waiting) >= len(floor.ready)

    run(replace(WILD, mode=mode), agents, steps, check=check, ends_ms=8 * 3_600_000)


@given(st.sampled_from([PacingMode.BOOST, PacingMode.PREDICTIVE]), st.integers(1, 12), day)
def test_nobody_is_risked_when_the_budget_is_exhausted(mode, agents, steps):
    """No end of the shift, so no credit: the ledger alone must carry what may be abandoned."""

    def check(floor, launched):
        ledger = floor.pacer.known()
        spent = ledger.abandoned >= WILD.target * (ledger.connected + ledger.abandoned)
        if launched and spent:
            assert len(floor.ringing) + len(floor.waiting) <= len(floor.ready)

    run(replace(WILD, mode=mode), agents, steps, check=check)


@given(modes, st.integers(0, 5), day)
def test_a_small_team_is_paced_progressively(mode, agents, steps):
    def check(floor, launched):
        if launched:
            assert len(floor.ringing) + len(floor.waiting) <= len(floor.ready)

    run(PacingSettings(mode=mode), agents, steps, check=check, ends_ms=8 * 3_600_000)


@given(modes, st.integers(0, 12), day, st.integers(1, 5), st.integers(1, 20), st.sampled_from([1.0, 1.5, 3.0]))
def test_caps_hold(mode, agents, steps, per_second, most, per_agent):
    settings = replace(
        WILD, mode=mode, calls_per_second=per_second, max_lines=most, lines_per_agent=per_agent, target=0.5
    )

    def check(floor, launched):
        if launched:
            staff = len(floor.ready) + len(floor.talking) + len(floor.wrapping)
            assert len(floor.ringing) + len(floor.waiting) <= min(most, per_agent * staff)
            lately = sum(count for at, count, _ in floor.asked if at > floor.now - 1000)
            assert lately <= per_second

    run(settings, agents, steps, check=check, ends_ms=8 * 3_600_000)


@given(modes, st.integers(0, 12), day)
def test_the_same_events_give_the_same_decisions(mode, agents, steps):
    settings = replace(WILD, mode=mode)
    assert run(settings, agents, steps).asked == run(settings, agents, steps).asked


@pytest.mark.parametrize("mode", list(PacingMode))
@given(agents=st.integers(0, 12), before=day, after=day)
def test_a_restored_pacer_decides_as_the_first_would_have(mode, agents, before, after):
    """From the next full look on; tables are made anew every five seconds."""
    settings = replace(WILD, mode=mode)
    floor = run(settings, agents, before, ends_ms=8 * 3_600_000)
    known = floor.pacer.known()
    floor.step("nothing", 0, 5000 - floor.now % 5000)
    restored = pacer_for(settings, known)
    assert restored.known() == known
    decisions = []
    for pacer in (floor.pacer, restored):
        other = TinyFloor(pacer, 0, floor.now)
        for name in ("ready", "talking", "wrapping", "away", "ringing", "waiting"):
            setattr(other, name, list(getattr(floor, name)))
        other.launched = floor.launched
        other.ask()
        for one in after:
            other.step(*one)
            other.ask()
        decisions.append(other.asked)
    assert decisions[0] == decisions[1]


@given(modes, st.integers(0, 12), day)
def test_whoever_asks_again_when_told_is_never_told_a_moment_that_is_past(mode, agents, steps):
    floor = run(replace(WILD, mode=mode, calls_per_second=2), agents, steps)
    assert all(due is None or due > at for at, _, due in floor.asked)
