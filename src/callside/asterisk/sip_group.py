"""Objects of the engine's SIP stack as plain values, and what all of ours have in common."""

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from callside.agents.rules import SIP_REALM

_KEEPALIVE_S: Final = 15
HELD_MEDIA_LOST_S: Final = 600
"""A leg on hold without any audio for so long is dead: seconds."""


@dataclass(frozen=True, slots=True)
class SipObject:
    """One object of the engine's SIP stack: its type, its name, its attributes."""

    type: str
    id: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class SipGroup:
    """Objects that make sense only together, in the order in which they are made."""

    name: str
    objects: tuple[SipObject, ...]

    def digest(self) -> str:
        """Tells whether the engine has this very version, without holding its secrets."""
        return hashlib.sha256(msgspec.json.encode(self.objects)).hexdigest()[:32]


ACCOUNT_EXPIRY: Final = {"minimum_expiration": "15", "default_expiration": "60", "maximum_expiration": "120"}
"""A restarted engine knows who registers with it again when they next do: at most two minutes later."""


def digest_auth(user: str, digest: str) -> dict[str, str]:
    """An account of ours, of which only a digest is kept."""
    return {"auth_type": "md5", "username": user, "realm": SIP_REALM, "md5_cred": digest}


NO_TRICKS: Final = {
    "direct_media": "no",
    "allow_transfer": "no",
    "allow_subscribe": "no",
    "rtp_keepalive": str(_KEEPALIVE_S),
}
"""Audio stays with us, nobody moves calls about behind the floor's back (engine.md §1.7), and nobody takes us for dead: an agent
who is muted sends no audio at all, and many a carrier ends a call that falls silent."""
