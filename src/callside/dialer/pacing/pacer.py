"""The one interface of pacing, and what every way of doing it has: the crew, the ledger, the caps."""

from collections.abc import Iterable

from callside.dialer.pacing.budget import Budget
from callside.dialer.pacing.crew import Crew
from callside.dialer.pacing.model import AgentMode, Known, Memory, PacingMode, PacingSettings


class Pacer:
    """Paces one campaign on one tenant's floor: progressively, unless a way of pacing wants more lines.

    All times are ms of one clock that never goes back.

    Tell it what happens, then ask :meth:`lines_to_launch`; launch so many (or fewer), and tell each with
    :meth:`line_launched`. Ask again after every event, and at :meth:`next_due`. Same events, same answers.
    """

    mode = PacingMode.PROGRESSIVE

    def __init__(self, settings: PacingSettings, known: Known) -> None:
        self.settings = settings
        self._crew = Crew(known)
        self._budget = Budget(settings.target, known.connected, known.abandoned, known.began_ms, known.ends_ms)

    # ── lines ──
    def line_launched(self, line_id: str, now: int) -> None:
        """A line was dialled."""
        self._crew.launched(line_id, now)

    def line_answered(self, line_id: str, now: int) -> None:
        """A living person answered (machine detection is over) and waits for an agent."""
        age = self._crew.answered(line_id, now)
        if age is not None:
            self._learn_answer(age)

    def line_ended(self, line_id: str, now: int) -> None:
        """No answer, busy, machine, failed; or the person hung up before an agent came and before that was abandonment."""
        age = self._crew.ended(line_id, now)
        if age is not None:
            self._learn_failure(age)

    def line_withdrawn(self, line_id: str, now: int) -> None:
        """We hung up while it rang (:meth:`surplus_lines`): that says nothing about when lines end by themselves."""
        age = self._crew.ended(line_id, now)
        if age is not None:
            self._learn_nothing(age)

    def call_connected(self, line_id: str, now: int) -> None:
        """The waiting person hears an agent; tell :meth:`agent_talking` too."""
        if self._crew.served(line_id):
            self._budget.connected += 1
            self._steer(abandoned=False)

    def call_abandoned(self, line_id: str, now: int) -> None:
        """No agent came in time: the ledger has one more."""
        if self._crew.served(line_id):
            self._budget.abandoned += 1
            self._steer(abandoned=True)

    # ── agents ──
    def agent_ready(self, agent_id: str, now: int) -> None:
        """The agent can take a call."""
        self._agent(agent_id, AgentMode.READY, now)

    def agent_talking(self, agent_id: str, now: int) -> None:
        """The agent has a call of this campaign."""
        self._agent(agent_id, AgentMode.TALKING, now)

    def agent_wrapping(self, agent_id: str, now: int) -> None:
        """The call is over, its wrap-up has begun."""
        self._agent(agent_id, AgentMode.WRAPPING, now)

    def agent_leaving(self, agent_id: str, now: int) -> None:
        """A break or logout was asked for, or has begun: do not count on this agent. Being ready ends it."""
        self._crew.leaves(agent_id, now)

    def agent_staying(self, agent_id: str, now: int) -> None:
        """The break or logout that was asked for during a call is taken back."""
        self._crew.stays(agent_id)

    def agent_gone(self, agent_id: str, now: int) -> None:
        """The agent is logged out or serves another campaign."""
        self._crew.gone(agent_id)

    # ── the window ──
    def begin_window(self, now: int, ends_ms: int | None, connected: int = 0, abandoned: int = 0) -> None:
        """A day (or a profile's window) begins, with what its ledger has already. ``ends_ms``: end of the shift, if known."""
        self._budget = Budget(self.settings.target, connected, abandoned, now, ends_ms)

    def shift_ends(self, ends_ms: int | None) -> None:
        """The end of the shift is known now, or has moved; the ledger stays."""
        self._budget.ends_ms = ends_ms

    # ── out ──
    def lines_to_launch(self, now: int) -> int:
        """How many lines to dial at this moment."""
        room = self._room(now)
        wanted = self._progressive() if self.plain else self._wanted(now)
        return max(0, min(wanted, room))

    def surplus_lines(self, among: Iterable[str], now: int) -> list[str]:
        """Of these ringing lines (oldest first) those for which nobody would be there, were they answered.

        Here: as many as there are more lines in flight than idle agents.
        """
        excess = self._crew.in_flight - len(self._crew.ready)
        return [one for one in among if one in self._crew.ringing][: max(0, excess)]

    def next_due(self, now: int) -> int | None:
        """When to ask again though nothing has happened; None: not before something has."""
        limit = self.settings.calls_per_second
        if limit is None or self._crew.launched_lately(now) < limit:
            return None
        oldest = self._crew.oldest_recent
        return None if oldest is None else oldest + 1000

    def known(self) -> Known:
        """All that a successor needs to go on as this one would."""
        budget = self._budget
        return Known(
            lines=self._crew.known_lines(),
            agents=self._crew.known_agents(),
            connected=budget.connected,
            abandoned=budget.abandoned,
            began_ms=budget.began_ms,
            ends_ms=budget.ends_ms,
            recent_launches_ms=self._crew.known_launches(),
            memory=self._memory(),
        )

    @property
    def plain(self) -> bool:
        """Whether it paces progressively now: by its mode, or because the team is too small."""
        return self.mode is PacingMode.PROGRESSIVE or self._crew.staff < self.settings.smallest_team

    @property
    def in_flight(self) -> int:
        """Lines that ring, and answered ones without an agent."""
        return self._crew.in_flight

    # ── what differs ──
    def _wanted(self, now: int) -> int:
        """How many more lines, before the caps."""
        return self._progressive()

    def _steer(self, *, abandoned: bool) -> None:
        """The ledger has one more answer."""

    def _learn_answer(self, age_ms: int) -> None:
        """A line was answered at this age."""

    def _learn_failure(self, age_ms: int) -> None:
        """A line ended at this age without an answer."""

    def _learn_nothing(self, age_ms: int) -> None:
        """A line had rung so long without an answer when we ended it."""

    def _learn_busy(self, mode: AgentMode, spent_ms: int, after: AgentMode) -> None:
        """An agent was in ``mode`` for so long."""

    def _memory(self) -> Memory:
        return Memory()

    # ── shared ──
    def _agent(self, agent_id: str, mode: AgentMode, now: int) -> None:
        before = self._crew.agent(agent_id, mode, now)
        if before is not None:
            self._learn_busy(before[0], now - before[1], mode)

    def _progressive(self) -> int:
        return len(self._crew.ready) - self._crew.in_flight

    def _room(self, now: int) -> int:
        settings, out = self.settings, self._crew.in_flight
        room = int(settings.lines_per_agent * self._crew.staff) - out
        if settings.max_lines is not None:
            room = min(room, settings.max_lines - out)
        lately = self._crew.launched_lately(now)
        if settings.calls_per_second is not None:
            room = min(room, settings.calls_per_second - lately)
        return room


class ProgressivePacer(Pacer):
    """One line for each idle agent: at every launch, lines in flight ≤ idle agents."""
