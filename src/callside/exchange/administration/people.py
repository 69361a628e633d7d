"""The desks for agents and their desk phones."""

import secrets
from dataclasses import replace
from typing import Final

from callside.agents.model import Agent, Extension
from callside.agents.rules import SIP_REALM, sip_digest, sip_user
from callside.exchange.administration.desk import Desk, one_at_a_time
from callside.exchange.administration.forms import (
    AgentForm,
    AgentIssued,
    AgentSheet,
    ExtensionForm,
    ExtensionIssued,
    ExtensionPatchForm,
    ExtensionSheet,
    Sheet,
    patch_of,
)
from callside.kernel.ids import AgentId, ExtensionId, TenantId

_MADE_PASSWORD_BYTES: Final = 12
_SIP_PASSWORD_BYTES: Final = 24


class AgentDesk(Desk[AgentForm]):
    """Where agents are administered. Passwords are kept as argon2id hashes."""

    noun = "agent"
    form = AgentForm
    patch = patch_of(AgentForm, "AgentPatch")
    sheet = AgentSheet
    issued = AgentIssued

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All agents, by username."""
        agents = (await self.office.directory(tenant_id)).agents.values()
        return [AgentSheet.model_validate(one) for one in sorted(agents, key=lambda one: (one.username, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One agent; see :meth:`Desk.get`."""
        return AgentSheet.model_validate(await self._kept(tenant_id, item_id))

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: AgentForm) -> Sheet:
        """Add an agent; see :meth:`Desk.add`. Without a password one is made and shown in the answer."""
        await self.office.directory(tenant_id)
        made = None if form.password else secrets.token_urlsafe(_MADE_PASSWORD_BYTES)
        password = form.password.get_secret_value() if form.password else str(made)
        agent = await self.office.directories.add_agent(
            Agent(
                id=AgentId(""),
                tenant_id=tenant_id,
                username=form.username,
                name=form.name or form.username,
                password_hash=await self.office.hasher.hash(password),
                enabled=form.enabled,
                auto_answer=form.auto_answer,
                skills=dict(form.skills),
            )
        )
        await self.office.changed(tenant_id)
        return AgentIssued(**AgentSheet.model_validate(agent).model_dump(), password=made)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: AgentForm) -> Sheet:
        """Change an agent; see :meth:`Desk.change`."""
        given = patch.model_dump(exclude_unset=True, exclude={"password"})
        agent = replace(await self._kept(tenant_id, item_id), **given)
        if patch.password is not None:
            agent = replace(agent, password_hash=await self.office.hasher.hash(patch.password.get_secret_value()))
        if not await self.office.directories.change_agent(agent):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)
        if patch.password is not None:
            await self.office.log_out(tenant_id, agent.id)
        return AgentIssued(**AgentSheet.model_validate(agent).model_dump())

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take an agent away, from queues and campaigns too; a call under way is finished first."""
        agent_id = (await self._kept(tenant_id, item_id)).id
        directory = await self.office.directory(tenant_id)
        for queue in directory.queues_of(agent_id):
            await self.office.directories.change_queue(replace(queue, agents=queue.agents - {agent_id}))
        for campaign in directory.campaigns_of(agent_id):
            await self.office.directories.change_campaign(replace(campaign, agents=campaign.agents - {agent_id}))
        await self.office.directories.remove_agent(tenant_id, agent_id)
        await self.office.changed(tenant_id)

    async def _kept(self, tenant_id: TenantId, item_id: str) -> Agent:
        found = (await self.office.directory(tenant_id)).agents.get(AgentId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found


class ExtensionDesk(Desk[ExtensionForm]):
    """Where desk phones are administered. SIP passwords are made here, shown once, and kept as digests."""

    noun = "extension"
    form = ExtensionForm
    patch = patch_of(ExtensionPatchForm, "ExtensionPatch")
    sheet = ExtensionSheet
    issued = ExtensionIssued

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All desk phones, by number."""
        extensions = (await self.office.directory(tenant_id)).extensions.values()
        return [_extension_sheet(one) for one in sorted(extensions, key=lambda one: (one.number, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One desk phone; see :meth:`Desk.get`."""
        return _extension_sheet(await self._kept(tenant_id, item_id))

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: ExtensionForm) -> Sheet:
        """Add a desk phone; see :meth:`Desk.add`. Its SIP password is shown in the answer."""
        await self.office.directory(tenant_id)
        blank = Extension(ExtensionId(""), tenant_id, form.number, form.name)
        added = await self.office.directories.add_extension(blank)
        return await self._with_new_password(added)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: ExtensionForm) -> Sheet:
        """Change a desk phone; see :meth:`Desk.change`."""
        given = patch.model_dump(exclude_unset=True)
        renew = given.pop("renew_password", False)
        extension = replace(await self._kept(tenant_id, item_id), **given)
        if renew:
            return await self._with_new_password(extension)
        await self._keep(extension)
        return ExtensionIssued(**_extension_sheet(extension).model_dump())

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a desk phone away."""
        if not await self.office.directories.remove_extension(tenant_id, ExtensionId(item_id)):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)

    async def _with_new_password(self, extension: Extension) -> Sheet:
        # The SIP user carries the id, which the store chooses: so the digest comes after the row.
        password = secrets.token_urlsafe(_SIP_PASSWORD_BYTES)
        user = sip_user(extension.tenant_id, extension.id)
        await self._keep(replace(extension, secret_digest=sip_digest(user, password)))
        return ExtensionIssued(**_extension_sheet(extension).model_dump(), sip_password=password)

    async def _keep(self, extension: Extension) -> None:
        if not await self.office.directories.change_extension(extension):
            raise self.missing(extension.id)
        await self.office.changed(extension.tenant_id)

    async def _kept(self, tenant_id: TenantId, item_id: str) -> Extension:
        found = (await self.office.directory(tenant_id)).extensions.get(ExtensionId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found


def _extension_sheet(extension: Extension) -> ExtensionSheet:
    return ExtensionSheet(
        id=extension.id,
        number=extension.number,
        name=extension.name,
        sip_user=sip_user(extension.tenant_id, extension.id),
        sip_realm=SIP_REALM,
    )
