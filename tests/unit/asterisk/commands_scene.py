"""Commands, lines and the book of legs around an engine that says yes, or what a test wants."""

import asyncio
import json

from callside.asterisk.arrivals import Arrivals
from callside.asterisk.client import AriRefusedError
from callside.asterisk.commands import Commands
from callside.asterisk.customers import Customers
from callside.asterisk.decode import Bridge, Channel, ChannelEnteredBridge, ChannelLeftBridge, ChannelStateChange
from callside.asterisk.kept_callers import KeptCallers
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.lines import Lines
from callside.asterisk.names import LegKind, LegMark, line_bridge
from callside.asterisk.playlists import Playlists
from callside.asterisk.prompts import Prompts
from callside.asterisk.provisioning import Provisioning
from callside.asterisk.tasks import OwnedTasks
from callside.asterisk.voicemail import Voicemail
from tests.patience import PATIENCE_S


class Link:
    """An engine that refuses what ``refusals`` names, by the end of the path."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.moved: list[str] = []
        """Channels that were to enter or leave a bridge, request by request."""
        self.refusals: dict[str, int] = {}
        self.codec = "(ulaw|alaw)"
        """What the engine says that a line speaks."""

    async def ask(self, method, where, query=None, body=None, *, tolerate=frozenset()):
        await asyncio.sleep(0)
        last = where.rsplit("/", 1)[-1]
        self.asked.append(f"{method} {last}")
        if query is not None and "channel" in query:
            self.moved.append(query["channel"])
        status = self.refusals.get(last)
        if last == "variable":
            return json.dumps({"value": self.codec})
        if status is None:
            return ""
        if status in tolerate:
            return None
        raise AriRefusedError(method, where, status)


class Scene:
    def __init__(self) -> None:
        self.told = []
        self.answers = {}
        """What the floor commands at once when it is told of an event."""
        self.seconds = 0.0
        self.link, self.tasks = Link(), OwnedTasks()
        self.book = LegBook(
            self._tell,
            self._line_up,
            self._emptied,
        )
        lines = Lines(self.link, self.book, Provisioning(self.link), "callside", lambda: self.seconds)
        prompts = Prompts(self.link, {}, None, Playlists(self.link, {}, None, None))
        customers = Customers(self.link, self.book, lines, prompts, self.tasks)
        voicemail = Voicemail(self.link, self.book, prompts, self.tasks, lambda *_: None, None)
        kept = KeptCallers(self.link, Arrivals(self.book, {}), "callside", lambda *_: None)
        self.commands = Commands(self.book, lines, customers, prompts, voicemail, kept, self.tasks)
        self.leg = self.book.add(Leg("leg", LegMark(LegKind.IN, "1", "11"), created=True))

    def _tell(self, _, event) -> None:
        self.told.append(event)
        if event in self.answers:
            self.do(self.answers[event])

    def _line_up(self, leg) -> None:
        self.commands.connect_line(leg)

    def _emptied(self, tenant_id, session_id) -> None:
        self.commands.rest_line(tenant_id, session_id)

    def line(self, codec: str | None = "") -> Leg:
        """Of the session "s1", answered, and whatever follows from that. ``codec``: ``None`` for one that was not asked yet."""
        line = self.book.add(Leg("line", LegMark(LegKind.LINE, "1", "s1"), created=True, codec=codec))
        self.book.hear(ChannelStateChange(Channel("line", state="Up")))
        return line

    def in_bridge(self, *channels: str, bridge: str = line_bridge("1", "s1")) -> None:
        """The engine says that they have come into the session's bridge."""
        for one in channels:
            self.book.hear(ChannelEnteredBridge(Bridge(bridge), Channel(one, state="Up")))

    def has_left(self, channel: str, bridge: str = line_bridge("1", "s1")) -> None:
        """The engine says that it is out of the session's bridge."""
        self.book.hear(ChannelLeftBridge(Bridge(bridge), Channel(channel, state="Up")))

    def caller(self, leg_id: str, codec: str = "ulaw") -> Leg:
        """One more caller, whose call speaks ``codec``."""
        return self.book.add(Leg(leg_id, LegMark(LegKind.IN, "1", "11"), created=True, codec=codec))

    def pass_time(self) -> None:
        """So much that an unused bridge is old."""
        self.seconds += 3600

    def do(self, *commands) -> None:
        for command in commands:
            self.commands.take("1", command)

    async def until(self, is_so) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0)

    async def done(self) -> None:
        await self.until(lambda: not len(self.tasks))
