"""An agent and an extension, as administration knows them."""

from dataclasses import dataclass, field

from callside.kernel.ids import AgentId, ExtensionId, TenantId


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes and makes calls.

    Attributes:
        id: The guide's ``AgentId``.
        username: The guide's ``AgentUsername``; unique in the tenant, compared without case.
        name: For people.
        password_hash: argon2id, in PHC form.
        enabled: A disabled agent cannot log in.
        auto_answer: Calls are connected at once (after a short tone) instead of ringing.
        skills: What the agent can do, and how well (1 and up), e.g. ``{"spanish": 3}``.
    """

    id: AgentId
    tenant_id: TenantId
    username: str
    name: str
    password_hash: str
    enabled: bool = True
    auto_answer: bool = False
    skills: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """A desk phone that an agent's line can be raised on.

    Attributes:
        id: Key in the guide's ``Extension`` object.
        number: What people call it ("205"); unique in the tenant.
        secret_digest: ``MD5(user:realm:password)`` for SIP digest (RFC 7616 §3.4.2), never the password.
    """

    id: ExtensionId
    tenant_id: TenantId
    number: str
    name: str = ""
    secret_digest: str = ""
