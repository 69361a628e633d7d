"""A process that ends in the middle of a shift: what pacing had learnt was kept a while ago, and the next one goes on with it."""

from dataclasses import replace

import msgspec
import pytest

from callside.dialer.pacing.choice import pacer_for
from callside.dialer.pacing.keeping import aged
from callside.dialer.pacing.model import Memory, PacingMode, PacingSettings
from callside.simulation.dialing import DialFloor
from callside.simulation.dialing_model import published

MINUTE, HOUR = 60_000, 3_600_000
SETTINGS = PacingSettings(mode=PacingMode.PREDICTIVE, smallest_team=0)
CAMPAIGN = replace(published(15, 0.25), hours=2.0)


class Restarting:
    """A pacer whose process ends every so often; the next is told what the floor knows, and what was kept up to a minute ago."""

    def __init__(self, every, *, kept=True):
        self._pacer, self._every, self._is_kept = pacer_for(SETTINGS), every, kept
        self._kept, self._kept_at, self._begun = Memory(), 0, 0
        self.first_asked = []

    def __getattr__(self, name):
        return getattr(self._pacer, name)

    def lines_to_launch(self, now):
        if now - self._begun >= self._every:
            self._begun, self._pacer = now, self._successor(now)
        if now - self._kept_at >= MINUTE:
            self._kept = msgspec.json.decode(msgspec.json.encode(self._pacer.known().memory), type=Memory)
            self._kept_at = now
        return self._pacer.lines_to_launch(now)

    def _successor(self, now):
        was = self._pacer.known()
        memory = aged(self._kept, now - self._kept_at) if self._is_kept else Memory()
        return pacer_for(SETTINGS, replace(was, memory=memory, asked_ms=None, recent_launches_ms=()))


def day(pacer, seed=5):
    return DialFloor(CAMPAIGN, pacer, seed).run()


def test_restarts_in_the_middle_of_a_shift_cost_nothing_and_break_no_limit():
    undisturbed = day(pacer_for(SETTINGS))
    restarted = day(Restarting(20 * MINUTE))
    assert restarted.utilisation == pytest.approx(undisturbed.utilisation, abs=0.01)
    assert restarted.drop <= 0.03


def test_whoever_forgets_begins_cautiously_each_time():
    assert day(Restarting(10 * MINUTE, kept=False)).utilisation < day(Restarting(10 * MINUTE)).utilisation - 0.01
