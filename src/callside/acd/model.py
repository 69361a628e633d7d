"""A queue, as administration knows it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callside.kernel.ids import AgentId, HoursId, PromptId, QueueId, TenantId, TrunkId

PRIORITY_STEP_MS: Final = 60_000
"""One step of priority is worth a minute of waiting: ageing is linear, so nobody waits for ever (dialer-acd.md §4.1)."""


class Strategy(StrEnum):
    """Which of the idle agents who can take a call gets it."""

    LONGEST_IDLE = "longest_idle"
    """Who has been idle longest."""
    FEWEST_CALLS = "fewest_calls"
    """Who has had the fewest calls in the last hour."""
    LEAST_TALK = "least_talk"
    """Who has talked least in the last hour."""
    ROUND_ROBIN = "round_robin"
    """Whose last offer is longest ago, taken or not."""
    OCCUPANCY = "occupancy"
    """Whose busy share of the last hour is smallest."""
    RING_ALL = "ring_all"
    """Several of them at once, those idle longest first: whoever answers first has it."""


BY_IDLENESS: Final = frozenset({Strategy.LONGEST_IDLE, Strategy.RING_ALL})
"""Strategies whose order is that of idleness alone."""


class OverflowWhen(StrEnum):
    """When a caller is sent on."""

    FULL = "full"
    """As many wait as the queue takes (``max_waiting``)."""
    UNSTAFFED = "unstaffed"
    """Nobody is logged in for the queue."""
    ESTIMATE = "estimate"
    """The estimated wait on arrival is longer than ``seconds``."""
    WAITED = "waited"
    """The caller has waited for ``seconds``."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where a caller is sent, and when.

    Attributes:
        to: A queue; ``None``: the caller hears that nobody is free, and is let go.
        voicemail: Instead of ``to``: the caller may speak to the voicemail of the queue they are in.
        seconds: For ``ESTIMATE`` and ``WAITED``.
    """

    when: OverflowWhen
    to: QueueId | None = None
    seconds: int = 0
    voicemail: bool = False


@dataclass(frozen=True, slots=True)
class Relaxation:
    """From ``after_s`` seconds of waiting on, these skills and levels are enough."""

    after_s: int
    skills: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallbackWords:
    """Prompts of the tenant's own for what is said on the way to a callback; ``None``: the standard words.

    Attributes:
        number: Before the caller's number is read out digit by digit.
        confirm: After it: that 1 confirms, and any other key leads to keying in another.
        enter: To key in a number and #.
        not_valid: That number cannot be called; ``enter`` follows.
        arranged: The last words: they are called back.
    """

    number: PromptId | None = None
    confirm: PromptId | None = None
    enter: PromptId | None = None
    not_valid: PromptId | None = None
    arranged: PromptId | None = None


@dataclass(frozen=True, slots=True)
class CallbackOffer:
    """Callers may hang up and be called back in their turn (research: dialer-acd.md §4.4).

    Attributes:
        prompt_id: Says so, with the key; played over the music.
        trunk_id: What customers are called back on.
        caller_id: E.164 shown to them; empty for the trunk's own.
        countries: ISO 3166 codes whose numbers are called; none: the tenant's own country. Never premium-rate numbers.
        blocked_prefixes: E.164 prefixes that are not called all the same.
        after_s: Offered after so many seconds of waiting; 0: not for this reason.
        wait_over_s: Offered as soon as the estimated wait is longer, on arrival or later; 0: not for this reason.
        key: What a caller presses who wants it.
        ring_s: How long the customer's phone may ring.
        attempts: How often an unanswered customer is called.
        retry_s: Seconds from one attempt to the next.
        most: No more than so many open ones in the queue: nobody can have us call the world.
        within_s: What the figures take for a timely first attempt, counted from the caller's coming to the queue; closed hours
            do not count.
        hours_id: When customers may be called back; outside of these hours callbacks wait. ``None``: at any time.
        words: What is said on the way.
    """

    prompt_id: PromptId
    trunk_id: TrunkId
    caller_id: str = ""
    countries: tuple[str, ...] = ()
    blocked_prefixes: tuple[str, ...] = ()
    after_s: int = 60
    wait_over_s: int = 0
    key: str = "1"
    ring_s: int = 30
    attempts: int = 3
    retry_s: int = 600
    most: int = 100
    within_s: int = 1800
    hours_id: HoursId | None = None
    words: CallbackWords = CallbackWords()


TONE: Final = "tone"
SILENCE: Final = "none"
WHISPERS: Final = frozenset({TONE, SILENCE})
"""What :attr:`Queue.whisper` may be besides a prompt's id."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Where inbound calls wait for an agent.

    Attributes:
        agents: Who is assigned to it.
        numbers: Our numbers (DIDs, as the carrier sends them) that lead here.
        ring_s: How long an offered call rings at an agent before it goes back to its place (RONA).
        wrap_up_s: Seconds for wrap-up after a call; 0 for none.
        max_wait_s: A caller who has waited this long hears that nobody is free and is let go; 0 for no limit.
        ring_count: With ``RING_ALL`` how many agents are rung at once; 0: all who are idle and can take the call.
        priority: Steps of ``PRIORITY_STEP_MS`` that its callers are treated as having waited already.
        skills: Skill and least level that an agent must have.
        relaxation: Weaker demands after a while, in the order of their ``after_s``.
        sticky_s: So long a caller waits for the agent they talked with last, before anybody may take the call; 0: not at all.
        max_waiting: How many may wait; 0 for no limit.
        overflow: Where callers are sent on; without a rule for ``FULL`` one too many is let go with a message.
        service_level_s: Calls answered within this time are within the service level.
        short_abandon_s: Callers who give up sooner are not counted as abandoned.
        colour: ``#rrggbb`` in the agent's phone; empty for none.
        script: Shown to the agent with each call.
        callback: ``None``: callers cannot ask to be called back.
        whisper: What an agent hears before the caller: :data:`TONE` (only who is connected by themselves), :data:`SILENCE`, or a
            prompt's id (the queue's name, say), then whoever answers.
    """

    id: QueueId
    tenant_id: TenantId
    name: str
    agents: frozenset[AgentId] = frozenset()
    numbers: tuple[str, ...] = ()
    ring_s: int = 20
    wrap_up_s: int = 30
    max_wait_s: int = 0
    strategy: Strategy = Strategy.LONGEST_IDLE
    ring_count: int = 0
    priority: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    relaxation: tuple[Relaxation, ...] = ()
    sticky_s: int = 0
    max_waiting: int = 0
    overflow: tuple[Overflow, ...] = ()
    service_level_s: int = 20
    short_abandon_s: int = 5
    colour: str = ""
    script: str = ""
    callback: CallbackOffer | None = None
    whisper: str = TONE

    def overflow_when(self, when: OverflowWhen) -> Overflow | None:
        """The first rule for ``when``."""
        for rule in self.overflow:
            if rule.when is when:
                return rule
        return None
