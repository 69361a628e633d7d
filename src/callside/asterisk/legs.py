"""What we know of the legs in the engine, and what the engine's events mean to the floor.

The book is the only place where an engine's event becomes one of the floor's: here every leg is announced once, answered once,
and gone once, however often and in whatever order the engine says so.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from callside.asterisk.causes import cause_of
from callside.asterisk.decode import (
    AriEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    ChannelStateChange,
    Dial,
)
from callside.asterisk.names import LegKind, LegMark, line_bridge, passing_bridge, session_of_bridge
from callside.calls.model import Cause
from callside.floor.events import (
    CallerArrived,
    EngineEvent,
    LegAnswered,
    LegDigit,
    LegGone,
    LegJoined,
    LegRinging,
    LegSeen,
)
from callside.kernel.ids import LegId, SessionId, TenantId

_REMEMBERED_GONE: Final = 10_000

Tell = Callable[[TenantId, EngineEvent], None]


@dataclass(slots=True)
class Leg:
    """One channel of ours.

    Attributes:
        id: Its id, in the engine and on the floor.
        mark: Whose it is.
        answered: Its far side has picked up (an inbound one: we have).
        bridge: The bridge it is in.
        bound_for: A customer's: the bridge it is in, or on its way into.
        left: A customer's: the agent's bridge it has left without being asked to, as its end is near.
        parting: A customer's: we take it out of its bridge, and it goes on.
        muted: A line that is to be silent from its first moment on.
        codec: What its far side speaks, where that may be passed on as it is; empty: it may not, or is not known; ``None``: not
            asked for yet.
        music: It hears music, or may do so (found after a restart).
        music_class: The music it is to hear while nothing else is played; ``None``: none.
        playback: The prompt that plays.
        created: The engine has said yes to making it.
        hang_up_asked: We asked for its end.
        arrival: How a caller was announced; told again to whoever finds the leg later.
        listening: It was sent to listen for a machine, out of our hands, and will come back.
        joins_waiting: How many commands to join it with an agent are still to be done; music need not begin before one.
        told: It was reported answered; a line is when it is in its bridge.
        undialled: A customer's, made by us: the engine was not asked to call it yet, so nobody's phone can have rung.
        verdict: What its end is to be called, whatever the engine says: we ended it as it was not what it should be.
        started: Set when the engine gave it into our hands: not before may it be dialled (engine.md §1.2).
        ended: Set when it is gone.
    """

    id: LegId
    mark: LegMark
    answered: bool = False
    bridge: str | None = None
    bound_for: str | None = None
    left: str | None = None
    parting: bool = False
    muted: bool = False
    codec: str | None = ""
    music: bool = False
    music_class: str | None = None
    playback: str | None = None
    created: bool = False
    arrival: CallerArrived | None = None
    early_media: bool = False
    hang_up_asked: bool = False
    listening: bool = False
    joins_waiting: int = 0
    told: bool = False
    undialled: bool = False
    verdict: Cause | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def kind(self) -> LegKind:
        """What it is for."""
        return self.mark.kind

    @property
    def session_id(self) -> SessionId | None:
        """The agent whose bridge it is in. A line is its agent's, in the bridge or at rest."""
        if self.kind is LegKind.LINE and self.told:
            return SessionId(self.mark.owner)
        owner = session_of_bridge(self.bridge) if self.bridge else None
        return owner[1] if owner and owner[0] == self.mark.tenant_id else None


