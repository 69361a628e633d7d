"""Login sessions' rows."""

from typing import Final

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from callside.floor.facts import SessionEnded
from callside.kernel.ids import SessionId, TenantId
from callside.sessions.model import EndCause, LoginSession, LoginType
from callside.store.connection import Connection, Row, Values
from callside.store.query import Query
from callside.store.tables import SESSIONS

ACROSS_TENANTS: Final = {
    "locate_handle": "the phone page knows no tenant; the handle, a secret of 129 bits, names it",
    "locate_bearer": "as locate_handle: the bearer names it",
}
_FIELDS: Final = (
    "id", "tenant_id", "agent_id", "login_type", "assignment_id", "extension_id", "handle_digest", "opened_at",
    "binding_digest", "bearer_digest", "bound_at", "ended_at", "end_cause",
)  # fmt: skip
_columns = [SESSIONS.c[name] for name in _FIELDS]
_mine = SESSIONS.c.tenant_id == bindparam("tenant")
_this = _mine & (SESSIONS.c.id == bindparam("session"))
_open = SESSIONS.c.ended_at.is_(None)
_place = select(SESSIONS.c.tenant_id, SESSIONS.c.id).where(_open)
_BY_ID: Final = Query(select(*_columns).where(_this))
_BY_HANDLE: Final = Query(select(*_columns).where(_mine, SESSIONS.c.handle_digest == bindparam("digest")))
_OF_HANDLE: Final = Query(_place.where(SESSIONS.c.handle_digest == bindparam("digest")))
_OF_BEARER: Final = Query(_place.where(SESSIONS.c.bearer_digest == bindparam("digest")))
_BIND: Final = Query(
    update(SESSIONS)
    .where(
        _this,
        _open,
        or_(SESSIONS.c.binding_digest.is_(None), SESSIONS.c.binding_digest == bindparam("binding")),
    )
    .values(
        binding_digest=bindparam("binding"),
        bearer_digest=bindparam("bearer"),
        bound_at=func.coalesce(SESSIONS.c.bound_at, bindparam("at", type_=SESSIONS.c.bound_at.type)),
    )
)
_END: Final = Query(update(SESSIONS).where(_this, _open).values(ended_at=bindparam("at"), end_cause=bindparam("cause")))
# A record that is tried again may have been written the first time. Another open session of the agent is no repetition.
_OPEN: Final = Query(insert(SESSIONS).on_conflict_do_nothing(index_elements=["tenant_id", "id"]))


async def by_id(connection: Connection, tenant_id: TenantId, session_id: SessionId) -> LoginSession | None:
    """The session, open or ended."""
    return _session(await connection.fetch_one(_BY_ID, {"tenant": tenant_id, "session": session_id}))


async def by_handle(connection: Connection, tenant_id: TenantId, digest: str) -> LoginSession | None:
    """The tenant's session with this handle, open or ended."""
    return _session(await connection.fetch_one(_BY_HANDLE, {"tenant": tenant_id, "digest": digest}))


async def locate_handle(connection: Connection, digest: str) -> tuple[TenantId, SessionId] | None:
    """Where the open session with this handle is."""
    return _located(await connection.fetch_one(_OF_HANDLE, {"digest": digest}))


async def locate_bearer(connection: Connection, digest: str) -> tuple[TenantId, SessionId] | None:
    """Where the open session with this bearer is."""
    return _located(await connection.fetch_one(_OF_BEARER, {"digest": digest}))


async def bind(
    connection: Connection,
    tenant_id: TenantId,
    session_id: SessionId,
    *,
    binding: str,
    bearer: str,
    at: int,
) -> bool:
    """Bind an open session that is free or bound to the same browser; see ``exchange.ports.Sessions.bind``."""
    values: Values = {"tenant": tenant_id, "session": session_id, "binding": binding, "bearer": bearer, "at": at}
    return await connection.execute(_BIND, values) == 1


async def open_one(connection: Connection, tenant_id: TenantId, values: Values) -> None:
    """Keep a new session (:func:`row_of`)."""
    await connection.execute(_OPEN, {**values, "tenant_id": tenant_id})


async def end(connection: Connection, tenant_id: TenantId, ended: SessionEnded) -> None:
    """End a session; one that has ended keeps its first cause."""
    values: Values = {"tenant": tenant_id, "session": ended.session_id, "at": ended.at, "cause": ended.cause.value}
    await connection.execute(_END, values)


def row_of(session: LoginSession) -> Values:
    """The session's columns."""
    values = {name: getattr(session, name) for name in _FIELDS}
    cause = session.end_cause
    return {**values, "login_type": session.login_type.value, "end_cause": None if cause is None else cause.value}


def _session(row: Row | None) -> LoginSession | None:
    if row is None:
        return None
    values = dict(zip(_FIELDS, row, strict=True))
    values["login_type"] = LoginType(values["login_type"])
    values["end_cause"] = None if values["end_cause"] is None else EndCause(values["end_cause"])
    return LoginSession(**values)


def _located(row: Row | None) -> tuple[TenantId, SessionId] | None:
    return None if row is None else (TenantId(row[0]), SessionId(row[1]))
