"""Random days with menus, direct numbers and announcements: the floor's invariants hold, and nobody is left in silence."""

import dataclasses

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from callside.calls.machine import CallState
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.floor.timers import TimerKind
from callside.kernel.ids import LegId
from callside.reception.model import (
    Announcement,
    CallerRule,
    Destination,
    Menu,
    MenuKey,
    Number,
    Prompt,
    PromptSource,
    Target,
)
from tests.examples import examples
from tests.fakes.stage import AGENTS, SALES, SUPPORT, TENANT, TRUNK, directory
from tests.unit.floor.test_invariants import Day, picks

MENU_NUMBER, AGENT_NUMBER, MESSAGE_NUMBER = "+15550100902", "+15550100903", "+15550100904"
TO_MENU, TO_SALES = Destination(Target.MENU, "2"), Destination(Target.QUEUE, SALES)
TO_AGENT = Destination(Target.AGENT, AGENTS[0], TO_MENU)


class ReceptionDay(Day):
    SET_UP = dataclasses.replace(
        directory(),
        numbers={
            "11": Number("11", TENANT, MENU_NUMBER, TO_MENU),
            "12": Number("12", TENANT, AGENT_NUMBER, TO_AGENT),
            "13": Number("13", TENANT, MESSAGE_NUMBER, Destination(Target.MESSAGE, "3")),
        },
        menus={"2": Menu("2", TENANT, "Main", "3", (MenuKey("1", TO_SALES), MenuKey("2", TO_AGENT), MenuKey("*", TO_MENU)),
                         Destination(Target.QUEUE, SUPPORT), 5, 1)},
        prompts={"3": Prompt("3", TENANT, "Hello", PromptSource.SPEECH, "Hello", "d" * 64, 3_000)},
        caller_rules={"4": CallerRule("4", TENANT, "+1555010066*", Destination(Target.BLOCK))},
        announcements={SUPPORT: Announcement(SUPPORT, TENANT, answer_at_once=False, every_s=20, say_position=True),
                       SALES: Announcement(SALES, TENANT, welcome=("3",), periodic=("3",), every_s=20, say_wait=True)},
    )  # fmt: skip

    @rule(
        number=st.sampled_from([MENU_NUMBER, AGENT_NUMBER, MESSAGE_NUMBER]),
        caller=st.sampled_from(["+15550100123", "+15550100661", ""]),
    )
    @precondition(lambda self: self.engine_up)
    def caller_comes_to_reception(self, number, caller):
        self.callers += 1
        leg = LegId(f"in-r{self.callers}")
        arrival = ev.CallerArrived(leg, TRUNK, number, caller, "")
        self.engine.legs[leg] = LegSeen(leg, False)
        self.engine.arrivals[leg] = arrival
        self.give(arrival)

    @rule(pick=picks, key=st.sampled_from("129*"))
    @precondition(lambda self: self.engine_up)
    def caller_presses_a_key(self, pick, key):
        legs = sorted(one for one in self.engine.legs if one.startswith("in-"))
        if legs:
            self.give(ev.LegDigit(legs[pick % len(legs)], key))

    @invariant()
    def nobody_is_left_in_silence(self):
        ground = self.stage.floor.ground
        for call in ground.calls.values():
            if not self.engine_up or call.hung_up_by is not None:
                continue
            if call.state is CallState.IVR:
                assert ground.timers.is_set(TimerKind.MENU, call.id)
                assert call.menu_id is not None
            if call.state is CallState.QUEUED:
                assert call.queue_id is not None


ReceptionDay.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=60, deadline=None)
TestReceptionDay = ReceptionDay.TestCase
