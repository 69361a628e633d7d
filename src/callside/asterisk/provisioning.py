"""Keeps the engine's SIP objects as they should be: pushed through ARI into its memory, never by files (engine.md §2.2).

The engine itself remembers, in one global variable a group, which version it was given. That memory dies with the objects, so a
restarted engine is filled anew and a restarted controller pushes nothing that is there.
"""

import asyncio
import json
import re
import secrets
from collections.abc import Iterable
from typing import Final

import structlog

from callside.agents.rules import SIP_REALM
from callside.asterisk.client import AriRefusedError
from callside.asterisk.link import AriLink, path
from callside.asterisk.names import browser_endpoint
from callside.asterisk.sip_group import SipGroup
from callside.asterisk.sip_objects import TYPES, browser_phone, groups_of, refusals
from callside.exchange.ports import SipCredentials
from callside.floor.directory import Directory
from callside.kernel.errors import EngineUnavailableError
from callside.kernel.ids import SessionId, TenantId

log = structlog.get_logger(__name__)

_PASSWORD_BYTES: Final = 32
_NOT_THERE: Final = frozenset({404})
_OURS: Final = re.compile(r"(?:trunk|ext)-([A-Za-z0-9_]+)-[A-Za-z0-9_]+\Z")


class Provisioning:
    """Trunks, desk phones and browser phones in one engine."""

    def __init__(self, link: AriLink) -> None:
        self._link = link
        self._wanted: dict[TenantId, dict[str, SipGroup]] = {}
        self._pushed: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    def want(self, directory: Directory) -> None:
        """Know what a tenant needs from now on."""
        self._wanted[directory.tenant.id] = {group.name: group for group in groups_of(directory)}
        for text in refusals(directory):
            log.warning("engine.object_refused", tenant=directory.tenant.id, reason=text)

    async def bring_up(self, tenant_id: TenantId) -> None:
        """Give the engine what of a tenant changed.

        Raises:
            EngineUnavailableError: The engine is not there; all is given to it when it is back.
        """
        async with self._one_at_a_time:
            wanted = self._wanted.get(tenant_id, {})
            for name in [name for name in self._pushed if _tenant_of(name) == tenant_id and name not in wanted]:
                await self._remove(name)
            await self._push(wanted.values())

    async def bring_all_up(self) -> None:
        """Give a newly connected engine all that it does not have, and take away what is nobody's.

        Raises:
            EngineUnavailableError: The engine went away meanwhile.
        """
        async with self._one_at_a_time:
            groups = {name: group for tenant in self._wanted.values() for name, group in tenant.items()}
            present = await self._present()
            self._pushed = {}
            for name in present:
                self._pushed[name] = await self._version(name)
            for name in [name for name in present if name not in groups and _tenant_of(name) in self._wanted]:
                await self._remove(name)
            await self._push(groups.values())

    async def issue(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """Make a browser phone with a new password; the old one is refused from then on.

        Raises:
            EngineUnavailableError: The engine is not there, or refuses.
        """
        name = browser_endpoint(tenant_id, session_id)
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        try:
            await self._delete(name)
            await self._create(browser_phone(name, password))
        except AriRefusedError as refused:
            raise EngineUnavailableError(
                "The telephone engine did not take the phone's credentials; try again."
            ) from refused
        return SipCredentials(name, password, SIP_REALM)

    async def revoke(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Take a session's browser phone away; calls on it are not touched."""
        await self._delete(browser_endpoint(tenant_id, session_id))

    async def _push(self, groups: Iterable[SipGroup]) -> None:
        for group in groups:
            digest = group.digest()
            if self._pushed.get(group.name) == digest:
                continue
            try:
                await self._delete(group.name)
                await self._create(group)
                await self._link.ask(
                    "POST", path("asterisk", "variable"), {"variable": _memo(group.name), "value": digest}
                )
            except AriRefusedError as refused:
                log.warning("engine.object_refused", object=group.name, reason=refused.message)
                continue
            self._pushed[group.name] = digest

    async def _remove(self, name: str) -> None:
        await self._delete(name)
        await self._link.ask("POST", path("asterisk", "variable"), {"variable": _memo(name), "value": ""})
        self._pushed.pop(name, None)

    async def _create(self, group: SipGroup) -> None:
        for one in group.objects:
            fields = [{"attribute": name, "value": value} for name, value in one.attributes.items()]
            await self._link.ask("PUT", _object(one.type, one.id), body={"fields": fields})

    async def _delete(self, name: str) -> None:
        # Never changed in place: a list's new value would be added to its old ones (engine.md §2.2).
        for type_ in TYPES:
            await self._link.ask("DELETE", _object(type_, name), tolerate=_NOT_THERE)

    async def _present(self) -> list[str]:
        body = await self._link.ask("GET", path("endpoints", "PJSIP"), tolerate=_NOT_THERE)
        return [one["resource"] for one in json.loads(body or "[]") if _OURS.match(one["resource"])]

    async def _version(self, name: str) -> str:
        body = await self._link.ask("GET", path("asterisk", "variable"), {"variable": _memo(name)}, tolerate=_NOT_THERE)
        return str(json.loads(body or "{}").get("value", ""))


def _object(type_: str, name: str) -> str:
    return path("asterisk", "config", "dynamic", "res_pjsip", type_, name)


def _memo(name: str) -> str:
    return "CALLSIDE_" + name.replace("-", "_")


def _tenant_of(name: str) -> str:
    match = _OURS.match(name)
    return match[1] if match else ""
