"""Writes everything an engine reads, below its home, at every start.

Layout below ``<home>/engine``: ``etc`` (written here), ``var``, ``run``, ``log``, ``keys`` and
``spool`` with the folders that Asterisk expects and does not make (engine.md §1.5).
"""

import hashlib
import os
import resource
import secrets
import stat
import string
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final

from callside.asterisk.errors import EngineStartError
from callside.asterisk.modules import modules_to_load, present_modules
from callside.asterisk.ports import EnginePorts
from callside.asterisk.program import EngineProgram

ARI_USER: Final = "callside"
TRUNK_CONTEXT: Final = "callside-trunk"
AGENT_CONTEXT: Final = "callside-agent"
AMD_CONTEXT: Final = "callside-amd"
AMD_EXTENSION: Final = "detect"

_LONGEST_SOCKET_PATH: Final = 107
"""sun_path of unix(7) less its end mark."""

_CONTROL_SOCKET: Final = "asterisk.ctl"
_OPEN_FILES: Final = 65_536
_SECRET_BYTES: Final = 32
_EMPTY: Final = ("acl.conf", "ccss.conf", "features.conf", "udptl.conf", "websocket_client.conf")
"""Asterisk calls it an error when these are not there, though their defaults are right."""

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
    "stasis.conf",
)


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """What one engine is to be.

    Attributes:
        app_name: The Stasis application calls are handed to; letters, digits, ``-`` and ``_``.
        sip_address: Address the trunks' transport listens on; ``0.0.0.0`` for all.
        http_address: Address of ARI and of the agents' WebSocket. Leave it on loopback.
        sip_tcp: Listen for SIP over TCP too, on the same port.
        external_address: Public address of a machine behind one-to-one NAT, told to trunks and
            in ICE; empty for none.
        local_networks: Networks (CIDR) that ``external_address`` is not told to.
        ice_addresses: Only these local addresses or networks become ICE candidates; empty for
            all. Keeps container networks out of the offers.
        stun_server: ``host`` or ``host:port``; empty for none.
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
    http_address: str = "127.0.0.1"
    sip_tcp: bool = False
    external_address: str = ""
    local_networks: tuple[str, ...] = ()
    ice_addresses: tuple[str, ...] = ()
    stun_server: str = ""
    session_limit: int = 20_000
    call_seconds: int = 14_400
    guard_seconds: int = 300
    extra_modules: tuple[str, ...] = ()
    extra_dialplan: str = ""
    extra_pjsip: str = ""
    extra_files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineFolders:
    """Where an engine's files lie; all below ``<home>/engine``, but see :func:`run_folder`."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> "EngineFolders":
        """Return the folders of the engine that lives in ``home``."""
        return cls(home.absolute() / "engine")

    @property
    def etc(self) -> Path:
        """Configuration."""
        return self.root / "etc"

    @property
    def log(self) -> Path:
        """Logs: ``messages.log``, ``security.log``, ``console.log``."""
        return self.root / "log"

    @property
    def state(self) -> Path:
        """What is remembered between starts: ports, the running process, the ARI secret."""
        return self.root / "run"

    @property
    def recordings(self) -> Path:
        """Where ARI's recordings are written."""
        return self.root / "spool" / "recording"

    @property
    def run(self) -> Path:
        """Where the control socket lies: ``run``, or a short path when ours is too long for one."""
        if len(os.fsencode(self.state / _CONTROL_SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self.state
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"callside-{os.getuid()}-{digest}"

    def make(self) -> None:
        """Make every folder, readable by this user alone.

        Raises:
            EngineStartError: The folder of the control socket belongs to somebody else.
        """
        parts = ("etc", "var/cache", "var/agi", "run", "log", "keys")
        spool = ("recording", "monitor", "tmp", "outgoing", "system")
        for part in (*parts, *(f"spool/{name}" for name in spool)):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        self.root.chmod(stat.S_IRWXU)
        self.run.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        facts = self.run.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
            raise EngineStartError(f"{self.run}: not a directory of this user; remove it")


class _Text(string.Template):
    """A template with ``@{name}`` as its holes, since a dialplan is full of ``${…}``."""

    delimiter = "@"
    # Nothing but @{name}: a plain @ belongs to SIP addresses.
    pattern = r"""
        @(?:
          (?P<escaped>@@) |
          (?P<named>(?!)) |
          \{(?P<braced>[a-z_]+)\} |
          (?P<invalid>(?!))
        )
    """


def ari_secret(folders: EngineFolders) -> str:
    """Return the ARI password of this home, made at random the first time; readable by us alone."""
    path = folders.state / "ari.secret"
    if path.is_file():
        return path.read_text().strip()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    _write_private(path, secret)
    return secret


def write_configuration(
    folders: EngineFolders, program: EngineProgram, ports: EnginePorts, profile: EngineProfile
) -> Path:
    """Write the complete configuration of an engine and return the path of its asterisk.conf.

    Raises:
        EngineStartError: ``profile.extra_modules`` names a module that cannot be loaded, or an
            extra file's name is not a plain one.
    """
    folders.make()
    values = _values(folders, program, ports, profile)
    extra = {"extensions.conf": profile.extra_dialplan, "pjsip.conf": profile.extra_pjsip}
    texts = {name: render(name, {**values, "extra": extra.get(name, "")}) for name in _TEMPLATES}
    texts |= dict.fromkeys(_EMPTY, "; the defaults are right\n")
    texts |= profile.extra_files
    for old in folders.etc.iterdir():
        if old.is_file() and old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        if name != Path(name).name:
            raise EngineStartError(f"extra_files: '{name}' is not a plain file name")
        _write_private(folders.etc / name, text)
    return folders.etc / "asterisk.conf"


def render(name: str, values: Mapping[str, str]) -> str:
    """Fill the template ``name`` with ``values``; every hole must be given.

    Raises:
        KeyError: A hole has no value.
    """
    source = resources.files("callside.asterisk") / "templates" / name
    return _Text(source.read_text()).substitute(values)


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
        "music": str(program.music),
        "open_files": str(files),
        "system_name": profile.app_name,
        "load": "\n".join(f"load = {name}.so" for name in modules),
        "http_address": profile.http_address,
        "http_port": str(ports.http),
        "session_limit": str(profile.session_limit),
        "ari_user": ARI_USER,
        "ari_password": ari_secret(folders),
        "sip_address": profile.sip_address,
        "sip_port": str(ports.sip),
        "nat": _nat(profile),
        "tcp": _tcp(profile, ports),
        "rtp_first": str(ports.rtp_first),
        "rtp_last": str(ports.rtp_last),
        "ice": _ice(profile),
        "candidates": _candidates(profile),
        "app_name": profile.app_name,
        "call_seconds": str(profile.call_seconds),
        "guard_tries": str(profile.guard_seconds),
    }


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


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    fresh.replace(path)
