"""The operations on a tenant's things, made from administration's desks: list, get, add, change, remove."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, create_model

from callside.exchange.administration import Administration, Desk
from callside.exchange.administration.desk import plural
from callside.exchange.administration.forms import Sheet, TenantForm, TenantSheet
from callside.exchange.administration.tenants import OwnTenantPatch, TenantPatch
from callside.kernel.ids import TenantId
from callside.v1_api import errors
from callside.v1_api.access import Access

_RULED: Final = frozenset({"campaign"})
"""Nouns whose changes rules may forbid."""
TenantDependency = Callable[..., Any]
ItemId = Annotated[str, Path(max_length=64, examples=["111"], description="Its id.")]


def _page_of(sheet: type[Sheet]) -> type[BaseModel]:
    name = sheet.__name__.removesuffix("Sheet") + "List"
    made: type[BaseModel] = create_model(name, items=(list[sheet], ...), __doc__="All of them, by name.")  # type: ignore[valid-type]
    return made


def desk_routes(desk: Desk[Any], tenant: TenantDependency, *, prefix: str = "", tag: str | None = None) -> APIRouter:
    """The operations of one desk; ``tenant`` gives the tenant and refuses strangers.

    Args:
        desk: Whose things.
        tenant: The dependency that checks the token.
        prefix: In front of operation ids, where one desk is served twice.
        tag: Heading in the documentation; the desk's own by default.
    """
    noun = desk.noun
    router = APIRouter(prefix=f"/{plural(noun)}", tags=[tag or plural(noun)])
    mine = Annotated[TenantId, Depends(tenant)]

    async def listing(tenant_id: Any) -> Any:
        return {"items": await desk.listing(tenant_id)}

    async def get(tenant_id: Any, item_id: ItemId) -> Any:
        return await desk.get(tenant_id, item_id)

    async def add(tenant_id: Any, form: Any) -> Any:
        return await desk.add(tenant_id, form)

    async def change(tenant_id: Any, item_id: ItemId, patch: Any) -> Any:
        return await desk.change(tenant_id, item_id, patch)

    async def remove(tenant_id: Any, item_id: ItemId) -> Response:
        await desk.remove(tenant_id, item_id)
        return Response(status_code=204)

    # One set of functions serves every desk: what differs are the types, which FastAPI reads from the annotations.
    for operation in (listing, get, add, change, remove):
        operation.__annotations__["tenant_id"] = mine
    add.__annotations__["form"] = desk.form
    change.__annotations__["patch"] = desk.patch
    _register(router, desk, prefix, {"list": listing, "get": get, "add": add, "change": change, "remove": remove})
    return router


def _register(router: APIRouter, desk: Desk[Any], prefix: str, does: dict[str, Callable[..., Any]]) -> None:
    noun = desk.noun
    words = noun.replace("-", " ")
    one = words if plural(noun) == noun else f"an {words}" if noun[0] in "ae" else f"a {words}"

    def named(verb: str, what: str) -> dict[str, Any]:
        name = what.replace(one, words).replace(" ", "_")
        return {"operation_id": f"{prefix}{verb}_{name}", "summary": f"{verb.capitalize()} {what}"}

    if not desk.has_pages:
        router.get("", response_model=_page_of(desk.sheet), **named("list", plural(words)))(does["list"])
    if desk.is_addable:
        router.post("", response_model=desk.issued, status_code=201, **named("add", one))(does["add"])
    router.get("/{item_id}", response_model=desk.sheet, **named("get", one))(does["get"])
    if desk.is_changeable:
        ruled = errors.RULED if noun in _RULED else {}
        router.patch("/{item_id}", response_model=desk.issued, responses=ruled, **named("change", one))(does["change"])
    router.delete("/{item_id}", status_code=204, **named("remove", one))(does["remove"])


def own_tenant_routes(administration: Administration, access: Access) -> APIRouter:
    """A tenant's look at itself."""
    router = APIRouter(prefix="/tenant", tags=["tenant"])
    desk = administration.tenants

    @router.get("", operation_id="get_own_tenant", summary="Get the token's own tenant")
    async def get(tenant_id: Annotated[TenantId, Depends(access.tenant)]) -> TenantSheet:
        return await desk.get(tenant_id)

    async def change(tenant_id: Annotated[TenantId, Depends(access.tenant)], patch: Any) -> TenantSheet:
        return await desk.change(tenant_id, patch)

    change.__annotations__["patch"] = OwnTenantPatch
    router.patch(
        "", operation_id="change_own_tenant", summary="Change region, CRM origins, break reasons, dispositions"
    )(change)
    return router


class TenantList(BaseModel):
    """All tenants, by name."""

    items: list[TenantSheet]


def installation_routes(administration: Administration, access: Access) -> APIRouter:
    """What only the root token may: tenants, and every tenant's things."""
    router = APIRouter(prefix="/admin/tenants", tags=["installation"])
    desk = administration.tenants
    root = [Depends(access.root)]

    @router.get("", operation_id="admin_list_tenants", summary="List tenants", dependencies=root)
    async def listing() -> TenantList:
        return TenantList(items=await desk.listing())

    @router.post("", status_code=201, operation_id="admin_add_tenant", summary="Add a tenant", dependencies=root)
    async def add(form: TenantForm) -> TenantSheet:
        return await desk.add(form)

    @router.get("/{tenant_id}", operation_id="admin_get_tenant", summary="Get a tenant")
    async def get(tenant_id: Annotated[TenantId, Depends(access.any_tenant)]) -> TenantSheet:
        return await desk.get(tenant_id)

    async def change(tenant_id: Annotated[TenantId, Depends(access.any_tenant)], patch: Any) -> TenantSheet:
        return await desk.change(tenant_id, patch)

    change.__annotations__["patch"] = TenantPatch
    router.patch("/{tenant_id}", operation_id="admin_change_tenant", summary="Change a tenant")(change)

    @router.delete("/{tenant_id}", status_code=204, operation_id="admin_remove_tenant", summary="Remove a tenant")
    async def remove(tenant_id: Annotated[TenantId, Depends(access.any_tenant)]) -> Response:
        await desk.remove(tenant_id)
        return Response(status_code=204)

    for one in administration.desks.values():
        inside = desk_routes(one, access.any_tenant, prefix="admin_", tag="installation")
        router.include_router(inside, prefix="/{tenant_id}")
    return router
