"""Random days with callbacks: one place for a number, one attempt at a time, every attempt on record, nobody forgotten."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from callside.acd.model import CallbackOffer, Strategy
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.floor.timers import TimerKind
from callside.kernel.ids import LegId
from callside.reception.model import OpeningHours, Prompt, PromptSource, WeekWindow
from callside.reception.rules import is_open
from tests.examples import examples
from tests.fakes.stage import AGENTS, SALES, SALES_NUMBER, SUPPORT_NUMBER, TENANT, TRUNK, directory, with_queue
from tests.unit.floor.test_invariants import Day, agents, picks

# Open for two minutes, shut for two, on the Monday that these days are.
HOURS = OpeningHours(
    "501", TENANT, "Now and then", "UTC", tuple(WeekWindow(0, at, at + 2) for at in range(840, 1200, 4))
)
OFFER = CallbackOffer("903", TRUNK, after_s=5, attempts=2, retry_s=30, most=4)


def calling_back():
    base = with_queue(directory(), callback=OFFER)
    in_hours = replace(OFFER, hours_id="501")
    base = with_queue(base, SALES, callback=in_hours, strategy=Strategy.RING_ALL, ring_count=2)
    auto = replace(base.agents[AGENTS[2]], auto_answer=True)
    prompt = Prompt("903", TENANT, "Press 1", PromptSource.SPEECH, "", "d" * 64, 4_000)
    return replace(base, agents=base.agents | {AGENTS[2]: auto}, prompts={"903": prompt}, hours={"501": HOURS})


class CallbackDay(Day):
    SET_UP = calling_back()
    looked_at = 0

    @rule(caller=st.sampled_from(["+15550100123", "+15550100124", "5550100124", "anonymous"]))
    @precondition(lambda self: self.engine_up and len(self.engine.legs) < 20)
    def somebody_else_calls(self, caller):
        self.callers += 1
        leg = LegId(f"in-b{self.callers}")
        arrival = ev.CallerArrived(leg, TRUNK, SUPPORT_NUMBER, caller, "")
        self.engine.legs[leg] = LegSeen(leg, False)
        self.engine.arrivals[leg] = arrival
        self.give(arrival)

    @rule(pick=picks, keys=st.sampled_from(["1", "2", "11", "11", "11", "125550100123#1", "#", "*"]))
    @precondition(lambda self: self.engine_up)
    def a_caller_waits_and_presses_keys(self, pick, keys):
        self.stage.wait(5_000)
        self.follow()
        legs = sorted(one for one in self.engine.legs if one.startswith("in-"))
        for key in keys if legs else "":
            self.give(ev.LegDigit(legs[pick % len(legs)], key))

    @rule(number=st.integers(10, 14), sales=st.booleans())
    @precondition(lambda self: self.engine_up and len(self.engine.legs) < 20)
    def somebody_asks_to_be_called_back(self, number, sales):
        self.callers += 1
        leg = LegId(f"in-b{self.callers}")
        arrival = ev.CallerArrived(leg, TRUNK, SALES_NUMBER if sales else SUPPORT_NUMBER, f"+155501001{number}", "")
        self.engine.legs[leg] = LegSeen(leg, False)
        self.engine.arrivals[leg] = arrival
        self.give(arrival)
        self.stage.wait(5_000)
        self.follow()
        for key in "11":
            self.give(ev.LegDigit(leg, key))
        if self.engine.legs.pop(leg, None) is not None:
            self.give(ev.LegGone(leg, Cause.NORMAL))

    @rule(agent=agents)
    @precondition(lambda self: self.engine_up)
    def somebody_comes_to_work_and_answers(self, agent):
        self.log_in(agent, manual=False)
        self.be_ready(agent)
        for leg in [one for one in self.engine.on_the_way if isinstance(one, ev.LegAnswered)]:
            self.engine.on_the_way.remove(leg)
            self.give(leg)
        session = self.stage.floor.ground.session_of_agent.get(agent)
        if session is not None:
            self.give(ev.Answer(session))

    @rule(number=st.integers(10, 14))
    def somebody_says_not_to_call_them(self, number):
        self.give(ev.NumbersBlocked((f"+155501001{number}",)))
        ground = self.stage.floor.ground
        assert f"+155501001{number}" not in {one for _, one in ground.callbacks.places}

    @invariant()
    def a_number_has_one_place_in_a_queue_and_every_place_is_known(self):
        ground = self.stage.floor.ground
        places = [one for one in ground.calls.values() if one.callback is not None]
        assert {(one.queue_id, one.customer_number): one.id for one in places} == ground.callbacks.places
        assert len(places) == len(ground.callbacks.places)
        for queue_id in ground.directory.queues:
            assert ground.callbacks.open_in(queue_id) == sum(one.queue_id == queue_id for one in places)

    @invariant()
    def a_place_whose_customer_is_being_called_has_exactly_one_attempt_and_no_other_has_any(self):
        ground = self.stage.floor.ground
        calling = [one.callback_of for one in ground.calls.values() if one.callback_of and one.answered is None]
        calling = [one for one in calling if one in ground.calls]
        assert len(calling) == len(set(calling))
        for place in ground.calls.values():
            if place.callback is not None:
                open_attempt = [
                    one for one in ground.calls.values()
                    if one.callback_of == place.id and one.state is not CallState.ENDED and one.answered is None
                ]  # fmt: skip
                assert (place.state is CallState.PLANNED) == bool(open_attempt)

    @invariant()
    def a_place_that_waits_is_in_line_or_has_a_time(self):
        ground = self.stage.floor.ground
        for place in ground.calls.values():
            if place.callback is not None and place.state is CallState.QUEUED:
                assert ground.timers.is_set(TimerKind.CALLBACK_DUE, place.id)
                assert place.leg_id is None

    @invariant()
    def nobody_is_called_while_the_hours_are_shut(self):
        for fact in self.stage.facts[self.looked_at :]:
            if fact.kind == "callback.dialled" and fact.detail["queue_id"] == SALES:
                assert is_open(HOURS, fact.at.wall)
        self.looked_at = len(self.stage.facts)

    @invariant()
    def every_place_ends_once(self):
        opened = [fact.detail["came_by"] for fact in self.stage.facts if fact.kind == "callback.opened"]
        closed = [fact for fact in self.stage.facts if fact.kind == "callback.closed"]
        assert len(opened) == len(set(opened))
        assert len(opened) == len(closed) + len(self.stage.floor.ground.callbacks.places)


CallbackDay.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=60, deadline=None)
TestCallbackDay = CallbackDay.TestCase
