"""A PostgreSQL server for the tests alone: the distribution's programs, a folder and a loopback port of its own."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN_S = 60
USER = "callside"


@dataclass(frozen=True)
class Cluster:
    """A running server. ``url()`` is for one of its databases."""

    port: int
    password: str

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"


def programs() -> Path | None:
    """The folder of the newest server programs on this machine."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


@contextlib.contextmanager
def cluster(*, synced: bool = False) -> Iterator[Cluster]:
    """Make, start and in the end remove a server; ``synced`` for figures: then what it commits is on the disk."""
    folder = programs()
    assert folder is not None, "PostgreSQL's server programs are missing: scripts/system_packages.sh postgresql"
    with tempfile.TemporaryDirectory(prefix="callside-postgres-") as home:
        account = _unprivileged(home)
        password = secrets.token_urlsafe(16)
        data, words = Path(home, "data"), Path(home, "password")
        words.write_text(password)
        words.chmod(0o644)  # the folder is the account's alone
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", words, "-E", "UTF8",
             "--locale=C", "--no-sync"],
            check=True, capture_output=True, cwd=home, **account,
        )  # fmt: skip
        port = _free_port()
        with Path(home, "log").open("wb") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                 "-c", f"unix_socket_directories={home}", "-c", f"fsync={'on' if synced else 'off'}",
                 "-c", "max_connections=40"],
                stdout=log, stderr=log, cwd=home, **account,
            )  # fmt: skip
        try:
            _until_ready(folder, port, server, Path(home, "log"))
            yield Cluster(port, password)
        finally:
            server.send_signal(2)  # SIGINT: end the sessions, write what is open, stop
            server.wait(STARTS_WITHIN_S)


def _unprivileged(home: str) -> dict[str, object]:
    """PostgreSQL does not run as root: then the folder is given to an account that may nothing else."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(folder: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        asked = [folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", USER, "-d", "postgres"]
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"PostgreSQL was not there after {STARTS_WITHIN_S} s: {log.read_text()}")
