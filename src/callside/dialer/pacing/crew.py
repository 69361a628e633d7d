"""The campaign's agents and lines at this moment, as pacing sees them."""

from collections import deque

from callside.dialer.pacing.model import AgentMode, Known, KnownAgent, KnownLine

_SECOND_MS = 1000


class Crew:
    """Who is free, busy or gone, and which lines are out. Every change costs the same however many there are.

    Attributes:
        ready, talking, wrapping: Agents and since when (ms). Whoever is leaving is in none of them.
        ringing: Lines and when they were launched (ms).
        waiting: Answered lines without an agent, and since when (ms).
    """

    def __init__(self, known: Known) -> None:
        self.ready: dict[str, int] = {}
        self.talking: dict[str, int] = {}
        self.wrapping: dict[str, int] = {}
        self.ringing: dict[str, int] = {}
        self.waiting: dict[str, int] = {}
        self._launched: dict[str, int] = {}
        self._agents: dict[str, tuple[AgentMode, int]] = {}
        self._leaving: set[str] = set()
        self._recent = deque(known.recent_launches_ms)
        for agent in known.agents:
            self.agent(agent.agent_id, agent.mode, agent.since_ms)
            if agent.leaving:
                self.leaves(agent.agent_id, agent.since_ms)
        for line in known.lines:
            self._launched[line.line_id] = line.launched_ms
            if line.answered_ms is None:
                self.ringing[line.line_id] = line.launched_ms
            else:
                self.waiting[line.line_id] = line.answered_ms

    # ── agents ──
    def agent(self, agent_id: str, mode: AgentMode, now: int) -> tuple[AgentMode, int] | None:
        """An agent's mode from ``now`` on; gives what it was before and since when. Being ready ends leaving."""
        before = self._agents.get(agent_id)
        if before is not None and before[0] is mode:
            return None
        self._drop(agent_id)
        self._agents[agent_id] = (mode, now)
        if mode in {AgentMode.READY, AgentMode.AWAY}:
            self._leaving.discard(agent_id)
        self._count(agent_id)
        return before

    def leaves(self, agent_id: str, now: int) -> None:
        """The agent is not to be counted on any more: at once when idle, after the call otherwise."""
        mode = self._agents.get(agent_id, (AgentMode.AWAY, now))[0]
        if mode in {AgentMode.READY, AgentMode.AWAY}:
            self.agent(agent_id, AgentMode.AWAY, now)
        else:
            self._drop(agent_id)
            self._leaving.add(agent_id)

    def stays(self, agent_id: str) -> None:
        """The break or logout that was asked for is taken back."""
        self._leaving.discard(agent_id)
        self._count(agent_id)

    def gone(self, agent_id: str) -> None:
        """The agent has logged out or belongs to another campaign now."""
        self._drop(agent_id)
        self._leaving.discard(agent_id)
        self._agents.pop(agent_id, None)

    @property
    def staff(self) -> int:
        """Agents who are there and stay."""
        return len(self.ready) + len(self.talking) + len(self.wrapping)

    def _drop(self, agent_id: str) -> None:
        self.ready.pop(agent_id, None)
        self.talking.pop(agent_id, None)
        self.wrapping.pop(agent_id, None)

    def _count(self, agent_id: str) -> None:
        if agent_id in self._leaving:
            return
        mode, since = self._agents.get(agent_id, (AgentMode.AWAY, 0))
        if mode is AgentMode.READY:
            self.ready[agent_id] = since
        elif mode is AgentMode.TALKING:
            self.talking[agent_id] = since
        elif mode is AgentMode.WRAPPING:
            self.wrapping[agent_id] = since

    # ── lines ──
    def launched(self, line_id: str, now: int) -> None:
        """A line is out."""
        self._launched[line_id] = self.ringing[line_id] = now
        self.launched_lately(now)
        self._recent.append(now)

    def answered(self, line_id: str, now: int) -> int | None:
        """A person answered; gives the line's age in ms, or None where it was not ringing."""
        launched = self.ringing.pop(line_id, None)
        if launched is None:
            return None
        self.waiting[line_id] = now
        return now - launched

    def ended(self, line_id: str, now: int) -> int | None:
        """The line is no more; gives its age in ms if it was still ringing."""
        self._launched.pop(line_id, None)
        self.waiting.pop(line_id, None)
        launched = self.ringing.pop(line_id, None)
        return None if launched is None else now - launched

    def served(self, line_id: str) -> bool:
        """The waiting person got an agent or was abandoned; false where nobody waited."""
        self._launched.pop(line_id, None)
        return self.waiting.pop(line_id, None) is not None

    @property
    def in_flight(self) -> int:
        """Lines that ring, and answered ones without an agent."""
        return len(self.ringing) + len(self.waiting)

    def launched_lately(self, now: int) -> int:
        """Lines launched in the second up to ``now``."""
        while self._recent and self._recent[0] <= now - _SECOND_MS:
            self._recent.popleft()
        return len(self._recent)

    @property
    def oldest_recent(self) -> int | None:
        """When the first line of the last second was launched."""
        return self._recent[0] if self._recent else None

    # ── for a successor ──
    def known_lines(self) -> tuple[KnownLine, ...]:
        """Every line in flight."""
        return tuple(KnownLine(one, at, self.waiting.get(one)) for one, at in self._launched.items())

    def known_agents(self) -> tuple[KnownAgent, ...]:
        """Every agent."""
        return tuple(
            KnownAgent(one, mode, since, leaving=one in self._leaving) for one, (mode, since) in self._agents.items()
        )

    def known_launches(self) -> tuple[int, ...]:
        """The launches of the last second."""
        return tuple(self._recent)
