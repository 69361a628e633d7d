"""A login session as it is kept."""

from dataclasses import dataclass
from enum import StrEnum

from callside.kernel.ids import AgentId, ExtensionId, SessionId, TenantId


class LoginType(StrEnum):
    """The guide's LoginType: where the agent's calls come from."""

    AUTO = "AUTO"
    PROGRESSIVE = "PROGRESSIVE"
    MANUAL = "MANUAL"


class EndCause(StrEnum):
    """Why a session ended."""

    LOGOUT = "logout"
    FORCED = "forced"
    TAKEN_OVER = "taken_over"
    NO_PHONE = "no_phone"
    IDLE = "idle"
    EXPIRED = "expired"
    LOST = "lost"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class LoginSession:
    """One login, from createSession on. Secrets are kept as digests only (lower-case hex SHA-256).

    Attributes:
        handle_digest: Of the guide's ``SessionId`` (39 decimal digits).
        assignment_id: The queue's (AUTO) or the campaign's id; ``None`` for AUTO without a choice: all of the agent's queues.
        extension_id: Desk phone the line is raised on; ``None`` for the browser.
        opened_at: Wall ms.
        binding_digest: Of the browser's binding secret, from the first redeem on.
        bearer_digest: Of the bearer in force; a new redeem replaces it.
        ended_at: Wall ms; ``None`` while it is open.
    """

    id: SessionId
    tenant_id: TenantId
    agent_id: AgentId
    login_type: LoginType
    assignment_id: str | None
    extension_id: ExtensionId | None
    handle_digest: str
    opened_at: int
    binding_digest: str | None = None
    bearer_digest: str | None = None
    bound_at: int | None = None
    ended_at: int | None = None
    end_cause: EndCause | None = None
