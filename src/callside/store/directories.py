"""The exchange's port ``Directories`` on a database: one transaction for each write, one view of the database for each read."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar

from callside.acd.model import Queue
from callside.agents.model import Agent, Extension
from callside.calls.model import Trunk
from callside.dialer.model import Campaign
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError
from callside.kernel.ids import AgentId, CampaignId, ExtensionId, QueueId, TenantId, TrunkId
from callside.reception.model import ReceptionItem, key_in_kind, noun_of
from callside.store.connection import Connection, DanglingError, Database, DoubledError
from callside.store.repositories import agents, campaigns, extensions, queues, reception, tenants, tokens, trunks
from callside.tenants.model import ApiToken, Tenant

T = TypeVar("T")
IdT_co = TypeVar("IdT_co", bound=str, covariant=True)

_FIELDS: Final[Mapping[tuple[str, str], str]] = {
    ("tenants", "name_key"): "name",
    ("agents", "username_key"): "username",
    ("extensions", "number"): "number",
    ("queues", "name_key"): "name",
    ("queue_numbers", "number_key"): "numbers",
    ("campaigns", "name_key"): "name",
    ("trunks", "name_key"): "name",
    ("api_tokens", "digest"): "token",
}
"""The field that a unique column stands for; all others are ids."""


class SqlDirectories:
    """Tenants and what administration sets up for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tenants(self) -> Sequence[Tenant]:
        """All of them, by id."""
        return await self._database.read(tenants.all_tenants)

    async def tenant(self, tenant_id: TenantId) -> Tenant | None:
        """One of them."""
        return await self._database.read(lambda connection: tenants.one(connection, tenant_id))

    async def directory(self, tenant_id: TenantId) -> Directory | None:
        """Everything that is set up for a tenant."""
        return await self._database.read(lambda connection: _directory(connection, tenant_id))

    async def add_tenant(self, tenant: Tenant) -> Tenant:
        """Raises ConflictError: its name or its id is taken; so do all that follow."""
        return await self._add(tenants.add, tenant.id, tenant, {"name": tenant.name})

    async def change_tenant(self, tenant: Tenant) -> None:
        """Replace its fields."""
        await self._change(tenants.change, tenant.id, tenant, {"name": tenant.name})

    async def remove_tenant(self, tenant_id: TenantId) -> bool:
        """Take it away with all that is its own, call records and facts too."""
        return await self._database.write(lambda connection: tenants.remove(connection, tenant_id))

    async def tokens(self, tenant_id: TenantId) -> Sequence[ApiToken]:
        """A tenant's tokens, oldest first."""
        return await self._database.read(lambda connection: tokens.of_tenant(connection, tenant_id))

    async def add_token(self, token: ApiToken) -> ApiToken:
        """Keep a token's digest."""
        return await self._add(tokens.add, token.tenant_id, token, {})

    async def revoke_token(self, tenant_id: TenantId, token_id: str, at: int) -> bool:
        """Refuse it from now on."""
        return await self._database.write(lambda connection: tokens.revoke(connection, tenant_id, token_id, at))

    async def locate_token(self, digest: str) -> ApiToken | None:
        """The good token with this digest, of whichever enabled tenant."""
        return await self._database.read(lambda connection: tokens.locate(connection, digest))

    async def add_agent(self, agent: Agent) -> Agent:
        """Keep a new agent."""
        return await self._add(agents.add, agent.tenant_id, agent, {"username": agent.username})

    async def change_agent(self, agent: Agent) -> bool:
        """Replace its fields."""
        return await self._change(agents.change, agent.tenant_id, agent, {"username": agent.username})

    async def replace_password_hash(self, tenant_id: TenantId, agent_id: AgentId, *, old: str, new: str) -> bool:
        """Put ``new`` where ``old`` still stands."""
        return await self._database.write(
            lambda connection: agents.replace_password_hash(connection, tenant_id, agent_id, old=old, new=new)
        )

    async def remove_agent(self, tenant_id: TenantId, agent_id: AgentId) -> bool:
        """Take it away, out of queues and campaigns too."""
        return await self._database.write(lambda connection: agents.remove(connection, tenant_id, agent_id))

    async def add_extension(self, extension: Extension) -> Extension:
        """Keep a new extension."""
        return await self._add(extensions.add, extension.tenant_id, extension, {"number": extension.number})

    async def change_extension(self, extension: Extension) -> bool:
        """Replace its fields."""
        return await self._change(extensions.change, extension.tenant_id, extension, {"number": extension.number})

    async def remove_extension(self, tenant_id: TenantId, extension_id: ExtensionId) -> bool:
        """Take it away."""
        return await self._database.write(lambda connection: extensions.remove(connection, tenant_id, extension_id))

    async def add_queue(self, queue: Queue) -> Queue:
        """Keep a new queue."""
        return await self._add(queues.add, queue.tenant_id, queue, _of_queue(queue))

    async def change_queue(self, queue: Queue) -> bool:
        """Replace its fields, agents and numbers."""
        return await self._change(queues.change, queue.tenant_id, queue, _of_queue(queue))

    async def remove_queue(self, tenant_id: TenantId, queue_id: QueueId) -> bool:
        """Take it away."""
        return await self._database.write(lambda connection: queues.remove(connection, tenant_id, queue_id))

    async def add_campaign(self, campaign: Campaign) -> Campaign:
        """Keep a new campaign."""
        return await self._add(campaigns.add, campaign.tenant_id, campaign, {"name": campaign.name})

    async def change_campaign(self, campaign: Campaign) -> bool:
        """Replace its fields and agents."""
        return await self._change(campaigns.change, campaign.tenant_id, campaign, {"name": campaign.name})

    async def remove_campaign(self, tenant_id: TenantId, campaign_id: CampaignId) -> bool:
        """Take it away."""
        return await self._database.write(lambda connection: campaigns.remove(connection, tenant_id, campaign_id))

    async def add_trunk(self, trunk: Trunk) -> Trunk:
        """Keep a new trunk."""
        return await self._add(trunks.add, trunk.tenant_id, trunk, {"name": trunk.name})

    async def change_trunk(self, trunk: Trunk) -> bool:
        """Replace its fields."""
        return await self._change(trunks.change, trunk.tenant_id, trunk, {"name": trunk.name})

    async def remove_trunk(self, tenant_id: TenantId, trunk_id: TrunkId) -> bool:
        """Take it away; raises ConflictError while a campaign goes out on it."""
        with _in_words({}, dangling="trunk: campaigns go out on it; give them another trunk first"):
            return await self._database.write(lambda connection: trunks.remove(connection, tenant_id, trunk_id))

    async def add_reception(self, item: ReceptionItem) -> ReceptionItem:
        """Keep a new number, menu, prompt, …."""
        with _taken(item):
            return await self._database.write(lambda connection: reception.add(connection, item.tenant_id, item))

    async def change_reception(self, item: ReceptionItem) -> bool:
        """Replace it."""
        with _taken(item):
            return await self._database.write(lambda connection: reception.change(connection, item.tenant_id, item))

    async def remove_reception(self, tenant_id: TenantId, noun: str, item_id: str) -> bool:
        """Take it away."""
        return await self._database.write(lambda connection: reception.remove(connection, tenant_id, noun, item_id))

    async def _add(self, add: "_Write[T, T]", tenant_id: TenantId, item: T, shown: Mapping[str, str]) -> T:
        with _in_words(shown):
            return await self._database.write(lambda connection: add(connection, tenant_id, item))

    async def _change(self, change: "_Write[T, bool]", tenant_id: TenantId, item: T, shown: Mapping[str, str]) -> bool:
        with _in_words(shown):
            return await self._database.write(lambda connection: change(connection, tenant_id, item))


