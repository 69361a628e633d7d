"""Call records and live sessions."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from callside.calls.model import Cdr, Registration
from callside.exchange.ports import CallRecords, CdrQuery
from callside.floor.directory import Directory
from callside.floor.events import EndSession, Request
from callside.floor.facts import Fact
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.errors import NotFoundError
from callside.kernel.ids import AgentId, CallId, CampaignId, QueueId, SessionId, TenantId, TrunkId
from callside.sessions.model import EndCause
from callside.v1_api.access import Access
from callside.v1_api.cursors import cursor_of, read_cursor

Id = Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Floors(Protocol):
    """What this room needs of the exchange."""

    def engine_is_up(self) -> bool:
        """The telephone engine answers."""

    async def directory(self, tenant_id: TenantId) -> Directory:
        """What is set up for a tenant."""

    async def request(self, tenant_id: TenantId, request: Request) -> None:
        """Hand a request to the tenant's floor."""

    def tenant_ids(self) -> Sequence[TenantId]:
        """All tenants with a floor."""

    def live(self, tenant_id: TenantId) -> tuple[Sequence[LiveSession], Sequence[LiveCall]]:
        """Who is logged in and what goes on."""

    def registrations(self, tenant_id: TenantId) -> Mapping[TrunkId, Registration]:
        """How the tenant's trunks are registered."""

    def backlog(self) -> int:
        """Records not yet on disk."""

    def callers_missed(self) -> int:
        """Callers who came and went while nobody of ours listened, put on record since the start."""


class CallSheet(BaseModel):
    """One finished call. Durations are milliseconds; wait + ring + talk + hold is the call's length."""

    id: str = Field(examples=["6f1c0a3f5b0e4d5c9f0f1d9a7a5d0c11"])
    direction: str = Field(examples=["inbound"])
    customer_number: str = Field(examples=["+15550100123"])
    sent_number: str = Field(
        examples=["5550100123"],
        description="A caller's number as the carrier sent it, where that was written in another way; else empty.",
    )
    customer_name: str
    our_number: str = Field(examples=["+15550100199"])
    queue_id: str | None
    campaign_id: str | None
    agent_id: str | None
    session_id: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    duration_ms: int
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    cause: str = Field(examples=["normal"])
    hung_up_by: str = Field(examples=["customer"])
    disposition: str | None = Field(examples=["resolved"])
    notes: str
    went_out: bool = Field(
        description="False of an outbound call that never left the house: nobody's phone can have rung."
    )


class FactSheet(BaseModel):
    """Something that happened during a call."""

    kind: str = Field(examples=["call.answered"])
    at: datetime
    session_id: str | None
    agent_id: str | None
    detail: dict[str, str | int | bool | None]


class CallWithFacts(CallSheet):
    """One finished call and all that happened in it, in order."""

    facts: list[FactSheet]


class CallList(BaseModel):
    """Finished calls, newest first. Callers of a time when Callside was away are added when it is back, at the time they called."""

    items: list[CallSheet]
    next: str | None = Field(description="Send it as `cursor` for the calls before these; null at the end.")


class SessionSheet(BaseModel):
    """An agent who is logged in now."""

    id: str
    agent_id: str = Field(examples=["111"])
    agent_username: str = Field(examples=["ag01"])
    agent_name: str = Field(examples=["Asha Example"])
    login_type: str = Field(examples=["AUTO"])
    queue_ids: list[str]
    campaign_id: str | None
    extension_id: str | None = Field(description="The desk phone in use; null for the browser.")
    opened_at: datetime
    state: str = Field(examples=["ready"])
    since: datetime = Field(description="When the state began.")
    line: str = Field(examples=["up"])
    phone_connected: bool = Field(description="The phone's page is there.")
    break_reason: str | None = Field(examples=["lunch"])
    break_limit_s: int | None = Field(description="How long the present break may last; null: it has no limit.")
    break_exceeded: bool = Field(description="The present break has gone on beyond its limit.")
    call_id: str | None
    ends_after_call: bool


class SessionList(BaseModel):
    """Who is logged in now."""

    items: list[SessionSheet]


