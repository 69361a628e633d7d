"""Leads: looking them up and changing them, files of them in and out."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from callside.exchange.administration.forms import read_form
from callside.exchange.administration.lead_forms import (
    ImportChoices,
    ImportSheet,
    LeadForm,
    LeadPatch,
    LeadSheet,
    PreviewSheet,
)
from callside.exchange.administration.lead_parts import LeadDesks
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import TenantId
from callside.v1_api.access import Access
from callside.v1_api.dnc import dnc_routes, everywhere_routes
from callside.v1_api.resources import ItemId, TenantDependency
from callside.v1_api.uploads import received

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself: CSV, or XLSX; at most 512 MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "CSV, UTF-8"}}
_PIECE = 1 << 16


class LeadPage(BaseModel):
    """Leads."""

    items: list[LeadSheet]


class ImportPage(BaseModel):
    """Imports, newest first."""

    items: list[ImportSheet]


def lead_routes(desks: LeadDesks, tenant: TenantDependency, *, prefix: str = "", tag: str = "") -> APIRouter:
    """The operations, for the tenant that ``tenant`` gives."""
    router = APIRouter()
    mine = Annotated[TenantId, Depends(tenant)]
    _single(router, desks, mine, prefix, tag or "leads")
    _files(router, desks, mine, prefix, tag or "lead-imports")
    _imports(router, desks, mine, prefix, tag or "lead-imports")
    _files_out(router, desks, mine, prefix, tag or "lead-imports")
    return router


def lead_rooms(desks: LeadDesks, access: Access) -> list[APIRouter]:
    """All operations that have to do with leads: a tenant's own, and with the root token every tenant's and the installation's."""
    admin = APIRouter(prefix="/admin/tenants/{tenant_id}")
    admin.include_router(lead_routes(desks, access.any_tenant, prefix="admin_", tag="installation"))
    admin.include_router(dnc_routes(desks, access.any_tenant, prefix="admin_", tag="installation"))
    return [
        lead_routes(desks, access.tenant),
        dnc_routes(desks, access.tenant),
        admin,
        everywhere_routes(desks, access),
    ]


def _single(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str, tag: str) -> None:
    async def find(tenant_id: Any, number: Annotated[str, Query(max_length=40, examples=["+15550100123"])]) -> Any:
        return LeadPage(items=await desks.leads.find(tenant_id, number))

    async def get(tenant_id: Any, item_id: ItemId) -> Any:
        return await desks.leads.get(tenant_id, item_id)

    async def add(tenant_id: Any, form: LeadForm) -> Any:
        return await desks.leads.add(tenant_id, form)

    async def change(tenant_id: Any, item_id: ItemId, patch: LeadPatch) -> Any:
        return await desks.leads.change(tenant_id, item_id, patch)

    for operation in (find, get, add, change):
        operation.__annotations__["tenant_id"] = mine
    router.get(
        "/leads",
        operation_id=f"{prefix}find_leads",
        summary="Find leads by number",
        response_model=LeadPage,
        tags=[tag],
    )(find)
    router.post(
        "/leads",
        operation_id=f"{prefix}add_lead",
        summary="Add a lead",
        response_model=LeadSheet,
        status_code=201,
        tags=[tag],
    )(add)
    router.get(
        "/leads/{item_id}", operation_id=f"{prefix}get_lead", summary="Get a lead", response_model=LeadSheet, tags=[tag]
    )(get)
    router.patch(
        "/leads/{item_id}",
        operation_id=f"{prefix}change_lead",
        summary="Change a lead",
        response_model=LeadSheet,
        tags=[tag],
    )(change)


