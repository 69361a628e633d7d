"""Random days on which nearly everything is taken for a machine, and agents say what some of them were."""

from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from callside.agents.machine import AgentState
from callside.calls.model import AnsweredBy
from callside.dialer.laws.ledger import Detected, Outcome
from callside.dialer.laws.sampling import Sampled
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.floor import commands as cm
from callside.floor import events as ev
from tests.examples import examples
from tests.fakes.dialing import CAMPAIGN
from tests.unit.floor.test_dialing_invariants import EFFECTS, DialerDay, Lines

CODES = st.sampled_from([None, "no_contact", "no_contact", "follow_up", "wrong_number"])


class Machines(Lines):
    """An engine that takes four calls of five for machines."""

    def obey(self, command: cm.Command) -> None:
        if isinstance(command, cm.DetectMachine) and command.leg_id in self.legs and len(self.past) % 5:
            self.on_the_way.append(ev.LegJudged(command.leg_id, AnsweredBy.MACHINE))
        else:
            super().obey(command)


class SamplingDay(DialerDay):
    """Every other machine is given an agent."""

    PLAN: ClassVar = {
        "detect_machines": True,
        "machine_sample_every": 2,
        "wrap_up_s": 20,
        "effects": {**EFFECTS, "no_contact": LeadEffect(EffectKind.MACHINE)},
    }

    def __init__(self) -> None:
        super().__init__()
        self.lines = Machines()

    @rule(code=CODES, said_before=st.booleans(), wait_ms=st.sampled_from([0, 5_000, 21_000]))
    @precondition(lambda self: self.engine_up)
    def conversations(self, code, said_before, wait_ms):
        """All agents are ready and lines get through; then they say what it was, in the call or after it, or nothing."""
        for session in list(self.ground.sessions):
            self.give(ev.PhoneChanged(session, connected=True))
            self.give(ev.GoReady(session))
        self.leads_come()
        self.all_is_said()
        for session in [one.id for one in self.ground.sessions.values() if one.state is AgentState.TALKING]:
            if said_before and code is not None:
                self.give(ev.Dispose(session, code))
            self.give(ev.HangUp(session))
            self.all_is_said()
            if code is not None:
                self.give(ev.Dispose(session, code))
        self.stage.wait(wait_ms)
        self.follow()

    def all_is_said(self):
        for _ in range(20):
            self.engine_says(0)

    @invariant()
    def what_is_known_is_what_was_written(self):
        persons = sum(one.was_person for one in self.stage.samples)
        known = self.ground.dialing.samples_of(CAMPAIGN).at(self.stage.now.wall)
        assert known == Sampled(persons, len(self.stage.samples))

    @invariant()
    def each_sample_is_said_once_and_the_ledger_says_the_same(self):
        detected = {one.call_id: one.answered.detected for one in self.stage.ledger}
        said = {one.call_id: Detected.MISTAKEN if one.was_person else Detected.MACHINE for one in self.stage.samples}
        assert len(said) == len(self.stage.samples)
        assert {call_id: detected[call_id] for call_id in said} == said

    @invariant()
    def nobody_is_taken_for_connected_who_may_have_been_a_machine(self):
        sampled = {fact.call_id for fact in self.stage.told("call.judged") if fact.detail["sampled"]}
        persons = {one.call_id for one in self.stage.samples if one.was_person}
        connected = {one.call_id for one in self.stage.ledger if one.outcome is Outcome.CONNECTED}
        assert connected & sampled <= persons


SamplingDay.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=60, deadline=None)
TestSamplingDay = SamplingDay.TestCase
