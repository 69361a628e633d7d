"""Finding out what an engine we (re)connected to is doing: its channels and bridges become the book of legs (engine.md §1.1)."""

from typing import Final

import msgspec
import structlog

from callside.asterisk.decode import Bridge, Channel, stasis_args
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import MARK_VARIABLE, LegKind, LegMark, session_of_bridge
from callside.kernel.ids import LegId

log = structlog.get_logger(__name__)

_channels: Final = msgspec.json.Decoder(list[Channel])
_bridges: Final = msgspec.json.Decoder(list[Bridge])


async def read_channels(link: AriLink) -> list[Channel]:
    """All channels of the engine, ours or not.

    Raises:
        EngineUnavailableError: It does not answer.
    """
    return _channels.decode(await link.ask("GET", path("channels")) or "[]")


class Recovery:
    """Rebuilds the book from the engine's own lists."""

    def __init__(self, link: AriLink, book: LegBook, app: str) -> None:
        self._link = link
        self._book = book
        self._app = app

    async def rebuild(self) -> list[tuple[Channel, list[str]]]:
        """Bring the book in line with the engine and remove our empty bridges.

        Returns:
            Callers that no controller has announced yet, with their arguments: the one that should have is dead.

        Raises:
            EngineUnavailableError: The engine went away meanwhile.
        """
        bridges = _bridges.decode(await self._link.ask("GET", path("bridges")) or "[]")
        where = {channel_id: bridge.id for bridge in bridges for channel_id in bridge.channels}
        channels = await read_channels(self._link)
        self._book.keep_only(channel.id for channel in channels)
        unannounced = []
        for channel in channels:
            args = stasis_args(channel, self._app)
            if args is None:
                continue
            if channel.id not in self._book and args[:1] == [LegKind.IN.value] and _is_unmarked(channel):
                unannounced.append((channel, args))
            else:
                self._know(channel, args, where.get(channel.id))
        await self._sweep(bridges)
        return unannounced

    def _know(self, channel: Channel, args: list[str], bridge: str | None) -> None:
        leg = self._book.find(channel.id)
        if leg is None:
            mark = _mark(channel, args)
            if mark is None:
                log.warning("engine.unknown_channel", channel=channel.id)
                return
            # Whether it hears music cannot be asked; stopping what does not play does no harm.
            leg = self._book.add(Leg(LegId(channel.id), mark, music=bridge is None))
        leg.created = True
        leg.started.set()
        leg.answered = channel.is_up
        leg.bridge = bridge
        leg.told = leg.answered and (leg.kind is not LegKind.LINE or bridge == leg.own_bridge)

    async def _sweep(self, bridges: list[Bridge]) -> None:
        """Take our empty bridges away: a session that still needs one gets it made anew with its next line or call."""
        for bridge in bridges:
            if not bridge.channels and session_of_bridge(bridge.id) is not None:
                await self._link.ask("DELETE", path("bridges", bridge.id), tolerate=ABSENT)


def _mark(channel: Channel, args: list[str]) -> LegMark | None:
    variable = (channel.channelvars or {}).get(MARK_VARIABLE, "")
    return LegMark.read(variable.split(",")) or LegMark.read(args)


def _is_unmarked(channel: Channel) -> bool:
    # An engine that shows no variables at all cannot tell; the floor knows a caller it is told of twice by the leg's id.
    return not (channel.channelvars or {}).get(MARK_VARIABLE)
