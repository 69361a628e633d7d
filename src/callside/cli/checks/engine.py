"""The telephone engine: is there one, what can it do, does it run, are its ports free."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

from callside.asterisk import packages, process
from callside.asterisk.configuration import outdated_files
from callside.asterisk.folders import EngineFolders
from callside.asterisk.ports import occupied, recall
from callside.asterisk.program import MINIMUM_MAJOR, EngineProgram, EngineVersion
from callside.cli.checks.finding import Finding, error, ok, warning
from callside.config import Settings
from callside.own_engine import engine_profile

_GOOD_FROM: Final = EngineVersion(22, 11)
"""Below it are known deadlocks of bridges (engine.md §1.9)."""

_ANSWER_SECONDS: Final = 5


def check_engine(settings: Settings) -> Iterator[Finding]:
    """The engine that the settings lead to."""
    if settings.ari_url:
        yield _external(settings)
        return
    found = packages.find(settings.engine_cache)
    for remark in found.remarks:
        yield warning("engine", remark, "nothing to do if the engine below is fine; else add what is missing")
    if found.program is None:
        yield error("engine", "there is none on this machine", "run: callside engine install")
        return
    yield from _version(found.program)
    yield from _running(settings, found.program)


def _version(program: EngineProgram) -> Iterator[Finding]:
    which = f"Asterisk {program.version} ({'this machine' if program.origin == 'machine' else 'our cache'})"
    if program.version < _GOOD_FROM:
        remedy = "run: callside engine install --renew (nothing newer may be offered yet; then watch for stuck calls)"
        yield warning("engine", f"{which} has known deadlocks, fixed in {_GOOD_FROM}", remedy)
    else:
        yield ok("engine", which)
    yield ok("engine modules", f"all that are needed are in {program.modules}")
    if not program.has_music:
        remedy = (
            f"put music into {program.music} (Debian: apt install asterisk-moh-opsound-wav), then start the engine anew"
        )
        yield warning("engine music", "there is none: callers who wait hear a tone every few seconds", remedy)


def _running(settings: Settings, program: EngineProgram) -> Iterator[Finding]:
    now = process.find_running(settings.home)
    if now is not None:
        yield ok("engine process", f"runs as process {now.pid}")
        folders, profile = EngineFolders.of(settings.home), engine_profile(settings)
        # Not what depends on the limits of whoever asks.
        older = [one for one in outdated_files(folders, program, now.access.ports, profile) if one != "asterisk.conf"]
        if older:
            remedy = "when no calls are on: callside engine stop; callside serve starts it with what is written today"
            yield warning(
                "engine configuration", f"it runs with another {', '.join(older)} than it would get now", remedy
            )
        return
    yield ok("engine process", "does not run now; callside serve starts it")
    ports = recall(EngineFolders.of(settings.home).state / "ports.json")
    for taken in occupied(ports) if ports is not None else ():
        remedy = "stop what listens there, or name another port; ports that nobody named move on by themselves"
        yield warning("engine ports", f"{taken} is taken", remedy)


def _external(settings: Settings) -> Finding:
    url = f"{settings.ari_url}/ari/asterisk/info?only=system"
    secret = f"{settings.ari_user}:{settings.ari_password.get_secret_value()}"
    authorization = "Basic " + base64.b64encode(secret.encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": authorization})  # noqa: S310 - http(s) by Settings
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
            version = EngineVersion.read(json.load(answer)["system"]["version"])
    except urllib.error.HTTPError as refused:
        remedy = "check CALLSIDE_ARI_USER and CALLSIDE_ARI_PASSWORD against its ari.conf"
        return error("engine", f"the external engine at {settings.ari_url} answers {refused.code}", remedy)
    except (OSError, ValueError, KeyError, TypeError) as failed:
        remedy = "check CALLSIDE_ARI_URL, and that its http.conf and ari.conf are enabled"
        return error("engine", f"no external engine answers at {settings.ari_url} ({failed})", remedy)
    if version.major < MINIMUM_MAJOR:
        remedy = f"use Asterisk {MINIMUM_MAJOR} or newer"
        return error("engine", f"the external engine is Asterisk {version}", remedy)
    if version < _GOOD_FROM:
        remedy = f"upgrade it to {_GOOD_FROM} or newer"
        return warning("engine", f"the external engine, Asterisk {version}, has known deadlocks", remedy)
    return ok("engine", f"external, Asterisk {version} at {settings.ari_url}")
