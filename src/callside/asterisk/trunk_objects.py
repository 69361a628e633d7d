"""What the engine is told of one trunk: where its calls go, where they come from, and how we register."""

import ipaddress
import re
from typing import Final

from callside.asterisk.configuration import TRUNK_CONTEXT
from callside.asterisk.names import trunk_endpoint
from callside.asterisk.sip_group import ACCOUNT_EXPIRY, HELD_MEDIA_LOST_S, NO_TRICKS, SipGroup, SipObject, digest_auth
from callside.calls.model import SipTransport, Trunk

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
_REGISTRAR: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_USER: Final = re.compile(r"[A-Za-z0-9._+@~!-]{1,128}\Z")
_SECRET: Final = re.compile(r"[\x21-\x7e]{1,256}\Z")
_REALM: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{0,128}\Z")
_SIP_PORT: Final = 5060
_MEDIA_LOST_S: Final = 120
_ALGORITHMS: Final = "SHA-256,MD5"
"""Which digests we answer (RFC 8760); of several challenges the first one that is among them."""

_RETRY_S: Final = 20
_REFUSED_RETRY_S: Final = 120
"""A carrier that says no is asked seldom: many lock an account, or an address, after some wrong passwords."""
_FOR_EVER: Final = 1_000_000
_QUALIFY_S: Final = 30
"""How often a far side that has registered is asked whether it is there."""
_DIGEST: Final = re.compile(r"[0-9a-f]{32}\Z")


def trunk_group(trunk: Trunk, codecs: str) -> SipGroup:
    """The objects of a trunk that :func:`trunk_refusal` has nothing against. ``codecs``: divided by commas, the best first."""
    name = trunk_endpoint(trunk.tenant_id, trunk.id)
    if trunk.registers_with_us:
        return _account(trunk, name, codecs)
    objects = [SipObject("aor", name, {"contact": _uri(f"{_bracketed(trunk.host)}:{trunk.port}", trunk)})]
    if trunk.username:
        objects.append(SipObject("auth", name, _auth(trunk)))
    objects.append(SipObject("endpoint", name, _endpoint(trunk, name, codecs)))
    objects.append(SipObject("identify", name, {"endpoint": name, "match": _match(trunk)}))
    if trunk.registers:
        objects.append(SipObject("registration", name, _registration(trunk, name)))
    return SipGroup(name, tuple(objects))


def trunk_refusal(trunk: Trunk) -> str:
    """Why the engine cannot be told of this trunk; empty when it can. What was kept is read as strictly as what is sent."""
    return _account_refusal(trunk) if trunk.registers_with_us else _carrier_refusal(trunk)


def _account_refusal(trunk: Trunk) -> str:
    if _DIGEST.match(trunk.account_digest):
        return ""
    return f"trunk {trunk.id}: has no SIP password yet; make one, then the far side can register"


def _carrier_refusal(trunk: Trunk) -> str:
    if not _is_host(trunk.host) or not 0 < trunk.port < 65_536:
        return f"trunk {trunk.id}: host and port must be a host name or an address, and 1 to 65535"
    if trunk.username and not (_USER.match(trunk.username) and _SECRET.match(trunk.secret)):
        return f"trunk {trunk.id}: username and secret must be printable ASCII without blanks, of at most 128 and 256 characters"
    if not _REALM.match(trunk.realm) or not all(map(_is_network, trunk.addresses)):
        return f"trunk {trunk.id}: realm or addresses cannot be used; write them anew"
    if trunk.registers and not (trunk.username and _REGISTRAR.match(registrar_of(trunk))):
        return f"trunk {trunk.id}: to register it needs a username, and a registrar like registrar.carrier.example:5060"
    return ""


