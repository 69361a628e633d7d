"""A floor whose campaigns dial, around a small book of leads that is fetched from and written to as the exchange does."""

from dataclasses import dataclass, field, replace
from typing import Any

from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.model import Mode, Said
from callside.dialer.leads.model import Lead, LeadNumber, LeadState
from callside.dialer.leads.rules import applied
from callside.dialer.model import Campaign, DialRules, PacePlan, Plan, Run
from callside.exchange.profiles import load_profiles
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.floor import Floor
from callside.floor.ground import Outcome
from callside.kernel.ids import AgentId, CampaignId, LeadId, LeadListId, LegId, PromptId, SessionId
from callside.reception.model import Prompt, PromptSource
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, TENANT, TRUNK, Counter, Stage, directory

CAMPAIGN = CampaignId("290")
SAFE_MESSAGE = PromptId("701")
OPEN = frozenset({LeadState.DUE, LeadState.CALLBACK})
PROFILES = load_profiles().versions


def number_of(index: int, which: int = 0) -> str:
    return f"+1555010{index * 10 + which:04d}"


def lead(index: int, *, numbers: int = 1, **fields: Any) -> Lead:
    every = tuple(LeadNumber(number_of(index, which)) for which in range(numbers))
    return Lead(LeadId(str(9000 + index)), TENANT, LeadListId("80"), every, name=f"Lead {index}", **fields)


def campaign(kind: Mode = Mode.PROGRESSIVE, **fields: Any) -> Campaign:
    plan = Plan(
        run=Run.RUNNING,
        profile="none",
        safe_message=SAFE_MESSAGE,
        safe_message_says=frozenset(Said),
        predictive_opt_in=True,
        officer="Ada Example",
        pace=PacePlan(calls_per_second=0),
    )
    rules = DialRules(frozenset({"US"}))
    made = Campaign(CAMPAIGN, TENANT, "Renewals", kind, TRUNK, frozenset(AGENTS), "+15550100999", rules, wrap_up_s=0)
    own = {name: value for name, value in fields.items() if name in {"wrap_up_s", "ring_s", "dial_rules", "agents"}}
    return replace(made, plan=replace(plan, **{k: v for k, v in fields.items() if k not in own}), **own)


def dialing_directory(one: Campaign | None = None) -> Directory:
    base = directory(wrap_up_s=0)
    one = one or campaign()
    message = Prompt(SAFE_MESSAGE, TENANT, "Nobody free", PromptSource.UPLOAD, "", "0" * 64, 1000, -20)
    prompts = base.prompts | {message.id: message}
    return replace(base, campaigns=base.campaigns | {one.id: one}, prompts=prompts, profiles=PROFILES)


@dataclass
class DialStage(Stage):
    """Leads that are wanted are fetched at once unless ``slow``; what the floor writes about them is kept."""

    book: dict[LeadId, Lead] = field(default_factory=dict)
    slow: bool = False
    wanted: list[CampaignId] = field(default_factory=list)
    ledger: list[Any] = field(default_factory=list)
    samples: list[Any] = field(default_factory=list)
    dnc: set[str] = field(default_factory=set)
    dialled: list[cm.DialCustomer] = field(default_factory=list)

    def take(self, outcome: Outcome) -> Outcome:
        for progress in outcome.record.leads:
            self.book[progress.lead_id] = self._listed(applied(self.book[progress.lead_id], progress))
        self.ledger += outcome.record.ledger
        self.samples += outcome.record.samples
        self.dnc |= {one.number for one in outcome.record.blocked}
        self.dialled += [one for one in outcome.commands if isinstance(one, cm.DialCustomer)]
        super().take(outcome)
        self.wanted += outcome.wants
        if not self.slow:
            self.fetch_all()
        return outcome

    def put_on_a_list(self, number: str) -> None:
        """As administration does: the waiting leads that have no other number are blocked, and the floor hears of it."""
        self.dnc.add(number)
        self.book = {one.id: self._listed(one) for one in self.book.values()}
        self.give(ev.NumbersBlocked((number,)))
        self.give(ev.LeadsChanged(CAMPAIGN))

    def _listed(self, one: Lead) -> Lead:
        """As the store has it: an open lead with numbers on lists only is blocked; where some are that is known when it is read."""
        if one.state not in OPEN or not self.dnc:
            return one
        numbers = tuple(replace(each, blocked=each.number in self.dnc) for each in one.numbers)
        is_out = all(each.blocked for each in numbers)
        return replace(one, numbers=numbers, state=LeadState.BLOCKED if is_out else one.state)

    def fetch_all(self) -> None:
        while self.wanted:
            self.give(ev.LeadsFetched(self.wanted.pop(0), self.due()))

    def due(self, limit: int = 50) -> tuple[Lead, ...]:
        now = self.now.wall
        open_ones = [one for one in self.book.values() if one.state in OPEN and one.due_at <= now]
        return tuple(sorted(open_ones, key=lambda one: (one.state is not LeadState.CALLBACK, one.due_at, one.id)))[
            :limit
        ]

    def agent(self, agent: AgentId = AGENTS[0], kind: LoginType = LoginType.PROGRESSIVE) -> SessionId:
        return self.be_ready(agent, kind, CAMPAIGN)

    def leg(self, index: int = -1) -> LegId:
        return self.dialled[index].leg_id

    def rings(self, leg: LegId) -> None:
        self.give(ev.LegRinging(leg))

    def answers(self, leg: LegId) -> None:
        self.give(ev.LegAnswered(leg))

    def is_judged(self, leg: LegId, by: AnsweredBy) -> None:
        self.give(ev.LegJudged(leg, by))

    def fails(self, leg: LegId, cause: Cause = Cause.NO_ANSWER) -> None:
        self.gone(leg, cause)

    def told(self, kind: str) -> list[Any]:
        return [one for one in self.facts if one.kind == kind]


def dial_stage(
    one: Campaign | None = None,
    leads: int = 20,
    *,
    slow: bool = False,
    numbers: int = 1,
    set_up: Directory | None = None,
) -> DialStage:
    """The engine is there, the leads are in the book, nobody is logged in."""
    made = DialStage(Floor(set_up or dialing_directory(one), Counter()), slow=slow)
    made.book = {each.id: each for each in (lead(index, numbers=numbers) for index in range(leads))}
    made.give(ev.EngineFound(()))
    return made
