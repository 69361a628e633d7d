"""What browsers ask for: a secure page, a good certificate, an origin that may frame the phone, audio that arrives."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from callside.cli.checks.finding import Finding, error, ok, warning
from callside.config import LOCAL_HOSTS, Settings
from callside.kernel.errors import RequestError
from callside.tenants.model import Tenant
from callside.tenants.rules import read_origin

_SOON_DAYS: Final = 21
_CONTAINER_NAMES: Final = ("docker", "br-", "veth", "cni", "podman", "virbr", "flannel")


def check_public_url(settings: Settings) -> Iterator[Finding]:
    """A browser gives the microphone to https pages and to localhost only."""
    parts = urlsplit(settings.base_url)
    if parts.scheme == "https":
        yield ok("public url", settings.base_url)
    elif parts.hostname in LOCAL_HOSTS:
        yield ok("public url", f"{settings.base_url}: good for this machine; other machines need https")
    else:
        remedy = (
            "set CALLSIDE_TLS_CERT and CALLSIDE_TLS_KEY, or put a reverse proxy with https in front (docs/running.md)"
        )
        yield error("public url", f"{settings.base_url} is not https: browsers give it no microphone", remedy)
    if not settings.public_url and settings.host not in LOCAL_HOSTS:
        remedy = "set CALLSIDE_PUBLIC_URL to the address that browsers use, e.g. https://phone.example.com"
        yield warning("public url", "not set, though the port is open to other machines", remedy)


def check_certificate(settings: Settings) -> Iterator[Finding]:
    """Readable, key and certificate belong together, names and time."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        shown = _shown_certificate(str(settings.tls_cert), str(settings.tls_key))
    except OSError as failed:  # ssl.SSLError is one
        reason = getattr(failed, "verify_message", None) or getattr(failed, "reason", None) or failed.strerror
        remedy = "check that both files are PEM, belong together, can be read by this user and are in force"
        yield error("certificate", f"{settings.tls_cert} cannot be used: {reason}", remedy)
        return
    days = int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // 86_400)  # noqa: TID251 - a date
    text = f"good for {days} more days"
    if days < _SOON_DAYS:
        yield warning("certificate", text, "renew it, then restart callside serve")
    else:
        yield ok("certificate", text)
    host = urlsplit(settings.base_url).hostname or ""
    names = [value for kind, value in shown.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}]
    if not any(_fits(host, name) for name in names):
        remedy = f"get a certificate for {host}, or correct CALLSIDE_PUBLIC_URL"
        yield error("certificate", f"it is for {', '.join(names) or 'no name'}, not for {host}", remedy)


def _shown_certificate(cert: str, key: str) -> dict[str, Any]:
    """What a browser would be shown, by a handshake in memory: the standard library reads certificates nowhere else."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    client = ssl.create_default_context(cafile=cert)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    open_ends = [near, far]
    for _ in range(10):
        for end in list(open_ends):
            try:
                end.do_handshake()
                open_ends.remove(end)
            except ssl.SSLWantReadError:
                continue
    shown = near.getpeercert()
    if shown is None:
        raise ssl.SSLError("no certificate came")
    return shown


def _fits(host: str, name: str) -> bool:
    if name.startswith("*."):
        return host.partition(".")[2].casefold() == name[2:].casefold()
    return host.casefold() == name.casefold()


def check_proxies(settings: Settings) -> Iterator[Finding]:
    """Whose forwarded headers are believed."""
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        remedy = "list your proxies' addresses only, e.g. CALLSIDE_TRUSTED_PROXIES=127.0.0.1"
        yield error("trusted proxies", "everybody is trusted: anybody can claim any address", remedy)
    elif settings.public_url.startswith("https") and not settings.has_tls and not settings.trusted_proxies:
        remedy = "set CALLSIDE_TRUSTED_PROXIES to the proxy's address, e.g. 127.0.0.1"
        yield warning(
            "trusted proxies", "https is done by a proxy, and none is trusted: all clients look like it", remedy
        )
    elif settings.trusted_proxies:
        yield ok("trusted proxies", ", ".join(map(str, settings.trusted_proxies)))


def check_origins(tenants: Sequence[Tenant]) -> Iterator[Finding]:
    """Which CRM pages may frame the phone."""
    for tenant in tenants:
        name = f"origins of tenant {tenant.id}"
        if not tenant.crm_origins:
            remedy = f"run: callside tenant change {tenant.id} --origin https://crm.example.com"
            yield warning(name, "none: no CRM page may frame the phone", remedy)
            continue
        wrong = [one for one in tenant.crm_origins if not _is_exact(one)]
        if wrong:
            remedy = f"set them anew: callside tenant change {tenant.id} --origin https://crm.example.com"
            yield error(name, f"browsers do not understand {', '.join(wrong)}", remedy)
        else:
            yield ok(name, ", ".join(tenant.crm_origins))


def _is_exact(origin: str) -> bool:
    try:
        return read_origin(origin) == origin
    except RequestError:
        return False


def check_audio(settings: Settings) -> Iterator[Finding]:
    """Whether audio of other machines can reach the engine (RTP, UDP)."""
    first, last = settings.rtp_range
    ports = f"UDP {first}-{last}" if last else "its UDP ports (callside engine status)"
    host = urlsplit(settings.base_url).hostname or ""
    if settings.ari_url:
        yield ok("audio", "the external engine's own affair: open its RTP ports to browsers and carriers")
    elif host in LOCAL_HOSTS:
        yield ok("audio", "browsers on this machine only; nothing to open")
    elif settings.external_address:
        yield ok("audio", f"told to browsers: {settings.external_address}; open {ports} to it in the firewall")
    elif _is_private_machine():
        yield warning(
            "audio",
            "this machine has private addresses only: browsers elsewhere may hear nothing",
            f"set CALLSIDE_EXTERNAL_ADDRESS to the public address and forward {ports} to this machine",
        )
    else:
        yield ok("audio", f"open {ports} to browsers and carriers in the firewall")
    names = [name for _, name in socket.if_nameindex() if name.startswith(_CONTAINER_NAMES)]
    if names and not settings.ice_addresses and not settings.ari_url and host not in LOCAL_HOSTS:
        remedy = "set CALLSIDE_ICE_ADDRESSES to the address browsers can reach, e.g. 192.0.2.10"
        text = f"container networks ({', '.join(names[:4])}) would be offered to browsers, which slows the line down"
        yield warning("audio", text, remedy)


def _is_private_machine() -> bool:
    """The address this machine goes out with is not public. Nothing is sent: a UDP socket is connected, no more."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): routed like any public address, reaches nobody
            return not ipaddress.ip_address(probe.getsockname()[0]).is_global
        except OSError:
            return True
