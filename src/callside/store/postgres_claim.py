"""One server on a PostgreSQL database: a lock held by a connection of its own for as long as the process lives.

The database lets go of it when the connection ends, however that comes about: a process that was killed keeps nobody out. Where our
whole machine dies, the database finds out by TCP keepalives within half a minute; the next server of the same home waits for that.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import structlog

from callside.store.connection import another_server

_LOCK: Final = 0x63616C6D
_NAME_BYTES: Final = 63
"""PostgreSQL cuts an application's name there."""
_CONNECT_WITHIN_S: Final = 5.0
_AGAIN_S: Final = 0.2
_OTHERS_PATIENCE_S: Final = 2.0
_OWN_PATIENCE_S: Final = 30.0
_LOOK_EVERY_S: Final = 5.0
_HOLDER: Final = """
    SELECT a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_FAILURES: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_log = structlog.get_logger(__name__)


class PostgresClaim:
    """The right to be the database's one server.

    Args:
        who: Host and home; told to whoever comes second.
        on_taken: Called once when another server has it, after our connection was lost.
    """

    def __init__(self, url: str, who: str, on_taken: Callable[[], None]) -> None:
        self._url = url
        self._who = "".join(one if " " <= one <= "~" else "?" for one in f"callside server {who}")[:_NAME_BYTES]
        self._on_taken = on_taken
        self._raw: Any = None
        self._keeper: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Have it, and keep it until :meth:`give_up`.

        Raises:
            StoreUnavailableError: Another server has it.
            OSError, TimeoutError, asyncpg errors: The database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while (holder := await self._try()) is not None:
            patience = _OWN_PATIENCE_S if holder == self._who else _OTHERS_PATIENCE_S
            if loop.time() - begun >= patience:
                raise another_server(holder.removeprefix("callside server "))
            await asyncio.sleep(_AGAIN_S)
        self._keeper = loop.create_task(self._keep(), name="database claim")

    async def give_up(self) -> None:
        """Let the next one in."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        self._drop()

    async def _try(self) -> str | None:
        """Who has it; ``None``: we have."""
        if self._raw is None:
            self._raw = await asyncpg.connect(
                self._url,
                timeout=_CONNECT_WITHIN_S,
                command_timeout=_CONNECT_WITHIN_S,
                server_settings={
                    "application_name": self._who,
                    "idle_session_timeout": "0",
                    "tcp_keepalives_idle": "5",
                    "tcp_keepalives_interval": "5",
                    "tcp_keepalives_count": "3",
                },
            )
        if await self._raw.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return None
        # Whoever let go of it in between is nobody by now.
        return str(await self._raw.fetchval(_HOLDER, _LOCK) or "?")

    async def _keep(self) -> None:
        """The connection idles; one that is lost in silence is found out by asking."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self._raw.fetchval("SELECT 1")
            except _FAILURES as failed:
                _log.warning("database.claim_lost", reason=str(failed) or type(failed).__name__)
                self._drop()
                if not await self._have_again():
                    return

    async def _have_again(self) -> bool:
        while True:
            try:
                holder = await self._try()
            except _FAILURES:
                self._drop()
                await asyncio.sleep(_LOOK_EVERY_S)
                continue
            if holder is None:
                _log.info("database.claim_held")
                return True
            if holder not in {self._who, "?"}:
                _log.critical("database.taken", by=holder, remedy="give each Callside a database of its own")
                self._on_taken()
                return False
            await asyncio.sleep(_AGAIN_S)  # our own connection, which the database has not missed yet

    def _drop(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.terminate()
