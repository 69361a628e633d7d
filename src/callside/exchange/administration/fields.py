"""What may stand in a field: names without control characters, codes, hosts. Used by the forms."""

import ipaddress
import re
import unicodedata
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, Field, SecretStr, StringConstraints

LONGEST_NAME: Final = 128
LONGEST_LIST: Final = 10_000
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def clean_name(text: str) -> str:
    """A name for people: trimmed, in Unicode's composed form, without control and direction characters."""
    composed = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for one in composed):
        raise ValueError("control characters and line breaks are not taken")
    return composed


def _name(text: str) -> str:
    clean = clean_name(text)
    if not clean:
        raise ValueError("write a name: spaces alone are none")
    return clean


def _region(text: str) -> str:
    code = text.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        shown = code[:8].encode("utf-8", "replace").decode()  # half a character could be sent to nobody
        raise ValueError(f'"{shown}" is no country; write an ISO 3166 code of two letters, e.g. US or IN')
    return code


def _prefix(text: str) -> str:
    compact = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}", compact):
        raise ValueError("write a prefix with + and country code, e.g. +1900")
    return compact


def _host(text: str) -> str:
    bare = text.strip()
    try:
        return str(ipaddress.ip_address(bare.strip("[]")))
    except ValueError:
        pass
    if not _HOST.fullmatch(bare) or ".." in bare:
        raise ValueError("write a host name or an IP address, e.g. sip.carrier.example")
    return bare.lower()


def _host_and_port(text: str) -> str:
    bare = text.strip()
    if not bare:
        return ""
    host, colon, port = bare.rpartition(":")
    if not colon or bare.endswith("]") or (":" in host and not host.endswith("]")):
        host, colon, port = bare, "", ""
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError("write host or host:port, e.g. registrar.carrier.example:5060")
    clean = _host(host)
    return f"[{clean}]{colon}{port}" if ":" in clean else f"{clean}{colon}{port}"


_WIDEST: Final = {4: 16, 6: 32}
"""A carrier's networks are not wider; a wider one would take other trunks' calls."""


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError("write an IP address or a network, e.g. 192.0.2.7 or 192.0.2.0/24") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"a network may be at most as wide as /{_WIDEST[network.version]}")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _number_of_ours(text: str) -> str:
    compact = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{2,15}", compact):
        raise ValueError("write digits, with + in front where the carrier sends it, e.g. +15550100123")
    return compact


def _whole_text(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:  # JSON can spell half a character ("\ud800"), which no encoding has
        raise ValueError("half characters are not taken") from None
    return secret


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write an IANA time zone, e.g. America/New_York") from None
    return text


_HIGHEST_LEVEL: Final = 10
_MOST_SKILLS: Final = 50


Password = Annotated[SecretStr, Field(min_length=8, max_length=256), AfterValidator(_whole_text)]
Secret = Annotated[SecretStr, Field(max_length=256), AfterValidator(_whole_text)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AfterValidator(_name)]
OptionalName = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AfterValidator(clean_name)]
Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
Skills = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")], Annotated[int, Field(ge=1, le=_HIGHEST_LEVEL)]
    ],
    Field(max_length=_MOST_SKILLS),
]
"""A skill's code and its level."""
ExtensionNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]
SipText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+@~!-]{0,128}$")]
Region = Annotated[str, AfterValidator(_region)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_zone)]
Host = Annotated[str, AfterValidator(_host)]
HostAndPort = Annotated[str, Field(max_length=270), AfterValidator(_host_and_port)]
Network = Annotated[str, Field(max_length=64), AfterValidator(_network)]
Realm = Annotated[str, StringConstraints(pattern=r"^[\x20\x21\x23-\x5b\x5d-\x7e]{0,128}$", strip_whitespace=True)]
OurNumber = Annotated[str, AfterValidator(_number_of_ours)]
"""A number callers dial to reach a queue, kept as the carrier sends it: no country code is put in front."""
