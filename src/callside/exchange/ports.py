"""What the exchange needs from its edges. `asterisk/` and `store/` implement these; `tests/fakes/` does too, under one suite."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from callside.acd.model import Queue
from callside.agents.model import Agent, Extension
from callside.calls.model import Cdr, Registration, Trunk, VoiceMessage
from callside.dialer.model import Campaign
from callside.dialer.pacing.keeping import CampaignMemory
from callside.exchange.dnc_port import DncLists
from callside.exchange.lead_import.port import LeadImports
from callside.exchange.leads_port import Leads
from callside.exchange.ledger_port import Ledger
from callside.floor.commands import Command
from callside.floor.directory import Directory
from callside.floor.events import EngineEvent
from callside.floor.facts import Fact, Record
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.ids import AgentId, CallId, CampaignId, ExtensionId, QueueId, SessionId, TenantId, TrunkId
from callside.reception.model import ReceptionItem
from callside.sessions.model import LoginSession
from callside.tenants.model import ApiToken, Tenant

EventSink = Callable[[TenantId, EngineEvent], None]


@dataclass(frozen=True, slots=True)
class SipCredentials:
    """What the page's phone registers with; made for one session, dead with it.

    Attributes:
        endpoint: SIP user and the engine's endpoint name (random).
        password: 32 random bytes, URL-safe.
        realm: SIP domain for the address of record ``sip:<endpoint>@<realm>``.
    """

    endpoint: str
    password: str = field(repr=False)
    realm: str


class Telephony(Protocol):
    """The engine, in the floor's words."""

    async def start(self, sink: EventSink) -> None:
        """Connect and stay connected (reconnecting by itself) until ``stop``.

        ``sink(tenant_id, EngineFound(...))`` comes for every known tenant after each connect; ``EngineLost`` after each loss.
        """

    async def stop(self) -> None:
        """Disconnect. Calls go on in the engine."""

    def is_up(self) -> bool:
        """The engine answered within the last seconds."""

    async def set_directory(self, directory: Directory) -> None:
        """Know a tenant (again): its trunks and extensions are made known to the engine, removed ones are taken away."""

    def execute(self, tenant_id: TenantId, command: Command) -> None:
        """Do a command soon; commands on one leg or line keep their order. Never raises: failure comes back as ``LegGone``."""

    async def issue_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """Make (or make anew) the SIP credentials of a session's browser phone.

        Raises:
            EngineUnavailableError: The engine is not there.
        """

    def registrations(self, tenant_id: TenantId) -> Mapping[TrunkId, Registration]:
        """How those of a tenant's trunks that register are, as last seen (some seconds ago); empty while nothing is known."""

    def extension_endpoint(self, tenant_id: TenantId, extension_id: ExtensionId) -> str:
        """The engine's endpoint name of a desk phone."""


class Directories(Protocol):
    """Tenants and what administration sets up for them. Ids of new things come from the store (decimal digits)."""

    async def tenants(self) -> Sequence[Tenant]: ...
    async def tenant(self, tenant_id: TenantId) -> Tenant | None: ...
    async def directory(self, tenant_id: TenantId) -> Directory | None: ...

    async def add_tenant(self, tenant: Tenant) -> Tenant:
        """``tenant.id`` empty: the store chooses one. Every ``add_`` likewise; raises ConflictError on a doubled name/number."""

    async def change_tenant(self, tenant: Tenant) -> None: ...
    async def remove_tenant(self, tenant_id: TenantId) -> bool: ...

    async def tokens(self, tenant_id: TenantId) -> Sequence[ApiToken]: ...
    async def add_token(self, token: ApiToken) -> ApiToken: ...
    async def revoke_token(self, tenant_id: TenantId, token_id: str, at: int) -> bool: ...

    async def locate_token(self, digest: str) -> ApiToken | None:
        """The token with this digest, of whichever enabled tenant, unless revoked: `/v1` gets it without a tenant id."""

    async def add_agent(self, agent: Agent) -> Agent: ...
    async def change_agent(self, agent: Agent) -> bool: ...
    async def replace_password_hash(self, tenant_id: TenantId, agent_id: AgentId, *, old: str, new: str) -> bool:
        """Compare-and-set of ``password_hash`` in one statement, so that a login's rehash undoes no change made meanwhile."""

    async def remove_agent(self, tenant_id: TenantId, agent_id: AgentId) -> bool: ...

    async def add_extension(self, extension: Extension) -> Extension: ...
    async def change_extension(self, extension: Extension) -> bool: ...
    async def remove_extension(self, tenant_id: TenantId, extension_id: ExtensionId) -> bool: ...

    async def add_queue(self, queue: Queue) -> Queue: ...
    async def change_queue(self, queue: Queue) -> bool: ...
    async def remove_queue(self, tenant_id: TenantId, queue_id: QueueId) -> bool: ...

    async def add_campaign(self, campaign: Campaign) -> Campaign: ...
    async def change_campaign(self, campaign: Campaign) -> bool: ...
    async def remove_campaign(self, tenant_id: TenantId, campaign_id: CampaignId) -> bool: ...

    async def add_trunk(self, trunk: Trunk) -> Trunk: ...
    async def change_trunk(self, trunk: Trunk) -> bool: ...
    async def remove_trunk(self, tenant_id: TenantId, trunk_id: TrunkId) -> bool: ...

    async def add_reception(self, item: ReceptionItem) -> ReceptionItem:
        """Numbers, hours, menus, prompts, caller rules, announcements; raises ConflictError where its key in its kind is taken."""

    async def change_reception(self, item: ReceptionItem) -> bool: ...
    async def remove_reception(self, tenant_id: TenantId, noun: str, item_id: str) -> bool: ...


