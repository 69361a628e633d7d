"""Finding out what an engine we (re)connected to is doing: its channels and bridges become the book of legs (engine.md §1.1)."""

from dataclasses import dataclass, field
from typing import Final

import msgspec
import structlog

from callside.asterisk.arrivals import Arrivals, is_heard
from callside.asterisk.configuration import AMD_CONTEXT
from callside.asterisk.decode import Bridge, Channel, stasis_args
from callside.asterisk.kept_callers import is_reader
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import MARK_VARIABLE, LegKind, LegMark, ringing_playback, session_of_bridge
from callside.kernel.ids import LegId, SessionId

log = structlog.get_logger(__name__)

_channels: Final = msgspec.json.Decoder(list[Channel])
_bridges: Final = msgspec.json.Decoder(list[Bridge])


async def read_channels(link: AriLink) -> list[Channel]:
    """All channels of the engine, ours or not.

    Raises:
        EngineUnavailableError: It does not answer.
    """
    return _channels.decode(await link.ask("GET", path("channels")) or "[]")


@dataclass(slots=True)
class Finds:
    """What was found and has to be dealt with: callers nobody marked yet, channels on trunks that are nobody's.

    ``heard``: legs that came back from listening for a machine while nobody was there to be told.
    """

    callers: list[Leg] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    heard: list[tuple[Leg, list[str]]] = field(default_factory=list)


class Recovery:
    """Rebuilds the book from the engine's own lists."""

    def __init__(self, link: AriLink, book: LegBook, arrivals: Arrivals, app: str) -> None:
        self._link = link
        self._book = book
        self._arrivals = arrivals
        self._app = app

    async def rebuild(self) -> Finds:
        """Bring the book in line with the engine and remove our empty bridges.

        Raises:
            EngineUnavailableError: The engine went away meanwhile.
        """
        bridges = _bridges.decode(await self._link.ask("GET", path("bridges")) or "[]")
        where = {channel_id: bridge.id for bridge in bridges for channel_id in bridge.channels}
        channels = await read_channels(self._link)
        self._book.keep_only(channel.id for channel in channels)
        finds = Finds()
        for channel in channels:
            args = stasis_args(channel, self._app)
            if args is None and channel.dialplan.context == AMD_CONTEXT:
                args = []
            if args is not None and is_reader(args):
                finds.strangers.append(channel.id)  # of a controller that died while it read
            elif args is not None:
                self._know(channel, args, where.get(channel.id), finds)
        for leg in self._book:
            # One that came up while nobody was there to lead it to the customer who waits for it.
            if leg.kind is LegKind.LINE:
                meeting = self._book.meeting_of(leg.mark.tenant_id, SessionId(leg.mark.owner))
                leg.told = leg.told and meeting in {None, leg.bridge}
        await self._sweep(bridges)
        return finds

    def _know(self, channel: Channel, args: list[str], bridge: str | None, finds: Finds) -> None:
        leg = self._book.find(channel.id) or self._discover(channel, args, finds)
        if leg is None:
            return
        leg.created = True
        leg.started.set()
        leg.answered = channel.is_up
        leg.bridge = bridge
        if bridge is not None:
            self._book.bind(leg, bridge)
        else:
            self._book.unbind(leg)  # it was on its way when the engine went
        leg.listening = channel.dialplan.context == AMD_CONTEXT
        if is_heard(args):
            finds.heard.append((leg, args))
        leg.told = leg.answered

    def _discover(self, channel: Channel, args: list[str], finds: Finds) -> Leg | None:
        variable = (channel.channelvars or {}).get(MARK_VARIABLE, "")
        mark = LegMark.read(variable.split(",")) or LegMark.read(args)
        if args[:1] == [LegKind.IN.value]:
            try:
                leg = self._arrivals.caller(channel, args, mark)
            except LookupError:
                finds.strangers.append(channel.id)
                return None
            finds.callers.append(leg)
        elif mark is not None:
            leg = self._book.add(Leg(LegId(channel.id), mark))
        else:
            log.warning("engine.unknown_channel", channel=channel.id)
            return None
        # Whether it hears music cannot be asked; stopping what does not play does no harm.
        leg.music = True
        return leg

    async def _sweep(self, bridges: list[Bridge]) -> None:
        """Take our empty bridges away, and ringback tones that a controller began and did not live to end.

        A session that still needs its bridge gets it made anew with its next line or call.
        """
        for bridge in bridges:
            owner = session_of_bridge(bridge.id)
            if owner is None:
                continue
            await self._link.ask("DELETE", path("playbacks", ringing_playback(owner[1])), tolerate=ABSENT)
            if not bridge.channels:
                await self._link.ask("DELETE", path("bridges", bridge.id), tolerate=ABSENT)