def _files(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str, tag: str) -> None:
    """Files in."""
    choices_note = (
        "ImportChoices as JSON: region, encoding, delimiter, has_header, columns (role by header), duplicates."
    )

    async def submit(
        request: Request,
        tenant_id: Any,
        list_id: Annotated[str, Query(max_length=64, description="The list they come into.", examples=["801"])],
        file_name: Annotated[str, Query(max_length=200)] = "leads.csv",
        choices: Annotated[str, Query(max_length=20_000, description=choices_note)] = "{}",
    ) -> Any:
        read = _choices(choices)
        await desks.lists.kept(tenant_id, list_id)
        async with received(request, desks.imports.importer.new_upload(tenant_id)) as file:
            return await desks.imports.submit(tenant_id, list_id, file, file_name, read)

    async def preview(
        request: Request,
        tenant_id: Any,
        choices: Annotated[str, Query(max_length=20_000, description=choices_note)] = "{}",
    ) -> Any:
        read = _choices(choices)
        async with received(request, desks.imports.importer.new_upload(tenant_id)) as file:
            return await desks.imports.preview(tenant_id, file, read)

    for operation in (submit, preview):
        operation.__annotations__["tenant_id"] = mine
    router.post(
        "/lead-imports", operation_id=f"{prefix}add_lead_import", summary="Bring a file of leads in", response_model=ImportSheet,
        status_code=202, openapi_extra=_FILE, tags=[tag],
    )(submit)  # fmt: skip
    router.post(
        "/lead-previews", operation_id=f"{prefix}preview_leads", summary="See what a file of leads seems to be",
        response_model=PreviewSheet, openapi_extra=_FILE, tags=[tag],
    )(preview)  # fmt: skip


def _imports(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str, tag: str) -> None:
    """How imports stand."""

    async def listing(tenant_id: Any) -> Any:
        return ImportPage(items=await desks.imports.listing(tenant_id))

    async def get(tenant_id: Any, item_id: ItemId) -> Any:
        return await desks.imports.get(tenant_id, item_id)

    async def cancel(tenant_id: Any, item_id: ItemId) -> Response:
        await desks.imports.cancel(tenant_id, item_id)
        return Response(status_code=204)

    for operation in (listing, get, cancel):
        operation.__annotations__["tenant_id"] = mine
    router.get(
        "/lead-imports",
        operation_id=f"{prefix}list_lead_imports",
        summary="List imports",
        response_model=ImportPage,
        tags=[tag],
    )(listing)
    router.get(
        "/lead-imports/{item_id}", operation_id=f"{prefix}get_lead_import", summary="Get an import", response_model=ImportSheet,
        tags=[tag],
    )(get)  # fmt: skip
    router.delete(
        "/lead-imports/{item_id}", operation_id=f"{prefix}cancel_lead_import", summary="Cancel an import and undo it",
        status_code=204, tags=[tag],
    )(cancel)  # fmt: skip


def _files_out(router: APIRouter, desks: LeadDesks, mine: Any, prefix: str, tag: str) -> None:
    async def report(tenant_id: Any, item_id: ItemId) -> Response:
        path, length = await desks.imports.report(tenant_id, item_id)
        return _csv(_pieces(path, length), f"import-{item_id}.csv")

    async def export(tenant_id: Any, item_id: ItemId) -> Response:
        return _csv(await desks.leads.export(tenant_id, item_id), f"leads-{item_id}.csv")

    for operation in (report, export):
        operation.__annotations__["tenant_id"] = mine
    router.get(
        "/lead-reports/{item_id}", operation_id=f"{prefix}get_lead_report", summary="Get an import's report: each row's verdict",
        response_class=Response, responses=_CSV, tags=[tag],
    )(report)  # fmt: skip
    router.get(
        "/lead-exports/{item_id}", operation_id=f"{prefix}export_leads", summary="Export a list's leads as CSV",
        response_class=Response, responses=_CSV, tags=[tag],
    )(export)  # fmt: skip


def _choices(text: str) -> ImportChoices:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidFieldError('choices: write them as JSON, e.g. {"region": "GB"}', field="choices") from None
    return read_form(ImportChoices, values)


async def _pieces(path: Path, length: int) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while length and (piece := file.read(min(_PIECE, length))):
            length -= len(piece)
            yield piece


def _csv(pieces: AsyncIterator[bytes] | AsyncIterator[str], name: str) -> Response:
    safe = "".join(one for one in name if one.isalnum() or one in "-.")
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)
