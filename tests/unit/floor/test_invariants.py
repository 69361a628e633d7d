"""Random days on the floor: any order, doubled and late events, lost lines, engine losses and restarts at any point.

The invariants are those of research/dialer-acd.md §5.3 that apply so far; their numbers stand at each check.
"""

import copy

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callside.agents.machine import TABLE as AGENT_TABLE
from callside.agents.machine import AgentEvent, AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.floor.floor import Floor
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.errors import RequestError
from callside.kernel.ids import LegId
from callside.sessions.model import EndCause, LoginType
from tests.examples import examples
from tests.fakes.small_engine import SmallEngine
from tests.fakes.stage import (
    AGENTS,
    MANUAL,
    SALES_NUMBER,
    SUPPORT_NUMBER,
    TRUNK,
    Stage,
    blending,
    demanding,
    directory,
    ringing_all,
    stage,
)

agents = st.sampled_from(AGENTS)
picks = st.integers(min_value=0, max_value=30)


class Day(RuleBasedStateMachine):
    SET_UP = directory()

    def __init__(self) -> None:
        super().__init__()
        self.stage: Stage = stage(set_up=self.SET_UP)
        self.engine = SmallEngine()
        self.engine_up = True
        self.obeyed = 0
        self.callers = 0

    # ── driving ──
    def give(self, event: ev.Event) -> None:
        before = self.fingerprint()
        try:
            self.stage.give(event)
        except RequestError:
            assert self.fingerprint() == before, "a refused request changed something"
        self.follow()

    def waiting(self) -> list[LiveCall]:
        calls = self.stage.floor.ground.calls.values()
        waiting = [call for call in calls if call.state is CallState.QUEUED and not call.cause and call.queue_id]
        now = self.stage.now.wall
        return [one for one in waiting if one.callback is None or max(one.callback.due, one.callback.opens) <= now]

    def could_take(self, session: LiveSession, call: LiveCall) -> bool:
        """By looking at everything, as the floor never does."""
        directory, now = self.stage.floor.ground.directory, self.stage.now.mono
        queue = directory.queues[call.queue_id]
        demands = queue.skills
        for step in queue.relaxation:
            if now - call.queued.mono >= step.after_s * 1000:
                demands = step.skills
        skills = directory.agents[session.agent_id].skills
        mine = call.owner_id in {None, session.id}
        return mine and queue.id in session.queue_ids and all(skills.get(one, 0) >= at for one, at in demands.items())

    def follow(self) -> None:
        if not self.engine_up:
            self.obeyed = len(self.stage.commands)
        while self.obeyed < len(self.stage.commands):
            self.engine.obey(self.stage.commands[self.obeyed])
            self.obeyed += 1

    def fingerprint(self) -> str:
        ground = self.stage.floor.ground
        timers = (ground.timers._of_sessions, ground.timers._of_others)
        return repr((ground.sessions, ground.calls, timers, len(self.stage.commands)))

    def pick(self, number: int) -> str | None:
        sessions = list(self.stage.floor.ground.sessions)
        return sessions[number % len(sessions)] if sessions else None

    @rule(agent=agents, manual=st.booleans())
    def log_in(self, agent, manual):
        if len(self.stage.floor.ground.sessions) < 6:
            before = self.fingerprint()
            try:
                self.stage.log_in(agent, *((LoginType.MANUAL, MANUAL) if manual else ()))
            except RequestError:
                assert self.fingerprint() == before
            self.follow()

    @rule(agent=agents)
    def be_ready(self, agent):
        session = self.stage.floor.ground.session_of_agent.get(agent)
        if session is not None and self.engine_up:
            self.give(ev.PhoneChanged(session, connected=True))
            self.give(ev.RaiseLineRequested(session, "u1"))

    @rule(pick=picks, connected=st.booleans())
    def page(self, pick, connected):
        if session := self.pick(pick):
            self.give(ev.PhoneChanged(session, connected=connected))

    @rule(pick=picks, what=st.integers(0, 11))
    def agent_does(self, pick, what):
        session = self.pick(pick)
        if session is None:
            return
        self.give(
            [
                ev.GoReady(session),
                ev.GoOnBreak(session, "lunch"),
                ev.CancelBreak(session),
                ev.Answer(session),
                ev.Answer(session),
                ev.Decline(session),
                ev.HangUp(session),
                ev.SetHold(session, held=True),
                ev.SetHold(session, held=False),
                ev.SetMute(session, muted=True),
                ev.Dispose(session, "sale"),
                ev.Dial(session, "+15550100123"),
            ][what],
        )

    @rule(pick=picks, force=st.booleans())
    def log_out(self, pick, force):
        if session := self.pick(pick):
            self.give(ev.EndSession(session, EndCause.LOGOUT, force=force))

    @rule(sales=st.booleans())
    @precondition(lambda self: self.engine_up and len(self.engine.legs) < 20)
    def caller(self, sales):
        self.callers += 1
        leg = LegId(f"in-{self.callers}")
        arrival = ev.CallerArrived(leg, TRUNK, SALES_NUMBER if sales else SUPPORT_NUMBER, "+15550100123", "")
        self.engine.legs[leg] = LegSeen(leg, False)
        self.engine.arrivals[leg] = arrival
        self.give(arrival)

    @rule(pick=picks)
    @precondition(lambda self: self.engine_up)
    def engine_answers(self, pick):
        if self.engine.on_the_way:
            event = self.engine.on_the_way.pop(pick % len(self.engine.on_the_way))
            self.engine.past.append(event)
            self.give(event)

    @rule(pick=picks)
    @precondition(lambda self: self.engine_up)
    def engine_repeats_itself(self, pick):
        if self.engine.past:
            self.give(self.engine.past[pick % len(self.engine.past)])

    @rule(pick=picks, cause=st.sampled_from([Cause.NORMAL, Cause.BUSY, Cause.NO_ANSWER]))
    @precondition(lambda self: self.engine_up)
    def somebody_hangs_up(self, pick, cause):
        legs = sorted(self.engine.legs)
        if legs:
            leg = legs[pick % len(legs)]
            del self.engine.legs[leg]
            self.give(ev.LegGone(leg, cause))

    @rule(ms=st.sampled_from([0, 1, 500, 5_000, 31_000, 61_000, 16 * 60_000]))
    def time_passes(self, ms):
        self.stage.wait(ms)
        self.follow()

    @rule(dies=st.booleans())
    @precondition(lambda self: self.engine_up)
    def engine_goes(self, dies):
        self.engine_up = False
        self.engine.on_the_way.clear()
        if dies:
            self.engine.legs.clear()
        self.give(ev.EngineLost())

    @rule()
    @precondition(lambda self: not self.engine_up)
    def engine_comes(self):
        self.engine_up = True
        self.give(self.engine.snapshot())

    @rule()
    def we_crash_and_restart(self):
        old = self.stage.floor.ground
        sessions, calls = copy.deepcopy(list(old.sessions.values())), copy.deepcopy(list(old.calls.values()))
        fresh = Floor(old.directory, old.ids)
        self.stage.floor = fresh
        self.stage.take(fresh.restore(sessions, calls, self.stage.now))
        self.engine.on_the_way.clear()
        self.follow()
        if self.engine_up:
            self.give(self.engine.snapshot())

    # ── what always holds ──
    @invariant()
    def an_agent_is_in_at_most_one_call_and_a_call_with_at_most_one_agent(self):  # 1, 2
        ground = self.stage.floor.ground
        for session in ground.sessions.values():
            if session.call_id and not ground.calls[session.call_id].rung:
                assert ground.calls[session.call_id].session_id == session.id
        for call in ground.calls.values():
            if call.state in {CallState.OFFERED, CallState.TALKING, CallState.HELD} and not call.rung:
                assert ground.sessions[call.session_id].call_id == call.id

    def most_rung(self, call: LiveCall) -> int:
        ground = self.stage.floor.ground
        return ground.directory.queues[call.queue_id].ring_count or len(ground.sessions)

    @invariant()
    def of_several_who_are_rung_none_has_the_call_and_at_most_one_is_ever_joined(self):  # 2
        ground = self.stage.floor.ground
        for call in ground.calls.values():
            holding = {one.id for one in ground.sessions.values() if one.call_id == call.id}
            assert holding == set(call.rung) if call.rung else holding <= {call.session_id}
            if call.rung:
                assert call.state is CallState.OFFERED
                assert call.session_id is call.agent_id is None
                assert len(set(call.rung)) == len(call.rung) <= self.most_rung(call)
                assert all(ground.sessions[one].state is AgentState.RINGING for one in call.rung)
        offers: dict[tuple[str, str], str] = {}
        for fact in self.stage.facts:
            match fact.kind:
                case "call.offered":
                    offers[fact.call_id, fact.session_id] = "offered"
                case "call.offer_withdrawn" | "call.offer_missed":
                    assert offers.pop((fact.call_id, fact.session_id)) == "offered"
                case "call.answered" if fact.detail["direction"] == "inbound":
                    assert offers[fact.call_id, fact.session_id] == "offered"

    @invariant()
    def states_of_agent_and_call_fit(self):
        ground = self.stage.floor.ground
        fits = {
            AgentState.RINGING: {CallState.OFFERED},
            AgentState.RESERVED: {CallState.OFFERED},
            AgentState.DIALING: {CallState.PLANNED, CallState.RINGING},
            AgentState.TALKING: {CallState.TALKING},
            AgentState.HELD: {CallState.HELD},
        }
        for session in ground.sessions.values():
            call = ground.call_of(session)
            assert (call.state if call else None) in fits.get(session.state, {None}), (session.state, call)
            if session.state is AgentState.WRAP_UP:
                assert session.wrap_call_id in ground.calls

    @invariant()
    def every_call_has_one_record_when_it_has_ended_and_none_before(self):  # 3
        ended = [cdr.call_id for cdr in self.stage.cdrs]
        assert len(ended) == len(set(ended))
        calls = [one for one in self.stage.floor.ground.calls.values() if one.callback is None]
        live = {call.id for call in calls if call.state is not CallState.ENDED}
        assert not live & set(ended)
        started = [fact.call_id for fact in self.stage.facts if fact.kind == "call.started"]
        assert set(started) == live | set(ended)

    @invariant()
    def the_times_of_each_record_add_up(self):  # 8
        for cdr in self.stage.cdrs:
            assert cdr.wait_ms + cdr.ring_ms + cdr.talk_ms + cdr.hold_ms == cdr.duration_ms
            assert cdr.duration_ms == cdr.ended_at - cdr.started_at

    @invariant()
    def every_step_of_an_agent_is_in_the_table_and_counted(self):  # 6
        last: dict[str, tuple[int, str]] = {}
        for fact in self.stage.facts:
            if fact.kind == "agent.state_changed":
                seq, state = last.get(fact.session_id, (0, AgentState.CONNECTING))
                assert fact.detail["from"] == state
                assert fact.detail["seq"] == seq + 1
                assert AGENT_TABLE[AgentState(state)][AgentEvent(fact.detail["event"])] == fact.detail["to"]
                last[fact.session_id] = (seq + 1, fact.detail["to"])

    @invariant()
    def the_times_of_an_agent_s_states_add_up_to_the_session(self):  # 7
        spent: dict[str, int] = {}
        opened = {}
        for fact in self.stage.facts:
            if fact.kind == "session.opened":
                opened[fact.session_id] = fact.at
            elif fact.kind == "agent.state_changed":
                spent[fact.session_id] = spent.get(fact.session_id, 0) + fact.detail["lasted_ms"]
            elif fact.kind == "session.ended":
                assert spent[fact.session_id] == opened[fact.session_id].elapsed_until(fact.at)

    @invariant()
    def who_is_shown_ready_is_ready(self):
        ground = self.stage.floor.ground
        for session in ground.sessions.values():
            if session.state is AgentState.READY:
                assert self.engine_up
                assert session.phone_connected
                assert session.line_leg is not None

    @invariant()
    def nobody_waits_while_somebody_who_could_serve_is_idle(self):  # 15
        ground = self.stage.floor.ground
        for call in self.waiting():
            for session in ground.sessions.values():
                assert session.state is not AgentState.READY or not self.could_take(session, call)

    @invariant()
    def nobody_who_waits_is_in_an_agent_s_bridge(self):
        for call in self.waiting():
            seen = self.engine.legs.get(call.leg_id)
            assert seen is None or not self.engine_up or seen.session_id is None

    @invariant()
    def one_session_an_agent(self):
        sessions = self.stage.floor.ground.sessions.values()
        assert len({session.agent_id for session in sessions}) == len(sessions)

    @invariant()
    def nothing_is_dialled_twice(self):
        assert len(self.engine.ever_dialled) == len(set(self.engine.ever_dialled))

    @invariant()
    def a_break_that_waits_lets_no_offer_through(self):  # 17
        for session in self.stage.floor.ground.sessions.values():
            if session.pending_break or session.pending_end:
                assert session.state is not AgentState.READY

    @invariant()
    def legs_are_known_by_exactly_their_owner(self):  # 18
        ground = self.stage.floor.ground
        for leg, session_id in ground.line_legs.items():
            assert leg in {ground.sessions[session_id].line_leg, ground.sessions[session_id].rising_leg}
        for leg, call in ground.call_legs.items():
            assert ground.calls[call.id] is call
            assert call.leg_id == leg


class RingAllDay(Day):
    """The same where calls ring at several; one agent answers by themselves."""

    SET_UP = ringing_all()


class DemandingDay(Day):
    """The same with everything that queues can ask for, and with agents who also call out."""

    SET_UP = blending(demanding())


Day.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=60, deadline=None)
TestDay = Day.TestCase
RingAllDay.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=60, deadline=None)
TestRingAllDay = RingAllDay.TestCase
DemandingDay.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=60, deadline=None)
TestDemandingDay = DemandingDay.TestCase
