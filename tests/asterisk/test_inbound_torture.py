"""A thousand callers and thirty agents who do what they please, on the real engine: afterwards nothing is stuck and all adds up."""

import asyncio
import json
import random
import sqlite3
from collections import Counter

import pytest

from callside.agents.machine import AgentState
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import Cause
from callside.exchange.ports import CdrQuery
from callside.floor import events as ev
from callside.kernel.errors import RequestError
from callside.sessions.model import EndCause
from tests.asterisk.centre import OUR_NUMBER, open_centre
from tests.asterisk.far_sides import Ari, eventually
from tests.asterisk.sipp import Sipp, free_port

pytestmark = pytest.mark.asterisk

SEED = 20261124
AGENTS, AUTO_ANSWER = 30, 12
STAY, VANISH, CANCEL = 900, 30, 70
CALLS_A_SECOND = 30
VANISHED_AFTER_S = 12
"""The engine's own limit of a call in this test; callers who stay do so for far less."""
RING_S = 2
END = {AgentState.READY, AgentState.NOT_RESPONDING, AgentState.BREAK}


@pytest.fixture
async def process(tmp_path, engine_program):
    home = tmp_path / "engine"
    yield await ensure_running(home, engine_program, EngineProfile(call_seconds=VANISHED_AFTER_S))
    await asyncio.to_thread(stop, home)


class Moods:
    """What the agents do, drawn from one seed. Each agent is a task that looks at its own page and acts."""

    def __init__(self, centre, seed: int) -> None:
        self.centre, self.dice, self.did = centre, random.Random(seed), Counter()
        self.working = True
        self._doing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        for session_id in self.centre.sessions:
            self._doing.add(asyncio.create_task(self._agent(session_id)))

    async def stop(self) -> None:
        self.working = False
        await asyncio.gather(*self._doing)

    async def _agent(self, session_id) -> None:
        news = asyncio.Event()
        unwatch = self.centre.exchange.watch(self.centre.tenant, session_id, lambda _: news.set())
        seen = None
        try:
            while self.working:
                news.clear()
                view = self.centre.exchange.view(self.centre.tenant, session_id)
                now = (view.state.name, view.call.id if view.call else None)
                if now != seen:
                    seen = now
                    await self._react(session_id, view.state.name)
                else:
                    await asyncio.wait([asyncio.ensure_future(news.wait())], timeout=0.5)
        finally:
            unwatch()

    async def _react(self, session_id, state: str) -> None:
        match state:
            case "ringing":
                await self._offered(session_id)
            case "talking":
                await self._talk(session_id)
            case "held":
                await self.later(0.1, "resumes", ev.SetHold(session_id, held=False))
            case "not_responding":
                await self.later(0.5, "is back", ev.GoReady(session_id))
            case "break":
                await self.later(1.5, "ends the break", ev.GoReady(session_id))
            case "ready" if self.dice.random() < 0.01:
                await self.later(0, "takes a break", ev.GoOnBreak(session_id, "break"))
            case _:
                pass

    async def _offered(self, session_id) -> None:
        mood = self.dice.random()
        if mood < 0.70:
            await self.later(0.3, "answers", ev.Answer(session_id))
        elif mood < 0.85:
            await self.later(0.3, "declines", ev.Decline(session_id))
        elif mood < 0.93:
            # About the moment at which it stops ringing: one of the two is too late.
            await self.later(0, "answers late", ev.Answer(session_id), at_least=RING_S - 0.05)
        else:
            self.did["does not answer"] += 1
            await asyncio.sleep(RING_S)

    async def _talk(self, session_id) -> None:
        mood = self.dice.random()
        if mood < 0.45:
            await self.later(0.6, "hangs up", ev.HangUp(session_id))
        elif mood < 0.60:
            await self.later(0.3, "holds", ev.SetHold(session_id, held=True))
        elif mood < 0.65:
            await self.later(0.1, "asks for a break", ev.GoOnBreak(session_id, "lunch"))
        elif mood < 0.70:
            await self.later(0.1, "mutes", ev.SetMute(session_id, muted=True))
        elif mood < 0.72:
            self.did["loses the line"] += 1
            await self._lose_line(session_id)

    async def _lose_line(self, session_id) -> None:
        live = next(one for one in self.centre.live() if one.id == session_id)
        if live.line_leg is not None:
            await Ari(self.centre.process.access).ask("DELETE", f"channels/{live.line_leg}")
            await self.centre.until(lambda: live.line_leg is None, "the line is known to be gone")
            await self.later(0.2, "raises the line", ev.RaiseLineRequested(session_id, ""))

    async def later(self, most_s: float, what: str, request, at_least: float = 0.0) -> None:
        await asyncio.sleep(at_least + self.dice.random() * most_s)
        try:
            await self.centre.ask(request)
            self.did[what] += 1
        except RequestError:
            self.did[f"{what}: too late"] += 1


