"""What pacing has learnt goes on record now and then and at the end, and the next process goes on with it."""

from itertools import pairwise

import pytest

from callside.calls.model import Cause
from callside.dialer.laws.model import Mode
from callside.dialer.model import PacePlan
from callside.dialer.pacing.keeping import CampaignMemory
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.dialing_setup import last_words
from callside.floor.floor import Floor
from callside.kernel.clock import Moment
from tests.fakes.dialing import CAMPAIGN, PROFILES, DialStage, campaign, dial_stage, dialing_directory
from tests.fakes.stage import AGENTS, Counter

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def predictive(**fields):
    return campaign(Mode.PREDICTIVE, **fields)


def taught(lines=9):
    """A floor whose lines were answered every third time, with agents to take them."""
    stage = dial_stage(predictive(), leads=200)
    for agent in AGENTS:
        stage.agent(agent)
    for number in range(lines):
        stage.wait(2000)
        if number % 3:
            stage.fails(stage.leg(number), Cause.BUSY)
        else:
            stage.answers(stage.leg(number))
            joined = stage.last(cm.JoinAgent)
            stage.join(joined.leg_id, joined.session_id)
            stage.gone(joined.leg_id)
    return stage


def memories(stage):
    return [one for record in stage.records for one in record.memories]


def pacer_of(stage):
    return stage.floor.ground.dialing.desks[CAMPAIGN].pacer


def successor(stage, learnt, passed=5000):
    """The floor of the next process: nothing in the air, with what was kept and with the ledger."""
    after = DialStage(Floor(dialing_directory(predictive()), Counter()))
    after.now = Moment(stage.now.mono + passed, stage.now.wall + passed)
    dialing = after.floor.ground.dialing
    dialing.learnt = {one.campaign_id: one for one in learnt}
    dialing.recount(CAMPAIGN, PROFILES["none"][0], stage.ledger, stage.now.wall - stage.now.wall % DAY)
    after.take(after.floor.restore([], [], after.now))
    return pacer_of(after)


def test_it_is_kept_once_a_minute_while_something_happens():
    stage = taught()
    stage.wait(3 * MINUTE + 5000)
    kept = memories(stage)
    assert len(kept) == 3
    assert all(later.at - one.at >= MINUTE for one, later in pairwise(kept))
    assert {one.campaign_id for one in kept} == {CAMPAIGN}
    assert sum(kept[-1].memory.answered) == 3


def test_at_the_end_it_is_kept_as_it_is_then():
    stage = taught()
    record = last_words(stage.floor.ground, stage.now.wall)
    assert record.memories == (CampaignMemory(CAMPAIGN, stage.now.wall, pacer_of(stage).known().memory),)


def test_where_nothing_was_learnt_nothing_is_written_over():
    stage = dial_stage(campaign(Mode.PROGRESSIVE))
    stage.agent()
    stage.wait(2 * MINUTE)
    assert memories(stage) == []
    assert last_words(stage.floor.ground, stage.now.wall).is_empty()


def test_the_next_process_goes_on_with_it():
    stage = taught()
    learnt = last_words(stage.floor.ground, stage.now.wall).memories
    known, was = successor(stage, learnt).known(), pacer_of(stage).known()
    assert sum(known.memory.answered) == pytest.approx(sum(was.memory.answered), rel=0.001)
    assert known.memory.caution == was.memory.caution
    assert (known.connected, known.abandoned) == (was.connected, was.abandoned) == (3, 0)


def test_the_day_has_begun_with_its_first_answer_not_with_the_restart():
    stage = taught()
    first = stage.ledger[0].answered.answered_at
    known = successor(stage, [], passed=HOUR).known()
    assert known.began_ms == stage.now.mono - (stage.now.wall - first)


def test_without_anything_kept_it_begins_as_on_the_first_day():
    assert successor(taught(), []).known().memory.caution is None


def test_settings_that_change_take_what_was_learnt_along():
    stage = taught()
    before = pacer_of(stage).known().memory
    stage.give(ev.DirectoryChanged(dialing_directory(predictive(pace=PacePlan(target=0.01, calls_per_second=0)))))
    assert pacer_of(stage).settings.target == 0.01
    assert pacer_of(stage).known().memory == before


def test_agents_found_after_a_restart_have_talked_for_as_long_as_they_have():
    stage = taught(lines=0)
    stage.answers(stage.leg(0))
    joined = stage.last(cm.JoinAgent)
    stage.join(joined.leg_id, joined.session_id)
    since = stage.now.mono
    stage.wait(90_000)
    ground = stage.floor.ground
    after = DialStage(Floor(dialing_directory(predictive()), Counter()), now=stage.now, book=stage.book)
    after.take(after.floor.restore(list(ground.sessions.values()), list(ground.calls.values()), after.now))
    lines = [ev.LegSeen(one.line_leg, answered=True, session_id=one.id) for one in ground.sessions.values()]
    after.give(ev.EngineFound((*lines, ev.LegSeen(stage.leg(0), answered=True, session_id=joined.session_id))))
    told = {one.agent_id: one for one in pacer_of(after).known().agents}
    assert told[joined.session_id].since_ms == since
