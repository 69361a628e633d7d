"""The exchange's port ``Sessions`` on a database."""

from callside.kernel.ids import SessionId, TenantId
from callside.sessions.model import LoginSession
from callside.store.connection import Database
from callside.store.repositories import login_sessions


class SqlSessions:
    """Login sessions' rows, for reading and for binding to a browser."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_handle(self, tenant_id: TenantId, handle_digest: str) -> LoginSession | None:
        """Open or ended, of this tenant only."""
        return await self._database.read(
            lambda connection: login_sessions.by_handle(connection, tenant_id, handle_digest)
        )

    async def locate_handle(self, handle_digest: str) -> tuple[TenantId, SessionId] | None:
        """Of whichever tenant; open sessions only."""
        return await self._database.read(lambda connection: login_sessions.locate_handle(connection, handle_digest))

    async def by_id(self, tenant_id: TenantId, session_id: SessionId) -> LoginSession | None:
        """Open or ended."""
        return await self._database.read(lambda connection: login_sessions.by_id(connection, tenant_id, session_id))

    async def locate_bearer(self, bearer_digest: str) -> tuple[TenantId, SessionId] | None:
        """Of whichever tenant; open sessions only."""
        return await self._database.read(lambda connection: login_sessions.locate_bearer(connection, bearer_digest))

    async def bind(
        self,
        tenant_id: TenantId,
        session_id: SessionId,
        *,
        binding_digest: str,
        bearer_digest: str,
        at: int,
    ) -> bool:
        """Compare-and-set in one statement; ``False`` when bound to another browser or ended."""
        return await self._database.write(
            lambda connection: login_sessions.bind(
                connection, tenant_id, session_id, binding=binding_digest, bearer=bearer_digest, at=at
            )
        )
