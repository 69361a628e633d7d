"""The five operations: fields in, use case, reply out. Success messages are the guide's, byte for byte."""

from collections.abc import Awaitable, Callable

from callside.exchange.logins import LoginRequest, Logins
from callside.guide_api.fields import Fields
from callside.guide_api.replies import AgentIdReply, CampaignReply, ExtensionReply, Reply, SessionReply, done
from callside.kernel.ids import AgentId, TenantId
from callside.sessions.model import LoginType
from callside.tenants.model import Tenant

Operation = Callable[[Logins, Fields, str], Awaitable[Reply]]
"""``(logins, fields, client address) -> reply``; raises CallsideError."""


async def get_agent_id(logins: Logins, fields: Fields, address: str) -> Reply:
    """The id of an agent."""
    username = fields.word("AgentUsername")
    tenant = await _authenticated(logins, fields, address)
    agent_id = await logins.agent_id(tenant.id, username)
    return AgentIdReply(**done("Agent ID selected Successfully."), AgentId=agent_id)


async def get_extension_id(logins: Logins, fields: Fields, address: str) -> Reply:
    """All extensions of the tenant."""
    tenant = await _authenticated(logins, fields, address)
    extensions = {str(extension.id): extension.number for extension in await logins.extensions(tenant.id)}
    return ExtensionReply(**done("Extension selected Successfully."), Extension=extensions, Total=len(extensions))


async def get_campaign_details(logins: Logins, fields: Fields, address: str) -> Reply:
    """What the agent may log in to: queues or campaigns. The guide answers "Queue …" to a PROGRESSIVE request too."""
    agent_id, login_type = fields.word("AgentId"), fields.login_type()
    tenant = await _authenticated(logins, fields, address)
    choices = await logins.choices(tenant.id, AgentId(agent_id), login_type)
    details = {choice.id: choice.name for choice in choices}
    return CampaignReply(**done("Queue Selected Successfully."), Total=len(details), CampaignDetails=details)


async def create_session(logins: Logins, fields: Fields, address: str) -> Reply:
    """Log an agent in."""
    username, password = fields.word("AgentUsername"), fields.secret("AgentPassword")
    assignment, login_type = fields.word("CampaignName", required=False), fields.login_type()
    if login_type is not LoginType.AUTO:
        fields.require("CampaignName", assignment, f"with LoginType {login_type} it is an id from getCampaignDetails")
    extension = fields.word("Ext", required=False)
    tenant = await _authenticated(logins, fields, address)
    login = LoginRequest(username, password, login_type, assignment, extension, address)
    handle = await logins.open(tenant.id, login)
    return SessionReply(**done("Session Created Successfully."), SessionId=handle)


async def end_session(logins: Logins, fields: Fields, address: str) -> Reply:
    """Log an agent out."""
    handle, force = fields.word("Session", otherwise="SessionId"), fields.flag("Force")
    tenant = await _authenticated(logins, fields, address)
    await logins.end(tenant.id, handle, force=force)
    return Reply(**done("Logged Out Successfully."))


OPERATIONS: dict[str, Operation] = {
    "getAgentId": get_agent_id,
    "getExtensionId": get_extension_id,
    "getCampaignDetails": get_campaign_details,
    "createSession": create_session,
    "endSession": end_session,
}


async def _authenticated(logins: Logins, fields: Fields, address: str) -> Tenant:
    """Call after the operation's own fields were taken: complaints about fields come before any other."""
    token, tenant_id = fields.secret("Token"), fields.word("TenantId")
    fields.check()
    return await logins.authenticate(TenantId(tenant_id), token, address=address)
