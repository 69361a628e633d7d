"""A campaign, as administration knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callside.dialer.laws.model import Mode, Purpose, Said
from callside.dialer.leads.rules import LeadEffect, RecyclingRules
from callside.kernel.ids import AgentId, CampaignId, HoursId, PromptId, TenantId, TrunkId
from callside.sessions.model import LoginType

LOGIN_TYPES: Mapping[Mode, LoginType] = {
    Mode.MANUAL: LoginType.MANUAL,
    Mode.PREVIEW: LoginType.MANUAL,
    Mode.PROGRESSIVE: LoginType.PROGRESSIVE,
    Mode.PREDICTIVE: LoginType.PROGRESSIVE,
}
"""How an agent logs in to a campaign of each kind."""


@dataclass(frozen=True, slots=True)
class DialRules:
    """Which numbers a campaign may call. Deny by default: no country listed, nothing can be dialled.

    Attributes:
        countries: ISO 3166 codes whose numbers are allowed.
        blocked_prefixes: E.164 prefixes (``"+1900"``) refused all the same.
        allow_premium: Premium-rate and shared-cost numbers are refused unless this is set.
        prices: What a minute costs by E.164 prefix, in thousandths of the tenant's currency; the longest prefix that fits counts.
        dearest: Numbers that cost more a minute, or whose price is not known, are refused; 0: prices do not matter.
    """

    countries: frozenset[str] = frozenset()
    blocked_prefixes: tuple[str, ...] = ()
    allow_premium: bool = False
    prices: Mapping[str, int] = field(default_factory=dict)
    dearest: int = 0


class Run(StrEnum):
    """Whether a campaign's leads are called."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"
    """Nothing new is dialled; what rings goes on."""


class CallerIdChoice(StrEnum):
    """Which number of the pool a customer is shown."""

    FIRST = "first"
    ROTATE = "rotate"
    """Each in turn."""
    LOCAL = "local"
    """The one that begins most like the customer's own."""


class MachineAction(StrEnum):
    """What becomes of a call that a machine has answered."""

    HANG_UP = "hang_up"
    MESSAGE = "message"
    """After the beep the campaign's message is left."""
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class PacePlan:
    """How fast lines are dialled.

    Attributes:
        target: Share of live answers that may be abandoned (0.02 is 2 %); only ``PREDICTIVE`` uses it.
        smallest_team: With fewer agents ``PREDICTIVE`` behaves as ``PROGRESSIVE``.
        lines_per_agent: Most lines for each agent.
        calls_per_second: Most new calls in a second; 0 for no limit.
        calls_per_minute: Most new calls in a minute; 0 for no limit.
        max_lines: Most lines at once; 0 for no limit.
    """

    target: float = 0.025
    smallest_team: int = 6
    lines_per_agent: float = 4.0
    calls_per_second: int = 5
    calls_per_minute: int = 0
    max_lines: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a campaign's leads are called. Safe by itself: nothing runs, and no machine is listened for.

    Attributes:
        starts_at, ends_at: Wall ms between which it dials; 0 for no such limit.
        hours_id: Opening hours of the campaign's own side.
        profile: Id of the jurisdiction profile. Without one a campaign dials nothing by itself, and its agents answer for what they
            dial by hand.
        purpose: What the calls are for; some laws ask.
        regulated: They are made for a bank, a broker, an insurer or a pension fund; some laws ask.
        scrub_token: What the preference register gave for the leads when they were last held against it; some laws ask.
        scrub_token_expires_at: Until when it holds, wall ms; 0: there is none.
        caller_ids: Pool of E.164 numbers to show; empty: the campaign's ``caller_id``.
        detect_machines: Listen who has answered before an agent is given the call.
        machine_sample_every: Each so many-th machine is given an agent all the same, who says by the disposition whether it
            was one; 0: none. Nothing is sampled while no disposition has the effect ``machine``: nobody could say it.
        machine_message: Left on machines, under ``MachineAction.MESSAGE``.
        safe_message: What a person hears for whom no agent is free in time.
        safe_message_says: What somebody who has heard it confirms that it says; of another recording nothing is confirmed.
        predictive_opt_in, officer: The deliberate choice of ``PREDICTIVE``, and who answers for it.
        autodialer_notified_at: When the carrier was told of the dialler, wall ms; 0: never.
        effects: What each disposition (by code) does to the lead; one that is not listed finishes it.
        preview_s: ``PREVIEW``: after so many seconds the lead shown is called; 0: only when the agent says so.
        script: What the agent is to say; shown with each call.
    """

    run: Run = Run.STOPPED
    starts_at: int = 0
    ends_at: int = 0
    hours_id: HoursId | None = None
    profile: str = ""
    purpose: Purpose = Purpose.SERVICE
    regulated: bool = False
    scrub_token: str = ""
    scrub_token_expires_at: int = 0
    caller_ids: tuple[str, ...] = ()
    caller_id_choice: CallerIdChoice = CallerIdChoice.FIRST
    pace: PacePlan = field(default_factory=PacePlan)
    detect_machines: bool = False
    machine_action: MachineAction = MachineAction.HANG_UP
    machine_sample_every: int = 0
    machine_message: PromptId | None = None
    safe_message: PromptId | None = None
    safe_message_says: frozenset[Said] = frozenset()
    predictive_opt_in: bool = False
    officer: str = ""
    autodialer_notified_at: int = 0
    recycling: RecyclingRules = field(default_factory=RecyclingRules)
    effects: Mapping[str, LeadEffect] = field(default_factory=dict)
    preview_s: int = 0
    script: str = ""

    @property
    def token_expires_at(self) -> int | None:
        """Until when the leads' scrub token holds; ``None``: there is none."""
        return self.scrub_token_expires_at if self.scrub_token and self.scrub_token_expires_at else None


@dataclass(frozen=True, slots=True)
class Campaign:
    """Outbound work.

    Attributes:
        type: Who decides that a number is dialled.
        trunk_id: What its calls go out on.
        caller_id: E.164 shown to the customer; empty for the trunk's own.
        ring_s: How long a customer's phone may ring.
        wrap_up_s: Seconds for wrap-up after a call; 0 for none.
        blend_queues: Its agents, while ready, also get the calls of the queues that they are assigned to.
    """

    id: CampaignId
    tenant_id: TenantId
    name: str
    type: Mode
    trunk_id: TrunkId
    agents: frozenset[AgentId] = frozenset()
    caller_id: str = ""
    dial_rules: DialRules = field(default_factory=DialRules)
    ring_s: int = 45
    wrap_up_s: int = 30
    blend_queues: bool = False
    plan: Plan = field(default_factory=Plan)

    @property
    def login_type(self) -> LoginType:
        """Under which of the guide's login types its agents log in."""
        return LOGIN_TYPES[self.type]

    @property
    def is_answered_for(self) -> bool:
        """Somebody asked for predictive dialling expressly and is named as who answers for it."""
        return self.plan.predictive_opt_in and bool(self.plan.officer.strip())
