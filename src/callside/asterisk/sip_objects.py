"""What the engine is told of trunks, desk phones and browser phones: as plain values, made without asking anybody.

Attribute names are those of res_pjsip (``asterisk -rx 'config show help res_pjsip endpoint'``).
"""

import re
from collections.abc import Iterator
from typing import Final

from callside.agents.model import Extension
from callside.agents.rules import sip_digest
from callside.asterisk.configuration import AGENT_CONTEXT
from callside.asterisk.names import extension_endpoint
from callside.asterisk.sip_group import ACCOUNT_EXPIRY, HELD_MEDIA_LOST_S, NO_TRICKS, SipGroup, SipObject, digest_auth
from callside.asterisk.trunk_objects import trunk_group, trunk_refusal
from callside.calls.rules import telephone_codecs
from callside.floor.directory import Directory

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
_DIGEST: Final = re.compile(r"[0-9a-f]{32}\Z")
_USER: Final = re.compile(r"[\x21-\x7e]{1,128}\Z")
_SIP_PORT: Final = 5060

_AGENTS_MEDIA_LOST_S: Final = 30
"""A line without any audio for so long is dead (its page sleeps, its network is gone): seconds."""


TYPES: Final = ("registration", "identify", "endpoint", "aor", "auth")
"""Every type that a group may have, in the order in which they are taken away."""


def groups_of(directory: Directory) -> Iterator[SipGroup]:
    """What a tenant's trunks and desk phones need. One that cannot be made is left out: see :func:`refusals`."""
    codecs = ",".join(
        telephone_codecs(directory.tenant.region)
    )  # trunks and phones alike: then nothing has to be transcoded
    for trunk in directory.trunks.values():
        if not trunk_refusal(trunk):
            yield trunk_group(trunk, codecs)
    for extension in directory.extensions.values():
        if not _extension_refusal(extension):
            yield _extension(extension, codecs)


def refusals(directory: Directory) -> list[str]:
    """Why some trunk or extension is not made known to the engine; one sentence each."""
    trunks = (trunk_refusal(trunk) for trunk in directory.trunks.values())
    extensions = (_extension_refusal(extension) for extension in directory.extensions.values())
    return [text for text in (*trunks, *extensions) if text]


def browser_phone(name: str, password: str) -> SipGroup:
    """A browser's phone: DTLS-SRTP, ICE, one registration, the newest wins (engine.md §2.1, §2.4)."""
    return SipGroup(
        name,
        (
            SipObject("auth", name, digest_auth(name, sip_digest(name, password))),
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


def _extension(extension: Extension, codecs: str) -> SipGroup:
    name = extension_endpoint(extension.tenant_id, extension.id)
    return SipGroup(
        name,
        (
            SipObject("auth", name, digest_auth(name, extension.secret_digest)),
            SipObject("aor", name, {"max_contacts": "1", "remove_existing": "yes", **ACCOUNT_EXPIRY}),
            SipObject(
                "endpoint",
                name,
                {**_phone(name), "allow": f"!all,{codecs}", "rtp_symmetric": "yes", "rewrite_contact": "yes"},
            ),
        ),
    )


def _phone(name: str) -> dict[str, str]:
    return {
        "context": AGENT_CONTEXT,
        "auth": name,
        "aors": name,
        "identify_by": "username",
        "rtp_timeout": str(_AGENTS_MEDIA_LOST_S),
        "rtp_timeout_hold": str(HELD_MEDIA_LOST_S),
        **NO_TRICKS,
    }


def _extension_refusal(extension: Extension) -> str:
    if _DIGEST.match(extension.secret_digest):
        return ""
    return f"extension {extension.id}: has no SIP password yet; set one, then the phone can register"
