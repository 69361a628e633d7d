"""Numbers on do-not-call lists: a tenant's, and with the root token the installation's."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel

from callside.exchange.administration.lead_forms import DncCountSheet, DncEntriesForm, DncEntrySheet, DncRemovalForm
from callside.exchange.administration.lead_parts import LeadDesks
from callside.exchange.dnc_port import EVERYWHERE
from callside.kernel.ids import TenantId
from callside.v1_api.access import Access
from callside.v1_api.resources import ItemId, TenantDependency, desk_routes
from callside.v1_api.uploads import received

ListId = Annotated[str, Query(pattern=r"^[a-z0-9-]{1,40}$", examples=["1"])]
Replaces = Annotated[bool, Query(description="The file is the whole register: what is not in it is taken off.")]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself: CSV with a column of numbers, or one number a line, or XLSX; at most 512 MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class DncPage(BaseModel):
    """Entries by number; the last one's number is the next page's ``after``."""

    items: list[DncEntrySheet]


class DncAnswer(BaseModel):
    """Whether a number may be called."""

    blocked: bool
    list: str | None


def dnc_routes(desks: LeadDesks, tenant: TenantDependency, *, prefix: str = "", tag: str = "dnc-lists") -> APIRouter:
    """The operations, for the tenant that ``tenant`` gives."""
    router = APIRouter(tags=[tag])
    mine = Annotated[TenantId, Depends(tenant)]
    _reading(router, desks, mine, prefix)
    _writing(router, desks, mine, prefix)
    _file(router, desks, mine, prefix)
    return router


def _reading(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str) -> None:
    async def entries(
        tenant_id: Any,
        item_id: ItemId,
        after: Annotated[str, Query(max_length=40)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Any:
        return DncPage(items=await desks.dnc.entries(tenant_id, item_id, after=after, limit=limit))

    async def look_up(
        tenant_id: Any,
        number: Annotated[str, Query(max_length=40, examples=["+15550100123"])],
        campaign_id: Annotated[str | None, Query(max_length=20)] = None,
    ) -> Any:
        found = await desks.dnc.look_up(tenant_id, campaign_id, number)
        return DncAnswer(blocked=found is not None, list=found)

    for operation in (entries, look_up):
        operation.__annotations__["tenant_id"] = mine
    router.get(
        "/dnc-lists/{item_id}/entries",
        operation_id=f"{prefix}list_dnc_entries",
        summary="List a do-not-call list's numbers",
        response_model=DncPage,
    )(entries)
    router.get(
        "/dnc-checks",
        operation_id=f"{prefix}check_dnc",
        summary="Whether a number may be called",
        response_model=DncAnswer,
    )(look_up)


def _writing(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str) -> None:
    async def put(tenant_id: Any, form: DncEntriesForm) -> Any:
        return await desks.dnc.put(tenant_id, form)

    async def take_off(tenant_id: Any, form: DncRemovalForm) -> Any:
        return await desks.dnc.take_off(tenant_id, form)

    for operation in (put, take_off):
        operation.__annotations__["tenant_id"] = mine
    router.post(
        "/dnc-entries",
        operation_id=f"{prefix}add_dnc_entries",
        summary="Put numbers on a do-not-call list",
        response_model=DncCountSheet,
    )(put)
    router.post(
        "/dnc-removals",
        operation_id=f"{prefix}remove_dnc_entries",
        summary="Take numbers off a do-not-call list",
        response_model=DncCountSheet,
    )(take_off)


def _file(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str) -> None:
    async def bring(
        request: Request,
        tenant_id: Any,
        list_id: ListId,
        reason: Annotated[str, Query(max_length=200)] = "",
        expires_at: AwareDatetime | None = None,
        replaces: Replaces = False,  # noqa: FBT002 - a query parameter
    ) -> Any:
        place = desks.imports.importer.new_upload(tenant_id or TenantId("everywhere"))
        async with received(request, place) as file:
            return await desks.dnc.bring(
                tenant_id, list_id, file, reason=reason, expires_at=expires_at, replaces=replaces
            )

    bring.__annotations__["tenant_id"] = mine
    router.post(
        "/dnc-files",
        operation_id=f"{prefix}import_dnc",
        summary="Put a file's numbers on a do-not-call list",
        response_model=DncCountSheet,
        openapi_extra=_FILE,
    )(bring)


def everywhere_routes(desks: LeadDesks, access: Access) -> APIRouter:
    """The installation's own lists, which count for every tenant; with the root token."""

    async def everywhere(_: Annotated[None, Depends(access.root)]) -> TenantId:
        return EVERYWHERE

    router = APIRouter(prefix="/admin/everywhere")
    router.include_router(desk_routes(desks.dnc, everywhere, prefix="everywhere_", tag="installation"))
    router.include_router(dnc_routes(desks, everywhere, prefix="everywhere_", tag="installation"))
    return router
