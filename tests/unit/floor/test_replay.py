"""A recorded day, played again, makes the same matches and asks for the same commands."""

import contextlib
import random

from callside.acd.model import Relaxation, Strategy
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.kernel.clock import Moment
from callside.kernel.errors import RequestError
from callside.kernel.ids import LegId
from tests.fakes.stage import (
    AGENTS,
    SALES,
    SALES_NUMBER,
    SUPPORT_NUMBER,
    TRUNK,
    Counter,
    directory,
    stage,
    with_queue,
    with_skills,
)


def set_up():
    base = with_skills(directory(), {AGENTS[0]: {"spanish": 2}, AGENTS[2]: {"spanish": 1}})
    base = with_queue(
        base, strategy=Strategy.OCCUPANCY, skills={"spanish": 1}, relaxation=(Relaxation(20),), sticky_s=10
    )
    return with_queue(base, SALES, strategy=Strategy.FEWEST_CALLS, priority=1)


class Recorder:
    """A random day: callers, agents who answer, decline, go on breaks; every event written down."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.stage = stage(set_up=set_up(), engine=False)
        self.written: list[tuple[ev.Event, Moment]] = []
        self.legs: list[LegId] = []
        floor = self.stage.floor
        handle = floor.handle

        def write_down(event, now):
            self.written.append((event, now))
            return handle(event, now)

        floor.handle = write_down
        self.stage.give(ev.EngineFound(()))
        self.sessions = [self.stage.be_ready(one) for one in AGENTS]

    def day(self, steps):
        for number in range(steps):
            self.stage.wait(self.dice.choice((0, 200, 2_000, 15_000)))
            with contextlib.suppress(RequestError):
                self.step(number)
        return self

    def step(self, number):
        session = self.dice.choice(self.sessions)
        match self.dice.randrange(7):
            case 0 | 1:
                self.legs.append(LegId(f"in-{number}"))
                ours = self.dice.choice((SALES_NUMBER, SUPPORT_NUMBER))
                self.stage.give(
                    ev.CallerArrived(self.legs[-1], TRUNK, ours, f"+1555010{self.dice.randrange(100, 110)}", "")
                )
            case 2 | 3:
                self.stage.give(ev.Answer(session))
                self.stage.join(self.stage.last(cm.JoinAgent).leg_id, session)
            case 4:
                if self.legs:
                    self.stage.gone(self.legs.pop(self.dice.randrange(len(self.legs))), Cause.NORMAL)
            case 5:
                for one in self.sessions:
                    with contextlib.suppress(RequestError):
                        self.stage.give(ev.GoReady(one))
            case _:
                self.stage.give(self.dice.choice((ev.Decline(session), ev.GoOnBreak(session, "lunch"))))


def play(written):
    floor, commands, facts = Floor(set_up(), Counter()), [], []
    for event, now in written:
        try:
            outcome = floor.handle(event, now)
        except RequestError:
            continue
        commands += outcome.commands
        facts += outcome.record.facts
    return commands, facts


def test_a_recorded_day_replays_to_the_same_matches():
    for seed in range(8):
        day = Recorder(seed).day(400)
        commands, facts = play(day.written)
        assert commands == day.stage.commands
        assert facts == day.stage.facts
        assert sum(fact.kind == "call.offered" for fact in facts) > 20


def test_another_day_makes_other_matches():
    written = Recorder(1).day(400).written
    late = [(event, Moment(now.mono + number * 7_000, now.wall)) for number, (event, now) in enumerate(written)]
    assert play(written)[1] != play(late)[1]


def test_wall_time_decides_nothing():
    written = Recorder(2).day(400).written
    stepped = [(event, replace_wall(now, number)) for number, (event, now) in enumerate(written)]
    assert play(written)[0] == play(stepped)[0]


def replace_wall(now, number):
    return Moment(now.mono, now.wall - number * 3_600_000)
