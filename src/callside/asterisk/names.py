"""How Callside's things are called inside the engine, and how to read those names back.

Everything that a restarted controller must know of a channel is in its name, its arguments or its one variable: who it belongs
to is never only in our memory (engine.md §1.1).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callside.agents.rules import sip_user
from callside.calls.rules import account_user
from callside.kernel.ids import ExtensionId, SessionId, TenantId, TrunkId

MARK_VARIABLE: Final = "CALLSIDE_ID"
"""Channel variable (``channelvars`` of ari.conf) that says whose an inbound channel is; set when it was announced."""

_PART: Final = r"[A-Za-z0-9_]+"
_WORD: Final = re.compile(rf"{_PART}\Z")
_BRIDGE: Final = re.compile(rf"(?:line|pass)-({_PART})-({_PART})\Z")
_TRUNK: Final = re.compile(rf"trunk-({_PART})-({_PART})\Z")


class LegKind(StrEnum):
    """What a channel of ours is for."""

    LINE = "line"
    """An agent's line."""
    OUT = "out"
    """A customer that we called."""
    IN = "in"
    """A customer who called us."""


@dataclass(frozen=True, slots=True)
class LegMark:
    """Whose a channel is. ``owner`` is the session it was made for, or the trunk it came in on."""

    kind: LegKind
    tenant_id: TenantId
    owner: str

    @property
    def text(self) -> str:
        """As it stands in a channel's arguments or variable."""
        return f"{self.kind},{self.tenant_id},{self.owner}"

    @classmethod
    def read(cls, words: Sequence[str]) -> "LegMark | None":
        """From arguments split at commas; ``None`` when they are not a mark."""
        if len(words) != 3 or not all(map(_WORD.match, words)):
            return None
        try:
            return cls(LegKind(words[0]), TenantId(words[1]), words[2])
        except ValueError:
            return None


def line_bridge(tenant_id: TenantId, session_id: SessionId) -> str:
    """The id of a session's bridge that mixes."""
    return f"line-{_checked(tenant_id)}-{_checked(session_id)}"


def passing_bridge(tenant_id: TenantId, session_id: SessionId) -> str:
    """The id of a session's bridge that passes on what both sides send."""
    return f"pass-{_checked(tenant_id)}-{_checked(session_id)}"


def session_of_bridge(bridge_id: str) -> tuple[TenantId, SessionId] | None:
    """Whose bridge that is, of either kind, or ``None`` when it is not a session's."""
    match = _BRIDGE.match(bridge_id)
    return (TenantId(match[1]), SessionId(match[2])) if match else None


def ringing_playback(session_id: SessionId) -> str:
    """The id of the ringback tone that a session's agent hears."""
    return f"ring-{_checked(session_id)}"


def whisper_playback(session_id: SessionId) -> str:
    """The id of the prompt that a session's agent hears before a caller."""
    return f"whisper-{_checked(session_id)}"


def trunk_endpoint(tenant_id: TenantId, trunk_id: TrunkId) -> str:
    """The endpoint name of a trunk, and the SIP user of a far side that registers with us."""
    return account_user(TenantId(_checked(tenant_id)), TrunkId(_checked(trunk_id)))


def trunk_of_endpoint(name: str) -> tuple[TenantId, TrunkId] | None:
    """Which trunk an endpoint is, or ``None``."""
    match = _TRUNK.match(name)
    return (TenantId(match[1]), TrunkId(match[2])) if match else None


def extension_endpoint(tenant_id: TenantId, extension_id: ExtensionId) -> str:
    """The endpoint name of a desk phone, which is also its SIP user name."""
    return sip_user(TenantId(_checked(tenant_id)), ExtensionId(_checked(extension_id)))


def browser_endpoint(tenant_id: TenantId, session_id: SessionId) -> str:
    """The endpoint name of a session's browser phone.

    Unguessable as the session's id is random, and found again after a restart of the controller without being remembered.
    """
    digest = hashlib.sha256(f"{_checked(tenant_id)}/{_checked(session_id)}".encode()).hexdigest()
    return f"u{digest[:24]}"


def _checked(part: str) -> str:
    if not _WORD.match(part):
        raise ValueError(f"id {part!r}: only letters, digits and '_' can be part of a name in the engine")
    return part
