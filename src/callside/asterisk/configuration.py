"""Writes everything an engine reads, below its home, at every start.

Layout below ``<home>/engine``: ``etc`` (written here), ``var``, ``run``, ``log``, ``keys`` and
``spool`` with the folders that Asterisk expects and does not make (engine.md §1.5).
"""

import re
import resource
import ssl
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from callside.agents.rules import SIP_REALM
from callside.asterisk.errors import EngineStartError
from callside.asterisk.folders import EngineFolders, ari_secret, write_private
from callside.asterisk.modules import modules_to_load, present_modules
from callside.asterisk.ports import EnginePorts
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from callside.asterisk.tone import TONE_NAME, TONE_VARIABLE, write_tone, write_waiting_tone

ARI_USER: Final = "callside"
OWN_MUSIC: Final = frozenset({"default"})
"""Music classes of ``musiconhold.conf``; tenants' playlists come beside them."""
TRUNK_CONTEXT: Final = "callside-trunk"
AGENT_CONTEXT: Final = "callside-agent"
AMD_CONTEXT: Final = "callside-amd"
KEPT_FAMILY: Final = "callside-kept"
"""Of the engine's database: callers whom no controller had. Also the context in which they are read."""
BEYOND_FAMILY: Final = "callside-beyond"
KEPT_VARIABLE: Final = "CALLSIDE_KEPT"
SEEN_VARIABLE: Final = "CALLSIDE_SEEN"
LONGEST_NUMBER: Final = 32
DETECT_EXTENSION: Final = "detect"
BEEP_EXTENSION: Final = "beep"

_HOLE: Final = re.compile(r"@\{([a-z_]+)\}")
"""Not the ${…} of string.Template: a dialplan is full of those."""

_OPEN_FILES: Final = 65_536
_MOST_KEPT: Final = 1_000
"""Callers by each last digit of their channels' ids; whoever calls beyond it is counted."""
_SEEN_S: Final = 3
"""A controller says every second that it is there. Epoch seconds are whole: it may be one more or less."""
_KEEPING: Final = {
    "seen_seconds": str(_SEEN_S),
    "most_kept": str(_MOST_KEPT),
    "longest_number": str(LONGEST_NUMBER),
    "kept_family": KEPT_FAMILY,
    "beyond_family": BEYOND_FAMILY,
    "kept_variable": KEPT_VARIABLE,
    "seen_variable": SEEN_VARIABLE,
}
_EMPTY: Final = (
    "acl.conf",
    "ccss.conf",
    "features.conf",
    "stasis.conf",
    "udptl.conf",
    "websocket_client.conf",
)
"""Asterisk calls it an error when these are not there, though their defaults are right."""

