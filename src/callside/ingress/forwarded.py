"""The true client, scheme and host behind a reverse proxy; believed from configured proxies only."""

import functools
import ipaddress
import re
from collections.abc import Iterable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDING = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"})
HOST = re.compile(r"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z")
"""A ``Host`` that may be repeated in a header of ours: name, IPv4 or bracketed IPv6, with or without a port."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks (``10.0.0.1``, ``10.0.0.0/8``) as networks.

    Raises:
        ValueError: One of them is neither; the message names it.
    """
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


class ForwardedHeaders:
    """Takes ``X-Forwarded-For``, ``-Proto`` and ``-Host`` over into the scope when the peer is a trusted proxy.

    From anybody else these headers are taken away, so that nothing further in can believe them by mistake.
    ``X-Forwarded-For`` is read from the right: the first address that is no proxy of ours is the client; what stands left
    of it was written by strangers.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network] = ()) -> None:
        self._app = app
        self._trusted = tuple(trusted)
        self._is_trusted = functools.lru_cache(maxsize=4096)(
            self._look_up
        )  # mostly the same few peers, asked each time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Correct the scope, then go on."""
        if scope["type"] in {"http", "websocket"}:
            scope = self._corrected(scope)
        await self._app(scope, receive, send)

    def _corrected(self, scope: Scope) -> Scope:
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        kept = [pair for pair in headers if pair[0].lower() not in _FORWARDING]
        corrected = dict(scope, headers=kept)
        if len(kept) < len(headers):
            corrected["callside.forwarded"] = True  # /metrics: a proxy on this machine is not this machine
        peer = scope.get("client")
        if peer is None or not self._is_trusted(peer[0]):
            return corrected
        if client := self._client(_values(headers, b"x-forwarded-for")):
            corrected["client"] = (client, 0)
        proto = _last(headers, b"x-forwarded-proto").lower()
        if proto in {"http", "https"}:
            secure = proto == "https"
            plain, safe = ("ws", "wss") if scope["type"] == "websocket" else ("http", "https")
            corrected["scheme"] = safe if secure else plain
        host = _last(headers, b"x-forwarded-host")
        if HOST.match(host):
            corrected["headers"] = [pair for pair in kept if pair[0].lower() != b"host"] + [(b"host", host.encode())]
        return corrected

    def _client(self, hops: Sequence[str]) -> str | None:
        client = None
        for hop in reversed(hops):
            address = _address(hop)
            if address is None:
                break
            client = address
            if not self._is_trusted(address):
                break
        return client

    def _look_up(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self._trusted)


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    text = ",".join(value.decode("latin-1") for key, value in headers if key.lower() == name)
    return [part.strip() for part in text.split(",") if part.strip()]


def _last(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    values = _values(headers, name)
    return values[-1] if values else ""


def _address(hop: str) -> str | None:
    """An address without the port some proxies add; ``None`` when it is none."""
    bare = hop.strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None
