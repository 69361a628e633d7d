"""The machine's own package mirror, used without root and without touching the system.

``apt-get`` itself does the work, with a private state: own lists, own cache, own (empty) status
file. So proxies, mirror credentials and signature checks are the machine's own, and what the
system has installed is neither asked nor changed. No package index's host is named here: the
mirror is the one this machine's apt is configured with (research: engine.md §7, DESIGN §4).
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from callside.asterisk.errors import EngineInstallError
from callside.asterisk.mirrors import AptSource, source_stanza

_UPDATE_SECONDS: Final = 300
_DOWNLOAD_SECONDS: Final = 1800


class PrivateApt:
    """``apt-get`` and ``dpkg-deb`` on a state of our own in ``home``; nothing outside is written."""

    def __init__(self, home: Path, source: AptSource) -> None:
        self._home = home
        self._source = source
        self._config = home / "apt.conf"
        self.downloads = home / "downloads"

    def prepare(self) -> None:
        """Write the private configuration and make its directories.

        Raises:
            EngineInstallError: ``apt-get`` or ``dpkg-deb`` is not on this machine.
        """
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise EngineInstallError(f"'{tool}' is not on this machine's PATH")
        for part in ("lists/partial", "cache/archives/partial", "downloads"):
            (self._home / part).mkdir(parents=True, exist_ok=True)
        (self._home / "status").touch()
        (self._home / "engine.sources").write_text(source_stanza(self._source))
        self._config.write_text(_configuration(self._home))

    def update(self) -> None:
        """Fetch the archive's signed index.

        Raises:
            EngineInstallError: The mirror is out of reach or its signature is not valid.
        """
        self._run(["apt-get", "-q", "update", "--error-on=any"], _UPDATE_SECONDS)

    def candidate(self, package: str) -> str:
        """Return the version that would be installed, without epoch, or ``""`` for none."""
        answer = self._run(["apt-cache", "policy", package], _UPDATE_SECONDS)
        match = re.search(r"^\s*Candidate:\s*(?:\d+:)?(\S+)", answer, re.MULTILINE)
        return "" if match is None or match[1] == "(none)" else match[1]

    def known(self, packages: Iterable[str]) -> list[str]:
        """Return those of ``packages`` that the archive really has, in the given order."""
        wanted = list(packages)
        answer = self._run(["apt-cache", "show", "--no-all-versions", *wanted], _UPDATE_SECONDS, ok=(0, 100))
        present = set(re.findall(r"^Package:\s*(\S+)", answer, re.MULTILINE))
        return [name for name in wanted if name in present]

    def download(self, packages: Sequence[str]) -> list[Path]:
        """Download packages, checked against the signed index; those already here are kept.

        An interrupted download goes on where it stopped.

        Raises:
            EngineInstallError: A package cannot be fetched or its checksum is wrong.
        """
        if packages:
            self._run(["apt-get", "-q", "download", *packages], _DOWNLOAD_SECONDS)
        return [self._archive(name) for name in packages]

    def depends(self, archive: Path) -> list[str]:
        """Return the names in the Depends and Pre-Depends fields of a ``.deb``, alternatives too."""
        text = self._run(["dpkg-deb", "-f", str(archive), "Pre-Depends", "Depends"], _UPDATE_SECONDS)
        plain = re.sub(r"^(Pre-)?Depends:", ",", text, flags=re.MULTILINE)
        names = (re.split(r"[\s:(\[]", part.strip(), maxsplit=1)[0] for part in re.split(r"[,|]", plain))
        return list(dict.fromkeys(name for name in names if name))

    def unpack(self, archive: Path, root: Path) -> None:
        """Unpack the files of a ``.deb`` under ``root``; its scripts are never run."""
        self._run(["dpkg-deb", "-x", str(archive), str(root)], _UPDATE_SECONDS)

    def _archive(self, package: str) -> Path:
        found = sorted(self.downloads.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)
        if not found:
            raise EngineInstallError(f"apt-get reported success but left no file of '{package}'")
        return found[-1]

    def _run(self, command: list[str], seconds: float, ok: tuple[int, ...] = (0,)) -> str:
        tool = command[0]
        if tool.startswith("apt"):
            command = [tool, "-c", str(self._config), *command[1:]]
        try:
            # Answers are read by us: English whatever the machine's language.
            done = subprocess.run(
                ["env", "LC_ALL=C.UTF-8", *command],
                cwd=self.downloads,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise EngineInstallError(f"'{tool}' did not end within {seconds:.0f} s") from late
        if done.returncode not in ok:
            raise EngineInstallError(f"'{tool}' failed: {_last_words(done.stderr or done.stdout)}")
        return done.stdout


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:")]
    return " / ".join((errors or lines or ["no message"])[-3:])


def _configuration(home: Path) -> str:
    # The hooks are cleared because container images install some that clean the SYSTEM's cache.
    # The sandbox user could not enter a cache below a private home directory.
    return f"""\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "{home}";
Dir::State::status "{home}/status";
Dir::State::lists "{home}/lists";
Dir::Cache "{home}/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{home}/engine.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "root";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::Retries "2";
"""
