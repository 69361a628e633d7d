"""Which web pages may frame a tenant's phone: exact origins, nothing looser (reliability-security.md §1.1)."""

import re
from typing import Final
from urllib.parse import urlsplit

from callside.kernel.errors import InvalidFieldError

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts that browsers treat as secure without a certificate."""

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\]")
_USUAL_PORT: Final = {"https": 443, "http": 80}


def read_origin(text: str, *, field: str = "crm_origins") -> str:
    """The exact origin in ``text``, as browsers write it: lower case, without path and usual port.

    Raises:
        InvalidFieldError: A wildcard, a path, a user, ``http`` for another host than this machine, or no origin at all.
    """
    wanted = text.strip().lower()
    try:
        parts = urlsplit(wanted)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(text, field, "this is no origin") from None
    shown = f"[{host}]" if ":" in host else host
    if parts.scheme not in _USUAL_PORT or not _HOST.fullmatch(_ascii(shown)):
        raise _refused(text, field, "this is no origin (wildcards are not taken)")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise _refused(text, field, "an origin has no path, query or user")
    if parts.scheme == "http" and shown not in LOCAL_HOSTS:
        raise _refused(text, field, "a browser gives the microphone to https pages only (http is for localhost)")
    usual = port is None or port == _USUAL_PORT[parts.scheme]
    return f"{parts.scheme}://{_ascii(shown)}" + ("" if usual else f":{port}")


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def _refused(text: str, field: str, reason: str) -> InvalidFieldError:
    shown = "".join(one for one in text if one.isprintable())[:80]
    msg = f'{field}: "{shown}": {reason}; write it like https://crm.example.com'
    return InvalidFieldError(msg, field=field)
