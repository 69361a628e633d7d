"""Uploading a recording: the one operation whose body is a file."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.types import ASGIApp, Receive, Scope, Send

from callside.exchange.administration import Administration
from callside.exchange.administration.prompts import PromptDesk
from callside.exchange.administration.reception_forms import PromptSheet
from callside.exchange.prompt_audio import LARGEST_FILE
from callside.ingress.bodies import BodyLimit
from callside.kernel.ids import TenantId
from callside.v1_api.access import Access
from callside.v1_api.resources import TenantDependency
from callside.v1_api.uploads import LARGEST_FILE as LARGEST_FILE_OF_LEADS
from callside.v1_api.uploads import UPLOADS

_LARGEST_UPLOAD: Final = LARGEST_FILE + (64 << 10)
_PATH: Final = "/prompts/upload"


def upload_routes(desk: PromptDesk, tenant: TenantDependency, *, prefix: str = "", tag: str = "prompts") -> APIRouter:
    """The operation, for the tenant that ``tenant`` gives."""
    router = APIRouter(tags=[tag])
    mine = Annotated[TenantId, Depends(tenant)]

    async def upload(
        tenant_id: Any,
        name: Annotated[str, Form(max_length=128, examples=["Welcome"])],
        file: Annotated[UploadFile, File(description="WAV, MP3, FLAC or OGG; at most 10 MB and 5 minutes.")],
        text: Annotated[str, Form(max_length=2000, description="What it says, for people.")] = "",
    ) -> Any:
        return await desk.upload(tenant_id, name, await file.read(LARGEST_FILE + 1), text)

    upload.__annotations__["tenant_id"] = mine
    router.post(
        _PATH,
        response_model=PromptSheet,
        status_code=201,
        operation_id=f"{prefix}upload_prompt",
        summary="Upload a recording as a prompt",
    )(upload)
    return router


def upload_for_any_tenant(administration: Administration, access: Access) -> APIRouter:
    """The same with the root token."""
    router = APIRouter(prefix="/admin/tenants/{tenant_id}")
    router.include_router(upload_routes(administration.prompts, access.any_tenant, prefix="admin_", tag="installation"))
    return router


class Limits:
    """Small bodies everywhere, larger ones where recordings and files of leads come in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._small = BodyLimit(app, limit)
        self._large = BodyLimit(app, _LARGEST_UPLOAD)
        self._largest = BodyLimit(app, LARGEST_FILE_OF_LEADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on under the limit that fits."""
        path = scope["path"] if scope["type"] == "http" else ""
        limited = self._largest if path.endswith(UPLOADS) else self._large if path.endswith(_PATH) else self._small
        await limited(scope, receive, send)
