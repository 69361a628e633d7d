"""An Asterisk program on this machine: how it is called, where its parts lie, what it can."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from callside.asterisk.modules import missing_modules, present_modules

MINIMUM_MAJOR: Final = 22
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_MODULE_FOLDERS: Final = (
    "/usr/lib/*-linux-gnu/asterisk/modules",
    "/usr/lib/asterisk/modules",
    "/usr/lib64/asterisk/modules",
    "/usr/local/lib/asterisk/modules",
)
_DATA_FOLDERS: Final = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
_ANSWER_SECONDS: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class EngineVersion:
    """An Asterisk version, such as 22.10.1; compares by age."""

    major: int
    minor: int = 0
    patch: int = 0

    @classmethod
    def read(cls, text: str) -> "EngineVersion":
        """Read the first version in ``text``, e.g. of ``Asterisk 22.10.1~dfsg``.

        Raises:
            ValueError: There is no version in it.
        """
        match = _VERSION.search(text)
        if match is None:
            raise ValueError(f"no version in {text!r}")
        return cls(int(match[1]), int(match[2]), int(match[3] or 0))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class EngineProgram:
    """One Asterisk that can be started.

    Attributes:
        command: How it is called, arguments to be appended. In our own cache that is the bundle's
            loader with its library path in front of the program.
        modules: Folder of the module files (``astmoddir``).
        data: Folder of prompts, music, REST descriptions and documentation (``astdatadir``).
        version: What ``asterisk -V`` said.
        origin: ``machine`` for one that was here already, ``cache`` for our own.
    """

    command: tuple[str, ...]
    modules: Path
    data: Path
    version: EngineVersion
    origin: Literal["machine", "cache"]

    @property
    def music(self) -> Path:
        """Folder with music on hold."""
        return self.data / "moh"

    @property
    def has_music(self) -> bool:
        """Whether there is any; distributions keep it in packages of its own."""
        return self.music.is_dir() and any(one.is_file() for one in self.music.iterdir())


def ask_version(command: Iterable[str]) -> EngineVersion | None:
    """Run ``asterisk -V`` and return its version, or ``None`` when it does not run or answer."""
    try:
        done = subprocess.run(
            [*command, "-V"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        )
        return EngineVersion.read(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def shortcomings(program: EngineProgram) -> list[str]:
    """Say what ``program`` lacks for Callside, one sentence each; empty when it will do."""
    found = []
    if program.version.major < MINIMUM_MAJOR:
        found.append(f"version {program.version} is older than {MINIMUM_MAJOR}")
    missing = missing_modules(present_modules(program.modules))
    if missing:
        found.append(f"modules missing in {program.modules}: {', '.join(missing)}")
    if not (program.data / "rest-api").is_dir():
        found.append(f"no REST descriptions in {program.data / 'rest-api'}")
    return found


def machine_program() -> EngineProgram | None:
    """Return the Asterisk installed on this machine, capable or not, or ``None``."""
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    version = ask_version((binary,))
    modules = _first(path for pattern in _MODULE_FOLDERS for path in Path("/").glob(pattern.lstrip("/")))
    data = _first(path for path in map(Path, _DATA_FOLDERS) if (path / "rest-api").is_dir())
    if version is None or modules is None or data is None:
        return None
    return EngineProgram((binary,), modules, data, version, "machine")


def _first(paths: Iterable[Path]) -> Path | None:
    return next(iter(paths), None)
