"""Where an engine's files lie, and the secret kept among them."""

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callside.asterisk.errors import EngineStartError

_LONGEST_SOCKET_PATH: Final = 107
"""sun_path of unix(7) less its end mark."""

_CONTROL_SOCKET: Final = "asterisk.ctl"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class EngineFolders:
    """Where an engine's files lie; all below ``<home>/engine``, but see :func:`run_folder`."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> "EngineFolders":
        """Return the folders of the engine that lives in ``home``."""
        return cls(home.resolve() / "engine")

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


def ari_secret(folders: EngineFolders) -> str:
    """Return the ARI password of this home, made at random the first time; readable by us alone."""
    path = folders.state / "ari.secret"
    if path.is_file():
        return path.read_text().strip()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    write_private(path, secret)
    return secret


def write_private(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` at once and whole, readable by this user alone."""
    fresh = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    fresh.replace(path)
