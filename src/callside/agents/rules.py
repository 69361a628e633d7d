"""A desk phone's SIP identity: how it calls itself, and what is kept of its password."""

import hashlib
from typing import Final

from callside.kernel.ids import ExtensionId, TenantId

SIP_REALM: Final = "callside"
"""The realm of every digest challenge; part of each kept digest, so it can never change."""


def sip_user(tenant_id: TenantId, extension_id: ExtensionId) -> str:
    """SIP user of an extension, which is its endpoint's name in the engine too; unique in the installation."""
    return f"ext-{tenant_id}-{extension_id}"


def sip_digest(user: str, password: str) -> str:
    """What is kept of a SIP password: lower-case hex ``MD5(user:realm:password)`` (RFC 7616 §3.4.2, algorithm MD5).

    MD5 because most desk phones know nothing else; the passwords are random and long, so the digest gives none away.
    """
    return hashlib.md5(f"{user}:{SIP_REALM}:{password}".encode(), usedforsecurity=False).hexdigest()
