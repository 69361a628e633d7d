"""The desk for trunks, which calls run through."""

import ipaddress
import secrets
from dataclasses import replace
from typing import Any, Final, NamedTuple

from callside.agents.rules import SIP_REALM, sip_digest
from callside.calls.model import Registration, RegistrationState, SipTransport, Trunk
from callside.calls.rules import account_user, read_number
from callside.exchange.administration.desk import Desk, one_at_a_time
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.trunk_forms import (
    RegistrationSheet,
    TrunkForm,
    TrunkIssued,
    TrunkPatchForm,
    TrunkSheet,
)
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, InvalidFieldError
from callside.kernel.ids import TenantId, TrunkId

_SIP_PASSWORD_BYTES: Final = 24
_OF_KNOWN_CARRIERS: Final = (
    *("host", "port", "transport", "username", "secret", "realm"),
    *("registers", "registrar", "expiry_s", "addresses"),
)
_PORTS: Final = {SipTransport.UDP: 5060, SipTransport.TCP: 5060, SipTransport.TLS: 5061}


class TrunkDesk(Desk[TrunkForm]):
    """Where trunks are administered."""

    noun = "trunk"
    form = TrunkForm
    patch = patch_of(TrunkPatchForm, "TrunkPatch")
    sheet = TrunkSheet
    issued = TrunkIssued

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All trunks, by name."""
        trunks = (await self.office.directory(tenant_id)).trunks.values()
        return [self._sheet(one) for one in sorted(trunks, key=lambda one: (one.name, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One trunk; see :meth:`Desk.get`."""
        return self._sheet(self._kept(await self.office.directory(tenant_id), item_id))

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: TrunkForm) -> Sheet:
        """Add a trunk; see :meth:`Desk.add`."""
        directory = await self.office.directory(tenant_id)
        trunk = _fill(Trunk(TrunkId(""), tenant_id, form.name, form.host), form.model_dump(), directory)
        await self._alone(trunk)
        added = await self.office.directories.add_trunk(trunk)
        if (
            added.registers_with_us
        ):  # its user carries the id, which the store chooses: so the digest comes after the row
            return await self._with_new_password(added)
        await self.office.changed(tenant_id)
        return self._issued(added)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: TrunkForm) -> Sheet:
        """Change a trunk; see :meth:`Desk.change`."""
        directory = await self.office.directory(tenant_id)
        kept = self._kept(directory, item_id)
        given = patch.model_dump(exclude_unset=True)
        renew = given.pop("renew_password", False)
        trunk = _fill(kept, given, directory)
        if renew and not trunk.registers_with_us:
            msg = "renew_password: only a far side that registers with us has one; this trunk's is the carrier's: send `secret`"
            raise InvalidFieldError(msg, field="renew_password")
        await self._alone(trunk)
        if renew:
            return await self._with_new_password(trunk)
        await self._keep(trunk)
        return self._issued(trunk)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a trunk away; refused while a campaign or a queue's callbacks go out on it."""
        directory = await self.office.directory(tenant_id)
        trunk = self._kept(directory, item_id)
        users = sorted(one.name for one in directory.campaigns.values() if one.trunk_id == trunk.id)
        if users:
            raise ConflictError(f"trunk: give these campaigns another trunk first: {', '.join(users)}", field="id")
        queues = sorted(
            one.name for one in directory.queues.values() if one.callback and one.callback.trunk_id == trunk.id
        )
        if queues:
            msg = f"trunk: these queues call back on it, give them another trunk first: {', '.join(queues)}"
            raise ConflictError(msg, field="id")
        await self.office.directories.remove_trunk(tenant_id, trunk.id)
        await self.office.changed(tenant_id)

    async def _with_new_password(self, trunk: Trunk) -> Sheet:
        password = secrets.token_urlsafe(_SIP_PASSWORD_BYTES)
        await self._keep(replace(trunk, account_digest=sip_digest(account_user(trunk.tenant_id, trunk.id), password)))
        return self._issued(trunk, password)

    async def _keep(self, trunk: Trunk) -> None:
        if not await self.office.directories.change_trunk(trunk):
            raise self.missing(trunk.id)
        await self.office.changed(trunk.tenant_id)

    def _issued(self, trunk: Trunk, password: str | None = None) -> TrunkIssued:
        return TrunkIssued(**self._sheet(trunk).model_dump(), sip_password=password)

    async def _alone(self, trunk: Trunk) -> None:
        """Two trunks on one address could not be told apart: calls from there would reach a wrong tenant (T3, T8)."""
        for tenant in await self.office.directories.tenants():
            directory = await self.office.directories.directory(tenant.id)
            for other in directory.trunks.values() if directory else ():
                if other.id != trunk.id or other.tenant_id != trunk.tenant_id:
                    _told_apart(trunk, other)

    def _kept(self, directory: Directory, item_id: str) -> Trunk:
        found = directory.trunks.get(TrunkId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found

    def _sheet(self, trunk: Trunk) -> TrunkSheet:
        asked = trunk.registers or trunk.registers_with_us
        now = Registration(RegistrationState.UNKNOWN if asked else RegistrationState.NOT_WANTED)
        if asked and self.office.registrations is not None:
            now = self.office.registrations(trunk.tenant_id).get(trunk.id, now)
        return TrunkSheet(
            id=trunk.id,
            name=trunk.name,
            host=trunk.host,
            port=trunk.port,
            transport=trunk.transport,
            username=trunk.username,
            has_secret=bool(trunk.secret),
            realm=trunk.realm,
            registers=trunk.registers,
            registrar=trunk.registrar,
            expiry_s=trunk.expiry_s,
            addresses=list(trunk.addresses),
            caller_id=trunk.caller_id,
            registers_with_us=trunk.registers_with_us,
            sip_user=account_user(trunk.tenant_id, trunk.id) if trunk.registers_with_us else "",
            sip_realm=SIP_REALM if trunk.registers_with_us else "",
            registration=RegistrationSheet.model_validate(now),
        )


class _Source(NamedTuple):
    """Where calls of a trunk come from; ``port`` 0: from any."""

    place: "ipaddress.IPv4Network | ipaddress.IPv6Network | str"
    port: int


def _sources(trunk: Trunk) -> list[_Source]:
    if trunk.registers_with_us:
        return []  # known by its digest
    try:
        main: ipaddress.IPv4Network | ipaddress.IPv6Network | str = ipaddress.ip_network(trunk.host)
    except ValueError:
        main = trunk.host
    return [_Source(main, trunk.port), *(_Source(ipaddress.ip_network(one), 0) for one in trunk.addresses)]


def _told_apart(trunk: Trunk, other: Trunk) -> None:
    for mine in _sources(trunk):
        for theirs in _sources(other):
            if _overlap(mine, theirs):
                field = "addresses" if mine.port == 0 else "host"
                place = f"{mine.place}:{mine.port}" if mine.port else str(mine.place)
                raise ConflictError(f"{field}: {place} is used by another trunk; ask the administrator", field=field)


def _overlap(one: _Source, other: _Source) -> bool:
    if one.port and other.port and one.port != other.port:
        return False
    if isinstance(one.place, str) or isinstance(other.place, str):
        return one.place == other.place
    return one.place.version == other.place.version and one.place.overlaps(other.place)


def _refuse_mixture(before: Trunk, trunk: Trunk) -> None:
    """Either we know where the carrier is, or it registers with us."""
    if before.id and before.registers_with_us is not trunk.registers_with_us:
        msg = "registers_with_us: a trunk stays what it was added as; add another one"
        raise InvalidFieldError(msg, field="registers_with_us")
    if not trunk.registers_with_us:
        if not trunk.host:
            raise InvalidFieldError("host: say where the carrier is, or set registers_with_us", field="host")
        return
    blank = Trunk(trunk.id, trunk.tenant_id, trunk.name, "")
    for field in _OF_KNOWN_CARRIERS:
        if getattr(trunk, field) != getattr(blank, field):
            msg = f"{field}: leave it out where the far side registers with us: it says by that where it is, and who"
            raise InvalidFieldError(msg, field=field)


def _fill(trunk: Trunk, given: dict[str, Any], directory: Directory) -> Trunk:
    values = dict(given)
    if "secret" in values:
        values["secret"] = values["secret"].get_secret_value()
        if any(not one.isprintable() for one in values["secret"]):
            raise InvalidFieldError("secret: control characters are not taken", field="secret")
    if values.get("caller_id"):
        values["caller_id"] = read_number(values["caller_id"], directory.tenant.region, field="caller_id")
    if "transport" in values:
        values["transport"] = SipTransport(values["transport"])
    if "addresses" in values:
        values["addresses"] = tuple(dict.fromkeys(values["addresses"]))
    if values.get("port", 0) is None:
        values["port"] = _PORTS[values.get("transport", trunk.transport)]
    filled = replace(trunk, **values)
    _refuse_mixture(trunk, filled)
    if filled.registers and not filled.username:
        raise InvalidFieldError("username: say as whom to register, or set registers to false", field="username")
    return filled
