"""Figures as `/v1` shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from callside.reporting.formulas import FORMULAS, SERVICE_LEVELS


def meaning(*names: str) -> str:
    """What figures' formulas say, for the document."""
    return " ".join(f"`{one}`: {FORMULAS[one]}" for one in names)


class FigureSheet(BaseModel):
    """A value and the name of its formula. Shares are 0 to 1, times milliseconds; null: nothing to divide by."""

    value: float | None = Field(examples=[0.8421])
    formula: str = Field(examples=["SL_B"])


class CallbackFiguresSheet(BaseModel):
    """A queue's callbacks, each counted when it happened."""

    opened: int
    answered: int = Field(description="Customers who were reached.")
    not_reached: int
    called_again: int = Field(description="Called in themselves before they were called.")
    dropped: int = Field(description="Taken back, also by a do-not-call list, a day old, or switched off.")
    attempts: int
    first_attempt_mean_ms: int | None = Field(description="From the caller's coming to the queue.")
    service_level: FigureSheet = Field(description=meaning("CALLBACK_SL"))


class QueueFiguresSheet(BaseModel):
    """A queue. A call counts where it arrived.

    offered = answered + abandoned + let_go + moved_on + called_back + voicemail + unavailable + waiting.
    """

    queue_id: str = Field(examples=["279"])
    queue_name: str = Field(examples=["Support"], description="Empty when the queue was removed.")
    offered: int
    answered: int
    abandoned: int
    abandoned_short: int = Field(description="Of the abandoned, those within the short-abandon limit.")
    let_go: int = Field(description="Ended unanswered, but not by the caller: longest wait reached, engine lost.")
    moved_on: int = Field(description="Went to another queue unanswered.")
    called_back: int = Field(description="Asked to be called back instead of waiting; not abandoned.")
    voicemail: int = Field(description="Went to the queue's voicemail; neither abandoned nor missed.")
    unavailable: int = Field(description="Came and went while Callside was away; not abandoned, but missed.")
    waiting: int = Field(description="Not answered yet.")
    rona: int = Field(description="Offers that an agent did not answer in time.")
    declined: int
    handled: int = Field(description="Answered calls that are over; AHT is theirs.")
    answer_within_ms: int = Field(description="T of the service level: the queue's `service_level_s`.")
    short_abandon_ms: int
    service_level: FigureSheet = Field(description=meaning(*SERVICE_LEVELS))
    abandoned_share: FigureSheet = Field(description=meaning("ABANDONED"))
    asa: FigureSheet = Field(description=meaning("ASA"))
    asa_p50: FigureSheet = Field(description=meaning("ASA_P50"))
    asa_p95: FigureSheet = Field(description=meaning("ASA_P95"))
    aht: FigureSheet = Field(description=meaning("AHT"))
    talk: FigureSheet = Field(description=meaning("TALK"))
    hold: FigureSheet = Field(description=meaning("HOLD"))
    wrap_up: FigureSheet = Field(description=meaning("WRAP_UP"))
    callbacks: CallbackFiguresSheet


class QueueNow(QueueFiguresSheet):
    """A queue today, and who has waited longest."""

    longest_waiting_ms: int | None = Field(description="Of the calls waiting now; null when nobody waits.")


class IntervalSheet(QueueFiguresSheet):
    """A queue in one interval."""

    begin: datetime = Field(description="By the tenant's clocks.")


class _AgentFigures(BaseModel):
    """An agent. Times are milliseconds in a state, the one that runs included."""

    agent_id: str = Field(examples=["111"])
    agent_name: str
    offered: int
    answered: int
    answered_inbound: int
    answered_outbound: int
    rona: int
    declined: int
    logged_in_ms: int
    ready_ms: int
    ringing_ms: int
    dialing_ms: int
    talk_ms: int
    hold_ms: int
    wrap_ms: int
    break_ms: int
    not_responding_ms: int
    away_ms: int = Field(description="Logged in, but without line or page.")
    aht: FigureSheet = Field(description="(talk + hold + wrap-up) / answered calls, the running one included.")
    occupancy: FigureSheet = Field(description=meaning("OCCUPANCY"))
    utilisation: FigureSheet = Field(description=meaning("UTILISATION"))


class AgentFiguresSheet(_AgentFigures):
    """An agent today."""

    logged_in: bool


class AgentIntervalSheet(_AgentFigures):
    """An agent in one interval; a state that runs over its end is cut there."""

    begin: datetime = Field(description="By the tenant's clocks.")


class _Day(BaseModel):
    since: datetime = Field(description="The tenant's midnight.")
    at: datetime
    complete: bool = Field(description="False for a moment after a restart, while the day is counted again.")


class QueueDay(_Day):
    """All queues today."""

    items: list[QueueNow]


class AgentDay(_Day):
    """All agents today."""

    items: list[AgentFiguresSheet]


class IntervalList(BaseModel):
    """Intervals in which calls came; those without a call are left out."""

    items: list[IntervalSheet]


class AgentIntervalList(BaseModel):
    """Intervals in which somebody was logged in."""

    items: list[AgentIntervalSheet]
