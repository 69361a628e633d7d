"""Random days on a real floor: figures are a fold over the facts, the live feed is the floor, whatever happens when."""

import json
from collections import Counter
from unittest.mock import Mock

import msgspec
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant

from callside.exchange.live_feed import LiveFeed
from callside.floor.ground import Outcome
from callside.reporting.board import all_keys, rows
from callside.reporting.day import Today
from callside.reporting.figures import Figures
from callside.reporting.local_days import day_of
from callside.reporting.sheets import with_running
from tests.examples import examples
from tests.fakes.stage import AGENTS
from tests.unit.floor import test_change_invariants, test_invariants


class Counted(RuleBasedStateMachine):
    """A day with figures and two watchers: one reads each frame, one never reads."""

    def __init__(self):
        super().__init__()
        stage = self.stage
        self.today = Today(stage.now.wall)
        self.figures = Figures(day_of(stage.now.wall))
        self.clock = Mock(now=lambda: self.stage.now)
        self.feed = LiveFeed(lambda: self.stage.floor.ground, self.today, self.clock, lambda *_: Mock())
        self.quick, self.slow = self.feed.watch(), self.feed.watch()
        self.board, self.seq = {}, None
        self.longest = 0
        take = stage.take

        def watched(outcome: Outcome) -> Outcome:
            take(outcome)
            for fact in outcome.record.facts:
                self.figures.take(fact)
            self.today.take(outcome.record.facts)
            self.feed.note(outcome)
            return outcome

        stage.take = watched
        for fact in stage.facts:
            self.figures.take(fact)

    def queues(self, figures):
        return {key: figures.queues[key] for key in sorted(figures.queues)}

    @invariant()
    def live_counters_are_the_fold_over_the_log(self):  # 21
        again = Figures(self.figures.since)
        for fact in self.stage.facts:
            again.take(fact)
        assert self.queues(again) == self.queues(self.figures)
        assert again.agents == self.figures.agents

    @invariant()
    def quarters_of_an_hour_add_up_to_the_day(self):
        quarters = Figures(self.figures.since, step_ms=900_000, agents_by_interval=True)
        for fact in self.stage.facts:
            quarters.take(fact)
        counts = ("offered", "let_go", "moved_on", "rona", "declined", "handled", "talk_ms", "hold_ms", "wrap_ms")
        for (queue, _), day in self.figures.queues.items():
            parts = [one for (name, _), one in quarters.queues.items() if name == queue]
            for count in counts:
                assert sum(getattr(one, count) for one in parts) == getattr(day, count)
            assert sum(one.answered.count for one in parts) == day.answered.count
            assert sum(one.abandoned.count for one in parts) == day.abandoned.count
        for agent, day in self.figures.agents.items():
            parts = [one for (name, _), one in quarters.agent_intervals.items() if name == agent]
            assert sum((one.spent_ms for one in parts), Counter()) == +day.spent_ms
            for count in ("offered", "rona", "declined", "answered_in", "answered_out"):
                assert sum(getattr(one, count) for one in parts) == getattr(day, count)

    @invariant()
    def every_call_offered_is_counted_in_one_place(self):
        for figures in self.figures.queues.values():
            ended = figures.answered.count + figures.abandoned.count + figures.let_go + figures.moved_on
            assert figures.offered == ended + figures.called_back + figures.voicemail + len(figures.waiting)
            assert figures.handled <= figures.answered.count

    @invariant()
    def figures_and_call_records_agree(self):
        cdrs = self.stage.cdrs
        queues = self.figures.queues.values()
        of_queues = [one for one in cdrs if one.queue_id is not None]
        assert sum(one.talk_ms for one in queues) >= sum(one.talk_ms for one in of_queues)
        assert sum(one.handled for one in queues) == sum(1 for one in of_queues if one.answered_at is not None)
        answered = sum(one.answered_in for one in self.figures.agents.values())
        assert answered >= sum(one.answered.count for one in queues)

    @invariant()
    def an_agent_s_states_add_up_to_the_time_logged_in(self):  # 7
        opened, logged_in = {}, dict.fromkeys(AGENTS, 0)
        for fact in self.stage.facts:
            if fact.kind == "session.opened":
                opened[fact.session_id] = fact
            elif fact.kind == "session.ended":
                began = opened.pop(fact.session_id)
                logged_in[fact.agent_id] += began.at.elapsed_until(fact.at)
        for began in opened.values():
            logged_in[began.agent_id] += began.at.elapsed_until(self.stage.now)
        ground = self.stage.floor.ground
        for agent, expected in logged_in.items():
            session = ground.sessions.get(ground.session_of_agent.get(agent))
            spent = with_running(self.figures, agent, session, self.stage.now).spent_ms
            assert sum(spent.values()) == expected

    @invariant()
    def the_wait_that_is_shown_is_that_of_the_waiting_calls(self):
        ground = self.stage.floor.ground
        for queue_id in ground.directory.queues:
            there = [
                call
                for call in ground.calls.values()
                if call.queue_id == queue_id and call.state in {"queued", "offered"} and call.cause is None
            ]
            assert ground.waiting.count(queue_id) == len(there)
            waits = [one.queued or one.started for one in there]
            assert ground.waiting.oldest(queue_id) == min(waits, key=lambda one: one.mono, default=None)

    # ── the feed ──
    def apply(self, watch):
        frames = []
        while watch._frames or watch._behind:
            frames.append(json.loads(run(watch.frame())))
        for frame in frames:
            if frame["type"] == "snapshot":
                self.board = {
                    (kind, row["id"]): row for kind in ("queues", "campaigns", "agents", "calls") for row in frame[kind]
                }
            elif frame["type"] == "delta":
                assert frame["seq"] == self.seq + 1
                for change in frame["changes"]:
                    key = (change["kind"], change["id"])
                    if change["row"] is None:
                        del self.board[key]
                    else:
                        self.board[key] = change["row"]
            self.seq = frame["seq"]

    @invariant()
    def a_snapshot_and_the_changes_since_are_the_floor(self):
        self.feed.flush()
        self.longest = max(self.longest, len(self.slow._frames))
        self.apply(self.quick)
        ground, now = self.stage.floor.ground, self.stage.now
        there = rows(ground, self.today.at(now.wall), now, all_keys(ground))
        expected = {tuple(key): json.loads(msgspec.json.encode(row)) for key, row in there.items() if row is not None}
        assert self.board == expected

    def teardown(self):
        self.feed.flush()
        assert self.longest <= 16
        self.board, self.seq = {}, None
        self.apply(self.slow)
        behind = self.board
        self.board, self.seq = {}, None
        late = self.feed.watch()
        self.apply(late)
        assert behind == self.board


def run(coroutine):
    """A frame that is there needs no waiting, so no loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the frame was not there")


class CountedDay(Counted, test_invariants.Day):
    """The plain day."""


class CountedChangingDay(Counted, test_change_invariants.ChangingDay):
    """With calls that ring at several, sent on, and queues that are changed and removed meanwhile."""


CountedDay.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=50, deadline=None)
TestCountedDay = CountedDay.TestCase
CountedChangingDay.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=50, deadline=None)
TestCountedChangingDay = CountedChangingDay.TestCase
