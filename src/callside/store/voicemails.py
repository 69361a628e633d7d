"""The exchange's port ``Voicemails`` on a database."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from callside.calls.model import VoiceMessage
from callside.exchange.ports import VoicemailQuery
from callside.kernel.ids import CallId, QueueId, TenantId
from callside.store.connection import Database
from callside.store.repositories import voicemails


class SqlVoicemails:
    """What callers said to voicemails; they are written with the record of the step they ended in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, tenant_id: TenantId, query: VoicemailQuery) -> Sequence[VoiceMessage]:
        """A page of them, the newest first."""
        return await self._database.read(lambda connection: voicemails.page(connection, tenant_id, query))

    async def one(self, tenant_id: TenantId, message_id: CallId) -> VoiceMessage | None:
        """The one of a call."""
        return await self._database.read(lambda connection: voicemails.one(connection, tenant_id, message_id))

    async def ids(self, tenant_id: TenantId) -> AbstractSet[CallId]:
        """Of all of them."""
        return await self._database.read(lambda connection: voicemails.ids(connection, tenant_id))

    async def counts(self, tenant_id: TenantId) -> Mapping[QueueId, int]:
        """How many each queue has."""
        return await self._database.read(lambda connection: voicemails.counts(connection, tenant_id))

    async def remove(self, tenant_id: TenantId, message_id: CallId) -> bool:
        """Take it away; ``False`` where there is none."""
        return await self._database.write(lambda connection: voicemails.remove(connection, tenant_id, message_id))
