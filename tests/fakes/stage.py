"""A small contact centre around a real floor, with a pretended engine whose answers the test lets through when it likes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from callside.acd.model import Overflow, OverflowWhen, Queue, Relaxation, Strategy
from callside.agents.model import Agent, Extension
from callside.calls.model import Cause, Trunk
from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, DialRules
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.facts import Fact, Record
from callside.floor.floor import Floor
from callside.floor.ground import Outcome
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, CampaignId, ExtensionId, LegId, QueueId, SessionId, TenantId, TrunkId
from callside.sessions.model import LoginSession, LoginType
from callside.tenants.model import Tenant

TENANT = TenantId("1012")
SUPPORT, SALES = QueueId("279"), QueueId("280")
MANUAL = CampaignId("281")
TRUNK = TrunkId("11")
DESK_PHONE = ExtensionId("183")
SUPPORT_NUMBER, SALES_NUMBER = "+15550100900", "+15550100901"
AGENTS = tuple(AgentId(str(number)) for number in range(111, 115))


def directory(*, auto_answer: bool = False, wrap_up_s: int = 30) -> Directory:
    """Four agents, two queues, one MANUAL campaign; the last agent serves Support only."""
    people = {one: Agent(one, TENANT, f"ag{one}", f"Agent {one}", "", auto_answer=auto_answer) for one in AGENTS}
    everybody = frozenset(AGENTS)
    return Directory(
        tenant=Tenant(TENANT, "Example Ltd", "US", ("https://crm.example.com",)),
        agents=people,
        extensions={DESK_PHONE: Extension(DESK_PHONE, TENANT, "205")},
        queues={
            SUPPORT: Queue(SUPPORT, TENANT, "Support", everybody, (SUPPORT_NUMBER,), wrap_up_s=wrap_up_s),
            SALES: Queue(SALES, TENANT, "Sales", everybody - {AGENTS[3]}, (SALES_NUMBER,), wrap_up_s=wrap_up_s),
        },
        campaigns={
            MANUAL: Campaign(
                MANUAL,
                TENANT,
                "Renewals",
                Mode.MANUAL,
                TRUNK,
                everybody,
                "+15550100999",
                DialRules(frozenset({"US"}), ("+1900",)),
                wrap_up_s=wrap_up_s,
            ),
        },
        trunks={TRUNK: Trunk(TRUNK, TENANT, "Carrier", "127.0.0.1", 5060)},
    )


def with_queue(base: Directory, queue_id: QueueId = SUPPORT, **fields: Any) -> Directory:
    """The same with other fields in one queue."""
    return replace(base, queues=base.queues | {queue_id: replace(base.queues[queue_id], **fields)})


def with_skills(base: Directory, skills: dict[AgentId, dict[str, int]]) -> Directory:
    """The same with agents who can do something."""
    return replace(
        base, agents=base.agents | {one: replace(base.agents[one], skills=what) for one, what in skills.items()}
    )


def demanding() -> Directory:
    """Queues that ask for everything queues can ask for."""
    base = with_skills(directory(), {AGENTS[0]: {"spanish": 3}, AGENTS[1]: {"spanish": 1}, AGENTS[3]: {"spanish": 2}})
    base = with_queue(
        base,
        strategy=Strategy.OCCUPANCY,
        skills={"spanish": 2},
        relaxation=(Relaxation(5, {"spanish": 1}), Relaxation(60)),
        sticky_s=30,
        max_waiting=6,
        overflow=(Overflow(OverflowWhen.UNSTAFFED, SALES), Overflow(OverflowWhen.WAITED, SALES, 300)),
    )
    return with_queue(base, SALES, strategy=Strategy.ROUND_ROBIN, priority=1, max_wait_s=3600)


def blending(base: Directory) -> Directory:
    """The same where the agents of every campaign take their queues' calls too."""
    return replace(base, campaigns={one.id: replace(one, blend_queues=True) for one in base.campaigns.values()})


def ringing_all() -> Directory:
    """Support rings at two, Sales at everybody; the third agent answers by themselves."""
    base = with_queue(directory(), strategy=Strategy.RING_ALL, ring_count=2)
    base = with_queue(base, SALES, strategy=Strategy.RING_ALL)
    auto = replace(base.agents[AGENTS[2]], auto_answer=True)
    return replace(base, agents=base.agents | {AGENTS[2]: auto})


class Counter:
    """Identifiers that can be read."""

    def __init__(self) -> None:
        self.given = 0

    def new(self) -> str:
        self.given += 1
        return f"{self.given:032x}"


