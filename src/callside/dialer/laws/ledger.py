"""The abandonment ledger: one entry for each answered call of a dialer, written once, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from callside.dialer.laws.model import ClockStart, Profile
from callside.kernel.ids import CallId, CampaignId


class Outcome(StrEnum):
    """What became of an answered call, as the profile's clock sees it."""

    CONNECTED = "connected"
    """An agent was there in time."""
    ABANDONED = "abandoned"
    """Nobody was, in time: the person heard the message, or silence, or an agent too late."""
    MACHINE = "machine"
    """A machine was detected. A share of these were persons; the report adds them."""
    LEFT = "left"
    """The person hung up before the deadline."""


class Detected(StrEnum):
    """What answering-machine detection said."""

    OFF = "off"
    HUMAN = "human"
    MACHINE = "machine"
    UNSURE = "unsure"
    """Treated as a person. So is a machine that was to be given an agent, and of which no agent has said what it was."""
    MISTAKEN = "mistaken"
    """A machine; the agent who was given the call as a sample found a person."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The instants of an answered call (ms since 1970, UTC, told from one clock); ``None``: it did not happen.

    Attributes:
        greeting_end_at: When the person had said their "hello", where that is heard.
        agent_at: When agent and person could hear each other.
        message_at: When the safe message began.
        left_at: When the *person* hung up. Ending the call ourselves is no leaving.
        detected: What answering-machine detection said.
    """

    answered_at: int
    greeting_end_at: int | None = None
    agent_at: int | None = None
    message_at: int | None = None
    left_at: int | None = None
    detected: Detected = Detected.OFF


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An answered call, as it is kept. Never changed; the profile that judged it is named.

    Attributes:
        number: E.164, as it was dialled.
        profile: Id and version (``"uk-1"``).
    """

    campaign_id: CampaignId
    call_id: CallId
    lead_id: str | None
    number: str
    answered: Answered
    outcome: Outcome
    profile: str


def enter(
    profile: Profile, campaign_id: CampaignId, call_id: CallId, lead_id: str | None, number: str, answered: Answered
) -> LedgerEntry:
    """The entry for a call whose answered part is over or decided."""
    return LedgerEntry(campaign_id, call_id, lead_id, number, answered, outcome_of(answered, profile), profile.key)


def deadline_of(answered: Answered, profile: Profile) -> int:
    """When an agent or the message has to be there. A greeting whose end nobody heard ended at once: the strictest reading."""
    start = answered.answered_at
    if profile.abandonment.clock_start is ClockStart.GREETING_END and answered.greeting_end_at is not None:
        start = max(start, answered.greeting_end_at)
    return start + profile.abandonment.connect_deadline_ms


def outcome_of(answered: Answered, profile: Profile) -> Outcome:
    """What became of a call by the profile's clock. What fits nothing else is abandoned."""
    deadline = deadline_of(answered, profile)
    if answered.detected is Detected.MACHINE:
        return Outcome.MACHINE
    if answered.agent_at is not None and answered.agent_at <= deadline:
        return Outcome.CONNECTED
    if answered.message_at is None and answered.left_at is not None and answered.left_at < deadline:
        return Outcome.LEFT
    return Outcome.ABANDONED


def message_in_time(answered: Answered, profile: Profile) -> bool:
    """Whether a person without an agent heard the message by the deadline; ``True`` where none was needed."""
    if outcome_of(answered, profile) is not Outcome.ABANDONED:
        return True
    return answered.message_at is not None and answered.message_at <= deadline_of(answered, profile)
