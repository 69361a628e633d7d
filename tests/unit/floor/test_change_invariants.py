"""Random days on which administration changes queues, agents and assignments while calls wait, ring and are talked."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from callside.acd.model import Overflow, OverflowWhen, Relaxation, Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.live import LiveCall
from tests.examples import examples
from tests.fakes.stage import AGENTS, SALES, SUPPORT, directory, with_queue
from tests.unit.floor.test_invariants import Day

queues = st.sampled_from([SUPPORT, SALES])
_SENT_ON = Overflow(OverflowWhen.UNSTAFFED)


class ChangingDay(Day):
    """Nothing that is saved leaves a caller with nobody, an agent unseen, or a step that cannot be done."""

    SET_UP = with_queue(directory(), SALES, strategy=Strategy.RING_ALL, ring_count=2)

    def change(self, changed: Directory) -> None:
        self.give(ev.DirectoryChanged(changed))

    def now_set_up(self) -> Directory:
        return self.stage.floor.ground.directory

    def most_rung(self, _call: LiveCall) -> int:
        """Who is rung stays so when the queue asks for fewer, or is gone."""
        return len(self.stage.floor.ground.sessions)

    @rule(queue=queues, strategy=st.sampled_from(Strategy), ring_count=st.integers(0, 3))
    def strategy_changes(self, queue, strategy, ring_count):
        if queue in self.now_set_up().queues:
            self.change(with_queue(self.now_set_up(), queue, strategy=strategy, ring_count=ring_count))

    @rule(queue=queues, level=st.integers(0, 2), sticky_s=st.sampled_from([0, 60]))
    def demands_change(self, queue, level, sticky_s):
        if queue in self.now_set_up().queues:
            skills = {"spanish": level} if level else {}
            relaxation = (Relaxation(20),) if level else ()
            self.change(with_queue(self.now_set_up(), queue, skills=skills, relaxation=relaxation, sticky_s=sticky_s))

    @rule(queue=queues, what=st.sampled_from(["nothing", "unstaffed", "sent_on", "voicemail", "waited"]))
    def overflow_changes(self, queue, what):
        if queue not in self.now_set_up().queues:
            return
        other = SALES if queue == SUPPORT else SUPPORT
        rules = {
            "nothing": (),
            "unstaffed": (_SENT_ON,),
            "sent_on": (Overflow(OverflowWhen.UNSTAFFED, other),),
            "voicemail": (Overflow(OverflowWhen.UNSTAFFED, voicemail=True),),
            "waited": (Overflow(OverflowWhen.WAITED, other, 30),),
        }
        self.change(with_queue(self.now_set_up(), queue, overflow=rules[what]))

    @rule(queue=queues, agents=st.frozensets(st.sampled_from(AGENTS)))
    def assignments_change(self, queue, agents):
        if queue in self.now_set_up().queues:
            self.change(with_queue(self.now_set_up(), queue, agents=agents))

    @rule(agent=st.sampled_from(AGENTS), level=st.integers(0, 2), enabled=st.booleans(), auto=st.booleans())
    def an_agent_changes(self, agent, level, enabled, auto):
        now = self.now_set_up()
        changed = replace(now.agents[agent], skills={"spanish": level}, enabled=enabled, auto_answer=auto)
        self.change(replace(now, agents=now.agents | {agent: changed}))

    @rule(queue=queues)
    def a_queue_is_removed_or_comes_back(self, queue):
        now = self.now_set_up()
        if queue in now.queues:
            self.change(replace(now, queues={one: what for one, what in now.queues.items() if one != queue}))
        else:
            self.change(replace(now, queues=now.queues | {queue: self.SET_UP.queues[queue]}))

    @invariant()
    def who_is_ready_is_seen_by_the_matcher(self):
        ground = self.stage.floor.ground
        for session in ground.sessions.values():
            assert (session.id in ground.matcher._seated or session.id in ground.matcher.newcomers) == (
                session.state is AgentState.READY and bool(session.queue_ids)
            )

    @invariant()
    def who_waits_stands_in_the_line_of_a_queue_that_is_there(self):
        ground = self.stage.floor.ground
        for call in self.waiting():
            assert call.queue_id in ground.directory.queues
            assert call.id in ground.matcher

    @invariant()
    def nobody_waits_in_a_queue_that_sends_its_callers_on_when_nobody_is_logged_in(self):
        ground = self.stage.floor.ground
        for call in self.waiting():
            rule = ground.directory.queues[call.queue_id].overflow_when(OverflowWhen.UNSTAFFED)
            there = any(call.queue_id in session.queue_ids for session in ground.sessions.values())
            assert rule is None or there

    @invariant()
    def the_oldest_is_who_has_waited_longest(self):
        ground = self.stage.floor.ground
        for queue_id in ground.directory.queues:
            waits = [call.queued or call.started for call in ground.waiting.calls(queue_id)]
            assert ground.waiting.oldest(queue_id) == min(waits, key=lambda one: one.mono, default=None)

    @invariant()
    def a_call_that_rings_at_several_is_of_a_queue_that_rings_at_several(self):
        ground = self.stage.floor.ground
        for call in ground.calls.values():
            if call.state is CallState.OFFERED and call.id in ground.matcher:
                assert ground.directory.queues[call.queue_id].strategy is Strategy.RING_ALL


ChangingDay.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=60, deadline=None)
TestChangingDay = ChangingDay.TestCase
