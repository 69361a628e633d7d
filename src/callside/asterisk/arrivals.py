"""Channels that come under our control: legs that we made, and callers from trunks."""

from collections.abc import Mapping, Sequence
from typing import Final

from callside.asterisk.decode import Channel, clean, first_codec
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.names import MARK_VARIABLE, LegKind, LegMark, trunk_of_endpoint
from callside.calls.model import AnsweredBy, Trunk
from callside.floor.directory import Directory
from callside.floor.events import BeepOver, CallerArrived, LegJudged
from callside.kernel.ids import LegId, TenantId, TrunkId

_BEEP: Final = "beep"
_HEARD: Final = frozenset({"amd", _BEEP})
_ANSWERED_BY: Final = {"HUMAN": AnsweredBy.PERSON, "MACHINE": AnsweredBy.MACHINE}
"""``AMDSTATUS`` of app_amd; NOTSURE and HANGUP say nothing."""


class Arrivals:
    """Sorts what arrives. ``directories`` is the live mapping of the tenants that are known."""

    def __init__(self, book: LegBook, directories: Mapping[TenantId, Directory]) -> None:
        self._book = book
        self._directories = directories

    def take(self, channel: Channel, args: Sequence[str]) -> Leg | None:
        """Take in a channel that came with ``args`` (of the guard loop, or our own).

        Returns:
            A new caller's leg, which has to be marked in the engine. ``None``: nothing is left to be done.

        Raises:
            LookupError: A caller on a trunk that is nobody's; the call has to be ended.
        """
        if args and args[0] in _HEARD:
            self.listened(channel, args)
            return None
        if not args or args[0] != LegKind.IN:
            self._own(channel, args)  # what only reads is nobody's and stays so
            return None
        if channel.id in self._book:
            return None
        leg = self.caller(channel, args)
        if leg.arrival is not None:
            self._book.tell(leg.mark.tenant_id, leg.arrival)
        return leg

    def caller(self, channel: Channel, args: Sequence[str], mark: LegMark | None = None) -> Leg:
        """Know a caller, without telling anybody. ``mark`` is what an earlier controller found out of whose call it is.

        Raises:
            LookupError: A caller on a trunk that is nobody's.
        """
        number, endpoint, _, formats = (*args, "", "", "", "")[1:5]
        if mark is None:
            mark = LegMark(LegKind.IN, *self.whose(endpoint, number))
        leg = Leg(LegId(channel.id), mark, answered=channel.is_up, created=True, codec=first_codec(formats))
        # One that had to wait for us in the guard loop hears music already.
        leg.music = channel.is_up
        name, theirs = clean(channel.caller.name), clean(channel.caller.number)
        leg.arrival = CallerArrived(leg.id, TrunkId(mark.owner), clean(number), theirs, name)
        leg.started.set()
        return self._book.add(leg)

    def listened(self, channel: Channel, args: Sequence[str]) -> None:
        """A leg comes back from listening for a machine, with what was heard."""
        leg = self._book.find(channel.id)
        mark = LegMark.read((channel.channelvars or {}).get(MARK_VARIABLE, "").split(","))
        if leg is None and mark is not None:
            leg = self._book.add(Leg(LegId(channel.id), mark, answered=True, created=True, told=True))
        if leg is None:
            raise LookupError(f"channel {channel.id!r} comes back from listening and is nobody's")
        leg.listening = False
        leg.started.set()
        self._book.tell(leg.mark.tenant_id, what_was_heard(leg.id, args))

    def _own(self, channel: Channel, args: Sequence[str]) -> None:
        leg = self._book.find(channel.id)
        mark = LegMark.read(args)
        if leg is None and mark is not None:
            # Made by a controller that died before it came to this.
            leg = self._book.add(Leg(LegId(channel.id), mark, answered=channel.is_up, created=True))
        if leg is not None:
            leg.started.set()

    def whose(self, endpoint: str, number: str) -> tuple[TenantId, TrunkId]:
        """Whose call it is. Tenants may share a carrier, whose address then says little: the called number decides.

        Raises:
            LookupError: It came in on a trunk that is nobody's.
        """
        named = trunk_of_endpoint(endpoint)
        if named is None:
            raise LookupError(f"a call came in on {endpoint!r}, which is no trunk of ours")
        tenant_id, trunk_id = named
        directory = self._directories.get(tenant_id)
        trunk = directory.trunks.get(trunk_id) if directory else None
        if directory is None or trunk is None:
            raise LookupError(f"a call came in on {endpoint!r}, which belongs to no tenant we know")
        # A far side that signed its call as this trunk speaks for nobody else.
        if not trunk.registers_with_us and not directory.has_number(number):
            for other in self._directories.values():
                if other.has_number(number) and (shared := _same_carrier(other, trunk)) is not None:
                    return other.tenant.id, shared.id
        return tenant_id, trunk_id


def is_heard(args: Sequence[str]) -> bool:
    """Whether these are the arguments of a leg that comes back from listening."""
    return bool(args) and args[0] in _HEARD


def what_was_heard(leg_id: LegId, args: Sequence[str]) -> LegJudged | BeepOver:
    """The guard loop's arguments ``amd,STATUS,CAUSE`` or ``beep,STATUS`` in the floor's words."""
    status, reason = (*args, "", "")[1:3]
    if args[0] == _BEEP:
        return BeepOver(leg_id)
    return LegJudged(leg_id, _ANSWERED_BY.get(status, AnsweredBy.UNSURE), clean(reason))


def _same_carrier(directory: Directory, trunk: Trunk) -> Trunk | None:
    by_address = (one for one in directory.trunks.values() if not one.registers_with_us)
    return next((one for one in by_address if (one.host, one.port) == (trunk.host, trunk.port)), None)
