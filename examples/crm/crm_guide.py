"""The phone system's five operations, as a CRM's server calls them. Copy this file: it needs aiohttp and nothing else here.

The token speaks for the whole tenant. It stays in this process: no reply to a browser carries it, no message quotes it.
"""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

_PATH = "/cloudsoftphone/api/webphone"
_TIMEOUT = aiohttp.ClientTimeout(total=15)


@dataclass(frozen=True, slots=True)
class CrmConfig:
    """What the phone system's administrator gives to the CRM's.

    Attributes:
        callside_url: Where this server reaches the phone system.
        phone_url: Where browsers reach it; empty when it is the origin that serves this CRM.
        tenant_id: The tenant's number.
        token: One of the tenant's API tokens.
    """

    callside_url: str
    phone_url: str
    tenant_id: str
    token: str = field(repr=False)


class GuideError(Exception):
    """The phone system said no, or nothing.

    Attributes:
        status: The HTTP status; 503 also when nobody answered.
        message: Its own words.
        retry_after: Seconds to wait, where it named them.
    """

    def __init__(self, status: int, message: str, retry_after: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


class GuideClient:
    """One method for each operation; every one raises GuideError."""

    def __init__(self, config: CrmConfig) -> None:
        self._config = config

    async def agent_id(self, username: str) -> str:
        """The id of the agent with that username."""
        reply = await self._post("getAgentId", AgentUsername=username)
        return str(reply["AgentId"])

    async def extensions(self) -> dict[str, str]:
        """The tenant's desk phones: id to number."""
        reply = await self._post("getExtensionId")
        return dict(reply["Extension"])

    async def campaigns(self, agent_id: str, login_type: str) -> dict[str, str]:
        """What the agent can log in to (queues for AUTO, else campaigns): id to name."""
        reply = await self._post("getCampaignDetails", AgentId=agent_id, LoginType=login_type)
        return dict(reply["CampaignDetails"])

    async def create_session(self, username: str, password: str, login_type: str, campaign: str, extension: str) -> str:
        """Log the agent in; the SessionId belongs into the iframe's address, within 60 seconds."""
        reply = await self._post(
            "createSession",
            AgentUsername=username,
            AgentPassword=password,
            LoginType=login_type,
            CampaignName=campaign,
            Ext=extension,
        )
        return str(reply["SessionId"])

    async def end_session(self, session_id: str, *, force: bool = False) -> None:
        """Log the agent out: after the call that is on, or with ``force`` at once."""
        await self._post("endSession", Session=session_id, Force="true" if force else "false")

    async def _post(self, operation: str, **fields: str) -> dict[str, Any]:
        url = f"{self._config.callside_url.rstrip('/')}{_PATH}/{operation}"
        body = fields | {"TenantId": self._config.tenant_id, "Token": self._config.token}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(url, json=body, allow_redirects=False) as response,
            ):
                reply = await response.json(content_type=None)
                status, retry_after = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GuideError(503, f"{operation}: {type(error).__name__}") from error
        if not isinstance(reply, dict):
            raise GuideError(502, f"{operation}: the answer is not an object")
        if status != 200:
            raise GuideError(status, str(reply.get("ResponseMessage", "")), retry_after)
        return reply
