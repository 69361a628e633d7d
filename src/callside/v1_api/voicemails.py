"""Voicemails page by page, and listening to one: the one answer of ``/v1`` that is a sound."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from callside.exchange.administration import Administration
from callside.exchange.administration.voicemails import VoicemailDesk, VoicemailSheet, voicemail_sheet
from callside.exchange.ports import VoicemailQuery
from callside.kernel.ids import QueueId, TenantId
from callside.v1_api.access import Access
from callside.v1_api.cursors import cursor_of, read_cursor
from callside.v1_api.resources import ItemId, TenantDependency

_HEADERS: Final = {
    # What a stranger said is a download and nothing else: never shown in place, run, guessed at or kept on the way.
    "Content-Disposition": 'attachment; filename="voicemail.wav"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}, "description": "WAV, 8 kHz."}
}


class VoicemailList(BaseModel):
    """A page of voicemails."""

    items: list[VoicemailSheet]
    next: str | None = Field(description="Send it as `cursor` for the messages before these; null at the end.")


def voicemail_routes(
    desk: VoicemailDesk, tenant: TenantDependency, *, prefix: str = "", tag: str = "voicemails"
) -> APIRouter:
    """``/voicemails`` and ``/voicemails/{item_id}/sound``, for the tenant that ``tenant`` gives."""
    router = APIRouter(prefix="/voicemails", tags=[tag])
    mine = Annotated[TenantId, Depends(tenant)]

    async def sound(tenant_id: Any, item_id: ItemId) -> Response:
        return Response(await desk.sound(tenant_id, item_id), media_type="audio/wav", headers=_HEADERS)

    async def listing(
        tenant_id: Any,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
        queue_id: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only of this queue.")] = None,
    ) -> VoicemailList:
        before = read_cursor(cursor) if cursor else None
        query = VoicemailQuery(limit + 1, before, QueueId(queue_id) if queue_id else None)
        found = await desk.page(tenant_id, query)  # one more tells whether there is a next page
        shown = found[:limit]
        more = cursor_of(shown[-1].recorded_at, shown[-1].id) if len(found) > limit else None
        return VoicemailList(items=[voicemail_sheet(one) for one in shown], next=more)

    for operation in (sound, listing):
        operation.__annotations__["tenant_id"] = mine
    router.get("", operation_id=f"{prefix}list_voicemails", summary="List voicemails, newest first")(listing)
    router.get(
        "/{item_id}/sound",
        response_class=Response,
        responses=_ANSWERS,
        operation_id=f"{prefix}get_voicemail_sound",
        summary="Get what was said",
    )(sound)
    return router


def voicemails_of_any_tenant(administration: Administration, access: Access) -> APIRouter:
    """The same with the root token."""
    router = APIRouter(prefix="/admin/tenants/{tenant_id}")
    inside = voicemail_routes(administration.voicemails, access.any_tenant, prefix="admin_", tag="installation")
    router.include_router(inside)
    return router
