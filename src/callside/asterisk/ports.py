"""Which ports an engine listens on: chosen free the first time, remembered in its home.

An instance takes one slot of a thousand ports: ARI on the first, SIP on the second, media on the
rest. A slot whose ARI or SIP port is taken is somebody else's, so instances side by side do not
share media ports either. Slots lie below the ports that Linux gives to outgoing connections.
"""

import json
import random
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from callside.asterisk.errors import EngineStartError

_SLOT: Final = 1000
_FIRST_SLOT: Final = 10_000
_END: Final = 32_000
_MEDIA_OFFSET: Final = 10


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """An engine's ports: ``http`` (TCP: ARI and WebSocket), ``sip`` (UDP, TCP), media from first to last (UDP)."""

    http: int
    sip: int
    rtp_first: int
    rtp_last: int

    @property
    def sips(self) -> int:
        """SIP over TLS, where it is listened for: beside SIP's own, as 5061 is beside 5060."""
        return self.sip + 1


@dataclass(frozen=True, slots=True)
class WantedPorts:
    """What the configuration asks for; 0 means: choose."""

    http: int = 0
    sip: int = 0
    rtp_first: int = 0
    rtp_last: int = 0

    @property
    def all_chosen(self) -> bool:
        """Whether nothing is left to us."""
        return bool(self.http and self.sip and self.rtp_first and self.rtp_last)


def is_free(port: int, address: str = "127.0.0.1", *, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Say whether ``port`` of ``address`` can be listened on now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            # As a server does it: connections that are still closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, OverflowError):  # the port after the last one
            return False
    return True


def occupied(ports: EnginePorts, sip_address: str = "127.0.0.1", *, tls: bool = False) -> list[str]:
    """Name those of ``ports`` that something listens on already, with the setting that changes each."""
    found = []
    if not is_free(ports.http):
        found.append(f"port {ports.http}/tcp of the engine's ARI (CALLSIDE_ENGINE_HTTP_PORT)")
    if not is_free(ports.sip, sip_address, kind=socket.SOCK_DGRAM):
        found.append(f"port {ports.sip}/udp of the engine's SIP (CALLSIDE_ENGINE_SIP_PORT)")
    if not is_free(ports.sip, sip_address):
        found.append(f"port {ports.sip}/tcp of the engine's SIP (CALLSIDE_ENGINE_SIP_PORT)")
    if tls and not is_free(ports.sips, sip_address):
        found.append(f"port {ports.sips}/tcp of the engine's SIP over TLS, beside CALLSIDE_ENGINE_SIP_PORT")
    return found


def choose(wanted: WantedPorts, remembered: Path, *, sip_address: str = "127.0.0.1", tls: bool = False) -> EnginePorts:
    """Return the ports to start with and remember them in the file ``remembered``.

    Those of last time are kept when they are still free; what was chosen by us moves on when
    something else has taken it meanwhile.

    Raises:
        EngineStartError: A port that the configuration names is taken; says which and its setting.
    """
    for base in _candidates(recall(remembered)):
        ports = _fill(wanted, base)
        taken = occupied(ports, sip_address, tls=tls)
        if not taken:
            remembered.write_text(json.dumps(asdict(ports)))
            return ports
        named = [text for text, port in _named(taken, ports) if port in {wanted.http, wanted.sip}]
        if named:
            raise EngineStartError(f"already in use: {', '.join(named)}")
    raise EngineStartError(
        f"no free ports between {_FIRST_SLOT} and {_END}: stop an instance, or name ports with "
        "CALLSIDE_ENGINE_HTTP_PORT, CALLSIDE_ENGINE_SIP_PORT and CALLSIDE_ENGINE_RTP_PORTS"
    )


def recall(remembered: Path) -> EnginePorts | None:
    """Return the ports of last time, or ``None`` when there was none or the file is spoilt."""
    try:
        known = json.loads(remembered.read_text())
        return EnginePorts(**{part.name: int(known[part.name]) for part in fields(EnginePorts)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _candidates(last: EnginePorts | None) -> Iterator[EnginePorts]:
    if last is not None:
        yield last
    slots = list(range(_FIRST_SLOT, _END, _SLOT))
    # Two instances that start at the same moment must not look at the same slot first.
    random.SystemRandom().shuffle(slots)
    for base in slots:
        yield EnginePorts(base, base + 1, base + _MEDIA_OFFSET, base + _SLOT - 1)


def _fill(wanted: WantedPorts, base: EnginePorts) -> EnginePorts:
    named = {name: port for name, port in asdict(wanted).items() if port}
    return replace(base, **named)


def _named(taken: list[str], ports: EnginePorts) -> Iterator[tuple[str, int]]:
    for text in taken:
        yield text, ports.http if "ARI" in text else ports.sip
