"""Which sockets are open for which session: one of each kind, the newest; and the order to close."""

import asyncio
from enum import StrEnum
from typing import Final

from callside.kernel.ids import SessionId


class Kind(StrEnum):
    """What a socket carries."""

    PHONE = "phone"
    SIP = "sip"


class CloseCode:
    """WebSocket close codes of the phone's two sockets (4xxx are ours, RFC 6455 §7.4.2)."""

    AWAY = 1001
    RESTART = 1012
    SUPERSEDED = 4001
    SESSION_ENDED = 4002
    BEARER_NOT_VALID = 4003
    PROTOCOL_ERROR = 4004


class SocketEndedError(Exception):
    """Raised inside a socket's task group to end it; carries what the peer is told."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Ending:
    """Somebody outside asks a socket to close. The first reason counts."""

    def __init__(self) -> None:
        self._asked: asyncio.Future[SocketEndedError] = asyncio.get_running_loop().create_future()

    def ask(self, code: int, reason: str = "") -> None:
        """Close soon with ``code``."""
        if not self._asked.done():
            self._asked.set_result(SocketEndedError(code, reason))

    async def wait(self) -> None:
        """Never returns: raises when the socket must close.

        Raises:
            SocketEndedError: With what the peer is told.
        """
        raise await asyncio.shield(self._asked)


class TooManySocketsError(Exception):
    """This installation holds as many sockets as it may."""


_IDLE_KEPT: Final = 1000
"""Sessions without a socket whose endpoints are remembered: a page that is loaded again is away for a moment only."""


class Sockets:
    """The open sockets of this process, and the SIP endpoints given to their sessions."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: dict[Kind, dict[SessionId, Ending]] = {kind: {} for kind in Kind}
        self._endpoints: dict[SessionId, tuple[str, ...]] = {}
        self._sweep_beyond = 2 * _IDLE_KEPT

    def enter(self, kind: Kind, session_id: SessionId, ending: Ending) -> None:
        """Make ``ending``'s socket the session's only one of its kind; the one before is closed as superseded.

        Raises:
            TooManySocketsError: The limit is reached.
        """
        entered = self._open[kind]
        before = entered.get(session_id)
        if before is None and len(entered) >= self._limit:
            raise TooManySocketsError
        if before is not None:
            before.ask(CloseCode.SUPERSEDED, "opened again")
        entered[session_id] = ending

    def leave(self, kind: Kind, session_id: SessionId, ending: Ending) -> None:
        """Forget the socket; a newer one of the session stays."""
        if self._open[kind].get(session_id) is ending:
            del self._open[kind][session_id]

    def is_open(self, kind: Kind, session_id: SessionId) -> bool:
        """The session has a socket of that kind."""
        return session_id in self._open[kind]

    def close(self, session_id: SessionId, code: int, reason: str = "") -> None:
        """Close both sockets of a session."""
        for entered in self._open.values():
            if ending := entered.get(session_id):
                ending.ask(code, reason)

    def close_all(self, code: int = CloseCode.RESTART, reason: str = "") -> None:
        """Close every socket, at the server's end."""
        for entered in self._open.values():
            for ending in entered.values():
                ending.ask(code, reason)

    def count(self, kind: Kind) -> int:
        """How many are open."""
        return len(self._open[kind])

    def endpoint_issued(self, session_id: SessionId, endpoint: str) -> None:
        """Remember a SIP endpoint given to the session (the last few: an old phone may still sign off)."""
        before = tuple(one for one in self._endpoints.get(session_id, ()) if one != endpoint)
        self._endpoints.pop(session_id, None)  # newest last
        self._endpoints[session_id] = (endpoint, *before)[:4]
        if len(self._endpoints) > self._sweep_beyond:
            self._sweep()

    def endpoints(self, session_id: SessionId) -> tuple[str, ...]:
        """SIP endpoints given to the session by this process, the newest first."""
        return self._endpoints.get(session_id, ())

    def forget(self, session_id: SessionId) -> None:
        """The session is over."""
        self._endpoints.pop(session_id, None)

    def _sweep(self) -> None:
        """Sessions that ended while no socket of theirs was open have told nobody: of those without one the newest stay.

        Each sweep makes room for as many as it leaves, so that it costs little however many sessions come and go.
        """
        idle = [one for one in self._endpoints if not any(one in entered for entered in self._open.values())]
        for session_id in idle[:-_IDLE_KEPT]:
            del self._endpoints[session_id]
        self._sweep_beyond = 2 * max(_IDLE_KEPT, len(self._endpoints))
