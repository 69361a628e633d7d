"""What counts where, on a real floor with a clock by hand."""

import pytest

from callside.calls.model import Cause
from callside.floor import events as ev
from callside.kernel.ids import LegId
from callside.reporting.figures import DAY_MS, Figures
from callside.reporting.formulas import Targets, service_level
from callside.reporting.sheets import agent_sheet, queue_sheet, with_running
from callside.reporting.waits import Waits
from tests.fakes.stage import AGENTS, SUPPORT, SUPPORT_NUMBER, TRUNK, ringing_all, stage

ANN = AGENTS[0]
QUARTER = 900_000


@pytest.fixture
def floor():
    return stage()


def caller(floor, number):
    leg = LegId(f"in-{number}")
    floor.give(ev.CallerArrived(leg, TRUNK, SUPPORT_NUMBER, "+15550100123", ""))
    return leg


def figures_of(floor, *limits):
    counted = Figures(*(limits or (floor.now.wall - floor.now.wall % DAY_MS,)))
    for fact in floor.facts:
        counted.take(fact)
    return counted


def answer(floor, session, leg):
    floor.give(ev.Answer(session))
    floor.give(ev.LegJoined(leg, session))


def a_call(floor, session, leg, *, talk_ms, hold_ms=0, wrap_ms=0):
    answer(floor, session, leg)
    floor.wait(talk_ms)
    if hold_ms:
        floor.give(ev.SetHold(session, held=True))
        floor.wait(hold_ms)
    floor.give(ev.LegGone(leg, Cause.NORMAL))
    floor.wait(wrap_ms)
    floor.give(ev.GoReady(session))


def test_a_handled_call_has_its_wait_talk_hold_and_wrap_up(floor):
    leg = caller(floor, 1)
    floor.wait(12_000)
    session = floor.be_ready(ANN)
    floor.wait(3_000)
    a_call(floor, session, leg, talk_ms=60_000, hold_ms=5_000, wrap_ms=7_000)
    counted = figures_of(floor)
    queue = counted.queue(SUPPORT)
    assert (queue.offered, queue.handled, queue.talk_ms, queue.hold_ms, queue.wrap_ms) == (1, 1, 60_000, 5_000, 7_000)
    sheet = queue_sheet(queue, floor.now.wall, Targets())
    assert (sheet.asa.value, sheet.asa.formula) == (15_000, "ASA")
    assert (sheet.aht.value, sheet.talk.value, sheet.hold.value, sheet.wrap_up.value) == (72_000, 60_000, 5_000, 7_000)
    assert (sheet.service_level.value, sheet.service_level.formula) == (1.0, "SL_B")
    agent = agent_sheet(with_running(counted, ANN, floor.session(session), floor.now))
    assert (agent.offered, agent.answered_inbound, agent.ringing_ms, agent.talk_ms) == (1, 1, 3_000, 60_000)
    assert agent.occupancy.value == 1.0
    floor.wait(25_000)
    agent = agent_sheet(with_running(counted, ANN, floor.session(session), floor.now))
    assert (agent.ready_ms, agent.occupancy.value, agent.utilisation.value) == (25_000, 0.75, 0.72)


def test_a_call_that_waits_past_the_threshold_is_missed_at_once(floor):
    caller(floor, 1)
    floor.wait(20_000)
    queue = figures_of(floor).queue(SUPPORT)
    assert service_level(queue, floor.now.wall, Targets()).value is None
    assert service_level(queue, floor.now.wall + 1, Targets()).value == 0.0


def test_the_service_levels_differ_as_their_formulas_say(floor):
    quick, short, long = caller(floor, 1), caller(floor, 2), caller(floor, 3)
    floor.wait(4_000)
    floor.give(ev.LegGone(short, Cause.NORMAL))
    session = floor.be_ready(ANN)
    answer(floor, session, quick)
    floor.wait(4_000)
    floor.give(ev.LegGone(long, Cause.NORMAL))
    queue = figures_of(floor).queue(SUPPORT)
    assert (queue.offered, queue.answered.count, queue.abandoned.count) == (3, 1, 2)
    levels = {
        name: service_level(queue, floor.now.wall, Targets(service_level=name)).value
        for name in ("SL_A", "SL_B", "SL_C", "SL_D")
    }
    assert levels == {"SL_A": 1.0, "SL_B": 0.3333, "SL_C": 0.5, "SL_D": 1.0}
    sheet = queue_sheet(queue, floor.now.wall, Targets())
    assert (sheet.abandoned, sheet.abandoned_short, sheet.abandoned_share.value) == (2, 1, 0.3333)


