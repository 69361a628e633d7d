"""Logging agents in and out: the guide's five operations as use cases, and the one check of a tenant's token."""

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from callside.agents.model import Agent, Extension
from callside.exchange.choices import Choice, choices_of, chosen_assignment, chosen_extension
from callside.exchange.ports import Store
from callside.exchange.secrets import PasswordHasher, digest, new_handle, same
from callside.exchange.throttle import Throttle
from callside.floor.directory import Directory
from callside.floor.events import EndSession, OpenSession, Request
from callside.kernel.clock import Clock
from callside.kernel.errors import (
    EngineUnavailableError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    StoreUnavailableError,
    TooManyRequestsError,
)
from callside.kernel.ids import AgentId, SessionId, TenantId
from callside.sessions.model import EndCause, LoginSession, LoginType
from callside.tenants.model import Tenant

NOT_AUTHENTICATED = "TenantId and Token, or AgentUsername and AgentPassword, do not fit together."
"""The one message for every cause: unknown or disabled tenant, wrong or revoked token, unknown agent, wrong password."""

ENGINE_DOWN = "The telephone engine is not reachable at the moment. Try again in some seconds."
NO_SESSION = "There is no such session. Send the SessionId that createSession returned."


class LoginExchange(Protocol):
    """What logins need of the exchange."""

    @property
    def store(self) -> Store:
        """Where tokens, tenants and sessions are kept."""

    @property
    def clock(self) -> Clock:
        """The time."""

    def engine_is_up(self) -> bool:
        """Whether calls could be made now."""

    async def request(self, tenant_id: TenantId, request: Request) -> None:
        """Hand a request to the tenant's floor; returns when what it did is on disk. Raises RequestError."""

    async def directory(self, tenant_id: TenantId) -> Directory:
        """The live snapshot. Raises NotFoundError."""

    async def directory_changed(self, tenant_id: TenantId) -> None:
        """Read the tenant's directory anew."""


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What createSession is given, read but not checked.

    Attributes:
        assignment: Id or name of a queue (AUTO) or campaign; empty under AUTO for all of the agent's queues.
        extension: Id or number of a desk phone; empty for the browser.
        address: Where the request came from, for the throttle.
    """

    username: str
    password: str
    login_type: LoginType
    assignment: str = ""
    extension: str = ""
    address: str = ""


class Logins:
    """Use cases around a login."""

    def __init__(self, exchange: LoginExchange, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._exchange = exchange
        self._hasher = hasher
        self._throttle = throttle
        self._usernames: dict[TenantId, tuple[Directory, dict[str, Agent]]] = {}
        self._choices: dict[TenantId, tuple[Directory, dict[tuple[AgentId, LoginType], Sequence[Choice]]]] = {}

    async def authenticate(self, tenant_id: TenantId, token: str, *, address: str = "") -> Tenant:
        """The tenant that ``tenant_id`` and ``token`` speak for, together.

        The same look-ups are made whatever is wrong, so the time tells no more than the message does.

        Raises:
            NotAuthenticatedError: They do not belong together, or are not in force.
            TooManyRequestsError: As above, and too often from that address.
        """
        tenant = await self._tenant_behind(token)
        if tenant is None or not same(tenant.id, tenant_id):
            self._refuse_token(address)
        return tenant

    async def tenant_of(self, token: str, *, address: str = "") -> Tenant:
        """The tenant that a bearer token speaks for, where no tenant id comes with it (``/v1``).

        Raises:
            NotAuthenticatedError: No such token in force.
            TooManyRequestsError: As above, and too often from that address.
        """
        tenant = await self._tenant_behind(token)
        if tenant is None:
            self._refuse_token(address)
        return tenant

    async def agent_id(self, tenant_id: TenantId, username: str) -> AgentId:
        """The id of the agent with that username, in any case.

        Raises:
            NotFoundError: No such agent.
        """
        agent = self._agent_named(await self._exchange.directory(tenant_id), username)
        if agent is None:
            raise NotFoundError(f'There is no agent with AgentUsername "{username}".', field="AgentUsername")
        return agent.id

    async def extensions(self, tenant_id: TenantId) -> list[Extension]:
        """All of the tenant's extensions, by number."""
        directory = await self._exchange.directory(tenant_id)
        return sorted(directory.extensions.values(), key=lambda one: (len(one.number), one.number, one.id))

    async def choices(self, tenant_id: TenantId, agent_id: AgentId, login_type: LoginType) -> Sequence[Choice]:
        """The queues (AUTO) or campaigns of that type that the agent may log in to, by name.

        Raises:
            NotFoundError: No such agent.
        """
        directory = await self._exchange.directory(tenant_id)
        if agent_id not in directory.agents:
            raise NotFoundError(f'There is no agent with AgentId "{agent_id}".', field="AgentId")
        known = self._choices.get(tenant_id)
        if known is None or known[0] is not directory:  # as long as this snapshot of the directory is the newest
            known = self._choices[tenant_id] = directory, {}
        key = agent_id, login_type
        found = known[1].get(key)
        if found is None:
            found = known[1][key] = choices_of(directory, agent_id, login_type)
        return found

    async def open(self, tenant_id: TenantId, login: LoginRequest) -> str:
        """Log an agent in.

        Returns:
            The handle: the guide's ``SessionId``. It is kept nowhere; only its digest is.

        Raises:
            TooManyRequestsError: Too many failures before this one, or too many logins at this moment.
            NotAuthenticatedError: No such agent, or not that password.
            NotAllowedError: The agent is disabled, or not assigned to that queue or campaign.
            NotFoundError: No such queue, campaign or extension.
            EngineUnavailableError: Nobody could make calls now.
            ConflictError: The agent is on a call in another session.
        """
        directory = await self._exchange.directory(tenant_id)
        agent = await self._check_password(directory, login)
        assignment_id = chosen_assignment(directory, agent, login.login_type, login.assignment)
        extension_id = chosen_extension(directory, login.extension)
        if not self._exchange.engine_is_up():
            raise EngineUnavailableError(ENGINE_DOWN)
        handle = new_handle()
        session = LoginSession(
            id=SessionId(uuid.uuid4().hex),
            tenant_id=tenant_id,
            agent_id=agent.id,
            login_type=login.login_type,
            assignment_id=assignment_id,
            extension_id=extension_id,
            handle_digest=digest(handle),
            opened_at=self._exchange.clock.now().wall,
        )
        await self._exchange.request(tenant_id, OpenSession(session))
        return handle

    async def end(self, tenant_id: TenantId, handle: str, *, force: bool = False) -> None:
        """Log out. On a call the session ends after it, unless ``force``; a session that has ended already stays so.

        Raises:
            NotFoundError: This tenant never had such a session.
        """
        session = await self._exchange.store.sessions.by_handle(tenant_id, digest(handle))
        if session is None:
            raise NotFoundError(NO_SESSION, field="Session")
        if session.ended_at is not None:
            return
        cause = EndCause.FORCED if force else EndCause.LOGOUT
        try:
            await self._exchange.request(tenant_id, EndSession(session.id, cause, force))
        except NotFoundError:
            return  # it ended between our two looks

    async def _tenant_behind(self, token: str) -> Tenant | None:
        wanted = digest(token)
        found = await self._exchange.store.directories.locate_token(wanted)
        try:
            directory = await self._exchange.directory(found.tenant_id if found else TenantId(""))
        except NotFoundError:
            return None
        if found is None or not same(found.digest, wanted):
            return None
        return directory.tenant if directory.tenant.enabled and found.revoked_at is None else None

    def _refuse_token(self, address: str) -> NoReturn:
        self._throttle.token_failed(address)
        raise NotAuthenticatedError(NOT_AUTHENTICATED)

    async def _check_password(self, directory: Directory, login: LoginRequest) -> Agent:
        tenant_id = directory.tenant.id
        agent = self._agent_named(directory, login.username)
        self._throttle.attempt(tenant_id, login.username, login.address, exists=agent is not None)
        try:
            fits = await self._hasher.verify(agent.password_hash if agent else None, login.password)
        except TooManyRequestsError:
            self._throttle.withdraw(tenant_id, login.username, login.address)
            raise
        if agent is None or not fits:
            self._throttle.failed(tenant_id, login.username, login.address)
            raise NotAuthenticatedError(NOT_AUTHENTICATED)
        self._throttle.succeeded(tenant_id, login.username, login.address)
        if not agent.enabled:
            raise NotAllowedError(f'Agent "{agent.username}" is disabled. An administrator can enable it again.')
        await self._rehash(agent, login.password)
        return agent

    async def _rehash(self, agent: Agent, password: str) -> None:
        """Bring an old hash to today's parameters; that a login succeeds matters more."""
        if not self._hasher.needs_rehash(agent.password_hash):
            return
        with contextlib.suppress(StoreUnavailableError, TooManyRequestsError):
            fresh = await self._hasher.hash(password)
            directories = self._exchange.store.directories
            await directories.replace_password_hash(agent.tenant_id, agent.id, old=agent.password_hash, new=fresh)
            await self._exchange.directory_changed(agent.tenant_id)

    def _agent_named(self, directory: Directory, username: str) -> Agent | None:
        """By an index that lives as long as this snapshot of the directory is the newest."""
        known = self._usernames.get(directory.tenant.id)
        if known is None or known[0] is not directory:
            known = directory, {agent.username.casefold(): agent for agent in directory.agents.values()}
            self._usernames[directory.tenant.id] = known
        return known[1].get(username.casefold())