def _account(trunk: Trunk, name: str, codecs: str) -> SipGroup:
    """A far side that registers with us: known by nothing but its digest, and called where it registered from."""
    endpoint = {
        **_common(name, codecs),
        "auth": name,
        "identify_by": "username,auth_username",
        "rewrite_contact": "yes",
    }
    aor = {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": str(_QUALIFY_S), **ACCOUNT_EXPIRY}
    return SipGroup(
        name,
        (
            SipObject("auth", name, digest_auth(name, trunk.account_digest)),
            SipObject("aor", name, aor),
            SipObject("endpoint", name, endpoint),
        ),
    )


def registrar_of(trunk: Trunk) -> str:
    """Where we register: ``host`` or ``host:port``."""
    return trunk.registrar or f"{_bracketed(trunk.host)}:{trunk.port}"


def registrar_uri(trunk: Trunk) -> str:
    """Where we register, as a SIP URI; the engine's log calls it so."""
    return _uri(registrar_of(trunk), trunk)


def account_uri(trunk: Trunk) -> str:
    """As whom we register; the engine's log calls it so."""
    return f"sip:{_user(trunk)}@{registrar_of(trunk)}"


def _user(trunk: Trunk) -> str:
    # Many a carrier's user names are whole addresses.
    return trunk.username.partition("@")[0]


def _uri(place: str, trunk: Trunk) -> str:
    """With the transport, where it is not SIP's usual one."""
    return f"sip:{place}" + ("" if trunk.transport is SipTransport.UDP else f";transport={trunk.transport}")


def _auth(trunk: Trunk) -> dict[str, str]:
    attributes = {
        "auth_type": "digest",
        "username": trunk.username,
        "password": trunk.secret,
        "supported_algorithms_uac": _ALGORITHMS,
    }
    return attributes | ({"realm": trunk.realm} if trunk.realm else {})


def _endpoint(trunk: Trunk, name: str, codecs: str) -> dict[str, str]:
    attributes = {**_common(name, codecs), "identify_by": "ip"}
    if trunk.username:
        attributes["outbound_auth"] = name
    if trunk.transport is SipTransport.TLS:
        # Encrypted where the carrier takes it, plain where it does not: signalling alone says nothing of audio.
        attributes |= {"media_encryption": "sdes", "media_encryption_optimistic": "yes"}
    return attributes


def _common(name: str, codecs: str) -> dict[str, str]:
    return {
        "context": TRUNK_CONTEXT,
        "aors": name,
        "allow": f"!all,{codecs}",
        "trust_id_inbound": "yes",
        "rtp_symmetric": "yes",
        "rtp_timeout": str(_MEDIA_LOST_S),
        "rtp_timeout_hold": str(HELD_MEDIA_LOST_S),
        **NO_TRICKS,
    }


def _registration(trunk: Trunk, name: str) -> dict[str, str]:
    return {
        "server_uri": registrar_uri(trunk),
        "client_uri": account_uri(trunk),
        "contact_user": _user(trunk),
        "outbound_auth": name,
        "expiration": str(trunk.expiry_s),
        "retry_interval": str(_RETRY_S),
        "forbidden_retry_interval": str(_REFUSED_RETRY_S),
        "fatal_retry_interval": str(_REFUSED_RETRY_S),
        "auth_rejection_permanent": "no",
        "max_retries": str(_FOR_EVER),
        "max_random_initial_delay": "1",
        # The address that we register carries a word by which the carrier's calls are known, from wherever they come.
        "line": "yes",
        "endpoint": name,
    }


def _match(trunk: Trunk) -> str:
    """Where the carrier's calls come from.

    Its port counts only where it is not SIP's own: behind many an address there is more than one sender, while two carriers on
    one address (tests, the demo) are told apart by their ports. Over TCP the port says nothing.
    """
    host = _bracketed(trunk.host)
    plain = trunk.port == _SIP_PORT or trunk.transport is not SipTransport.UDP
    return ",".join((host if plain else f"{host}:{trunk.port}", *trunk.addresses))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_host(host: str) -> bool:
    if _HOST.match(host):
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
