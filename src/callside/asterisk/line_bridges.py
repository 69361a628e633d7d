"""The bridges in which agents' lines meet customers: one that mixes, and one that passes on what both sides send.

Passed on (``bridge_native_rtp``), a caller's packets reach the agent as the caller sent them: under their own SSRC, with their own
numbers and time stamps, which is what RFC 3550 asks of a stream. It costs half of what mixing costs. It is for callers whose codec
is the agent's desk phone's. Where the engine had to transcode, it would pass packet numbers through one encoder from one caller to
the next, and Debian's build drops what seems to come late (docs/decisions/0016): there, and for browsers, bridges mix.
"""

import time
from collections.abc import Callable
from typing import Final

from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import line_bridge, passing_bridge, session_of_bridge
from callside.kernel.ids import SessionId, TenantId

_CONFLICT: Final = 409
_IDLE_SECONDS: Final = 60.0
_MIXING: Final = "mixing,video_sfu"
"""Of this kind a bridge mixes whatever comes into it; another would pass on also what has to be transcoded (``bridge_simple``)."""
_PASSING: Final = "mixing"


class LineBridges:
    """Which there are, as far as we know, and since when nobody has been in them.

    Methods that ask may raise EngineUnavailableError and AriRefusedError.
    """

    def __init__(self, link: AriLink, seconds: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._seconds = seconds
        self._since: dict[str, float | None] = {}
        """When its line went to rest (seconds of the clock); ``None``: it is in use."""

    async def ensure(self, bridge: str) -> None:
        """Have it there; 409 says that it is there already, which is as good."""
        if bridge not in self._since:
            kind = {"type": _kind(bridge), "name": bridge}
            await self._link.ask("POST", path("bridges", bridge), kind, tolerate=frozenset({_CONFLICT}))
        self._since[bridge] = None

    def rests(self, bridge: str) -> None:
        """Nobody is in it any more."""
        self._since[bridge] = self._seconds()

    def forget(self, bridge: str) -> None:
        """Somebody else has taken it away."""
        self._since.pop(bridge, None)

    def forget_all(self) -> None:
        """It is not known which there are: the engine is another one, or empty ones were swept away."""
        self._since.clear()

    def long_idle(self) -> set[tuple[TenantId, SessionId]]:
        """Whose bridges nobody has been in for so long that they may be made anew when they are needed."""
        return {owner for owner in map(session_of_bridge, self._idle()) if owner is not None}

    async def fold(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Remove a session's bridges that are long idle: one that mixes has a thread of its own in the engine."""
        for bridge in self._idle():
            if session_of_bridge(bridge) == (tenant_id, session_id):
                del self._since[bridge]
                await self._link.ask("DELETE", path("bridges", bridge), tolerate=ABSENT)

    async def remove(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Remove both of a session's, whichever is there."""
        for bridge in (line_bridge(tenant_id, session_id), passing_bridge(tenant_id, session_id)):
            self._since.pop(bridge, None)
            await self._link.ask("DELETE", path("bridges", bridge), tolerate=ABSENT)

    def _idle(self) -> list[str]:
        before = self._seconds() - _IDLE_SECONDS
        return [bridge for bridge, since in self._since.items() if since is not None and since <= before]


def _kind(bridge: str) -> str:
    owner = session_of_bridge(bridge)
    return _PASSING if owner is not None and bridge == passing_bridge(*owner) else _MIXING