def test_a_missed_offer_counts_for_agent_and_queue_and_the_wait_goes_on(floor):
    floor.be_ready(ANN)
    leg = caller(floor, 1)
    floor.wait(21_000)
    other = floor.be_ready(AGENTS[1])
    answer(floor, other, leg)
    counted = figures_of(floor)
    assert counted.queue(SUPPORT).rona == counted.agent(ANN).rona == 1
    assert counted.agent(ANN).answered == 0
    assert counted.queue(SUPPORT).answered.mean_ms() == 21_000


def test_an_offer_missed_by_one_of_several_counts_for_that_agent_in_its_quarter_of_an_hour_too():
    floor = stage(set_up=ringing_all())
    sessions = [floor.be_ready(one) for one in AGENTS[:2]]
    caller(floor, 1)
    floor.give(ev.Decline(sessions[0]))
    floor.wait(21_000)
    begin = floor.now.wall - floor.now.wall % QUARTER
    counted = Figures(begin, step_ms=QUARTER, agents_by_interval=True)
    for fact in floor.facts:
        counted.take(fact)
    for agent, rona, declined in ((AGENTS[0], 0, 1), (AGENTS[1], 1, 0)):
        whole, quarter = counted.agent(agent), counted.agent_intervals[agent, begin]
        assert (whole.offered, whole.rona, whole.declined) == (1, rona, declined)
        assert (quarter.offered, quarter.rona, quarter.declined) == (1, rona, declined)


def test_a_call_counts_in_the_quarter_of_an_hour_it_came_in(floor):
    begin = floor.now.wall - floor.now.wall % QUARTER
    floor.wait(begin + QUARTER - floor.now.wall - 5_000)
    leg = caller(floor, 1)
    floor.wait(10_000)
    session = floor.be_ready(ANN)
    a_call(floor, session, leg, talk_ms=2 * QUARTER, wrap_ms=1_000)
    counted = figures_of(floor, begin, begin + 4 * QUARTER, QUARTER)
    assert [at for _, at in counted.queues] == [begin]
    queue = counted.queue(SUPPORT, begin)
    assert (queue.answered.mean_ms(), queue.talk_ms, queue.wrap_ms) == (10_000, 2 * QUARTER, 1_000)
    before = figures_of(floor, begin + QUARTER, None, QUARTER)
    assert before.queues == {}


def test_an_agent_s_time_is_clipped_to_the_day(floor):
    midnight = floor.now.wall - floor.now.wall % DAY_MS + DAY_MS
    floor.wait(midnight - floor.now.wall - 60_000)
    session = floor.be_ready(ANN)
    floor.wait(90_000)
    floor.give(ev.GoOnBreak(session, "lunch"))
    assert figures_of(floor, midnight).agent(ANN).spent_ms["ready"] == 30_000
    assert figures_of(floor, midnight - DAY_MS, midnight).agent(ANN).spent_ms["ready"] == 60_000


def test_a_call_let_go_by_the_system_is_no_abandoned_one_but_is_missed(floor):
    leg = caller(floor, 1)
    floor.wait(1_000)
    floor.give(ev.EngineLost())
    floor.give(ev.EngineFound(()))
    assert leg not in floor.floor.ground.call_legs
    queue = figures_of(floor).queue(SUPPORT)
    assert (queue.let_go, queue.abandoned.count) == (1, 0)
    assert service_level(queue, floor.now.wall, Targets()).value == 0.0


def test_waits_are_answered_exactly_for_whole_tenths_and_by_nearest_rank():
    waits = Waits()
    for ms in (0, 19_999, 20_000, 20_001):
        waits.add(ms)
    assert (waits.within(20_000), waits.within(0), waits.within(20_100)) == (3, 1, 4)
    assert (waits.quantile_ms(0.5), waits.quantile_ms(0.95)) == (20_000, 20_100)
    assert Waits().quantile_ms(0.5) is None


def test_nothing_is_to_come_of_a_time_whose_calls_are_over_without_a_wrap_up():
    floor = stage(wrap_up_s=0)
    session = floor.be_ready(ANN)
    leg = caller(floor, 1)
    answer(floor, session, leg)
    floor.give(ev.LegGone(leg, Cause.NORMAL))
    assert figures_of(floor).is_settled()


def test_a_wrap_up_that_still_runs_is_to_come(floor):
    session = floor.be_ready(ANN)
    leg = caller(floor, 1)
    answer(floor, session, leg)
    floor.give(ev.LegGone(leg, Cause.NORMAL))
    assert not figures_of(floor).is_settled()
    floor.give(ev.GoReady(session))
    assert figures_of(floor).is_settled()