class Sessions(Protocol):
    """Login sessions' rows. Opening and ending them is the recorder's (one transaction with the facts)."""

    async def by_handle(self, tenant_id: TenantId, handle_digest: str) -> LoginSession | None:
        """Open or ended, of this tenant only."""

    async def locate_handle(self, handle_digest: str) -> tuple[TenantId, SessionId] | None:
        """The phone page knows no tenant: which one a handle belongs to. Open sessions only."""

    async def by_id(self, tenant_id: TenantId, session_id: SessionId) -> LoginSession | None: ...

    async def locate_bearer(self, bearer_digest: str) -> tuple[TenantId, SessionId] | None:
        """Open sessions only."""

    async def bind(
        self,
        tenant_id: TenantId,
        session_id: SessionId,
        *,
        binding_digest: str,
        bearer_digest: str,
        at: int,
    ) -> bool:
        """First redeem binds the browser; later ones replace the bearer only if the binding is the same.

        Compare-and-set in one statement; ``False`` when bound to another browser or ended.
        """


class Recorder(Protocol):
    """Writes what the floor leaves behind."""

    async def write(self, record: Record) -> None:
        """On disk when it returns; records of one tenant in the order of the calls. Concurrent writes share a transaction.

        Raises:
            StoreUnavailableError: Not written. The exchange keeps the record and tries again.
        """

    async def live(self, tenant_id: TenantId) -> tuple[list[LiveSession], list[LiveCall]]:
        """The rows a restart begins from."""

    async def learnt(self, tenant_id: TenantId) -> list[CampaignMemory]:
        """What each campaign's pacing had learnt, as it was written last."""

    async def anchor(self, now_mono: int, now_wall: int) -> None:
        """After a boot of this machine: bring the live rows' ``mono`` to its new clock, by way of the wall clock."""


@dataclass(frozen=True, slots=True)
class CdrQuery:
    """Which call records: newest first, ``before`` is the cursor (``ended_at, call_id`` of the last one seen)."""

    limit: int = 50
    before: tuple[int, CallId] | None = None
    since: int | None = None
    agent_id: AgentId | None = None
    queue_id: QueueId | None = None
    campaign_id: CampaignId | None = None
    number: str | None = None


class CallRecords(Protocol):
    """Reading what stays of calls."""

    async def cdrs(self, tenant_id: TenantId, query: CdrQuery) -> Sequence[Cdr]: ...
    async def cdr(self, tenant_id: TenantId, call_id: CallId) -> Cdr | None: ...
    async def facts(self, tenant_id: TenantId, call_id: CallId) -> Sequence[Fact]: ...

    async def facts_since(
        self, tenant_id: TenantId, since: int, *, after: int | None = None, limit: int = 500
    ) -> Sequence[tuple[int, Fact]]:
        """Facts in their order, each with its number, beginning with the first at or after ``since`` (wall ms).

        ``after`` is the number of the last one of the page before; ``since`` then counts no more, so that a clock that was
        set back in between loses nothing. Nothing begins with a fact of :meth:`unavailable`, which may come any time later.
        """

    async def unavailable(self, tenant_id: TenantId, since: int, until: int) -> Sequence[Fact]:
        """Facts ``call.unavailable`` of that time (wall ms, ``until`` not included), oldest first, whenever they were written."""

    async def newest_fact(self, tenant_id: TenantId) -> int:
        """The number of the last fact; 0 when there is none."""


@dataclass(frozen=True, slots=True)
class VoicemailQuery:
    """Which voicemails: newest first, ``before`` is the cursor (``recorded_at, id`` of the last one seen)."""

    limit: int = 50
    before: tuple[int, CallId] | None = None
    queue_id: QueueId | None = None


class Voicemails(Protocol):
    """What callers said to voicemails, for reading and removing; kept by the recorder."""

    async def page(self, tenant_id: TenantId, query: VoicemailQuery) -> Sequence[VoiceMessage]:
        """A page of them."""

    async def one(self, tenant_id: TenantId, message_id: CallId) -> VoiceMessage | None: ...
    async def ids(self, tenant_id: TenantId) -> AbstractSet[CallId]:
        """Of all of them."""

    async def counts(self, tenant_id: TenantId) -> Mapping[QueueId, int]:
        """How many each queue has."""

    async def remove(self, tenant_id: TenantId, message_id: CallId) -> bool: ...


class Store(Protocol):
    """Everything that is kept."""

    @property
    def directories(self) -> Directories: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def recorder(self) -> Recorder: ...
    @property
    def call_records(self) -> CallRecords: ...
    @property
    def voicemails(self) -> Voicemails: ...
    @property
    def leads(self) -> Leads: ...
    @property
    def dnc(self) -> DncLists: ...
    @property
    def lead_imports(self) -> LeadImports: ...
    @property
    def ledger(self) -> Ledger: ...

    async def reserve(self, who: str, on_taken: Callable[[], None]) -> None:
        """Be the one server on this database until ``close``; before ``open``, so that who is refused has changed nothing.

        Two would write down the same calls, each in its own words. Commands that only open the store are not kept out.

        Args:
            who: Host and home, for whoever comes second.
            on_taken: Called when another server has it, after a connection to the database was lost: this one has to end.

        Raises:
            StoreUnavailableError: Another server is there, or the database cannot be reached.
        """

    async def behind(self) -> int:
        """How many steps the schema is behind ours, before ``open``; changes nothing. 0 where there is nothing yet.

        Raises:
            StoreUnavailableError: It cannot be reached, or is ahead of ours.
        """

    async def open(self) -> None:
        """Connect and migrate to the newest schema."""

    async def close(self) -> None: ...

    async def is_healthy(self) -> bool: ...
