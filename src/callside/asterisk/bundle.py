"""Our own Asterisk: downloaded packages unpacked side by side, run by their own loader.

Only the packages that hold a library some loaded module really asks for are fetched: about 45
instead of the 161 that dependency resolution names. That also keeps us clear of breakage in sid
that has nothing to do with us: nothing is resolved, each file's own list of libraries is followed
(DESIGN §4).
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from callside.asterisk.apt import PrivateApt
from callside.asterisk.elf import needed_libraries
from callside.asterisk.errors import EngineInstallError
from callside.asterisk.modules import CARRIER_MODULES, OPTIONAL_MODULES, QUEUE_MODULES, REQUIRED_MODULES
from callside.asterisk.progress import InstallStep, Progress

BASE_PACKAGES: Final = (
    "asterisk",
    "asterisk-modules",
    "asterisk-core-sounds-en",
    "asterisk-core-sounds-en-g722",
    "asterisk-moh-opsound-g722",
    "libc6",
)
_MOST_ROUNDS: Final = 12
_SONAME: Final = re.compile(r"^(?P<stem>.+?)\.so(?:\.(?P<major>[0-9.]+))?$")


def package_names(library: str) -> tuple[str, ...]:
    """Return how Debian's naming rule would call the package of ``library``, compared forms.

    ``libssl.so.3`` is in ``libssl3t64``: name and number joined, with a dash when the name ends in
    a digit; ``t64`` marks the 64-bit time transition. Compared without dashes and case
    (Debian policy §8.1).
    """
    match = _SONAME.match(library)
    if match is None:
        return ()
    return (_plain(match["stem"] + (match["major"] or "")),)


def matching_package(library: str, depends: Iterable[str]) -> str | None:
    """Return the one of ``depends`` that is named after ``library``, or ``None``."""
    wanted = package_names(library)
    return next((name for name in depends if _plain(name) in wanted), None)


def _plain(name: str) -> str:
    return re.sub(r"t64$", "", re.sub(r"[^a-z0-9]", "", name.lower()))


class Bundle:
    """A folder that packages are unpacked into until nothing asks for a library that is not there."""

    def __init__(self, root: Path, apt: PrivateApt, progress: Progress) -> None:
        self.root = root
        self._apt = apt
        self._progress = progress
        self._unpacked: dict[str, list[str]] = {}
        self._owner: dict[Path, str] = {}
        self._needed: dict[Path, tuple[str, ...]] = {}

    @property
    def packages(self) -> list[str]:
        """The names of the packages unpacked so far."""
        return sorted(self._unpacked)

    def fill(self) -> None:
        """Unpack the base packages and then, round by round, what their files ask for.

        Raises:
            EngineInstallError: A library is in none of the packages that should have it.
        """
        self._add(BASE_PACKAGES, "Asterisk, prompts and music")
        for _ in range(_MOST_ROUNDS):
            missing = self._missing()
            if not missing:
                return
            self._add(self._packages_for(missing), f"{len(missing)} libraries")
        raise EngineInstallError(f"libraries not found: {', '.join(sorted(self._missing()))}")

    def binary(self) -> Path:
        """The Asterisk program file."""
        return self.root / "usr/sbin/asterisk"

    def modules(self) -> Path:
        """The folder of module files."""
        return self._one("usr/lib/**/asterisk/modules")

    def loader(self) -> Path:
        """The dynamic loader that came with the bundle's own C library."""
        for path in sorted(self.root.glob("**/ld-linux*.so.*")):
            if path.is_file() and not path.is_symlink():
                return path
        raise EngineInstallError("the C library's package holds no loader (ld-linux)")

    def library_folders(self) -> list[Path]:
        """The folders that hold shared libraries, for the loader."""
        return sorted({path.parent for path in self._libraries().values()})

    def _one(self, pattern: str) -> Path:
        for path in sorted(self.root.glob(pattern)):
            return path
        raise EngineInstallError(f"the packages hold no '{pattern}'")

    def _add(self, packages: Sequence[str], what: str) -> None:
        new = [name for name in packages if name not in self._unpacked]
        self._progress(InstallStep(f"downloading {what} ({len(new)} packages)"))
        for name, archive in zip(new, self._apt.download(new), strict=True):
            before = self._files()
            self._apt.unpack(archive, self.root)
            self._unpacked[name] = self._apt.depends(archive)
            self._owner.update(dict.fromkeys(self._files() - before, name))

    def _files(self) -> frozenset[Path]:
        folders = ("usr/lib", "usr/lib64", "lib", "lib64", "usr/sbin")
        return frozenset(
            path
            for folder in folders
            for path in (self.root / folder).rglob("*")
            if ".so" in path.name or path.parent.name == "sbin"
        )

    def _libraries(self) -> dict[str, Path]:
        plugins = {"modules", "gconv", "engines-3", "ossl-modules"}
        return {path.name: path for path in self._files() if ".so" in path.name and path.parent.name not in plugins}

    def _missing(self) -> dict[str, str]:
        """Map each library that is asked for and not there to the package whose file asks."""
        have = self._libraries()
        wanted = (*REQUIRED_MODULES, *OPTIONAL_MODULES, *CARRIER_MODULES, *QUEUE_MODULES)
        folder = self.modules()
        queue = [self.binary(), *(folder / f"{name}.so" for name in wanted)]
        seen: set[Path] = set()
        missing: dict[str, str] = {}
        while queue:
            path = queue.pop()
            if path in seen or not path.is_file():
                continue
            seen.add(path)
            for library in self._asked_by(path):
                if library in have:
                    queue.append(have[library])
                else:
                    missing.setdefault(library, self._owner[path])
        return missing

    def _asked_by(self, path: Path) -> tuple[str, ...]:
        if path not in self._needed:
            self._needed[path] = needed_libraries(path)
        return self._needed[path]

    def _packages_for(self, missing: dict[str, str]) -> list[str]:
        named = [
            package
            for library, owner in missing.items()
            if (package := matching_package(library, self._unpacked[owner])) is not None
        ]
        fresh = [name for name in dict.fromkeys(named) if name not in self._unpacked]
        if fresh:
            return fresh
        # Named against the rule (libcrypto lies in libssl3t64): the package that asks must depend
        # on the one that has it, so all its libraries are looked at.
        depends = {name for owner in missing.values() for name in self._unpacked[owner]}
        rest = self._apt.known(sorted(name for name in depends if "lib" in name and name not in self._unpacked))
        if not rest:
            raise EngineInstallError(f"libraries not found: {', '.join(sorted(missing))}")
        return rest
