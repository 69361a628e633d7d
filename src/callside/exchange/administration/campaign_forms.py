"""The forms of campaigns: what may be dialled, how fast, under which rules, and what becomes of a lead. Few are needed."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from callside.dialer.laws.model import Purpose, Said
from callside.dialer.leads.rules import EffectKind, Then
from callside.dialer.model import CallerIdChoice, MachineAction, Run
from callside.exchange.administration.fields import Code, Id, Name, OptionalName, Prefix, Region
from callside.exchange.administration.forms import Form, Ids, Sheet

_DAY_S: Final = 86_400
_MONTH_S: Final = 31 * _DAY_S
_LONGEST_SCRIPT: Final = 8000
_NO_LIMIT: Final = "0 for no limit."
Number = Annotated[str, Field(max_length=40)]
ProfileId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Recycled = Literal[
    "busy",
    "no_answer",
    "rejected",
    "unallocated",
    "congestion",
    "failed",
    "machine",
    "abandoned",
    "cancelled",
    "surplus",
    "skipped",
]
"""Outcomes whose recycling can be set. After a conversation its disposition decides; a line that never left the house is ours."""


class _Part(Form):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class DialRulesForm(_Part):
    """Which numbers may be called; nothing unless its country is listed."""

    countries: Annotated[list[Region], Field(max_length=300)] = Field(default=[], examples=[["US", "CA"]])
    blocked_prefixes: Annotated[list[Prefix], Field(max_length=1000)] = Field(default=[], examples=[["+1900"]])
    allow_premium: bool = False
    prices: Annotated[dict[Prefix, Annotated[int, Field(ge=0, le=10**9)]], Field(max_length=10_000)] = Field(
        default={}, examples=[{"+1": 12}], description="Of a minute, in thousandths; the longest prefix counts."
    )
    dearest: int = Field(
        default=0,
        ge=0,
        le=10**9,
        description="Dearer numbers, or of unknown price, are refused; 0: prices do not matter.",
    )


class PaceForm(_Part):
    """How fast lines are dialled."""

    target: float = Field(
        default=0.025, ge=0, le=0.5, description="PREDICTIVE: share of live answers that may be abandoned."
    )
    smallest_team: int = Field(default=6, ge=0, le=1000, description="PREDICTIVE: with fewer agents as PROGRESSIVE.")
    lines_per_agent: float = Field(default=4.0, ge=1, le=20, description="Most lines for each agent.")
    calls_per_second: int = Field(default=5, ge=0, le=1000, description=f"Most new calls in a second; {_NO_LIMIT}")
    calls_per_minute: int = Field(default=0, ge=0, le=60_000, description=f"Most new calls in a minute; {_NO_LIMIT}")
    max_lines: int = Field(default=0, ge=0, le=10_000, description=f"Most lines at once; {_NO_LIMIT}")


class RecycleForm(_Part):
    """What follows one outcome; what is left out stays as it is by default."""

    after_s: int = Field(default=0, ge=0, le=12 * _MONTH_S, description="Earliest next call to the number, seconds.")
    most: int = Field(default=6, ge=1, le=100, description="Calls to the lead after which this outcome finishes it.")
    then: Then = Field(default=Then.OTHER, description="Which of the lead's numbers comes next.")
    apart_s: int = Field(
        default=0, ge=0, le=_DAY_S // 2, description="The next call is so far from this one's time of day, seconds."
    )


class RecyclingForm(_Part):
    """When leads come up again."""

    most_attempts: int = Field(default=6, ge=1, le=100, description="Most calls to a lead, over all its numbers.")
    most_per_number: int = Field(default=4, ge=1, le=100)
    other_after_s: int = Field(default=300, ge=0, le=_MONTH_S, description="Until the lead's next number is called.")
    personal_for_s: int = Field(
        default=_DAY_S, ge=0, le=_MONTH_S, description="A callback waits so long for its own agent."
    )
    outcomes: dict[Recycled, RecycleForm] = Field(
        default={}, examples=[{"busy": {"after_s": 600}}], description="What differs from the defaults, by outcome."
    )


class EffectForm(_Part):
    """What a disposition does to the lead."""

    kind: EffectKind = Field(examples=["success"])
    after_s: int = Field(
        default=_DAY_S, ge=0, le=12 * _MONTH_S, description="`retry`: the wait; `callback`: where no date was chosen."
    )
    personal: bool = Field(default=False, description="`callback`: it belongs to the agent who spoke with them.")


class CampaignForm(Form):
    """A new campaign; it is stopped until it is started."""

    name: Name = Field(examples=["Renewals"])
    type: Literal["MANUAL", "PREVIEW", "PROGRESSIVE", "PREDICTIVE"] = Field(
        examples=["MANUAL"],
        description="Who dials: agents by hand; agents the lead that is shown; one line for each idle agent; more lines "
        "than that. Agents log in as MANUAL to the first two, as PROGRESSIVE to the others.",
    )
    trunk_id: Id = Field(examples=["3"], description="What its calls go out on.")
    agents: Ids = Field(default=[], examples=[["111"]], description="Ids of assigned agents.")
    caller_id: Number = Field(
        default="", examples=["+15550100123"], description="Number shown to customers; empty for the trunk's."
    )
    caller_ids: Annotated[list[Number], Field(max_length=1000)] = Field(
        default=[], examples=[["+15550100123", "+15550100124"]], description="Several, instead of `caller_id`."
    )
    caller_id_choice: CallerIdChoice = Field(
        default=CallerIdChoice.FIRST, description="Of several: the first, in turn, or most like the customer's."
    )
    dial_rules: DialRulesForm = Field(default_factory=DialRulesForm)
    ring_s: int = Field(default=45, ge=5, le=180, description="How long a customer's phone may ring, seconds.")
    wrap_up_s: int = Field(default=30, ge=0, le=3600, description="Wrap-up after a call, seconds; 0 for none.")
    blend_queues: bool = Field(
        default=False, description="Ready agents also get the calls of the queues that they are assigned to."
    )
    profile: ProfileId | None = Field(
        default=None, examples=["us"], description="Jurisdiction; null: the strictest, for MANUAL none."
    )
    purpose: Purpose = Field(default=Purpose.SERVICE, description="What the calls are for; some laws ask.")
    regulated: bool = Field(
        default=False, description="They are made for a bank, a broker, an insurer or a pension fund; some laws ask."
    )
    scrub_token: Annotated[OptionalName, Field(max_length=100)] = Field(
        default="",
        examples=["DLT-0000-EXAMPLE"],
        description="What the preference register gave for the leads when they were scrubbed; some laws ask.",
    )
    scrub_token_expires_at: AwareDatetime | None = Field(default=None, description="Until when that token holds.")
    hours_id: Id | None = Field(default=None, description="Opening hours of your own side.")
    starts_at: AwareDatetime | None = Field(default=None, description="Nothing is dialled before.")
    ends_at: AwareDatetime | None = Field(default=None, description="Nothing is dialled after.")
    pace: PaceForm = Field(default_factory=PaceForm)
    safe_message: Id | None = Field(
        default=None, description="Prompt for people for whom no agent is free: who calls, why, how to opt out."
    )
    safe_message_says: Annotated[list[Said], Field(max_length=len(Said))] = Field(
        default=[],
        examples=[["who", "why", "opt_out"]],
        description="What you have heard it say, and confirm; another prompt, or the same spoken anew, has to be confirmed again.",
    )
    detect_machines: bool = Field(
        default=False, description="Listen who has answered before an agent is given the call."
    )
    machine_action: MachineAction = Field(default=MachineAction.HANG_UP, description="What becomes of machines.")
    machine_sample_every: int = Field(
        default=0,
        ge=0,
        le=10_000,
        examples=[20],
        description="Each so many-th machine is given an agent, whose disposition (effect `machine`, or another) says what it was; "
        "0: none.",
    )
    machine_message: Id | None = Field(default=None, description="Prompt left on machines under `message`.")
    predictive_opt_in: bool = Field(default=False, description="The deliberate choice of PREDICTIVE.")
    officer: OptionalName = Field(default="", examples=["Asha Example"], description="Who answers for PREDICTIVE.")
    autodialer_notified_at: AwareDatetime | None = Field(
        default=None, description="When the carrier was told of the dialler; some laws ask."
    )
    recycling: RecyclingForm = Field(default_factory=RecyclingForm)
    effects: Annotated[dict[Code, EffectForm], Field(max_length=100)] = Field(
        default={},
        examples=[{"sale": {"kind": "success"}, "follow_up": {"kind": "callback", "personal": True}}],
        description="What a disposition does to the lead; one that is not listed finishes it.",
    )
    preview_s: int = Field(
        default=0, ge=0, le=600, description="PREVIEW: the lead shown is called after so many seconds; 0: by hand only."
    )
    script: Annotated[str, Field(max_length=_LONGEST_SCRIPT)] = Field(
        default="", description="Text shown to the agent with each call."
    )


class CampaignSheet(Sheet):
    """A campaign."""

    id: str = Field(examples=["280"])
    name: str = Field(examples=["Renewals"])
    type: str = Field(examples=["MANUAL"])
    run: Run = Field(description="Changed by `start`, `pause` and `stop`.")
    trunk_id: str = Field(examples=["3"])
    agents: list[str] = Field(examples=[["111"]])
    caller_id: str = Field(examples=["+15550100123"])
    caller_ids: list[str]
    caller_id_choice: CallerIdChoice
    dial_rules: DialRulesForm
    ring_s: int
    wrap_up_s: int
    blend_queues: bool
    profile: str | None = Field(examples=["strict"], description="The one that holds; null: none.")
    purpose: Purpose
    regulated: bool
    scrub_token: str
    scrub_token_expires_at: AwareDatetime | None
    hours_id: str | None
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    pace: PaceForm
    safe_message: str | None
    safe_message_says: list[Said]
    detect_machines: bool
    machine_action: MachineAction
    machine_sample_every: int
    machine_message: str | None
    predictive_opt_in: bool
    officer: str
    autodialer_notified_at: AwareDatetime | None
    recycling: RecyclingForm
    effects: dict[str, EffectForm]
    preview_s: int
    script: str
    warnings: list[str] = Field(default=[], description="What works, but hardly as it is meant.")
