"""What pacing is told, and what it may keep."""

from dataclasses import dataclass, field
from enum import StrEnum

from callside.kernel.errors import InvalidFieldError


class PacingMode(StrEnum):
    """How a campaign's lines are dialled.

    ``PROGRESSIVE``: one line for each idle agent, nobody is ever abandoned but by a race. ``BOOST``: a bounded factor on idle
    agents, steered by the ledger. ``PREDICTIVE``: from a forecast of answers and of agents who become free.
    """

    PROGRESSIVE = "progressive"
    BOOST = "boost"
    PREDICTIVE = "predictive"


class AgentMode(StrEnum):
    """What an agent of the campaign does, as far as pacing cares. ``AWAY``: on a break, not responding, in another's call."""

    READY = "ready"
    TALKING = "talking"
    WRAPPING = "wrapping"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class PacingSettings:
    """A campaign's pacing.

    Attributes:
        target: Share of live answers that may be abandoned, to aim at; stay 0.15 percentage points below a legal limit.
        patience_ms: How long an answered person may wait for an agent before the call counts as abandoned.
        smallest_team: With fewer agents it is progressive, whatever the mode says (0: never).
        lines_per_agent: At most so many lines for each agent who is there.
        calls_per_second: At most so many new calls in any second; None: no limit.
        max_lines: At most so many lines at once (the trunk's); None: no limit.
    """

    mode: PacingMode = PacingMode.PROGRESSIVE
    target: float = 0.0285
    patience_ms: int = 2000
    smallest_team: int = 6
    lines_per_agent: float = 10.0
    calls_per_second: int | None = None
    max_lines: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            InvalidFieldError: A figure is out of its range; the message names it.
        """
        bounds = {
            "target": 0 <= self.target <= 0.5,
            "patience_ms": 0 <= self.patience_ms <= 60_000,
            "smallest_team": self.smallest_team >= 0,
            "lines_per_agent": self.lines_per_agent >= 1,
            "calls_per_second": self.calls_per_second is None or self.calls_per_second >= 1,
            "max_lines": self.max_lines is None or self.max_lines >= 1,
        }
        for name, fits in bounds.items():
            if not fits:
                raise InvalidFieldError(f"{name}: {getattr(self, name)} is out of range for pacing", field=name)


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line in flight. ``answered_ms``: when a person answered who still waits for an agent; None while it rings."""

    line_id: str
    launched_ms: int
    answered_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """An agent and since when they are so. ``leaving``: a break or logout was asked for and follows after the call."""

    agent_id: str
    mode: AgentMode
    since_ms: int
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What a pacer has learnt, as plain numbers: keep it with the campaign and hand it to the next pacer.

    Attributes:
        answered: Live answers by age of the line, one figure a second; older ones count for less.
        failed: Lines that ended otherwise, likewise.
        ringing_s: Seconds that lines spent at each age.
        talk_ends, talk_s: Conversations that ended, and seconds spent in them, by the bins of ``lifetimes.TALK_EDGES_S``.
        wrap_ends, wrap_s: The same of wrap-up.
        wraps: (calls after which there was wrap-up, calls after which there was none).
        recent: (live answers, live answers expected) of the last minutes.
        caution: Natural logarithm of the risk at which a line is still dialled (predictive), or of the factor (boost).
        steered: Abandonments that were allowed while that was steered: it moves less and less at first.
    """

    answered: tuple[float, ...] = ()
    failed: tuple[float, ...] = ()
    ringing_s: tuple[float, ...] = ()
    talk_ends: tuple[float, ...] = ()
    talk_s: tuple[float, ...] = ()
    wrap_ends: tuple[float, ...] = ()
    wrap_s: tuple[float, ...] = ()
    wraps: tuple[float, float] = (0.0, 0.0)
    recent: tuple[float, float] = (0.0, 0.0)
    caution: float | None = None
    steered: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What the floor knows when a pacer begins: at the start of a day nothing, after a restart a good deal.

    Attributes:
        connected, abandoned: The ledger of the window so far (today's, or the profile's).
        began_ms: When the window began; None: now.
        ends_ms: When this shift stops dialling; None: nobody knows, then nothing is borrowed from the hours to come.
        recent_launches_ms: When the lines of the last second were launched (only needed with ``calls_per_second``).
        asked_ms: When the predecessor was last asked; None: not known.
    """

    lines: tuple[KnownLine, ...] = ()
    agents: tuple[KnownAgent, ...] = ()
    connected: int = 0
    abandoned: int = 0
    began_ms: int | None = None
    ends_ms: int | None = None
    recent_launches_ms: tuple[int, ...] = ()
    asked_ms: int | None = None
    memory: Memory = field(default_factory=Memory)
