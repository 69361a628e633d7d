"""The way to the engine as the rest of this room sees it: one that may be up or down at any moment."""

from typing import Final

from callside.asterisk.client import AriConnection, AriRefusedError, Query, path
from callside.kernel.errors import EngineUnavailableError

__all__ = ["ABSENT", "AriLink", "path"]

ABSENT: Final = frozenset({404, 409, 412, 422})
"""Refusals that say: it is so already (gone, there, left). 422 is a bridge's word for a channel that is not in it."""


class AriLink:
    """Carries requests over whichever connection there is."""

    def __init__(self) -> None:
        self.connection: AriConnection | None = None

    async def ask(
        self,
        method: str,
        where: str,
        query: Query | None = None,
        body: object = None,
        *,
        tolerate: frozenset[int] = frozenset(),
    ) -> str | None:
        """Ask for something; ``None`` when the engine refused it with a status in ``tolerate``.

        Raises:
            EngineUnavailableError: There is no engine now, or it does not answer.
            AriRefusedError: It said no with another status.
        """
        connection = self.connection
        if connection is None:
            raise EngineUnavailableError("The telephone engine is not connected.")
        try:
            return await connection.request(method, where, query, body)
        except AriRefusedError as refused:
            if refused.http_status in tolerate:
                return None
            raise

    async def download(self, where: str) -> bytes:
        """A file of the engine's.

        Raises:
            EngineUnavailableError: There is no engine now, or it does not answer.
            AriRefusedError: It said no.
        """
        if self.connection is None:
            raise EngineUnavailableError("The telephone engine is not connected.")
        return await self.connection.download(where)
