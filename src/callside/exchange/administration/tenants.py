"""The desks for tenants and for their API tokens."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from callside.exchange.administration.desk import Desk, Office, one_at_a_time
from callside.exchange.administration.forms import (
    Form,
    OwnTenantForm,
    Sheet,
    TenantForm,
    TenantSheet,
    TokenForm,
    TokenIssued,
    TokenSheet,
    patch_of,
)
from callside.exchange.administration.zones import only_zone_of
from callside.exchange.secrets import digest, new_token
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError
from callside.kernel.ids import TenantId
from callside.tenants.model import ApiToken, BreakReason, Disposition, Tenant
from callside.tenants.rules import read_origin

TenantPatch = patch_of(TenantForm, "TenantPatch")
OwnTenantPatch = patch_of(OwnTenantForm, "OwnTenantPatch")


class TenantDesk:
    """Where the installation's tenants are administered. Not a :class:`Desk`: its things belong to no tenant."""

    def __init__(self, office: Office, forget_imports: Callable[[TenantId], None] | None = None) -> None:
        """``forget_imports``: takes away the files that a tenant has sent in, and their reports."""
        self._office = office
        self._forget_imports = forget_imports

    @property
    def office(self) -> Office:
        """What the desk works with."""
        return self._office

    async def listing(self) -> list[TenantSheet]:
        """All tenants, by name."""
        tenants = await self.office.directories.tenants()
        return [TenantSheet.model_validate(one) for one in sorted(tenants, key=lambda one: (one.name, one.id))]

    async def get(self, tenant_id: TenantId) -> TenantSheet:
        """One tenant.

        Raises:
            NotFoundError: There is no such one.
        """
        return TenantSheet.model_validate(await self._kept(tenant_id))

    @one_at_a_time
    async def add(self, form: TenantForm) -> TenantSheet:
        """Add a tenant; the region is the installation's unless given.

        Raises:
            InvalidFieldError: A field cannot be taken.
            ConflictError: The name is taken.
        """
        given = form.model_dump(exclude_unset=True)
        blank = Tenant(id=TenantId(""), name=form.name, region=self.office.region)
        tenant = _filled(blank, given)
        if "time_zone" not in given:
            tenant = replace(tenant, time_zone=only_zone_of(tenant.region))
        added = await self.office.directories.add_tenant(tenant)
        await self.office.changed(added.id)
        return TenantSheet.model_validate(added)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, patch: Form) -> TenantSheet:
        """Change the fields set in a ``TenantPatch`` or ``OwnTenantPatch``; raises as ``get`` and ``add`` do."""
        changed = _filled(await self._kept(tenant_id), patch.model_dump(exclude_unset=True))
        await self.office.directories.change_tenant(changed)
        await self.office.changed(tenant_id)
        return TenantSheet.model_validate(changed)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId) -> None:
        """Take a tenant away with all that is its own. It must be disabled first: this cannot be undone.

        Raises:
            NotFoundError: There is no such one.
            ConflictError: It is enabled.
        """
        if (await self._kept(tenant_id)).enabled:
            raise ConflictError("tenant: disable it first (`callside tenant change --disabled`)", field="enabled")
        await self.office.directories.remove_tenant(tenant_id)
        if self.office.mailroom is not None:
            await self.office.mailroom.files.remove_all(tenant_id)
        if self.office.prompts is not None:
            await self.office.prompts.forget_all(tenant_id)
        if self._forget_imports is not None:
            await asyncio.to_thread(self._forget_imports, tenant_id)
        await self.office.changed(tenant_id)

    async def _kept(self, tenant_id: TenantId) -> Tenant:
        found = await self.office.directories.tenant(tenant_id)
        if found is None:
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        return found


def _filled(tenant: Tenant, given: dict[str, Any]) -> Tenant:
    values = dict(given)
    if "crm_origins" in values:
        values["crm_origins"] = tuple(dict.fromkeys(read_origin(one) for one in values["crm_origins"]))
    for field, kind in (("breaks", BreakReason), ("dispositions", Disposition)):
        if values.get(field) is None:
            values.pop(field, None)
            continue
        made = tuple(kind(**one) for one in values[field])
        if len({one.code for one in made}) < len(made):
            raise InvalidFieldError(f"{field}: each code may stand there once", field=field)
        values[field] = made
    return replace(tenant, **values)


class TokenDesk(Desk[TokenForm]):
    """Where a tenant's API tokens are made and revoked. A token is shown once and kept as a digest only."""

    noun = "token"
    is_changeable = False
    form = TokenForm
    patch = patch_of(TokenForm, "TokenPatch")
    sheet = TokenSheet
    issued = TokenIssued

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All tokens, revoked ones too, oldest first."""
        return [_token_sheet(one) for one in await self._kept(tenant_id)]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One token; see :meth:`Desk.get`."""
        for one in await self._kept(tenant_id):
            if one.id == item_id:
                return _token_sheet(one)
        raise self.missing(item_id)

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: TokenForm) -> Sheet:
        """Make a token; see :meth:`Desk.add`."""
        await self.office.directory(tenant_id)
        token = new_token()
        blank = ApiToken("", tenant_id, form.name, digest(token), self.office.clock.now().wall)
        kept = await self.office.directories.add_token(blank)
        return TokenIssued(**_token_sheet(kept).model_dump(), token=token)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: TokenForm) -> Sheet:
        """Refused: a token is replaced (add a new one, change the CRM, revoke the old one), never changed."""
        await self.get(tenant_id, item_id)
        raise ConflictError("token: a token is not changed; add a new one, then remove this one", field="id")

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Revoke a token: it is refused from now on, and stays in the list."""
        if not await self.office.directories.revoke_token(tenant_id, item_id, self.office.clock.now().wall):
            raise self.missing(item_id)

    async def _kept(self, tenant_id: TenantId) -> list[ApiToken]:
        await self.office.directory(tenant_id)
        return sorted(await self.office.directories.tokens(tenant_id), key=lambda one: (one.created_at, one.id))


def _token_sheet(token: ApiToken) -> TokenSheet:
    return TokenSheet(
        id=token.id, name=token.name, created_at=_date(token.created_at), revoked_at=_maybe_date(token.revoked_at)
    )


def _date(wall: int) -> datetime:
    return datetime.fromtimestamp(wall / 1000, UTC)


def _maybe_date(wall: int | None) -> datetime | None:
    return None if wall is None else _date(wall)
