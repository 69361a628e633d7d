"""What all desks of administration have in common: list, add, change and remove one kind of thing for one tenant."""

import asyncio
import functools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from callside.calls.model import Registration
from callside.exchange.administration.forms import Form, Sheet
from callside.exchange.administration.lead_books import LeadBook, NumberBook
from callside.exchange.ports import Directories, Voicemails
from callside.exchange.prompt_audio import PromptLibrary
from callside.exchange.voicemail_files import VoicemailFiles
from callside.floor.directory import Directory
from callside.floor.events import EndSession, Request
from callside.floor.live import LiveSession
from callside.floor.voicemail_events import VoicemailRemoved
from callside.kernel.clock import Clock
from callside.kernel.errors import InvalidFieldError, NotFoundError
from callside.kernel.ids import AgentId, CampaignId, TenantId, TrunkId
from callside.sessions.model import EndCause

FormT = TypeVar("FormT", bound=Form)
P = ParamSpec("P")
T = TypeVar("T")
SelfT = TypeVar("SelfT", bound="AtAnOffice")


LeadsChanged = Callable[[TenantId, CampaignId | None, Collection[str]], Awaitable[None]]
"""Tells a tenant's floor that leads of a campaign (``None``: of all) changed, and which numbers must not be called any more."""


class Hasher(Protocol):
    """Hashes agents' passwords (``exchange.secrets.PasswordHasher``)."""

    async def hash(self, password: str) -> str:
        """The password's argon2id hash in PHC form."""


class Floors(Protocol):
    """Where sessions are ended (``exchange.exchange.Exchange``)."""

    def live(self, tenant_id: TenantId) -> tuple[Sequence[LiveSession], Sequence[Any]]:
        """Who is logged in, and the live calls."""

    async def request(self, tenant_id: TenantId, request: Request) -> None:
        """Hand a request to the tenant's floor."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Voicemails: their rows, their files, and who is told that one was removed (``Exchange.tell``)."""

    rows: Voicemails
    files: VoicemailFiles
    tell: Callable[[TenantId, VoicemailRemoved], None]


@dataclass(frozen=True, slots=True)
class Office:
    """What the desks work with.

    Attributes:
        directories: Where all is kept.
        changed: Told after every write of a tenant's things (``Exchange.directory_changed``).
        hasher: For agents' passwords.
        clock: For times of tokens.
        floors: Where sessions are ended when a password is changed; ``None`` where no floor runs.
        region: What new tenants start with.
        prompts: Where prompts' sounds are kept; ``None``: none can be added.
        registrations: How a tenant's trunks are registered; ``None`` where no engine runs.
        mailroom: Where voicemails are kept; ``None``: there are none.
        leads: Where lists are kept; ``None``: nothing is known of them.
        numbers: Where it is kept what was done with numbers; ``None``: nothing is known of them.
        music: Music classes that the engine has of its own; ``None``: it is somebody else's, and nobody can say.
        writing: Held through each write: what was read before is still so when it is written.
    """

    directories: Directories
    changed: Callable[[TenantId], Awaitable[None]]
    hasher: Hasher
    clock: Clock
    floors: Floors | None
    region: str = "US"
    prompts: PromptLibrary | None = None
    registrations: Callable[[TenantId], Mapping[TrunkId, Registration]] | None = None
    mailroom: Mailroom | None = None
    leads: LeadBook | None = None
    numbers: NumberBook | None = None
    music: frozenset[str] | None = None
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def log_out(self, tenant_id: TenantId, agent_id: AgentId) -> None:
        """End the agent's session, after the call if there is one (ASVS 7.4.3: credentials changed)."""
        if self.floors is None:
            return
        sessions, _ = self.floors.live(tenant_id)
        for session in sessions:
            if session.agent_id == agent_id:
                await self.floors.request(tenant_id, EndSession(session.id, EndCause.REVOKED))

    async def directory(self, tenant_id: TenantId) -> Directory:
        """A tenant's things as they are kept.

        Raises:
            NotFoundError: No such tenant.
        """
        found = await self.directories.directory(tenant_id)
        if found is None:
            raise NotFoundError(f"tenant: there is no tenant {tenant_id[:20]}", field="tenant")
        return found


class AtAnOffice(Protocol):
    """Has an office."""

    @property
    def office(self) -> Office:
        """The office."""


def one_at_a_time(
    method: Callable[Concatenate[SelfT, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[SelfT, P], Coroutine[Any, Any, T]]:
    """A write of a desk: waits for the one before it."""

    @functools.wraps(method)
    async def alone(desk: SelfT, /, *args: P.args, **more: P.kwargs) -> T:
        async with desk.office.writing:
            return await method(desk, *args, **more)

    return alone


class Desk(ABC, Generic[FormT]):
    """Where one kind of thing is administered. Every operation is of one tenant; ids of others are simply not found.

    Attributes:
        noun: Its name, as in paths and on the command line (plural with s).
        form: What is filled in to add one.
        patch: What is filled in to change one.
        sheet: What is shown of one.
        issued: What is shown once, after adding or changing.
        has_pages: There may be so many that ``/v1`` lists them by pages, in a way of their own.
    """

    noun: ClassVar[str]
    is_addable: ClassVar[bool] = True
    is_changeable: ClassVar[bool] = True
    has_pages: ClassVar[bool] = False
    form: type[FormT]
    patch: type[FormT]
    sheet: ClassVar[type[Sheet]]
    issued: ClassVar[type[Sheet]]

    def __init__(self, office: Office) -> None:
        self._office = office

    @property
    def office(self) -> Office:
        """What the desk works with."""
        return self._office

    @abstractmethod
    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All of them, by name."""

    @abstractmethod
    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One of them.

        Raises:
            NotFoundError: The tenant has no such one.
        """

    @abstractmethod
    async def add(self, tenant_id: TenantId, form: FormT) -> Sheet:
        """Add one; the answer carries secrets that were made, this one time.

        Raises:
            InvalidFieldError: Names the field and the remedy.
            ConflictError: Its name or number is taken.
        """

    @abstractmethod
    async def change(self, tenant_id: TenantId, item_id: str, patch: FormT) -> Sheet:
        """Change the fields that are set in ``patch``; raises as ``get`` and ``add`` do."""

    @abstractmethod
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take one away.

        Raises:
            NotFoundError: The tenant has no such one.
            ConflictError: Something else needs it; the message says what.
        """

    def missing(self, item_id: str) -> NotFoundError:
        """There is no such one in this tenant (which says nothing of other tenants)."""
        shown = "".join(one for one in item_id if one.isalnum())[:40]
        return NotFoundError(f"{self.noun}: there is no {self.noun} with id {shown}", field="id")


def plural(noun: str) -> str:
    """A noun's plural, as in paths."""
    return noun if noun.endswith("s") else f"{noun}s"


def known_ids(field: str, noun: str, asked: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """``asked``, all of which the tenant must have.

    Raises:
        InvalidFieldError: Names the first id the tenant does not have.
    """
    there = frozenset(known)
    wanted = frozenset(asked)
    for one in sorted(wanted - there):
        raise InvalidFieldError(f"{field}: this tenant has no {noun} with id {one}", field=field)
    return wanted
