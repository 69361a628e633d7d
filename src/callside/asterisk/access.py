"""How to reach a running engine."""

from dataclasses import dataclass

import aiohttp

from callside.asterisk.configuration import ARI_USER
from callside.asterisk.ports import EnginePorts


@dataclass(frozen=True, slots=True)
class EngineAccess:
    """How to reach a running engine. ``password`` is a secret: never log it."""

    ports: EnginePorts
    password: str
    user: str = ARI_USER
    address: str = "127.0.0.1"

    @property
    def ari_url(self) -> str:
        """Base of the REST interface, without a slash at its end."""
        return f"http://{self.address}:{self.ports.http}/ari"

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that log in."""
        return {"Authorization": aiohttp.encode_basic_auth(self.user, self.password)}

    @property
    def sip_websocket_url(self) -> str:
        """Where agents' SIP over WebSocket goes, behind our proxy."""
        return f"ws://{self.address}:{self.ports.http}/ws"

    def __repr__(self) -> str:
        return f"EngineAccess(ari_url={self.ari_url!r}, user={self.user!r})"