_Result = TypeVar("_Result")
_Write = Callable[[Connection, TenantId, T], Awaitable[_Result]]


class _Item(Protocol[IdT_co]):
    @property
    def id(self) -> IdT_co: ...


ItemT = TypeVar("ItemT", bound=_Item[Any])


async def _directory(connection: Connection, tenant_id: TenantId) -> Directory | None:
    tenant = await tenants.one(connection, tenant_id)
    if tenant is None:
        return None
    at_reception = await reception.of_tenant(connection, tenant_id)
    return Directory(
        tenant=tenant,
        agents=_by_id(await agents.of_tenant(connection, tenant_id)),
        extensions=_by_id(await extensions.of_tenant(connection, tenant_id)),
        queues=_by_id(await queues.of_tenant(connection, tenant_id)),
        campaigns=_by_id(await campaigns.of_tenant(connection, tenant_id)),
        trunks=_by_id(await trunks.of_tenant(connection, tenant_id)),
        numbers=at_reception["number"],
        hours=at_reception["hours"],
        menus=at_reception["menu"],
        prompts=at_reception["prompt"],
        caller_rules=at_reception["caller-rule"],
        announcements=at_reception["announcement"],
        playlists=at_reception["playlist"],
    )


def _by_id(items: Iterable[ItemT]) -> dict[Any, ItemT]:
    return {item.id: item for item in items}


def _of_queue(queue: Queue) -> Mapping[str, str]:
    return {"name": queue.name, "numbers": ", ".join(queue.numbers)}


_KEY_FIELDS: Final = {"number": "number", "caller-rule": "pattern", "announcement": "queue_id"}


@contextmanager
def _taken(item: ReceptionItem) -> Iterator[None]:
    try:
        yield
    except DoubledError as doubled:
        noun = noun_of(item)
        field = _KEY_FIELDS.get(noun, "name")
        raise ConflictError(f'{field}: another {noun} has "{key_in_kind(item)[:80]}" already', field=field) from doubled
    except DanglingError as error:
        raise ConflictError("the tenant is not there (any more): load it again") from error


@contextmanager
def _in_words(
    shown: Mapping[str, str],
    dangling: str = "the tenant, one of the agents, or the trunk is not there (any more): load it again",
) -> Iterator[None]:
    """The database's refusals as errors that name the field, its value and the remedy."""
    try:
        yield
    except DoubledError as doubled:
        field = _FIELDS.get((doubled.table, doubled.column), "id")
        value = f'"{shown[field][:80]}"' if field in shown else "this one"
        raise ConflictError(f"{field}: {value} is taken; choose another", field=field) from doubled
    except DanglingError as error:
        raise ConflictError(dangling) from error
