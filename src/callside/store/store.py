"""The exchange's port ``Store``: one database, looked at from seven sides."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from callside.kernel.errors import CallsideError
from callside.store.call_records import SqlCallRecords
from callside.store.connection import Database
from callside.store.directories import SqlDirectories
from callside.store.dnc_lists import SqlDncLists
from callside.store.lead_imports import SqlLeadImports
from callside.store.leads import SqlLeads
from callside.store.ledger import SqlLedger
from callside.store.recorder import SqlRecorder
from callside.store.repositories.remembered import remember, remembered
from callside.store.sessions import SqlSessions
from callside.store.voicemails import SqlVoicemails

_HEALTHY_WITHIN_S: Final = 2.0
_PULSE: Final = "pulse"


class SqlStore:
    """Everything that is kept."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._directories = SqlDirectories(database)
        self._sessions = SqlSessions(database)
        self._recorder = SqlRecorder(database)
        self._call_records = SqlCallRecords(database)
        self._leads = SqlLeads(database)
        self._voicemails = SqlVoicemails(database)
        self._lead_imports = SqlLeadImports(database)
        self._dnc = SqlDncLists(database)
        self._ledger = SqlLedger(database)

    @property
    def directories(self) -> SqlDirectories:
        """Tenants and what is set up for them."""
        return self._directories

    @property
    def sessions(self) -> SqlSessions:
        """Login sessions."""
        return self._sessions

    @property
    def recorder(self) -> SqlRecorder:
        """What the floor leaves behind."""
        return self._recorder

    @property
    def call_records(self) -> SqlCallRecords:
        """What stays of calls."""
        return self._call_records

    @property
    def leads(self) -> SqlLeads:
        """Lists of leads, and do-not-call lists."""
        return self._leads

    @property
    def voicemails(self) -> SqlVoicemails:
        """What callers said to voicemails."""
        return self._voicemails

    @property
    def lead_imports(self) -> SqlLeadImports:
        """Files of leads that are being brought in."""
        return self._lead_imports

    @property
    def dnc(self) -> SqlDncLists:
        """Do-not-call lists."""
        return self._dnc

    @property
    def ledger(self) -> SqlLedger:
        """What answered calls came to, and what is known of a number."""
        return self._ledger

    async def reserve(self, who: str, on_taken: Callable[[], None]) -> None:
        """Be the one server on this database until :meth:`close`.

        Raises:
            StoreUnavailableError: Another server is there, or the database cannot be reached.
        """
        await self.database.reserve(who, on_taken)

    async def behind(self) -> int:
        """How many steps the schema is behind ours; changes nothing.

        Raises:
            StoreUnavailableError: It cannot be reached, or is ahead of ours.
        """
        return await self.database.behind()

    async def open(self) -> None:
        """Connect and migrate to the newest schema.

        Raises:
            StoreUnavailableError: It cannot be reached or opened, or was written by a newer Callside.
        """
        await self.database.open()

    async def close(self) -> None:
        """Finish what is waiting and let go."""
        await self.database.close()

    async def is_healthy(self) -> bool:
        """Whether a small write reaches the disk and can be read again, within two seconds."""
        pulse = secrets.token_hex(8)
        try:
            async with asyncio.timeout(_HEALTHY_WITHIN_S):
                await self.database.write(lambda connection: remember(connection, _PULSE, pulse))
                return await self.database.read(lambda connection: remembered(connection, _PULSE)) is not None
        except (CallsideError, TimeoutError):
            return False
