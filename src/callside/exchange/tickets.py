"""From the guide's ``SessionId`` in a URL to a phone: the handle is a ticket, redeemed for a bearer, bound to one browser.

Research: reliability-security.md §1.1. The handle stands in a URL, so it may be seen by others; it is worth nothing once a
browser has redeemed it, because every later redeem must show that browser's binding secret (docs/decisions, "phone binding").
Handles, bindings and bearers are kept as SHA-256 digests only.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from callside.exchange.ports import Sessions
from callside.exchange.secrets import digest, new_token
from callside.kernel.clock import Clock
from callside.kernel.errors import ConflictError, NotFoundError
from callside.kernel.ids import SessionId, TenantId
from callside.sessions.model import EndCause, LoginSession

UNBOUND_LIFE_MS = 60_000
"""How long a handle that no browser has redeemed yet stays good."""
_HANDLE = re.compile(r"[0-9]{6,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a redeem gives.

    Attributes:
        bearer: 256 bits, URL-safe; the only one in force from now on.
        binding: The browser's secret; goes back to it as a cookie.
        handle_digest: Names the session in places where the handle must not stand.
    """

    tenant_id: TenantId
    session_id: SessionId
    bearer: str
    binding: str
    handle_digest: str


class Tickets:
    """Redeems handles and knows bearers."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def redeem(self, handle: str, bindings: Sequence[str | None]) -> Redemption:
        """Give a new bearer for the session of ``handle``; the one before is dead from here on.

        Args:
            handle: The guide's ``SessionId``.
            bindings: Secrets the browser shows, the preferred one first (its cookie, then what the page keeps itself). Any of
                them may be the one the session is bound to. An unbound session is bound to the first that is well formed,
                or to a new one.

        Raises:
            NotFoundError: Unknown, ended, or not redeemed in time: one answer for all.
            ConflictError: Another browser has redeemed it.
        """
        row = await self._open_session(handle)
        offered = [text for text in bindings if text is not None and _SECRET.fullmatch(text)]
        bearer = new_token()
        for binding in offered or [new_token()]:
            if await self._bind(row, binding, bearer):
                return Redemption(row.tenant_id, row.id, bearer, binding, row.handle_digest)
        await self._open_session(handle)  # ended meanwhile: not found, rather than in use
        msg = "This phone is already in use in another browser. Log in again in your CRM to use it here."
        raise ConflictError(msg, field="session")

    async def session_of(self, bearer: str) -> tuple[TenantId, SessionId] | None:
        """Whose bearer it is; ``None`` when it is not (or no longer) in force."""
        if not _SECRET.fullmatch(bearer):
            return None
        shown = digest(bearer)
        found = await self._sessions.locate_bearer(shown)
        if found is None:
            return None
        row = await self._sessions.by_id(*found)
        if row is None or row.ended_at is not None or row.bearer_digest is None:
            return None
        return found if hmac.compare_digest(row.bearer_digest, shown) else None

    async def tenant_of(self, handle: str | None, handle_digest: str | None = None) -> TenantId | None:
        """The tenant of an open session, by its handle or by the handle's digest. Nothing is consumed."""
        if handle is not None and _HANDLE.fullmatch(handle):
            handle_digest = digest(handle)
        if handle_digest is None or not _DIGEST.fullmatch(handle_digest):
            return None
        found = await self._sessions.locate_handle(handle_digest)
        return None if found is None else found[0]

    async def end_cause(self, tenant_id: TenantId, session_id: SessionId) -> EndCause | None:
        """Why the session ended; ``None`` while it is open."""
        row = await self._sessions.by_id(tenant_id, session_id)
        return None if row is None else row.end_cause

    async def _open_session(self, handle: str) -> LoginSession:
        found = await self._sessions.locate_handle(digest(handle)) if _HANDLE.fullmatch(handle) else None
        row = await self._sessions.by_id(*found) if found is not None else None
        if row is None or row.ended_at is not None or self._is_stale(row):
            msg = "This login is not known or is over. Log in again in your CRM."
            raise NotFoundError(msg, field="session")
        return row

    def _is_stale(self, row: LoginSession) -> bool:
        """The floor ends such sessions; this holds also in the moments until it does."""
        return row.binding_digest is None and self._clock.now().wall - row.opened_at > UNBOUND_LIFE_MS

    async def _bind(self, row: LoginSession, binding: str, bearer: str) -> bool:
        return await self._sessions.bind(
            row.tenant_id,
            row.id,
            binding_digest=digest(binding),
            bearer_digest=digest(bearer),
            at=self._clock.now().wall,
        )
