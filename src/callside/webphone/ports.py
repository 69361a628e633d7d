"""What the web phone needs from the rest of the house, and its settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callside.exchange.ports import SipCredentials
from callside.exchange.tickets import Tickets
from callside.floor.directory import Directory
from callside.floor.events import Request
from callside.floor.lead_view import LeadRowView
from callside.floor.view import PhoneView
from callside.ingress.origins import own_origins
from callside.kernel.clock import Clock
from callside.kernel.ids import LeadId, SessionId, TenantId
from callside.webphone.limits import Allowance
from callside.webphone.sockets import Sockets


class PhoneExchange(Protocol):
    """The part of ``exchange.Exchange`` the phone uses."""

    async def request(self, tenant_id: TenantId, request: Request) -> None:
        """Done and on disk when it returns.

        Raises:
            RequestError: Refused; nothing changed.
        """

    async def leads_of(self, tenant_id: TenantId, session_id: SessionId) -> Sequence[LeadRowView]:
        """The agent's own list: callbacks by date, then the campaign's next leads.

        Raises:
            RequestError: The session is over, or has no list.
        """

    async def open_lead(self, tenant_id: TenantId, session_id: SessionId, lead_id: LeadId) -> None:
        """Put a lead of that list before the agent.

        Raises:
            RequestError: There is no such lead in their campaign, or they cannot have it now.
        """

    def view(self, tenant_id: TenantId, session_id: SessionId) -> PhoneView | None:
        """The session as its phone shows it, as of now; ``None`` when it is over."""

    def watch(
        self, tenant_id: TenantId, session_id: SessionId, callback: Callable[[PhoneView | None], None]
    ) -> Callable[[], None]:
        """Have ``callback`` called on each change, with ``None`` at the session's end; call the result to stop.

        Raises:
            NotFoundError: No such tenant.
        """

    async def directory(self, tenant_id: TenantId) -> Directory:
        """The tenant's directory.

        Raises:
            NotFoundError: No such tenant.
        """

    async def sip_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """New SIP credentials for the session's browser phone.

        Raises:
            NotFoundError: The session is over.
            EngineUnavailableError: The engine is not there.
        """


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """How this installation serves the phone.

    Attributes:
        asterisk_ws_url: The engine's SIP-over-WebSocket URL, on loopback.
        static_dir: Built page: ``index.html`` and ``assets/``.
        public_origins: Origins the phone is reached by (``https://phone.example.com``). Empty: whatever ``Host`` says, which
            is right for a local demo and behind a proxy that fixes the host.
        ping_s: Seconds between pings on the phone socket.
        dead_s: A phone socket silent for so long is closed.
        max_sockets: Open sockets of each kind; the next one is refused with 503.
    """

    asterisk_ws_url: str
    static_dir: Path = Path(__file__).parent / "static"
    public_origins: tuple[str, ...] = ()
    ping_s: float = 15.0
    dead_s: float = 40.0
    max_sockets: int = 2_000


class PhoneServices:
    """What the routes share: the ports, the settings, who is connected, and how much a stranger may try."""

    def __init__(self, exchange: PhoneExchange, tickets: Tickets, clock: Clock, settings: PhoneSettings) -> None:
        self.exchange = exchange
        self.tickets = tickets
        self.clock = clock
        self.settings = settings
        self.sockets = Sockets(settings.max_sockets)
        self.bad_tickets = Allowance(clock, burst=20, refill_ms=3_000)
        self.redeems = Allowance(clock, burst=60, refill_ms=1_000)
        self.bad_bearers = Allowance(clock, burst=60, refill_ms=1_000)

    def own_origins(self, scheme: str, host: str) -> tuple[str, ...]:
        """Origins that are ours for a request that came by ``scheme`` (http, https, ws, wss) and ``host``."""
        return own_origins(self.settings.public_origins, scheme, host)
