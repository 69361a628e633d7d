"""Random days of campaigns on a real floor: live figures are the fold over the log, and agree with ledger, records and engine."""

from dataclasses import replace
from unittest.mock import Mock

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.abandonment import Counts
from callside.dialer.laws.model import Mode
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.exchange.live_feed import LiveFeed
from callside.floor import events as ev
from callside.floor.ground import Outcome
from callside.reporting.board import all_keys, rows
from callside.reporting.campaign_board import campaign_now, window_report
from callside.reporting.day import Today
from callside.reporting.figures import Figures
from callside.reporting.local_days import day_of
from callside.sessions.model import EndCause
from tests.examples import examples
from tests.fakes.dialing import AGENTS, CAMPAIGN, campaign, dial_stage, dialing_directory
from tests.unit.reporting.test_whole_days import run

ENDS = (Cause.NO_ANSWER, Cause.BUSY, Cause.REJECTED, Cause.FAILED, Cause.CONGESTION)


class DialingDay(RuleBasedStateMachine):
    """Agents come, go and talk; lines ring, are answered by people and machines, and end."""

    @initialize(kind=st.sampled_from([Mode.PROGRESSIVE, Mode.PREDICTIVE]), listens=st.booleans(), wrap=st.booleans())
    def begin(self, kind, listens, wrap):
        pace = replace(campaign().plan.pace, smallest_team=0, target=0.2)
        one = campaign(
            kind,
            detect_machines=listens,
            wrap_up_s=30 if wrap else 0,
            pace=pace,
            effects={"sale": LeadEffect(EffectKind.SUCCESS)},
        )
        self.stage = stage = dial_stage(one, leads=300)
        self.listens = listens
        self.today = Today(stage.now.wall)
        for fact in stage.facts:
            self.today.take([fact])
        self.feed = LiveFeed(lambda: stage.floor.ground, self.today, Mock(now=lambda: stage.now), lambda *_: Mock())
        self.watch, self.board, self.seq = self.feed.watch(), {}, None
        take = stage.take

        def watched(outcome: Outcome) -> Outcome:
            take(outcome)
            self.today.take(outcome.record.facts)
            self.feed.note(outcome)
            return outcome

        stage.take = watched
        for agent in AGENTS[:3]:
            stage.agent(agent)

    def lines(self, *states):
        ground = self.stage.floor.ground
        return [one.leg_id for one in ground.calls.values() if one.dialled and one.state in states and one.leg_id]

    def sessions(self, *states):
        return [one.id for one in self.stage.floor.ground.sessions.values() if one.state in states]

    # ── what happens ──
    @rule(agent=st.sampled_from(AGENTS))
    def somebody_comes(self, agent):
        if agent not in self.stage.floor.ground.session_of_agent:
            self.stage.agent(agent)

    @rule(which=st.integers(0, 9))
    def a_line_rings(self, which):
        if legs := self.lines(CallState.PLANNED):
            self.stage.rings(legs[which % len(legs)])

    @rule(which=st.integers(0, 9))
    def somebody_answers(self, which):
        if legs := self.lines(CallState.PLANNED, CallState.RINGING):
            self.stage.answers(legs[which % len(legs)])

    @rule(which=st.integers(0, 9), by=st.sampled_from(AnsweredBy))
    def it_is_told_who_it_is(self, which, by):
        if self.listens and (legs := self.lines(CallState.ANSWERED)):
            self.stage.is_judged(legs[which % len(legs)], by)

    @rule(which=st.integers(0, 9))
    def they_are_put_together(self, which):
        ground = self.stage.floor.ground
        waiting = [leg for leg in self.lines(CallState.ANSWERED) if self.stage.call_on(leg).session_id]
        if waiting:
            leg = waiting[which % len(waiting)]
            self.stage.join(leg, ground.call_legs[leg].session_id)

    @rule(which=st.integers(0, 9), by=st.sampled_from(AnsweredBy), ms=st.integers(1_000, 15_000), wraps=st.booleans())
    def a_whole_call(self, which, by, ms, wraps):
        """What most calls are."""
        self.somebody_answers(which)
        self.it_is_told_who_it_is(0, by)
        self.they_are_put_together(which)
        self.stage.wait(ms)
        self.a_call_ends(which)
        if wraps:
            self.an_agent_says_what_came_of_it(which, "sale", finish=True)

    @rule(which=st.integers(0, 9), cause=st.sampled_from(ENDS))
    def a_line_ends(self, which, cause):
        if legs := self.lines(CallState.PLANNED, CallState.RINGING):
            self.stage.gone(legs[which % len(legs)], cause)

    @rule(which=st.integers(0, 9))
    def a_call_ends(self, which):
        if legs := self.lines(CallState.ANSWERED, CallState.TALKING, CallState.HELD):
            self.stage.gone(legs[which % len(legs)])

    @rule(which=st.integers(0, 9), code=st.sampled_from(["sale", "resolved"]), finish=st.booleans())
    def an_agent_says_what_came_of_it(self, which, code, finish):
        if there := self.sessions(AgentState.WRAP_UP, AgentState.TALKING):
            self.stage.give(ev.Dispose(there[which % len(there)], code, finish=finish))

    @rule(which=st.integers(0, 9), held=st.booleans())
    def hold(self, which, held):
        if there := self.sessions(AgentState.HELD if not held else AgentState.TALKING):
            self.stage.give(ev.SetHold(there[which % len(there)], held=held))

    @rule(which=st.integers(0, 9))
    def a_break(self, which):
        if there := self.sessions(AgentState.READY, AgentState.DIALING, AgentState.TALKING, AgentState.WRAP_UP):
            self.stage.give(ev.GoOnBreak(there[which % len(there)], "lunch"))

    @rule(which=st.integers(0, 9))
    def back(self, which):
        if there := self.sessions(AgentState.BREAK):
            self.stage.give(ev.GoReady(there[which % len(there)]))

    @rule(which=st.integers(0, 9), force=st.booleans())
    def somebody_goes(self, which, force):
        there = list(self.stage.floor.ground.sessions)
        if len(there) > 1 and which < len(there):
            self.stage.give(ev.EndSession(there[which], EndCause.LOGOUT, force=force))

    @rule(ms=st.integers(0, 20_000))
    def time_passes(self, ms):
        self.stage.wait(ms)

    # ── what holds ──
    @property
    def counted(self):
        return self.today.at(self.stage.now.wall).dialing.campaign(CAMPAIGN)

    @invariant()
    def live_figures_are_the_fold_over_the_log(self):  # 21
        if not hasattr(self, "stage"):
            return
        again = Figures(day_of(self.stage.now.wall))
        for fact in self.stage.facts:
            again.take(fact)
        assert again.dialing.campaigns == self.today.at(self.stage.now.wall).dialing.campaigns

    @invariant()
    def every_dial_is_counted_in_one_place(self):
        if not hasattr(self, "stage"):
            return
        counted = self.counted
        assert counted.dials == len(self.stage.dialled)
        pending = sum(not one.live for one in counted.in_flight.values())
        assert counted.dials == counted.live + counted.fails + pending
        ground = self.stage.floor.ground
        assert set(counted.in_flight) == {one.id for one in ground.calls.values() if one.state is not CallState.ENDED}

    @invariant()
    def figures_records_and_ledger_agree(self):
        if not hasattr(self, "stage"):
            return
        counted, stage = self.counted, self.stage
        outcomes = [one.outcome.value for one in stage.ledger]
        assert counted.outcomes == {one: outcomes.count(one) for one in set(outcomes)}
        over = [one for one in counted.in_flight.values() if one.live]
        people = counted.outcomes["connected"] + counted.outcomes["abandoned"] + counted.outcomes["left"]
        assert people == counted.live - len(over)
        connected = [one for one in stage.cdrs if one.answered_at is not None]
        assert counted.handled == len(connected)
        talking = sum(one.answered for one in counted.in_flight.values())
        assert counted.connects == counted.handled + talking == counted.idle.count
        assert sum(one.talk_ms + one.hold_ms for one in connected) <= counted.talk_ms + counted.hold_ms
        said = [one.disposition for one in stage.wrapped_up if one.disposition]
        assert sum(counted.dispositions.values()) == len(said)

    @invariant()
    def the_window_s_report_is_that_of_the_ledger(self):
        if not hasattr(self, "stage"):
            return
        ground, now = self.stage.floor.ground, self.stage.now
        stands = campaign_now(ground, self.today.at(now.wall), now, CAMPAIGN)
        counts = stands.report.counts if stands.report is not None else Counts()
        of_day = self.counted.outcomes
        assert (counts.connected, counts.abandoned, counts.machine, counts.left) == (
            of_day["connected"], of_day["abandoned"], of_day["machine"], of_day["left"],
        )  # fmt: skip
        assert stands.row.ready + stands.row.talking + stands.row.wrapping + stands.row.away == len(ground.sessions)

    @invariant()
    def the_feed_s_rows_are_the_floor(self):
        if not hasattr(self, "stage"):
            return
        self.feed.flush()
        while self.watch._frames or self.watch._behind:
            frame = msgspec.json.decode(run(self.watch.frame()))
            if frame["type"] == "snapshot":
                self.board = {row["id"]: row for row in frame["campaigns"]}
            for change in frame.get("changes", ()):
                if change["kind"] == "campaigns":
                    self.board[change["id"]] = change["row"]
        ground, now = self.stage.floor.ground, self.stage.now
        there = rows(ground, self.today.at(now.wall), now, [key for key in all_keys(ground) if key.kind == "campaigns"])
        assert self.board == {key.id: msgspec.json.decode(msgspec.json.encode(row)) for key, row in there.items()}


DialingDay.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=60, deadline=None)
TestDialingDay = DialingDay.TestCase


def test_another_profile_tells_of_the_calls_before_it_though_none_was_answered_since():
    stage = dial_stage()
    session = stage.agent()
    stage.answers(stage.leg())
    stage.join(stage.leg(), session)
    stage.gone(stage.leg())
    one = stage.floor.ground.directory.campaigns[CAMPAIGN]
    other = replace(one, plan=replace(one.plan, profile="us"))
    stage.give(ev.DirectoryChanged(dialing_directory(other)))
    told = window_report(stage.floor.ground, other, stage.now)
    assert (told.profile, told.counts) == ("us-1", Counts(connected=1))
