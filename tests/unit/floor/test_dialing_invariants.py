"""Random days of campaigns: events in any order and doubled, lost lines, engine losses, restarts at any point, slow fetches.

The invariants are those of research/dialer-acd.md §5.3 that speak of outbound calls; their numbers stand at each check.
"""

import contextlib
import copy
from collections import Counter
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.dialer.model import MachineAction, PacePlan
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.floor.floor import Floor
from callside.kernel.errors import RequestError
from callside.kernel.ids import LegId
from callside.sessions.model import EndCause, LoginType
from tests.examples import examples
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory

agents = st.sampled_from(AGENTS)
picks = st.integers(min_value=0, max_value=30)
EFFECTS = {"wrong_number": LeadEffect(EffectKind.DNC), "no_contact": LeadEffect(EffectKind.RETRY, after_s=60)}
UNANSWERED = {CallState.PLANNED, CallState.RINGING}
FITS = {
    AgentState.DIALING: {CallState.PLANNED, CallState.RINGING, CallState.ANSWERED},
    AgentState.RESERVED: {CallState.ANSWERED},
    AgentState.TALKING: {CallState.TALKING},
    AgentState.HELD: {CallState.HELD},
}


class Lines:
    """Just enough of an engine for lines that a dialer opens."""

    def __init__(self) -> None:
        self.legs: dict[LegId, LegSeen] = {}
        self.on_the_way: list[ev.Event] = []
        self.past: list[ev.Event] = []
        self.dialled: list[cm.DialCustomer] = []

    def obey(self, command: cm.Command) -> None:
        match command:
            case cm.RaiseLine(session_id, leg):
                self.legs[leg] = LegSeen(leg, True, session_id)
                self.on_the_way.append(ev.LegAnswered(leg))
            case cm.DialCustomer(leg_id=leg):
                self.dialled.append(command)
                self.legs[leg] = LegSeen(leg, False)
                self.on_the_way += [ev.LegRinging(leg), ev.LegAnswered(leg)]
                self.on_the_way += [ev.LegJoined(leg, session)] if (session := command.session_id) else []  # by hand
            case cm.DetectMachine(leg) if leg in self.legs:
                self.on_the_way.append(ev.LegJudged(leg, list(AnsweredBy)[len(self.past) % 3]))
            case cm.AwaitBeep(leg) if leg in self.legs:
                self.on_the_way.append(ev.BeepOver(leg))
            case cm.JoinAgent(leg, session_id) if leg in self.legs:
                self.legs[leg] = LegSeen(leg, True, session_id)
                self.on_the_way.append(ev.LegJoined(leg, session_id))
            case cm.SayAndHangUp(leg) if leg in self.legs:
                self.on_the_way.append(ev.MessageStarted(leg))
                self.go(leg)
            case cm.HangUpLeg(leg) if leg in self.legs:
                self.go(leg)
            case cm.CloseLine(session_id):
                for leg in [one.leg_id for one in self.legs.values() if one.session_id == session_id]:
                    self.go(leg)
            case _:
                pass

    def go(self, leg: LegId) -> None:
        del self.legs[leg]
        self.on_the_way.append(ev.LegGone(leg, Cause.NORMAL))

    def answer(self, leg: LegId) -> None:
        if leg in self.legs:
            self.legs[leg] = replace(self.legs[leg], answered=True)


