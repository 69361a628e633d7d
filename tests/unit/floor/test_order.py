"""Order on a busy floor: who is offered what, held against a look at everybody (research: dialer-acd.md §5.3, 13 to 16)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callside.acd.model import PRIORITY_STEP_MS
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.ids import SessionId
from tests.examples import examples
from tests.fakes.stage import AGENTS, SALES_NUMBER, SUPPORT_NUMBER, Stage, demanding, directory, stage

picks = st.integers(0, 30)


class BusyFloor(RuleBasedStateMachine):
    """Callers, four agents who take, decline and finish calls, and time."""

    SET_UP = directory()

    def __init__(self) -> None:
        super().__init__()
        self.stage: Stage = stage(set_up=self.SET_UP)
        self.stage.after_step = self.look_at_offers
        self.callers = 0
        self.sessions: list[SessionId] = []
        self.overtaken: list[tuple[LiveCall, LiveCall]] = []

    @initialize()
    def everybody_is_there(self):
        self.sessions = [self.stage.be_ready(one) for one in AGENTS]

    def session(self, pick: int) -> LiveSession:
        return self.stage.session(self.sessions[pick % len(self.sessions)])

    def waiting(self) -> list[LiveCall]:
        calls = self.stage.floor.ground.calls.values()
        return [call for call in calls if call.state is CallState.QUEUED and not call.cause]

    def place(self, call: LiveCall) -> tuple[int, int]:
        queue = self.stage.floor.ground.directory.queues[call.queue_id]
        return call.queued.mono - queue.priority * PRIORITY_STEP_MS, call.place

    def could_take(self, session: LiveSession, call: LiveCall) -> bool:
        directory, now = self.stage.floor.ground.directory, self.stage.now.mono
        queue = directory.queues[call.queue_id]
        demands = queue.skills
        for step in queue.relaxation:
            if now - call.queued.mono >= step.after_s * 1000:
                demands = step.skills
        skills = directory.agents[session.agent_id].skills
        mine = call.owner_id in {None, session.id}
        return mine and queue.id in session.queue_ids and all(skills.get(one, 0) >= at for one, at in demands.items())

    def look_at_offers(self, floor: Stage) -> None:
        ground = floor.floor.ground
        for fact in floor.records[-1].facts:
            if fact.kind != "call.offered" or fact.detail["rule"] == "last_agent":
                continue
            call, session = ground.calls[fact.call_id], ground.sessions[fact.session_id]
            better = [one for one in self.waiting() if self.place(one) < self.place(call)]
            self.overtaken += [(call, one) for one in better if self.could_take(session, one)]

    @rule(sales=st.booleans(), caller=st.integers(100, 105))
    def caller(self, sales, caller):
        self.callers += 1
        ours = SALES_NUMBER if sales else SUPPORT_NUMBER
        self.stage.call_in(f"c{self.callers}", ours, f"+1555010{caller}")

    @rule(pick=picks)
    def agent_works(self, pick):
        """Takes the call, or ends it, or ends the wrap-up: whatever is next."""
        session = self.session(pick)
        call = self.stage.floor.ground.call_of(session)
        if session.state is AgentState.RINGING:
            self.stage.give(ev.Answer(session.id))
            self.stage.join(self.stage.last(cm.JoinAgent).leg_id, session.id)
        elif call is not None:
            self.stage.gone(call.leg_id)
        elif session.state is not AgentState.READY:
            self.stage.give(ev.GoReady(session.id))

    @rule(pick=picks, declines=st.booleans())
    def agent_does_not_want(self, pick, declines):
        session = self.session(pick)
        if session.state is AgentState.RINGING and declines:
            self.stage.give(ev.Decline(session.id))
        elif session.state in {AgentState.READY, AgentState.WRAP_UP}:
            self.stage.give(ev.GoOnBreak(session.id, "lunch"))

    @rule(pick=picks)
    def caller_gives_up(self, pick):
        waiting = self.waiting()
        if waiting:
            self.stage.gone(waiting[pick % len(waiting)].leg_id)

    @rule(ms=st.sampled_from([0, 1, 5_000, 21_000, 60_000]))
    def time_passes(self, ms):
        self.stage.wait(ms)

    @invariant()
    def nobody_is_overtaken(self):  # 14 FIFO, 16 no starvation; 13: the place is that of the arrival, offers or not
        assert not self.overtaken

    @invariant()
    def nobody_waits_for_an_agent_who_is_idle(self):  # 15
        idle = [one for one in self.stage.floor.ground.sessions.values() if one.state is AgentState.READY]
        assert not [(call, one) for call in self.waiting() for one in idle if self.could_take(one, call)]

    @invariant()
    def offers_and_misses_agree(
        self,
    ):  # 13: the k-th offer that came to nothing left k facts of the call and of an agent
        facts = self.stage.facts
        offered = sum(fact.kind == "call.offered" for fact in facts)
        back = sum(fact.kind == "call.requeued" for fact in facts)
        taken = sum(fact.kind == "call.answered" for fact in facts)
        gone = sum(fact.kind == "agent.state_changed" and fact.detail["event"] == "release" for fact in facts)
        open_now = sum(call.state is CallState.OFFERED for call in self.stage.floor.ground.calls.values())
        assert offered == back + taken + gone + open_now
        missed = sum(fact.kind == "agent.state_changed" and fact.detail["event"] == "miss" for fact in facts)
        assert missed == back

    @invariant()
    def the_count_of_waiting_callers_is_right(self):  # 21
        matcher = self.stage.floor.ground.matcher
        for queue_id in self.stage.floor.ground.directory.queues:
            line = sorted((call for call in self.waiting() if call.queue_id == queue_id), key=self.place)
            assert matcher.waiting(queue_id) == len(line)
            assert [matcher.ahead(call.id) for call in line] == list(range(len(line)))


class DemandingFloor(BusyFloor):
    """The same with strategies, skills, relaxation, priority, last agents and overflow."""

    SET_UP = demanding()


_busy = settings(max_examples=examples(150), stateful_step_count=60, deadline=None)
BusyFloor.TestCase.settings = DemandingFloor.TestCase.settings = _busy
TestBusyFloor = BusyFloor.TestCase
TestDemandingFloor = DemandingFloor.TestCase
