"""Which archive the engine's packages come from: the one this machine's own apt is configured with.

No package index's host is named in this project: the mirror is read from /etc/apt (one-line and
deb822 formats, sources.list(5)); only the suite is ours (DESIGN §4).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callside.asterisk.errors import EngineInstallError

_SYSTEM_KEYRING: Final = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}
_UNUSABLE_SCHEMES: Final = ("cdrom:", "file:", "copy:")
_ONE_LINE: Final = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$")


@dataclass(frozen=True, slots=True)
class AptSource:
    """One archive that apt on this machine is configured with.

    ``signed_by`` is a keyring's path or an embedded key block, as apt's own option of that name;
    empty means apt's default keyrings.
    """

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What ``os-release`` says: ``identity`` such as ``debian``, ``codename`` such as ``bookworm``."""

    identity: str
    codename: str


def read_distribution(text: str) -> Distribution:
    """Read the text of an ``os-release`` file (man page os-release(5))."""
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    clean = {key: value.strip().strip("\"'") for key, value in values.items()}
    return Distribution(clean.get("ID", ""), clean.get("VERSION_CODENAME", ""))


def parse_one_line(text: str) -> list[AptSource]:
    """Read the one-line format of sources.list(5); comments and ``deb-src`` lines are left out."""
    found: list[AptSource] = []
    for raw in text.splitlines():
        match = _ONE_LINE.match(raw.split("#", 1)[0].strip())
        if match is None:
            continue
        suite, *components = match["rest"].split()
        options = dict(part.split("=", 1) for part in (match["options"] or "").split() if "=" in part)
        found.append(AptSource(match["uri"], (suite,), tuple(components), options.get("signed-by", "").split(",")[0]))
    return found


def parse_deb822(text: str) -> list[AptSource]:
    """Read the deb822 format of sources.list(5); disabled and source-only stanzas are left out."""
    found: list[AptSource] = []
    for fields in _stanzas(text):
        enabled = fields.get("enabled", "yes").lower() not in {"no", "false", "0", "off", "without"}
        if not enabled or "deb" not in fields.get("types", "").split():
            continue
        suites = tuple(fields.get("suites", "").split())
        components = tuple(fields.get("components", "").split())
        found.extend(
            AptSource(uri, suites, components, fields.get("signed-by", "")) for uri in fields.get("uris", "").split()
        )
    return found


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, name = {}, ""
        elif line[0].isspace() and name:
            fields[name] += "\n" + line.rstrip()
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()


def machine_sources(etc: Path = Path("/etc/apt")) -> list[AptSource]:
    """Return every binary archive that the apt of this machine reads, in its order."""
    found: list[AptSource] = []
    main = etc / "sources.list"
    if main.is_file():
        found += parse_one_line(main.read_text(errors="replace"))
    parts = etc / "sources.list.d"
    for path in sorted(parts.iterdir()) if parts.is_dir() else ():
        if path.suffix == ".list":
            found += parse_one_line(path.read_text(errors="replace"))
        elif path.suffix == ".sources":
            found += parse_deb822(path.read_text(errors="replace"))
    return found


def engine_source(sources: Iterable[AptSource], distribution: Distribution) -> AptSource:
    """Choose the archive the engine comes from.

    It is the configured mirror with the suite under development: ``sid`` on Debian, whose stable
    releases have no Asterisk; ``devel`` with ``universe`` on Ubuntu, whose releases have an older one.

    Raises:
        EngineInstallError: There is no archive of this distribution among the sources.
    """
    if distribution.identity not in _SYSTEM_KEYRING:
        raise EngineInstallError(
            f"no Asterisk 22 package is known for the distribution "
            f"'{distribution.identity or 'unknown'}' (ID in /etc/os-release)"
        )
    keyring = _SYSTEM_KEYRING[distribution.identity]
    for source in sources:
        if source.uri.startswith(_UNUSABLE_SCHEMES) or "main" not in source.components:
            continue
        if distribution.codename and distribution.codename not in source.suites:
            continue
        signed = source.signed_by or (keyring if Path(keyring).is_file() else "")
        if distribution.identity == "debian":
            return replace(source, suites=("sid",), components=("main",), signed_by=signed)
        return replace(source, suites=("devel",), components=("main", "universe"), signed_by=signed)
    raise EngineInstallError(
        f"apt on this machine has no archive of {distribution.identity} "
        f"'{distribution.codename}' with component main (looked in /etc/apt/sources.list and "
        "/etc/apt/sources.list.d)"
    )


def source_stanza(source: AptSource) -> str:
    """Write ``source`` in deb822 format, package lists only (no translations, no icons)."""
    lines = [
        "Types: deb",
        f"URIs: {source.uri}",
        f"Suites: {' '.join(source.suites)}",
        f"Components: {' '.join(source.components)}",
        "Targets: Packages",
    ]
    if source.signed_by:
        lines.append(f"Signed-By: {source.signed_by}")
    return "\n".join(lines) + "\n"