class DialerDay(RuleBasedStateMachine):
    KIND = Mode.PROGRESSIVE
    PLAN: ClassVar = {"effects": EFFECTS, "wrap_up_s": 20}

    def __init__(self) -> None:
        super().__init__()
        pace = PacePlan(calls_per_second=0, smallest_team=0)
        self.directory = dialing_directory(campaign(self.KIND, pace=pace, **self.PLAN))
        self.stage = dial_stage(leads=12, numbers=2, slow=True, set_up=self.directory)
        self.lines = Lines()
        self.engine_up = True
        self.obeyed = 0

    # ── driving ──
    def give(self, event: ev.Event) -> None:
        with contextlib.suppress(RequestError):
            self.stage.give(event)
        self.follow()

    def follow(self) -> None:
        while self.obeyed < len(self.stage.commands):
            if self.engine_up:
                self.lines.obey(self.stage.commands[self.obeyed])
            elif isinstance(command := self.stage.commands[self.obeyed], cm.DialCustomer):
                self.obeyed += 1
                self.give(ev.LegGone(command.leg_id, Cause.FAILED))
                continue
            self.obeyed += 1

    def pick(self, number: int) -> str | None:
        sessions = list(self.ground.sessions)
        return sessions[number % len(sessions)] if sessions else None

    @property
    def ground(self):
        return self.stage.floor.ground

    @initialize()
    def three_agents_are_there(self):
        for agent in AGENTS[:3]:
            self.agent_comes(agent)
            self.engine_says(0)
        self.leads_come()

    @rule(agent=agents)
    def agent_comes(self, agent):
        if agent not in self.ground.session_of_agent:
            self.stage.log_in(agent, LoginType.PROGRESSIVE, CAMPAIGN)
            self.follow()
        session = self.ground.session_of_agent[agent]
        self.give(ev.PhoneChanged(session, connected=True))
        self.give(ev.RaiseLineRequested(session, "u1"))

    @rule(pick=picks, connected=st.booleans())
    def page(self, pick, connected):
        if session := self.pick(pick):
            self.give(ev.PhoneChanged(session, connected=connected))

    @rule(pick=picks, what=st.integers(0, 9))
    def agent_does(self, pick, what):
        if session := self.pick(pick):
            soon = self.stage.now.wall + 60_000
            self.give(
                [
                    ev.GoReady(session),
                    ev.GoReady(session),
                    ev.GoOnBreak(session, "lunch"),
                    ev.CancelBreak(session),
                    ev.HangUp(session),
                    ev.SetHold(session, held=True),
                    ev.SetHold(session, held=False),
                    ev.Dispose(session, "no_contact"),
                    ev.Dispose(session, "follow_up", callback_at=soon, callback_mine=True),
                    ev.Dispose(session, "wrong_number"),
                ][what]
            )

    def wrapped_up(self) -> list[str]:
        return [one.id for one in self.ground.sessions.values() if one.state is AgentState.WRAP_UP]

    @rule(pick=picks, index=st.integers(0, 1))
    @precondition(lambda self: self.wrapped_up())
    def whoever_is_wrapped_up_is_called_again(self, pick, index):
        self.give(ev.DialLead(self.wrapped_up()[pick % len(self.wrapped_up())], index))

    @rule(pick=picks, force=st.booleans())
    def log_out(self, pick, force):
        if session := self.pick(pick):
            self.give(ev.EndSession(session, EndCause.LOGOUT, force=force))

    @rule()
    def leads_come(self):
        while self.stage.wanted:
            self.give(ev.LeadsFetched(self.stage.wanted.pop(0), self.stage.due()))

    @rule(picked=st.lists(picks, min_size=1, max_size=4))
    @precondition(lambda self: self.engine_up)
    def engine_says_much(self, picked):
        for pick in picked:
            self.engine_says(pick)

    @rule(pick=picks)
    @precondition(lambda self: self.engine_up)
    def engine_says(self, pick):
        if self.lines.on_the_way:
            event = self.lines.on_the_way.pop(pick % len(self.lines.on_the_way))
            self.lines.past.append(event)
            if isinstance(event, ev.LegAnswered):
                self.lines.answer(event.leg_id)
            self.give(event)

    @rule()
    @precondition(lambda self: self.engine_up)
    def calls_run_their_course(self):
        self.all_is_said()
        for session in list(self.ground.sessions.values()):
            if session.state is AgentState.TALKING:
                self.give(ev.HangUp(session.id))
        self.all_is_said()

    def all_is_said(self) -> None:
        for _ in range(len(self.lines.on_the_way) + 20):
            self.engine_says(0)

    @rule(pick=picks)
    @precondition(lambda self: self.engine_up)
    def engine_repeats_itself(self, pick):
        if self.lines.past:
            self.give(self.lines.past[pick % len(self.lines.past)])

    @rule(pick=picks, cause=st.sampled_from([Cause.NORMAL, Cause.BUSY, Cause.NO_ANSWER, Cause.FAILED]))
    @precondition(lambda self: self.engine_up)
    def somebody_goes(self, pick, cause):
        legs = sorted(self.lines.legs)
        if legs:
            leg = legs[pick % len(legs)]
            del self.lines.legs[leg]
            self.give(ev.LegGone(leg, cause))

    @rule(pick=picks, which=st.integers(0, 1))
    def a_number_goes_on_a_list(self, pick, which):
        leads = sorted(self.stage.book)
        self.stage.put_on_a_list(self.stage.book[leads[pick % len(leads)]].numbers[which].number)
        self.follow()

    @rule(pick=picks, digit=st.sampled_from("19"))
    def key(self, pick, digit):
        legs = sorted(self.ground.call_legs)
        if legs:
            self.give(ev.LegDigit(legs[pick % len(legs)], digit))

    @rule(ms=st.sampled_from([0, 500, 2_000, 31_000, 61_000, 16 * 60_000]))
    def time_passes(self, ms):
        self.stage.wait(ms)
        self.follow()

    @rule(dies=st.booleans())
    @precondition(lambda self: self.engine_up)
    def engine_goes(self, dies):
        self.engine_up = False
        self.lines.on_the_way.clear()
        if dies:
            self.lines.legs.clear()
        self.give(ev.EngineLost())

    @rule()
    @precondition(lambda self: not self.engine_up)
    def engine_comes(self):
        self.engine_up = True
        self.give(ev.EngineFound(tuple(self.lines.legs.values())))

    @rule(before_it_was_dialled=st.booleans())
    def we_crash_and_restart(self, before_it_was_dialled):
        old = self.ground
        sessions, calls = copy.deepcopy(list(old.sessions.values())), copy.deepcopy(list(old.calls.values()))
        if before_it_was_dialled:
            for call in calls:
                if call.state is CallState.PLANNED:
                    self.lines.legs.pop(call.leg_id, None)
        fresh = Floor(self.directory, old.ids)
        self.stage.floor = fresh
        self.stage.wanted.clear()
        begun = [one for one in self.stage.book.values() if one.state is LeadState.DIALLING]
        profile = self.directory.profile_at("none", self.stage.now.wall)
        fresh.ground.dialing.recount(CAMPAIGN, profile, self.stage.ledger, 0, self.stage.samples)
        fresh.ground.dialing.block(self.stage.dnc, self.stage.now.mono, CAMPAIGN)  # as the exchange reads them
        self.stage.take(fresh.restore(sessions, calls, self.stage.now, begun))
        self.lines.on_the_way.clear()
        self.follow()
        if self.engine_up:
            self.give(ev.EngineFound(tuple(self.lines.legs.values())))

    # ── what always holds ──
    @invariant()
    def a_lead_and_a_number_are_in_at_most_one_attempt(self):  # 4
        going_on = [call for call in self.ground.calls.values() if call.state is not CallState.ENDED]
        assert max(Counter(call.lead_id for call in going_on).values(), default=0) <= 1
        assert max(Counter(call.customer_number for call in going_on).values(), default=0) <= 1

    @invariant()
    def a_lead_is_begun_exactly_while_it_is_called(self):  # 5
        going_on = {call.lead_id for call in self.ground.calls.values() if call.state is not CallState.ENDED}
        going_on |= {one.lead_id for one in self.ground.sessions.values() if one.state is AgentState.PREVIEW}
        assert {one.id for one in self.stage.book.values() if one.state is LeadState.DIALLING} == going_on

    @invariant()
    def what_is_dialled_was_on_record_before(self):
        seen: set[str] = set()
        for record in self.stage.records:
            seen |= {str(one.call_id) for one in record.leads if one.state is LeadState.DIALLING}
        assert {one.call_id for one in self.lines.dialled} <= seen

    @invariant()
    def nothing_is_dialled_twice(self):
        legs = [one.leg_id for one in self.lines.dialled]
        assert len(legs) == len(set(legs))

    @invariant()
    def nobodys_phone_rings_on_after_they_said_no(self):  # 10
        ringing = (call for call in self.ground.calls.values() if call.state in UNANSWERED and not call.hung_up_by)
        assert not {call.customer_number for call in ringing} & self.stage.dnc

    @invariant()
    def no_lead_is_called_too_often(self):
        for lead in self.stage.book.values():
            assert lead.attempts <= 6 or lead.last_outcome is Outcome.CONNECTED, lead

    @invariant()
    def every_call_has_one_record_when_it_has_ended_and_none_before(self):  # 3
        ended = [cdr.call_id for cdr in self.stage.cdrs]
        assert len(ended) == len(set(ended))
        live = {call.id for call in self.ground.calls.values() if call.state is not CallState.ENDED}
        assert not live & set(ended)
        assert {fact.call_id for fact in self.stage.facts if fact.kind == "call.started"} == live | set(ended)

    @invariant()
    def the_times_of_each_record_add_up(self):  # 8
        for cdr in self.stage.cdrs:
            assert (
                cdr.wait_ms + cdr.ring_ms + cdr.talk_ms + cdr.hold_ms
                == cdr.duration_ms
                == cdr.ended_at - cdr.started_at
            )

    @invariant()
    def every_line_that_was_answered_is_in_the_ledger_once_it_is_over(self):  # 11
        picked = {fact.call_id for fact in self.stage.facts if fact.kind == "call.picked_up"}
        over = picked & {cdr.call_id for cdr in self.stage.cdrs}
        over -= {
            call.id for call in self.ground.calls.values() if call.sampled
        }  # their agents are being asked what it was
        assert Counter(one.call_id for one in self.stage.ledger) == Counter(over)

    @invariant()
    def states_of_agent_and_call_fit(self):  # 1
        for session in self.ground.sessions.values():
            call = self.ground.call_of(session)
            assert (call.state if call else None) in FITS.get(session.state, {None}), (session.state, call)
            if call is not None:
                assert call.session_id == session.id

    @invariant()
    def progressive_never_has_more_lines_than_agents_who_wait_for_them(self):  # 9
        if self.KIND is Mode.PROGRESSIVE and self.engine_up:
            bound = [call for call in self.ground.calls.values() if call.state in UNANSWERED and call.reserved]
            assert all(self.ground.sessions[call.session_id].call_id == call.id for call in bound)

    @invariant()
    def nobody_waits_while_an_agent_is_idle(self):  # 15
        if self.engine_up:
            waiting = [
                call
                for call in self.ground.calls.values()
                if call.state is CallState.ANSWERED and call.session_id is None and not call.hung_up_by
            ]
            listened = [
                call
                for call in waiting
                if self.ground.directory.campaigns[CAMPAIGN].plan.detect_machines and not call.judged
            ]
            idle = [one for one in self.ground.sessions.values() if one.state is AgentState.READY]
            assert not (idle and len(waiting) > len(listened))

    @invariant()
    def a_break_that_waits_lets_no_line_through(self):  # 17
        for session in self.ground.sessions.values():
            if session.pending_break or session.pending_end:
                assert session.state is not AgentState.READY


class PredictiveDay(DialerDay):
    """More lines than agents."""

    KIND = Mode.PREDICTIVE


class ListeningDay(DialerDay):
    """Machines are listened for, and left a message."""

    PLAN: ClassVar = {
        "detect_machines": True,
        "machine_action": MachineAction.MESSAGE,
        "machine_message": "702",
        "wrap_up_s": 0,
    }


for machine in (DialerDay, PredictiveDay, ListeningDay):
    machine.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=60, deadline=None)
TestDialerDay, TestPredictiveDay, TestListeningDay = DialerDay.TestCase, PredictiveDay.TestCase, ListeningDay.TestCase
