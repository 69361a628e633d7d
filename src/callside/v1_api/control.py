"""How the command line finds a running server: ``run/control.json`` in its home, readable by the owner only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Control:
    """What the file says.

    Attributes:
        pid: The server's process; ``None`` when it has stopped.
        started: When that process began, in the kernel's ticks; tells it from a later one with the same number.
        url: Where it listens, seen from this machine.
        root_token: Good for ``/v1/admin``; stays the same over restarts.
        certificate: PEM file that the server shows, when it speaks HTTPS.
    """

    pid: int | None
    started: int | None
    url: str
    root_token: str
    certificate: str | None = None

    def is_alive(self) -> bool:
        """The server that wrote this still runs."""
        return self.pid is not None and self.started is not None and _started(self.pid) == self.started


def announce(path: Path, url: str, certificate: Path | None = None) -> Control:
    """Write the file for the present process and return it; the root token of an earlier run is kept.

    Raises:
        OSError: The file cannot be written.
    """
    earlier = read(path)
    token = earlier.root_token if earlier else secrets.token_urlsafe(_TOKEN_BYTES)
    control = Control(os.getpid(), _started(os.getpid()), url, token, str(certificate) if certificate else None)
    _write(path, control)
    return control


def withdraw(path: Path) -> None:
    """The present process stops serving; somebody else's announcement is left alone."""
    kept = read(path)
    if kept is not None and kept.pid == os.getpid():
        _write(path, Control(None, None, "", kept.root_token))


def read(path: Path) -> Control | None:
    """What the file says, ``None`` where there is none or it cannot be understood."""
    try:
        return Control(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, control: Control) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    # Born with its mode: never, not even for a moment, can others read the token.
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        json.dump(asdict(control), stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def _started(pid: int) -> int | None:
    """Field 22 of ``/proc/<pid>/stat`` (proc(5)); the name in field 2 may hold spaces and brackets."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return None if fields[0] == "Z" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
