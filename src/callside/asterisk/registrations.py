"""How trunks are registered: asked of the engine every few seconds, and the reason read from its log.

Ours with carriers, and those of far sides that register with us. ARI knows nothing of outbound registrations; the engine's command
line tells their state, and only its log what the carrier said.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Final, Protocol

import structlog

from callside.asterisk.names import trunk_endpoint
from callside.asterisk.trunk_objects import account_uri, registrar_uri
from callside.calls.model import Registration, RegistrationState, Trunk
from callside.floor.directory import Directory
from callside.kernel.errors import EngineUnavailableError
from callside.kernel.ids import TenantId, TrunkId

log = structlog.get_logger(__name__)

_EVERY_S: Final = 5.0
_ROW: Final = re.compile(r"^ ?(trunk-\w+-\w+)/\S+\s+\S+\s+([A-Za-z]+)\s*(?:\(exp\. (\d+)s( ago)?\))?", re.MULTILINE)
_LOG_LINE: Final = r"^\[[^\]]*\] (?:WARNING|ERROR)\[\d+\](?:\[[^\]]*\])? res_pjsip_outbound_registration\.c: (.*)$"
_SAID: Final = re.compile(_LOG_LINE)
_STATUS: Final = re.compile(r"'?(\d{3})\b")
_NO_ANSWER: Final = frozenset({408})
_REASONS: Final = {
    400: "Bad Request",
    401: "Unauthorized: check username, secret and realm",
    403: "Forbidden: check username and secret, and whether the account may register",
    404: "Not Found: check username and registrar",
    405: "Method Not Allowed: this host takes no registrations; check registrar",
    407: "Proxy Authentication Required: check username, secret and realm",
    420: "Bad Extension",
    423: "Interval Too Brief: choose a longer expiry_s",
    480: "Temporarily Unavailable",
    500: "Server Internal Error",
    501: "Not Implemented: this host takes no registrations; check registrar",
    502: "Bad Gateway, or the registrar's name is not known",
    503: "Service Unavailable, or nothing listens there: check host, port and transport",
    504: "Server Time-out",
}
_GOOD: Final = frozenset({RegistrationState.REGISTERED, RegistrationState.TRYING, RegistrationState.AWAITED})
_CONTACT: Final = re.compile(r"^ +Contact: +(trunk-\w+-\w+)/\S+ +\S+ +([A-Za-z]+)", re.MULTILINE)
_NOBODY: Final = "the far side has not registered: check its user, realm and password, and that it reaches our SIP port"
_DEAF: Final = "it has registered and does not answer now: check the network between, and any NAT's time-out"
_SILENT: Final = "no answer; check registrar, port and transport, any firewall between, and with tls the certificate"


class Console(Protocol):
    """The engine's command line (:class:`callside.asterisk.console.EngineConsole`)."""

    async def ask(self, command: str) -> str:
        """What the engine prints; raises EngineUnavailableError."""

    def newest_log(self) -> list[str]:
        """The end of its log, newest line first."""


class Registrations:
    """What is known of the registrations of all tenants' trunks.

    Args:
        directories: Of all tenants; read anew each time.
        console: Of our own engine; ``None``: of somebody else's engine nothing can be known.
    """

    def __init__(self, directories: Mapping[TenantId, Directory], console: Console | None) -> None:
        self._directories = directories
        self._console = console
        self._known: dict[TenantId, dict[TrunkId, Registration]] = {}

    def of(self, tenant_id: TenantId) -> Mapping[TrunkId, Registration]:
        """A tenant's, as last seen."""
        return self._known.get(tenant_id, {})

    def forget(self) -> None:
        """The engine is gone."""
        self._known = {}

    async def watch(self) -> None:
        """Until cancelled."""
        while self._console is not None:
            try:
                await self.look(self._console)
            except (EngineUnavailableError, OSError) as failed:
                log.info("engine.registrations_unknown", reason=str(failed))
                self.forget()
            await asyncio.sleep(_EVERY_S)

    async def look(self, console: Console) -> None:
        """Ask once.

        Raises:
            EngineUnavailableError: It does not answer.
        """
        trunks = [one for each in self._directories.values() for one in each.trunks.values()]
        ours, theirs = [one for one in trunks if one.registers], [one for one in trunks if one.registers_with_us]
        known: dict[TenantId, dict[TrunkId, Registration]] = {}
        for trunk, now in [*await _ours(console, ours), *await _theirs(console, theirs)]:
            known.setdefault(trunk.tenant_id, {})[trunk.id] = now
            self._tell(trunk, self.of(trunk.tenant_id).get(trunk.id), now)
        self._known = known

    @staticmethod
    def _tell(trunk: Trunk, before: Registration | None, now: Registration) -> None:
        if before is not None and (before.state, before.reason) == (now.state, now.reason):
            return
        gone = now.state is RegistrationState.AWAITED and before is not None
        good = now.state in _GOOD and not gone
        say = log.info if good else log.warning
        say("trunk.registration", tenant=trunk.tenant_id, trunk=trunk.id, state=now.state.value, reason=now.reason)


async def _ours(console: Console, trunks: list[Trunk]) -> list[tuple[Trunk, Registration]]:
    if not trunks:
        return []
    rows = {row[1]: row for row in _ROW.finditer(await console.ask("pjsip show registrations"))}
    said = [text[1] for line in console.newest_log() if (text := _SAID.match(line))] if _any_rejected(rows) else []
    return [(one, _read(rows.get(trunk_endpoint(one.tenant_id, one.id)), one, said)) for one in trunks]


async def _theirs(console: Console, trunks: list[Trunk]) -> list[tuple[Trunk, Registration]]:
    if not trunks:
        return []
    states = {row[1]: row[2] for row in _CONTACT.finditer(await console.ask("pjsip show contacts"))}
    return [(one, _contact(states.get(trunk_endpoint(one.tenant_id, one.id)))) for one in trunks]


def _contact(state: str | None) -> Registration:
    if state is None:
        return Registration(RegistrationState.AWAITED, _NOBODY)
    if state == "Unavail":
        return Registration(RegistrationState.UNREACHABLE, _DEAF)
    return Registration(RegistrationState.REGISTERED)


def _any_rejected(rows: Mapping[str, re.Match[str]]) -> bool:
    return any(row[2] not in {"Registered", "Unregistered"} for row in rows.values())


def _read(row: re.Match[str] | None, trunk: Trunk, said: list[str]) -> Registration:
    if row is None:
        return Registration(RegistrationState.UNKNOWN, "the engine does not know this trunk; see its log")
    expires = int(row[3]) if row[3] and not row[4] else None
    if row[2] == "Registered":
        return Registration(RegistrationState.REGISTERED, expires_s=expires)
    if row[2] == "Unregistered":
        return Registration(RegistrationState.TRYING, expires_s=expires)
    return _refused(trunk, said, expires)


def _refused(trunk: Trunk, said: list[str], expires: int | None) -> Registration:
    """What the carrier said last. The log's sentences name registrar and account."""
    mine = f"'{registrar_uri(trunk)}' on registration attempt to '{account_uri(trunk)}'"
    text = next((one for one in said if mine in one), "")
    status = _STATUS.match(text.removeprefix("Temporal response ").removeprefix("Fatal response "))
    code = int(status[1]) if status else 0
    if code in _NO_ANSWER or text.startswith("No response"):
        return Registration(RegistrationState.UNREACHABLE, _SILENT, expires)
    if code:
        return Registration(RegistrationState.REFUSED, f"{code} {_REASONS.get(code, '')}".rstrip(), expires)
    return Registration(RegistrationState.REFUSED, "the engine's log says why", expires)
