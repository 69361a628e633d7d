"""Open callbacks: who is to be called back, and taking it back."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from callside.floor.events import CancelCallback
from callside.floor.live import LiveCall
from callside.kernel.errors import NotFoundError
from callside.kernel.ids import CallId, TenantId
from callside.v1_api.access import Access
from callside.v1_api.calls import Floors

QueueParameter = Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$", description="Only of this queue.")]
CallbackKey = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Id of the call it was asked for in.")]


class CallbackSheet(BaseModel):
    """Somebody who is to be called back. The place in the queue is that of `waiting_since`."""

    id: str = Field(examples=["6f1c0a3f5b0e4d5c9f0f1d9a7a5d0c11"], description="Of the call it was asked for in.")
    queue_id: str = Field(examples=["279"])
    number: str = Field(examples=["+15550100123"])
    name: str
    state: str = Field(
        examples=["queued"], description="`queued`, `offered` (to an agent) or `planned` (being called)."
    )
    waiting_since: datetime
    attempts: int = Field(description="Calls made so far.")
    not_before: datetime | None = Field(
        description="The next attempt comes later than this (a retry, or hours that are shut); null: as soon as it can."
    )


class CallbackList(BaseModel):
    """Open callbacks, by their places."""

    items: list[CallbackSheet]


def callback_routes(floors: Floors, access: Access) -> APIRouter:
    """``/callbacks``."""
    router = APIRouter(prefix="/callbacks", tags=["calls"])

    @router.get("", operation_id="list_callbacks", summary="List customers who are to be called back")
    async def listing(
        tenant_id: Annotated[TenantId, Depends(access.tenant)], queue: QueueParameter = None
    ) -> CallbackList:
        _, calls = floors.live(tenant_id)
        places = [one for one in calls if one.callback is not None and queue in {None, one.queue_id}]
        return CallbackList(items=[_sheet(one) for one in sorted(places, key=_place)])

    @router.delete("/{callback_id}", status_code=204, operation_id="cancel_callback", summary="Do not call back")
    async def cancel(tenant_id: Annotated[TenantId, Depends(access.tenant)], callback_id: CallbackKey) -> Response:
        """Refused (409) at the moment in which the customer is being called."""
        _, calls = floors.live(tenant_id)
        if not any(one.callback is not None and one.callback.came_by == callback_id for one in calls):
            raise NotFoundError("callback_id: no open callback was asked for in that call", field="callback_id")
        await floors.request(tenant_id, CancelCallback(CallId(callback_id)))
        return Response(status_code=204)

    return router


def _place(call: LiveCall) -> tuple[int, int]:
    return (call.queued or call.started).mono, call.place


def _sheet(call: LiveCall) -> CallbackSheet:
    callback = call.callback
    assert callback is not None  # noqa: S101 - chosen so
    return CallbackSheet(
        id=callback.came_by,
        queue_id=call.queue_id or "",
        number=call.customer_number,
        name=call.customer_name,
        state=call.state.value,
        waiting_since=_date((call.queued or call.started).wall),
        attempts=callback.attempts,
        not_before=_date(later) if (later := max(callback.due, callback.opens)) else None,
    )


def _date(wall: int) -> datetime:
    return datetime.fromtimestamp(wall / 1000, UTC)