_AUTHORITIES: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Where distributions keep the certificate authorities that they trust."""

_TEMPLATES: Final = (
    "amd.conf",
    "ari.conf",
    "asterisk.conf",
    "cdr.conf",
    "cel.conf",
    "extensions.conf",
    "http.conf",
    "indications.conf",
    "logger.conf",
    "manager.conf",
    "modules.conf",
    "musiconhold.conf",
    "pjproject.conf",
    "pjsip.conf",
    "rtp.conf",
    "sorcery.conf",
)


def write_configuration(
    folders: EngineFolders, program: EngineProgram, ports: EnginePorts, profile: EngineProfile
) -> Path:
    """Write the complete configuration of an engine and return the path of its asterisk.conf.

    Raises:
        EngineStartError: ``profile.extra_modules`` names a module that cannot be loaded, an
            extra file's name is not a plain one, or the certificate for SIP cannot be used.
    """
    _check_certificate(profile)
    folders.make()
    write_tone(folders.root / "var")
    write_waiting_tone(_waiting(folders))
    texts = _compose(folders, program, ports, profile)
    for old in folders.etc.iterdir():
        if old.is_file() and old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        if name != Path(name).name:
            raise EngineStartError(f"extra_files: '{name}' is not a plain file name")
        write_private(folders.etc / name, text)
    return folders.etc / "asterisk.conf"


def outdated_files(
    folders: EngineFolders, program: EngineProgram, ports: EnginePorts, profile: EngineProfile
) -> list[str]:
    """Name the files that would be written otherwise today: what a running engine does not know yet."""
    texts = _compose(folders, program, ports, profile)
    return sorted(
        name for name, text in texts.items() if not (path := folders.etc / name).is_file() or path.read_text() != text
    )


def _compose(
    folders: EngineFolders, program: EngineProgram, ports: EnginePorts, profile: EngineProfile
) -> dict[str, str]:
    values = _values(folders, program, ports, profile)
    extra = {"extensions.conf": profile.extra_dialplan, "pjsip.conf": profile.extra_pjsip}
    texts = {name: render(name, {**values, "extra": extra.get(name, "")}) for name in _TEMPLATES}
    return texts | dict.fromkeys(_EMPTY, "; the defaults are right\n") | dict(profile.extra_files)


def render(name: str, values: Mapping[str, str]) -> str:
    """Fill the template ``name`` with ``values``; every hole must be given.

    Raises:
        KeyError: A hole has no value.
    """
    source = resources.files("callside.asterisk") / "templates" / name
    return _HOLE.sub(lambda hole: values[hole[1]], source.read_text())


def _values(
    folders: EngineFolders, program: EngineProgram, ports: EnginePorts, profile: EngineProfile
) -> dict[str, str]:
    try:
        modules = modules_to_load(present_modules(program.modules), profile.extra_modules)
    except ValueError as wrong:
        raise EngineStartError(str(wrong)) from wrong
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = _OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(_OPEN_FILES, hard_limit)
    return {
        **{name: str(folders.root / name) for name in ("etc", "var", "log", "spool")},
        "root": str(folders.root),
        "run": str(folders.run),
        "modules": str(program.modules),
        "data": str(program.data),
        "music": str(program.music if program.has_music else _waiting(folders)),
        "tone_variable": TONE_VARIABLE,
        "tone": str(folders.root / "var" / TONE_NAME),
        "open_files": str(files),
        "system_name": profile.app_name,
        "load": "\n".join(f"load = {name}.so" for name in modules),
        "http_port": str(ports.http),
        "session_limit": str(profile.session_limit),
        "realm": SIP_REALM,
        "ari_user": ARI_USER,
        "ari_password": ari_secret(folders),
        "sip_address": profile.sip_address,
        "sip_port": str(ports.sip),
        "nat": _nat(profile),
        "tcp": _tcp(profile, ports),
        "tls": _tls(profile, ports),
        "rtp_first": str(ports.rtp_first),
        "rtp_last": str(ports.rtp_last),
        "ice": _ice(profile),
        "candidates": _candidates(profile),
        "app_name": profile.app_name,
        "call_seconds": str(profile.call_seconds),
        "guard_tries": str(profile.guard_seconds),
        **_KEEPING,
    }


def _waiting(folders: EngineFolders) -> Path:
    """What callers hear where the program came without music: nobody waits in silence and thinks the line is dead."""
    return folders.root / "var" / "waiting"


def _nat(profile: EngineProfile) -> str:
    if not profile.external_address:
        return ""
    lines = [
        f"external_media_address = {profile.external_address}",
        f"external_signaling_address = {profile.external_address}",
        *(f"local_net = {network}" for network in profile.local_networks),
    ]
    return _lines(lines)


def _tcp(profile: EngineProfile, ports: EnginePorts) -> str:
    if not profile.sip_tcp:
        return ""
    return _lines(
        [
            "[tcp]",
            "type = transport",
            "protocol = tcp",
            f"bind = {profile.sip_address}:{ports.sip}",
            _nat(profile),
        ]
    )


def _tls(profile: EngineProfile, ports: EnginePorts) -> str:
    """For calls and registrations that we begin; with a certificate of ours, for those that carriers begin too."""
    authorities = profile.sip_tls_ca or next((one for one in _AUTHORITIES if Path(one).is_file()), "")
    if not authorities and not profile.sip_tls_cert:
        return ""
    ours = [f"cert_file = {profile.sip_tls_cert}", f"priv_key_file = {profile.sip_tls_key}"]
    return _lines(
        [
            "[tls]",
            "type = transport",
            "protocol = tls",
            f"bind = {profile.sip_address}:{ports.sips if profile.sip_tls_cert else 0}",
            "method = tlsv1_2",
            "verify_server = yes",
            *([f"ca_list_file = {authorities}"] if authorities else []),
            *(ours if profile.sip_tls_cert else []),
            _nat(profile),
        ]
    )


def _check_certificate(profile: EngineProfile) -> None:
    """The engine would only log that it cannot use them, and then reach no carrier over TLS at all.

    Raises:
        EngineStartError: They cannot be read, or do not belong together.
    """
    if not profile.sip_tls_cert:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(profile.sip_tls_cert, profile.sip_tls_key)
    except (OSError, ValueError) as wrong:
        raise EngineStartError(
            f"sip_tls_cert, sip_tls_key: {wrong}; give the PEM files of a certificate and of its key, without a password, "
            "that this user may read"
        ) from wrong


def _ice(profile: EngineProfile) -> str:
    lines = [f"stunaddr = {profile.stun_server}"] if profile.stun_server else []
    if profile.ice_addresses:
        lines += ["ice_deny = 0.0.0.0/0", "ice_deny = ::/0"]
        lines += [f"ice_permit = {address}" for address in profile.ice_addresses]
    return _lines(lines)


def _candidates(profile: EngineProfile) -> str:
    if not profile.external_address:
        return ""
    return _lines(
        f"{address} => {profile.external_address},include_local_address"
        for address in profile.ice_addresses
        if "/" not in address
    )


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
