"""A campaign's day on a virtual clock: the shipped pacing decides, chance answers."""

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import takewhile
from typing import Final

import numpy as np

from callside.dialer.pacing.pacer import Pacer
from callside.simulation.dialing_model import Campaign, chances, milliseconds

_NEVER: Final = 1 << 60
_ANSWER, _FAIL, _GIVE_UP, _TALK_END, _WRAP_END, _LEAVE, _RETURN = range(7)


@dataclass(frozen=True, slots=True)
class DialDay:
    """What came of a day.

    Attributes:
        utilisation: (talk + wrap-up) / time staffed, until dialling ends.
        idle_s: Ready time per connected call.
        withdrawn: Lines ended while they rang because nobody would have been there.
    """

    dials: int
    connected: int
    abandoned: int
    utilisation: float
    idle_s: float
    most_lines: int
    withdrawn: int = 0

    @property
    def drop(self) -> float:
        """Abandoned of all live answers."""
        answers = self.connected + self.abandoned
        return self.abandoned / answers if answers else 0.0


class DialFloor:
    """Agents, lines and customers around one pacer. What only an oracle may look at is public: ``ends``, ``campaign``."""

    def __init__(self, campaign: Campaign, pacer: Pacer, seed: int) -> None:
        self.campaign = campaign
        self.pacer = pacer
        self.now = 0
        self.ends: dict[str, int] = {}
        """When each busy agent will be ready again (talk and wrap-up)."""
        dice = [np.random.default_rng([seed, purpose]) for purpose in range(5)]
        self._chance = chances(dice[0])
        self._answer_ms = milliseconds(campaign.answer_s, dice[1])
        self._failure_ms = milliseconds(campaign.failure_s, dice[2])
        self._talk_ms = milliseconds(campaign.talk_s, dice[3])
        self._wrap_ms = milliseconds(campaign.wrap_s, dice[4])
        self._agenda: list[tuple[int, int, int, str]] = []
        self._planned = 0
        self._ready: dict[str, int] = {}
        self._waiting: dict[str, None] = {}
        self._out: dict[str, int] = {}
        self._wraps: dict[str, int] = {}
        self._on_call: dict[str, str] = {}
        self._leaving: set[str] = set()
        self._away: dict[str, int] = {}
        self._busy_ms = self._away_ms = 0
        self._counts = {"dials": 0, "connected": 0, "abandoned": 0, "most": 0, "withdrawn": 0}
        self._end = campaign.end_ms
        self._does = (
            self._answered, self._failed, self._gives_up, self._talk_ends, self._wrap_ends, self._leave, self._return
        )  # fmt: skip

    def run(self) -> DialDay:
        """From the first minute until the last call in the air is over."""
        agenda, pacer, does = self._agenda, self.pacer, self._does
        pacer.begin_window(0, self._end)
        for number in range(self.campaign.agents):
            self._be_ready(f"a{number}")
        for number, leave in enumerate(self.campaign.leaves):
            self._plan(leave.begin_ms, _LEAVE, str(number))
            self._plan(leave.end_ms, _RETURN, str(number))
        due = self._ask()
        while agenda or due < self._end:
            if agenda and agenda[0][0] <= due:
                self.now, _, kind, who = heappop(agenda)
                does[kind](who)
            else:
                self.now = due
            due = self._ask() if self.now < self._end else _NEVER
        return self._result()

    # ── the dialer ──
    def _ask(self) -> int:
        pacer, now = self.pacer, self.now
        if self.campaign.min_ring_ms is not None:
            self._withdraw(now - self.campaign.min_ring_ms)
        wanted = pacer.lines_to_launch(now)
        if wanted:
            self._launch(wanted)
        due = pacer.next_due(now)
        return _NEVER if due is None else max(due, now + 1)

    def _launch(self, count: int) -> None:
        rate, now, counts = self.campaign.rate_at(self.now), self.now, self._counts
        for _ in range(count):
            counts["dials"] += 1
            line_id = f"l{counts['dials']}"
            self._out[line_id] = now
            self.pacer.line_launched(line_id, now)
            if next(self._chance) < rate:
                self._plan(now + next(self._answer_ms), _ANSWER, line_id)
            else:
                self._plan(now + next(self._failure_ms), _FAIL, line_id)
        counts["most"] = max(counts["most"], len(self._out))

    def _withdraw(self, launched_by: int) -> None:
        may_go = list(takewhile(lambda one: self._out[one] <= launched_by, self._out))
        for line_id in self.pacer.surplus_lines(may_go, self.now) if may_go else ():
            del self._out[line_id]
            self._counts["withdrawn"] += 1
            self.pacer.line_withdrawn(line_id, self.now)

    def _plan(self, when: int, kind: int, who: str) -> None:
        self._planned += 1
        heappush(self._agenda, (when, self._planned, kind, who))

    # ── lines ──
    def _answered(self, line_id: str) -> None:
        if line_id not in self._out:
            return
        del self._out[line_id]
        self.pacer.line_answered(line_id, self.now)
        if self._ready:
            self._connect(line_id, next(iter(self._ready)))
        else:
            self._waiting[line_id] = None
            self._plan(self.now + self.campaign.patience_ms, _GIVE_UP, line_id)

    def _failed(self, line_id: str) -> None:
        if line_id in self._out:
            del self._out[line_id]
            self.pacer.line_ended(line_id, self.now)

    def _gives_up(self, line_id: str) -> None:
        if line_id in self._waiting:
            del self._waiting[line_id]
            self._counts["abandoned"] += 1
            self.pacer.call_abandoned(line_id, self.now)

    # ── agents ──
    def _connect(self, line_id: str, agent_id: str) -> None:
        now = self.now
        del self._ready[agent_id]
        talk, wrap = next(self._talk_ms), next(self._wrap_ms)
        self.ends[agent_id] = now + talk + wrap
        self._wraps[agent_id] = wrap
        self._counts["connected"] += 1
        self._busy_ms += min(now + talk + wrap, self._end) - min(now, self._end)
        self._plan(now + talk, _TALK_END, agent_id)
        self.pacer.call_connected(line_id, now)
        self.pacer.agent_talking(agent_id, now)

    def _talk_ends(self, agent_id: str) -> None:
        self._plan(self.now + self._wraps[agent_id], _WRAP_END, agent_id)
        self.pacer.agent_wrapping(agent_id, self.now)

    def _wrap_ends(self, agent_id: str) -> None:
        del self.ends[agent_id]
        if agent_id in self._leaving:
            self._leaving.discard(agent_id)
            self._go(agent_id)
        else:
            self._be_ready(agent_id)

    def _be_ready(self, agent_id: str) -> None:
        self._ready[agent_id] = self.now
        self.pacer.agent_ready(agent_id, self.now)
        if self._waiting:
            line_id = next(iter(self._waiting))
            del self._waiting[line_id]
            self._connect(line_id, agent_id)

    def _go(self, agent_id: str) -> None:
        self._ready.pop(agent_id, None)
        self._away[agent_id] = min(self.now, self._end)
        self.pacer.agent_leaving(agent_id, self.now)

    def _leave(self, number: str) -> None:
        share = self.campaign.leaves[int(number)].share
        for one in range(round(self.campaign.agents * share)):
            agent_id = f"a{one}"
            if agent_id in self._ready:
                self._go(agent_id)
            else:
                self._leaving.add(agent_id)
                self.pacer.agent_leaving(agent_id, self.now)

    def _return(self, number: str) -> None:
        for agent_id in list(self._leaving):
            self._leaving.discard(agent_id)
            self.pacer.agent_staying(agent_id, self.now)
        for agent_id, since in list(self._away.items()):
            del self._away[agent_id]
            self._away_ms += min(self.now, self._end) - since
            self._be_ready(agent_id)

    def _result(self) -> DialDay:
        counts = self._counts
        staffed = self.campaign.agents * self._end - self._away_ms
        idle_s = (staffed - self._busy_ms) / max(counts["connected"], 1) / 1000
        return DialDay(
            counts["dials"],
            counts["connected"],
            counts["abandoned"],
            self._busy_ms / staffed if staffed else 0.0,
            idle_s,
            counts["most"],
            counts["withdrawn"],
        )