def call_routes(records: CallRecords, access: Access) -> APIRouter:
    """Reading call records."""
    router = APIRouter(prefix="/calls", tags=["calls"])

    @router.get("", operation_id="list_calls", summary="List finished calls, newest first")
    async def listing(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
        since: Annotated[AwareDatetime | None, Query(description="Only calls that ended at or after this.")] = None,
        agent_id: Id = None,
        queue_id: Id = None,
        campaign_id: Id = None,
        number: Annotated[
            str | None, Query(pattern=r"^[ +]?[0-9]{1,20}$", description="The customer's, in E.164.")
        ] = None,
    ) -> CallList:
        query = CdrQuery(
            limit=limit + 1,  # one more tells whether there is a next page
            before=read_cursor(cursor) if cursor else None,
            since=int(since.timestamp() * 1000) if since else None,
            agent_id=AgentId(agent_id) if agent_id else None,
            queue_id=QueueId(queue_id) if queue_id else None,
            campaign_id=CampaignId(campaign_id) if campaign_id else None,
            # An unescaped + in a query means a space; nobody means a space in front of a number.
            number=number and re.sub("^ ", "+", number),
        )
        found = await records.cdrs(tenant_id, query)
        shown = found[:limit]
        more = cursor_of(shown[-1].ended_at, shown[-1].call_id) if len(found) > limit else None
        return CallList(items=[CallSheet(**_call(one)) for one in shown], next=more)

    @router.get("/{call_id}", operation_id="get_call", summary="Get a finished call and its facts")
    async def get(tenant_id: Annotated[TenantId, Depends(access.tenant)], call_id: Key) -> CallWithFacts:
        cdr = await records.cdr(tenant_id, CallId(call_id))
        if cdr is None:
            raise NotFoundError("call: there is no finished call with this id", field="id")
        facts = await records.facts(tenant_id, cdr.call_id)
        return CallWithFacts(**_call(cdr), facts=[_fact(one) for one in facts])

    return router


def session_routes(floors: Floors, access: Access) -> APIRouter:
    """Who is logged in, and logging them out."""
    router = APIRouter(prefix="/sessions", tags=["sessions"])

    @router.get("", operation_id="list_sessions", summary="List agents who are logged in")
    async def listing(tenant_id: Annotated[TenantId, Depends(access.tenant)]) -> SessionList:
        sessions, _ = floors.live(tenant_id)
        directory = await floors.directory(tenant_id)
        return SessionList(items=[_session(one, directory) for one in sessions])

    @router.get("/{session_id}", operation_id="get_session", summary="Get one session that is open")
    async def get(tenant_id: Annotated[TenantId, Depends(access.tenant)], session_id: Key) -> SessionSheet:
        return _session(_open(tenant_id, session_id), await floors.directory(tenant_id))

    @router.delete("/{session_id}", status_code=204, operation_id="end_session", summary="Log an agent out")
    async def end(
        tenant_id: Annotated[TenantId, Depends(access.tenant)],
        session_id: Key,
        force: Annotated[bool, Query(description="Even during a call; else after it.")] = False,  # noqa: FBT002 - a query
    ) -> Response:
        session = _open(tenant_id, session_id)
        await floors.request(tenant_id, EndSession(session.id, EndCause.FORCED, force=force))
        return Response(status_code=204)

    def _open(tenant_id: TenantId, session_id: str) -> LiveSession:
        sessions, _ = floors.live(tenant_id)
        for one in sessions:
            if one.id == SessionId(session_id):
                return one
        raise NotFoundError("session: there is no open session with this id", field="id")

    return router


def _date(wall: int) -> datetime:
    return datetime.fromtimestamp(wall / 1000, UTC)


def _call(cdr: Cdr) -> dict[str, Any]:
    kept = ("started_at", "answered_at", "ended_at")
    values = {key: getattr(cdr, key) for key in CallSheet.model_fields if key not in {"id", *kept}}
    dates = {key: None if (at := getattr(cdr, key)) is None else _date(at) for key in kept}
    return {"id": cdr.call_id, **values, **dates}


def _fact(fact: Fact) -> FactSheet:
    return FactSheet(
        kind=fact.kind,
        at=_date(fact.at.wall),
        session_id=fact.session_id,
        agent_id=fact.agent_id,
        detail=dict(fact.detail),
    )


def _session(session: LiveSession, directory: Directory) -> SessionSheet:
    agent = directory.agents.get(session.agent_id)
    return SessionSheet(
        id=session.id,
        agent_id=session.agent_id,
        agent_username=agent.username if agent else "",
        agent_name=agent.name if agent else "",
        login_type=session.login_type.value,
        queue_ids=list(session.queue_ids),
        campaign_id=session.campaign_id,
        extension_id=session.extension_id,
        opened_at=_date(session.opened.wall),
        state=session.state.value,
        since=_date(session.since.wall),
        line=session.line.value,
        phone_connected=session.phone_connected,
        break_reason=session.break_reason,
        break_limit_s=session.break_limit_s,
        break_exceeded=session.break_exceeded,
        call_id=session.call_id,
        ends_after_call=session.pending_end is not None,
    )