class LegBook:
    """All legs of ours in one engine.

    Args:
        tell: Where the floor's events go.
        line_up: Called when a line was answered: now it can be put to use.
        emptied: Called when the last customer has left an agent's bridge and nobody is on the way into it. Of one who goes for
            good only after the floor has been told, whose answer to that is often the next customer.
    """

    def __init__(
        self,
        tell: Tell,
        line_up: Callable[[Leg], None],
        emptied: Callable[[TenantId, SessionId], None] = lambda _tenant, _session: None,
    ) -> None:
        self.tell = tell
        self._line_up = line_up
        self._emptied = emptied
        self._guests: dict[str, set[str]] = {}
        """Customers' legs by the bridge that they are in or on their way into."""
        self._legs: dict[str, Leg] = {}
        self._lines: dict[LegMark, list[Leg]] = {}
        self._gone: OrderedDict[tuple[TenantId, str], None] = OrderedDict()

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def __contains__(self, leg_id: str) -> bool:
        return leg_id in self._legs

    def find(self, leg_id: str) -> Leg | None:
        """The leg, of whichever tenant."""
        return self._legs.get(leg_id)

    def get(self, tenant_id: TenantId, leg_id: LegId) -> Leg | None:
        """The tenant's leg; another tenant's is not found."""
        leg = self._legs.get(leg_id)
        return leg if leg is not None and leg.mark.tenant_id == tenant_id else None

    def lines_of(self, tenant_id: TenantId, session_id: SessionId) -> list[Leg]:
        """The lines of a session, oldest first; there are two while one is being renewed."""
        return list(self._lines.get(LegMark(LegKind.LINE, tenant_id, session_id), ()))

    def has_guests(self, bridge: str) -> bool:
        """Whether a customer's leg is in the bridge, or on its way into it."""
        return bridge in self._guests

    def meeting_of(self, tenant_id: TenantId, session_id: SessionId) -> str | None:
        """That of the session's bridges which a customer's leg is in, or on its way into."""
        both = (line_bridge(tenant_id, session_id), passing_bridge(tenant_id, session_id))
        return next((bridge for bridge in both if bridge in self._guests), None)

    def bind(self, leg: Leg, bridge: str) -> None:
        """The leg is on its way into a bridge, or in it. Of lines nothing is counted: they come and go with the customers."""
        if leg.kind is not LegKind.LINE and leg.bound_for != bridge:
            self.unbind(leg)
            leg.bound_for, leg.left = bridge, None
            self._guests.setdefault(bridge, set()).add(leg.id)

    def unbind(self, leg: Leg) -> None:
        """It is out of the bridge again, or did not come into it."""
        self._vacated(self._release(leg))

    def _release(self, leg: Leg) -> str | None:
        bridge, leg.bound_for = leg.bound_for, None
        if bridge is not None and (guests := self._guests.get(bridge)) is not None:
            guests.discard(leg.id)
            if not guests:
                del self._guests[bridge]
        return bridge

    def _vacated(self, bridge: str | None) -> None:
        if bridge is not None and bridge not in self._guests and (owner := session_of_bridge(bridge)) is not None:
            self._emptied(*owner)

    def line_ready(self, leg: Leg) -> None:
        """The line is up: in its bridge, or at rest beside it until there is a customer."""
        if not leg.told:
            leg.answered = leg.told = True
            self.tell(leg.mark.tenant_id, LegAnswered(leg.id))

    def add(self, leg: Leg) -> Leg:
        """Know a leg from now on."""
        self._drop(leg.id)
        self._legs[leg.id] = leg
        if leg.kind is LegKind.LINE:
            self._lines.setdefault(leg.mark, []).append(leg)
        self._gone.pop((leg.mark.tenant_id, leg.id), None)
        return leg

    def seen(self) -> dict[TenantId, tuple[LegSeen, ...]]:
        """All legs for ``EngineFound``, by tenant."""
        found: defaultdict[TenantId, list[LegSeen]] = defaultdict(list)
        for leg in self._legs.values():
            found[leg.mark.tenant_id].append(LegSeen(leg.id, leg.answered, leg.session_id, leg.arrival))
        return {tenant_id: tuple(legs) for tenant_id, legs in found.items()}

    def keep_only(self, present: Iterable[str]) -> None:
        """Forget, without a word, what the engine no longer has: the floor learns it from ``EngineFound``."""
        for leg_id in self._legs.keys() - set(present):
            leg = self._legs[leg_id]
            self._drop(leg_id)
            leg.started.set()  # nobody waits for it in vain
            leg.ended.set()

    def gone(self, tenant_id: TenantId, leg_id: LegId, cause: Cause, tech_cause: int | None = None) -> None:
        """Report a leg gone, unless that was done."""
        if (tenant_id, leg_id) in self._gone:
            return
        self._gone[tenant_id, leg_id] = None
        if len(self._gone) > _REMEMBERED_GONE:
            self._gone.popitem(last=False)
        leg = self.get(tenant_id, leg_id)
        bridge = None
        if leg is not None:
            bridge = leg.bound_for or leg.left
            self._drop(leg_id)
            leg.started.set()  # nobody waits for it in vain
            leg.ended.set()
        self.tell(tenant_id, LegGone(leg_id, cause, tech_cause, went_out=leg is None or not leg.undialled))
        self._vacated(bridge)

    def _drop(self, leg_id: str) -> None:
        leg = self._legs.pop(leg_id, None)
        if leg is None:
            return
        if leg.kind is not LegKind.LINE:
            self._release(leg)
            return
        self._lines[leg.mark].remove(leg)
        if not self._lines[leg.mark]:
            del self._lines[leg.mark]

    def hear(self, event: AriEvent) -> None:
        """Take in an event of the engine that concerns a leg; others and unknown legs are passed over."""
        match event:
            case ChannelStateChange(channel):
                self._is_up(channel.id, up=channel.is_up)
            case Dial(peer, status):
                self._dial(peer.id, status)
                self._is_up(peer.id, up=peer.is_up)
            case ChannelEnteredBridge(bridge, channel):
                self._entered(channel.id, bridge.id, up=channel.is_up)
            case ChannelLeftBridge(bridge, channel):
                self._left(channel.id, bridge.id)
            case ChannelDtmfReceived(channel, digit):
                if (leg := self._legs.get(channel.id)) is not None:
                    self.tell(leg.mark.tenant_id, LegDigit(leg.id, digit))
            case ChannelDestroyed(channel, cause, tech_cause):
                self._destroyed(channel.id, cause, tech_cause)
            case _:
                pass

    def _is_up(self, leg_id: str, *, up: bool) -> None:
        leg = self._legs.get(leg_id)
        if leg is None or leg.answered or not up:
            return
        leg.answered = True
        if leg.kind is LegKind.LINE:
            self._line_up(leg)
            return
        if leg.kind is LegKind.OUT:
            leg.told = True
            self.tell(leg.mark.tenant_id, LegAnswered(leg.id))
        self._joined(leg)

    def _dial(self, leg_id: str, status: str) -> None:
        leg = self._legs.get(leg_id)
        if leg is None or leg.answered or leg.kind is not LegKind.OUT or status not in {"RINGING", "PROGRESS"}:
            return
        leg.early_media |= status == "PROGRESS"
        self.tell(leg.mark.tenant_id, LegRinging(leg.id, leg.early_media))

    def _entered(self, leg_id: str, bridge_id: str, *, up: bool) -> None:
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        leg.bridge = bridge_id
        self.bind(leg, bridge_id)
        if leg.kind is not LegKind.LINE:
            if leg.answered:
                self._joined(leg)
            else:
                self._is_up(leg_id, up=up)
        elif session_of_bridge(bridge_id) == (leg.mark.tenant_id, leg.mark.owner):
            self.line_ready(leg)

    def _joined(self, leg: Leg) -> None:
        if (session_id := leg.session_id) is not None:
            self.tell(leg.mark.tenant_id, LegJoined(leg.id, session_id))

    def parted(self, leg: Leg, bridge: str) -> None:
        """The engine has agreed to take it out. Its event may be a moment behind: whoever is joined meanwhile is not in there."""
        if leg.parting and leg.bridge == bridge:
            leg.bridge, leg.parting = None, False
            self.unbind(leg)

    def _left(self, leg_id: str, bridge_id: str) -> None:
        leg = self._legs.get(leg_id)
        if leg is None or leg.bridge != bridge_id:
            return
        leg.bridge = None
        if leg.bound_for != bridge_id:
            return
        if leg.parting:
            leg.parting = False
            self.unbind(leg)
        else:
            leg.left = self._release(leg)

    def _destroyed(self, leg_id: str, q850: int, sip: int | None) -> None:
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        cause = leg.verdict or cause_of(q850, sip, answered=leg.answered, hang_up_asked=leg.hang_up_asked)
        self.gone(leg.mark.tenant_id, leg.id, cause, sip)
