"""What the engine is told of trunks, desk phones and browser phones: as plain values, made without asking anybody.

Attribute names are those of res_pjsip (``asterisk -rx 'config show help res_pjsip endpoint'``).
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from callside.agents.model import Extension
from callside.agents.rules import SIP_REALM, sip_digest
from callside.asterisk.configuration import AGENT_CONTEXT, TRUNK_CONTEXT
from callside.asterisk.names import extension_endpoint, trunk_endpoint
from callside.calls.model import Trunk
from callside.floor.directory import Directory

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
_DIGEST: Final = re.compile(r"[0-9a-f]{32}\Z")
_USER: Final = re.compile(r"[\x21-\x7e]{1,128}\Z")
_SIP_PORT: Final = 5060

_AGENTS_MEDIA_LOST_S: Final = 30
"""A line without any audio for so long is dead (its page sleeps, its network is gone): seconds."""
_TRUNKS_MEDIA_LOST_S: Final = 120
_KEEPALIVE_S: Final = 15
_HELD_MEDIA_LOST_S: Final = 600


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


TYPES: Final = ("identify", "endpoint", "aor", "auth")
"""Every type that a group may have, in the order in which they are taken away."""


def groups_of(directory: Directory) -> Iterator[SipGroup]:
    """What a tenant's trunks and desk phones need. One that cannot be made is left out: see :func:`refusals`."""
    for trunk in directory.trunks.values():
        if not _trunk_refusal(trunk):
            yield _trunk(trunk)
    for extension in directory.extensions.values():
        if not _extension_refusal(extension):
            yield _extension(extension)


def refusals(directory: Directory) -> list[str]:
    """Why some trunk or extension is not made known to the engine; one sentence each."""
    trunks = (_trunk_refusal(trunk) for trunk in directory.trunks.values())
    extensions = (_extension_refusal(extension) for extension in directory.extensions.values())
    return [text for text in (*trunks, *extensions) if text]


def browser_phone(name: str, password: str) -> SipGroup:
    """A browser's phone: DTLS-SRTP, ICE, one registration, the newest wins (engine.md §2.1, §2.4)."""
    return SipGroup(
        name,
        (
            SipObject("auth", name, _digest_auth(name, sip_digest(name, password))),
            SipObject("aor", name, {"max_contacts": "1", "remove_existing": "yes"}),
            SipObject(
                "endpoint",
                name,
                {
                    **_phone(name),
                    "webrtc": "yes",
                    "dtls_auto_generate_cert": "yes",
                    "allow": "!all,opus,ulaw",
                    "max_audio_streams": "1",
                    "max_video_streams": "0",
                },
            ),
        ),
    )


def _extension(extension: Extension) -> SipGroup:
    name = extension_endpoint(extension.tenant_id, extension.id)
    return SipGroup(
        name,
        (
            SipObject("auth", name, _digest_auth(name, extension.secret_digest)),
            SipObject("aor", name, {"max_contacts": "1", "remove_existing": "yes", **_EXPIRY}),
            SipObject(
                "endpoint",
                name,
                {**_phone(name), "allow": "!all,ulaw,alaw", "rtp_symmetric": "yes", "rewrite_contact": "yes"},
            ),
        ),
    )


def _trunk(trunk: Trunk) -> SipGroup:
    name = trunk_endpoint(trunk.tenant_id, trunk.id)
    host = _bracketed(trunk.host)
    endpoint = {
        "context": TRUNK_CONTEXT,
        "aors": name,
        "identify_by": "ip",
        "allow": "!all,ulaw,alaw",
        "trust_id_inbound": "yes",
        "rtp_symmetric": "yes",
        "rtp_timeout": str(_TRUNKS_MEDIA_LOST_S),
        "rtp_timeout_hold": str(_HELD_MEDIA_LOST_S),
        **_NO_TRICKS,
    }
    objects = [SipObject("aor", name, {"contact": f"sip:{host}:{trunk.port}"})]
    if trunk.username:
        # No realm: the carrier's own, whatever it is called.
        secret = {"auth_type": "userpass", "username": trunk.username, "password": trunk.secret}
        objects.append(SipObject("auth", name, secret))
        endpoint["outbound_auth"] = name
    objects.append(SipObject("endpoint", name, endpoint))
    objects.append(SipObject("identify", name, {"endpoint": name, "match": _match(trunk)}))
    return SipGroup(name, tuple(objects))


_NO_TRICKS: Final = {
    "direct_media": "no",
    "allow_transfer": "no",
    "allow_subscribe": "no",
    "rtp_keepalive": str(_KEEPALIVE_S),
}
"""Audio stays with us, nobody moves calls about behind the floor's back (engine.md §1.7), and nobody takes us for dead: an agent
who is muted sends no audio at all, and many a carrier ends a call that falls silent."""


_EXPIRY: Final = {"minimum_expiration": "15", "default_expiration": "60", "maximum_expiration": "120"}
"""A restarted engine knows a desk phone again when it next registers: at most two minutes later."""


def _phone(name: str) -> dict[str, str]:
    return {
        "context": AGENT_CONTEXT,
        "auth": name,
        "aors": name,
        "identify_by": "username",
        "rtp_timeout": str(_AGENTS_MEDIA_LOST_S),
        "rtp_timeout_hold": str(_HELD_MEDIA_LOST_S),
        **_NO_TRICKS,
    }


def _digest_auth(user: str, digest: str) -> dict[str, str]:
    return {"auth_type": "md5", "username": user, "realm": SIP_REALM, "md5_cred": digest}


def _match(trunk: Trunk) -> str:
    """Where the carrier's calls come from.

    Its port counts only where it is not SIP's own: behind many an address there is more than one sender, while two carriers on
    one address (tests, the demo) are told apart by their ports.
    """
    host = _bracketed(trunk.host)
    return host if trunk.port == _SIP_PORT else f"{host}:{trunk.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _trunk_refusal(trunk: Trunk) -> str:
    if not _is_host(trunk.host) or not 0 < trunk.port < 65_536:
        return f"trunk {trunk.id}: host and port must be a host name or an address, and 1 to 65535"
    if trunk.username and not (_USER.match(trunk.username) and _USER.match(trunk.secret)):
        return f"trunk {trunk.id}: username and secret must be printable ASCII without blanks, at most 128 characters"
    return ""


def _extension_refusal(extension: Extension) -> str:
    if _DIGEST.match(extension.secret_digest):
        return ""
    return f"extension {extension.id}: has no SIP password yet; set one, then the phone can register"


def _is_host(host: str) -> bool:
    if _HOST.match(host):
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
