"""Which origins are our own: sockets open for our own pages only, because browsers send their credentials anywhere."""

from collections.abc import Sequence

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