@dataclass
class Stage:
    """The floor, its clock, and what has become of every step."""

    floor: Floor
    now: Moment = field(default_factory=lambda: Moment(1_000_000, 1_790_000_000_000))
    commands: list[cm.Command] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    after_step: Callable[["Stage"], None] | None = None
    logins: int = 0

    def give(self, event: ev.Event) -> Outcome:
        return self.take(self.floor.handle(event, self.now))

    def take(self, outcome: Outcome) -> Outcome:
        self.commands += outcome.commands
        self.facts += outcome.record.facts
        self.records.append(outcome.record)
        if self.after_step:
            self.after_step(self)
        return outcome

    def wait(self, ms: int) -> None:
        """Time passes; timers that come due on the way are handed in at their moment."""
        end = self.now.mono + ms
        while (due := self.floor.next_due()) is not None and due <= end:
            self._advance(max(0, due - self.now.mono))
            self.give(ev.TimePassed())
        self._advance(end - self.now.mono)

    def _advance(self, ms: int) -> None:
        self.now = Moment(self.now.mono + ms, self.now.wall + ms)

    # ── what people do ──
    def log_in(
        self,
        agent: AgentId,
        login_type: LoginType = LoginType.AUTO,
        assignment: str | None = None,
        extension: ExtensionId | None = None,
    ) -> SessionId:
        self.logins += 1
        session_id = SessionId(f"s{self.logins}-{agent}")
        row = LoginSession(
            id=session_id,
            tenant_id=TENANT,
            agent_id=agent,
            login_type=login_type,
            assignment_id=assignment,
            extension_id=extension,
            handle_digest=f"digest-{self.logins}",
            opened_at=self.now.wall,
        )
        self.give(ev.OpenSession(row, "ext-1012-183" if extension else None))
        return session_id

    def be_ready(
        self, agent: AgentId, login_type: LoginType = LoginType.AUTO, assignment: str | None = None
    ) -> SessionId:
        """Logged in, page open, line up."""
        session_id = self.log_in(agent, login_type, assignment)
        self.give(ev.PhoneChanged(session_id, connected=True))
        self.raise_line(session_id)
        return session_id

    def raise_line(self, session_id: SessionId) -> LegId:
        self.give(ev.RaiseLineRequested(session_id, f"u-{session_id}"))
        leg = self.session(session_id).rising_leg
        assert leg is not None
        self.give(ev.LegAnswered(leg))
        return leg

    # ── what callers and the engine do ──
    def call_in(self, name: str, number: str = SUPPORT_NUMBER, caller: str = "+15550100123") -> LegId:
        leg = LegId(f"in-{name}")
        self.give(ev.CallerArrived(leg, TRUNK, number, caller, name))
        return leg

    def join(self, leg: LegId, session_id: SessionId) -> None:
        self.give(ev.LegJoined(leg, session_id))

    def gone(self, leg: LegId, cause: Cause = Cause.NORMAL) -> None:
        self.give(ev.LegGone(leg, cause))

    def take_call(self, name: str, session_id: SessionId) -> LegId:
        """A caller whom the agent answers."""
        leg = self.call_in(name)
        self.give(ev.Answer(session_id))
        self.join(leg, session_id)
        return leg

    def dial(self, session_id: SessionId, number: str = "+15550100123") -> LegId:
        self.give(ev.Dial(session_id, number))
        return self.last(cm.DialCustomer).leg_id

    # ── looking ──
    def session(self, session_id: SessionId) -> LiveSession:
        return self.floor.ground.sessions[session_id]

    def call_on(self, leg: LegId) -> LiveCall:
        return self.floor.ground.call_legs[leg]

    def last(self, kind: type[cm.Command]) -> cm.Command:
        return next(one for one in reversed(self.commands) if isinstance(one, kind))

    def sent(self, kind: type[cm.Command]) -> list[cm.Command]:
        return [one for one in self.commands if isinstance(one, kind)]

    @property
    def cdrs(self) -> list:
        return [cdr for record in self.records for cdr in record.cdrs]

    @property
    def wrapped_up(self) -> list:
        return [one for record in self.records for one in record.wrapped_up]


def stage(
    *, auto_answer: bool = False, wrap_up_s: int = 30, engine: bool = True, set_up: Directory | None = None
) -> Stage:
    """A fresh floor; the engine is there unless told otherwise."""
    made = Stage(Floor(set_up or directory(auto_answer=auto_answer, wrap_up_s=wrap_up_s), Counter()))
    if engine:
        made.give(ev.EngineFound(()))
    return made