def callers(dice: random.Random) -> dict[str, list[tuple[str, ...]]]:
    numbers = iter(range(10**6))
    one = lambda *more: (OUR_NUMBER, f"+1555{next(numbers):07}", *more)  # noqa: E731
    stays = [dice.choice((0, 20, dice.randint(20, 400), dice.randint(400, 2500), 6000)) for _ in range(STAY)]
    return {
        "caller.xml": [one(str(stay)) for stay in stays],
        "vanishes.xml": [one() for _ in range(VANISH)],
        "cancels.xml": [one(str(dice.randint(0, 12))) for _ in range(CANCEL)],
    }


async def test_after_a_thousand_wild_calls_nothing_is_stuck_and_every_record_adds_up(tmp_path, process):
    dice = random.Random(SEED)
    ari, rows = Ari(process.access), callers(dice)
    carriers = {name: Sipp(tmp_path / name, name, free_port(), process.access.ports.sip) for name in rows}
    async with open_centre(
        tmp_path, process, AGENTS, list(carriers.values()), auto_answer=AUTO_ANSWER, ring_s=RING_S, max_wait_s=8
    ) as centre:
        moods = Moods(centre, SEED)
        moods.start()
        total = sum(map(len, rows.values()))
        for name, carrier in carriers.items():
            rate = f"{CALLS_A_SECOND * len(rows[name]) / total:.2f}"
            await carrier.start(
                rows[name],
                seconds=80,
                words=("-m", str(len(rows[name])), "-r", str(max(1, round(float(rate)))), "-l", "400"),
            )
        await asyncio.sleep(8)
        for session_id in centre.sessions:  # nobody is there for a while
            await moods.later(0, "all break", ev.GoOnBreak(session_id, "meeting"))
        made = sum([(await one.ended(80)).created for one in carriers.values()])
        await centre.until(lambda: not centre.calls(), "every call has ended", VANISHED_AFTER_S + 10)
        await moods.stop()
        await centre.until(lambda: all(one.state in END for one in centre.live()), "every agent is free")
        lines = {one.line_leg for one in centre.live()}
        channels = {one["id"] for one in await ari.ask("GET", "channels")}
        assert channels == lines
        opened = {one.id: one.opened.mono for one in centre.live()}
        for session_id in centre.sessions:
            await centre.ask(ev.EndSession(session_id, EndCause.LOGOUT))
        await gone(ari)

        async def on_record():
            return await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=5000))

        async def all_on_record():  # who hung up before the engine could hand them over is asked for every ten seconds
            return len(await on_record()) >= made

        await eventually(all_on_record, "every call is on record")
        cdrs = await on_record()
        assert len(cdrs) == made == total
        for cdr in cdrs:
            assert (
                cdr.wait_ms + cdr.ring_ms + cdr.talk_ms + cdr.hold_ms
                == cdr.duration_ms
                == cdr.ended_at - cdr.started_at
            )
        causes = {cdr.cause for cdr in cdrs}  # some may have waited as long as the queue allows; none failed
        assert {Cause.NORMAL, Cause.ABANDONED} <= causes <= {Cause.NORMAL, Cause.ABANDONED, Cause.NOBODY_THERE}
        assert any(cdr.duration_ms >= VANISHED_AFTER_S * 1000 for cdr in cdrs), "nobody who vanished was talked to"
        assert moods.did.keys() >= {"answers", "declines", "does not answer", "hangs up", "loses the line"}
        states = state_durations(centre.database)
        assert {one: states[one] for one in opened} == lengths(centre.database)


async def gone(ari: Ari) -> None:
    async with asyncio.timeout(15):
        while await ari.ask("GET", "channels") or await ari.ask("GET", "bridges"):
            await asyncio.sleep(0.05)


def state_durations(database) -> dict[str, int]:
    sums: Counter[str] = Counter()
    with sqlite3.connect(database) as file:
        for session, detail in file.execute("SELECT session_id, detail FROM facts WHERE kind = 'agent.state_changed'"):
            sums[session] += json.loads(detail)["lasted_ms"]
    return dict(sums)


def lengths(database) -> dict[str, int]:
    with sqlite3.connect(database) as file:
        times = {
            kind: dict(file.execute("SELECT session_id, mono FROM facts WHERE kind = ?", (kind,)))
            for kind in ("session.opened", "session.ended")
        }
    return {one: ended - times["session.opened"][one] for one, ended in times["session.ended"].items()}
