"""The contact centre of a scenario: the real floor, and around it an engine that is perfect and people who act by chance."""

from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

from callside.acd.model import Queue, Relaxation
from callside.agents.machine import AgentState
from callside.agents.model import Agent
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.facts import Fact
from callside.floor.floor import Floor
from callside.floor.ground import Policy
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, LegId, QueueId, SessionId, TenantId, TrunkId
from callside.sessions.model import EndCause, LoginSession, LoginType
from callside.simulation.chance import draw_ms, generator, next_arrival
from callside.simulation.scenario import AgentsPlan, QueuePlan, Scenario
from callside.tenants.model import Tenant

BEGIN: Final = Moment(1_000_000, 1_767_225_600_000)
"""Midnight UTC of a first of January: what the floor takes for the beginning."""
_TENANT, _TRUNK = TenantId("1"), TrunkId("1")
_HOUR_MS: Final = 3_600_000
_LONGEST_WRAP_UP_S: Final = 86_400
_LAST_CALLS_MS: Final = 24 * _HOUR_MS
_NEVER_MS: Final = 10_000_000_000_000


class _Numbers:
    def __init__(self) -> None:
        self._given = 0

    def new(self) -> str:
        self._given += 1
        return f"{self._given:032x}"


class Centre:
    """One run of a scenario. ``facts`` get everything that the floor puts on record, as it happens."""

    def __init__(self, scenario: Scenario, take_fact: Callable[[Fact], None]) -> None:
        self.scenario = scenario
        self.queue_ids = {queue.name: QueueId(str(100 + number)) for number, queue in enumerate(scenario.queues)}
        self.agents: dict[AgentId, AgentsPlan] = {}
        self._plan_of = {self.queue_ids[queue.name]: queue for queue in scenario.queues}
        self._take_fact = take_fact
        self._directory = self._set_up()
        policy = Policy(ticket_ms=_NEVER_MS, idle_ms=_NEVER_MS, absolute_ms=_NEVER_MS)
        self.floor = Floor(self._directory, _Numbers(), policy)
        self._end = round(scenario.hours * _HOUR_MS)
        self._now = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._planned = 0
        self._dice = {
            (queue_id, what): generator(scenario.seed, plan.name, what)
            for queue_id, plan in self._plan_of.items()
            for what in ("arrival", "talk", "wrap_up", "patience")
        }
        self.happened: Counter[str] = Counter()

    def run(self) -> None:
        """From the first login until everybody has been served."""
        self._give(ev.EngineFound(()))
        for agent_id, group in self.agents.items():
            self._at(round(group.begin_h * _HOUR_MS), lambda one=agent_id: self._log_in(one))  # type: ignore[misc]
        for queue_id in self._plan_of:
            self._plan_arrival(queue_id)
        while self._agenda or self.floor.ground.calls:
            due = self.floor.next_due()
            timer = _NEVER_MS if due is None else due - BEGIN.mono
            planned = self._agenda[0][0] if self._agenda else _NEVER_MS
            if min(timer, planned) > self._end + _LAST_CALLS_MS:
                break  # whoever waits now waits for ever
            if timer <= planned:
                self._now = max(self._now, timer)
                self._give(ev.TimePassed())
            else:
                self._now, _, act = heappop(self._agenda)
                act()
        self._now = max(self._now, self._end)
        for session_id in list(self.floor.ground.sessions):
            self._log_out(session_id)

    @property
    def wall(self) -> int:
        """Wall ms of now."""
        return BEGIN.wall + self._now

    # ── setting up ──
    def _set_up(self) -> Directory:
        members: dict[QueueId, set[AgentId]] = {one: set() for one in self._plan_of}
        people: dict[AgentId, Agent] = {}
        for group in self.scenario.agents:
            for _ in range(group.count):
                one = AgentId(str(len(people) + 1))
                people[one] = Agent(
                    one, _TENANT, f"a{one}", f"Agent {one}", "", auto_answer=group.answer_s == 0, skills=group.skills
                )
                self.agents[one] = group
                for name in group.queues:
                    members[self.queue_ids[name]].add(one)
        queues = {one: self._queue(one, plan, frozenset(members[one])) for one, plan in self._plan_of.items()}
        return Directory(Tenant(_TENANT, self.scenario.name), agents=people, queues=queues)

    def _queue(self, queue_id: QueueId, plan: QueuePlan, members: frozenset[AgentId]) -> Queue:
        return Queue(
            id=queue_id,
            tenant_id=_TENANT,
            name=plan.name,
            agents=members,
            numbers=(f"+1555{queue_id:>07}",),
            ring_s=plan.ring_s,
            wrap_up_s=_LONGEST_WRAP_UP_S if plan.wrap_up else 0,  # the agent ends it
            max_wait_s=plan.max_wait_s,
            strategy=plan.strategy,
            priority=plan.priority,
            skills=dict(plan.skills),
            relaxation=tuple(Relaxation(step.after_s, dict(step.skills)) for step in plan.relaxation),
            max_waiting=plan.max_waiting,
        )

    # ── time ──
    def _at(self, when: int, act: Callable[[], None]) -> None:
        self._planned += 1
        heappush(self._agenda, (when, self._planned, act))

    def _give(self, event: ev.Event) -> None:
        outcome = self.floor.handle(event, Moment(BEGIN.mono + self._now, BEGIN.wall + self._now))
        self.happened["events"] += 1
        for fact in outcome.record.facts:
            self._take_fact(fact)
            self._people_act(fact)
        for command in outcome.commands:
            self._obey(command)

    # ── the engine ──
    def _obey(self, command: cm.Command) -> None:
        match command:
            case cm.RaiseLine(leg_id=leg):
                self._at(self._now, lambda: self._give(ev.LegAnswered(leg)))
            case cm.JoinAgent(leg_id=leg, session_id=session_id):
                self._at(self._now, lambda: self._give(ev.LegJoined(leg, session_id)))
            case cm.SayAndHangUp(leg_id=leg) | cm.HangUpLeg(leg_id=leg):
                self._at(self._now, lambda: self._give(ev.LegGone(leg, Cause.NORMAL)))
            case _:
                pass

    # ── people ──
    def _log_in(self, agent_id: AgentId) -> None:
        session_id = SessionId(f"s{agent_id}")
        row = LoginSession(session_id, _TENANT, agent_id, LoginType.AUTO, None, None, f"d{agent_id}", BEGIN.wall)
        self._give(ev.OpenSession(row))
        self._give(ev.PhoneChanged(session_id, connected=True))
        self._give(ev.RaiseLineRequested(session_id, f"u{agent_id}"))
        end_h = self.agents[agent_id].end_h
        if end_h is not None:
            self._at(round(end_h * _HOUR_MS), lambda: self._log_out(session_id))

    def _log_out(self, session_id: SessionId) -> None:
        if session_id in self.floor.ground.sessions:
            self._give(ev.EndSession(session_id, EndCause.LOGOUT))

    def _plan_arrival(self, queue_id: QueueId) -> None:
        at = next_arrival(self._dice[queue_id, "arrival"], self._plan_of[queue_id], self._now, self._end)
        if at is not None:
            self._at(at, lambda: self._arrive(queue_id))

    def _arrive(self, queue_id: QueueId) -> None:
        self._plan_arrival(queue_id)
        self.happened["calls"] += 1
        leg = LegId(f"in-{self.happened['calls']}")
        number = self._directory.queues[queue_id].numbers[0]
        patience = self._plan_of[queue_id].patience
        if patience is not None:
            gives_up = self._now + draw_ms(self._dice[queue_id, "patience"], patience)
            self._at(gives_up, lambda: self._give_up(leg))
        self._give(ev.CallerArrived(leg, _TRUNK, number, f"+1555{self.happened['calls']:07}", ""))

    def _give_up(self, leg: LegId) -> None:
        call = self.floor.ground.call_legs.get(leg)
        if call is not None and call.answered is None:
            self._give(ev.LegGone(leg, Cause.NORMAL))

    def _people_act(self, fact: Fact) -> None:
        if fact.kind == "call.answered" and fact.call_id is not None:
            call = self.floor.ground.calls[fact.call_id]
            leg, queue_id = call.leg_id, call.queue_id
            if leg is not None and queue_id is not None:
                ends = self._now + draw_ms(self._dice[queue_id, "talk"], self._plan_of[queue_id].talk)
                self._at(ends, lambda: self._give(ev.LegGone(leg, Cause.NORMAL)))
        elif fact.kind == "agent.state_changed" and fact.session_id is not None:
            self._agent_acts(fact.session_id, str(fact.detail["to"]), fact.detail["seq"])

    def _agent_acts(self, session_id: SessionId, state: str, seq: object) -> None:
        session = self.floor.ground.sessions.get(session_id)
        if session is None:
            return
        if state == AgentState.RINGING:
            answers = self._now + round(self.agents[session.agent_id].answer_s * 1000)
            self._at(answers, lambda: self._answer(session_id, seq))
        elif state == AgentState.WRAP_UP:
            call = self.floor.ground.calls.get(session.wrap_call_id) if session.wrap_call_id else None
            plan = self._plan_of[call.queue_id].wrap_up if call is not None and call.queue_id else None
            if call is not None and call.queue_id is not None and plan is not None:
                done = self._now + draw_ms(self._dice[call.queue_id, "wrap_up"], plan)
                self._at(done, lambda: self._ready(session_id))
        elif state == AgentState.NOT_RESPONDING:
            self._at(self._now + 1000, lambda: self._ready(session_id))

    def _answer(self, session_id: SessionId, seq: object) -> None:
        session = self.floor.ground.sessions.get(session_id)
        if session is not None and session.state is AgentState.RINGING and session.seq == seq:
            self._give(ev.Answer(session_id))

    def _ready(self, session_id: SessionId) -> None:
        session = self.floor.ground.sessions.get(session_id)
        if session is not None and session.state in {AgentState.WRAP_UP, AgentState.NOT_RESPONDING}:
            self._give(ev.GoReady(session_id))
