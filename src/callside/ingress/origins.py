"""Which origins are our own: sockets open for our own pages only, because browsers send their credentials anywhere."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from callside.ingress.forwarded import HOST


def own_origins(public_origins: Sequence[str], scheme: str, host: str) -> tuple[str, ...]:
    """Origins that are ours for a request that came by ``scheme`` (http, https, ws, wss) and ``host``.

    ``public_origins`` are those this installation is reached by; without any it is whatever ``Host`` says, which is right for
    a local demo and behind a proxy that fixes the host.
    """
    if public_origins:
        return tuple(public_origins)
    if not HOST.match(host):
        return ()
    return (f"{'https' if scheme in {'https', 'wss'} else 'http'}://{host}",)


def is_no_strangers_name(public_origins: Sequence[str], host: str) -> bool:
    """Whether ``Host`` is a name that only we can have: an address, ``localhost``, or one this installation is reached by.

    What answers this machine without a token has to ask that. A stranger's page may have its own name lead to this machine (DNS
    rebinding); the browser beside us then fetches from us, and the page reads, as from its own server.
    """
    if not HOST.match(host):
        return False
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or any(name == urlsplit(one).hostname for one in public_origins):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
