"""What one engine is to be: the settings its configuration is written from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FILE: Final = re.compile(r"[A-Za-z0-9./_+@~-]*")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._:/-]*")


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """What one engine is to be.

    Attributes:
        app_name: The Stasis application calls are handed to; letters, digits, ``-`` and ``_``.
        sip_address: Address the trunks' transport listens on; ``0.0.0.0`` for all.
        sip_tcp: Listen for SIP over TCP too, on the same port.
        sip_tls_ca: File of the certificate authorities that carriers reached over TLS are checked by; empty: this
            machine's own.
        sip_tls_cert: PEM file of our certificate with its chain; with ``sip_tls_key`` carriers may call in over TLS, on the port
            beside SIP's.
        sip_tls_key: PEM file of its private key.
        external_address: Public address of a machine behind one-to-one NAT, told to trunks and
            in ICE; empty for none.
        local_networks: Networks (CIDR) that ``external_address`` is not told to.
        ice_addresses: Only these local addresses or networks become ICE candidates; empty for
            all. Keeps container networks out of the offers.
        stun_server: ``host`` or ``host:port``; empty for none.
        spare_memory: Have the C library give back what is not needed (``environment.py``); else as any installation.
        session_limit: Most HTTP connections, agents' sockets included.
        call_seconds: A call that came in is cut after this many seconds, whatever happens.
        guard_seconds: How long a call waits, with music, for a controller.
        extra_modules: Loaded besides the allow-list.
        extra_dialplan: Text appended to extensions.conf.
        extra_pjsip: Text appended to pjsip.conf.
        extra_files: More files for the configuration directory, name to text; one named as a
            file of ours replaces it.
    """

    app_name: str = "callside"
    sip_address: str = "127.0.0.1"
    sip_tcp: bool = True
    sip_tls_ca: str = ""
    sip_tls_cert: str = ""
    sip_tls_key: str = ""
    external_address: str = ""
    local_networks: tuple[str, ...] = ()
    ice_addresses: tuple[str, ...] = ()
    stun_server: str = ""
    spare_memory: bool = True
    session_limit: int = 20_000
    call_seconds: int = 14_400
    guard_seconds: int = 300
    extra_modules: tuple[str, ...] = ()
    extra_dialplan: str = ""
    extra_pjsip: str = ""
    extra_files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would break out of its place in a configuration file.

        Raises:
            ValueError: A name or address holds other characters than such a thing can have.
        """
        if not _NAME.fullmatch(self.app_name):
            raise ValueError(f"app_name: {self.app_name!r} is not 1 to 40 letters, digits, '-' or '_'")
        addresses = {
            "sip_address": (self.sip_address,),
            "external_address": (self.external_address,),
            "local_networks": self.local_networks,
            "ice_addresses": self.ice_addresses,
            "stun_server": (self.stun_server,),
            "sip_tls_ca": (self.sip_tls_ca,),
        }
        for name, path in (("sip_tls_cert", self.sip_tls_cert), ("sip_tls_key", self.sip_tls_key)):
            if not _FILE.fullmatch(path):
                raise ValueError(f"{name}: {path!r} must be a path of letters, digits and ./_+@~-")
        if bool(self.sip_tls_cert) != bool(self.sip_tls_key):
            raise ValueError("sip_tls_cert and sip_tls_key: give both, or none")
        for name, values in addresses.items():
            for value in values:
                if not _ADDRESS.fullmatch(value):
                    raise ValueError(f"{name}: {value!r} is not an address")
