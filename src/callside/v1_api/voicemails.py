"""Listening to a voicemail: the one answer of ``/v1`` that is a sound."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response

from callside.exchange.administration import Administration
from callside.exchange.administration.voicemails import VoicemailDesk
from callside.kernel.ids import TenantId
from callside.v1_api.access import Access
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


def sound_routes(
    desk: VoicemailDesk, tenant: TenantDependency, *, prefix: str = "", tag: str = "voicemails"
) -> APIRouter:
    """``/voicemails/{item_id}/sound``, for the tenant that ``tenant`` gives."""
    router = APIRouter(prefix="/voicemails", tags=[tag])
    mine = Annotated[TenantId, Depends(tenant)]

    async def sound(tenant_id: Any, item_id: ItemId) -> Response:
        return Response(await desk.sound(tenant_id, item_id), media_type="audio/wav", headers=_HEADERS)

    sound.__annotations__["tenant_id"] = mine
    router.get(
        "/{item_id}/sound",
        response_class=Response,
        responses=_ANSWERS,
        operation_id=f"{prefix}get_voicemail_sound",
        summary="Get what was said",
    )(sound)
    return router


def sounds_of_any_tenant(administration: Administration, access: Access) -> APIRouter:
    """The same with the root token."""
    router = APIRouter(prefix="/admin/tenants/{tenant_id}")
    inside = sound_routes(administration.voicemails, access.any_tenant, prefix="admin_", tag="installation")
    router.include_router(inside)
    return router
