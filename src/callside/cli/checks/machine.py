"""This machine: settings, disk, database, our port, the server that runs."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from typing import Final

from callside.cli.checks.finding import Finding, error, ok, warning
from callside.cli.parts import opened_store
from callside.config import FILE, Settings, unknown_variables
from callside.exchange.voices import Voices
from callside.kernel.errors import CallsideError
from callside.store import open_store
from callside.tenants.model import Tenant
from callside.v1_api import control

_LEAST_FREE: Final = 1 << 30


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Where they come from, and whether a name was misspelt."""
    file = settings.home / FILE
    where = f"the environment and {file}" if file.exists() else "the environment"
    yield ok("settings", f"home {settings.home}, from {where}")
    holds_secrets = settings.database.get_secret_value() or settings.ari_password.get_secret_value()
    if holds_secrets and file.exists() and file.stat().st_mode & 0o077:
        yield warning("settings", f"{file} may hold secrets, and others can read it", f"run: chmod 600 {file}")
    for name in unknown_variables():
        yield warning("settings", f"{name} is no setting and has no effect", "correct its name or unset it")


def check_voice(settings: Settings) -> Iterator[Finding]:
    """Whether prompts can be made of text."""
    program = shutil.which("espeak-ng")
    if program is None:
        yield warning("voice", "espeak-ng is not installed: no text can be spoken", "run: apt install espeak-ng")
    else:
        yield ok("voice", program)


def check_piper(settings: Settings) -> Iterator[Finding]:
    """Whether the better voice that was configured is there."""
    if settings.piper_voices is None:
        return
    voices = Voices(settings.piper_voices, settings.piper)
    if voices.program() is None:
        yield warning(
            "piper", "is not installed: espeak-ng speaks", "install piper, or set CALLSIDE_PIPER to its program"
        )
    elif not voices.names():
        remedy = "put MODEL.onnx and MODEL.onnx.json there"
        yield warning("piper", f"no model in {settings.piper_voices}: espeak-ng speaks", remedy)
    else:
        yield ok("piper", f"{voices.program()}: {', '.join(voices.names())}")


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Room for the database and recordings."""
    place = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / (1 << 30):.1f} GiB free at {place}"
    if free < _LEAST_FREE:
        yield warning("disk", text, "make room: with a full disk no login and no call record can be kept")
    else:
        yield ok("disk", text)


def check_database(settings: Settings) -> tuple[list[Finding], list[Tenant]]:
    """On the newest schema, writable; and the tenants in it, for the checks after this one. An older one is left as it is."""
    kind = settings.database_url.partition(":")[0].partition("+")[0]

    async def look() -> tuple[int, bool, list[Tenant]]:
        if steps := await open_store(settings.database_url).behind():
            return steps, True, []
        async with opened_store(settings) as store:
            return 0, await store.is_healthy(), list(await store.directories.tenants())

    try:
        behind, healthy, tenants = asyncio.run(look())
    except CallsideError as failed:
        remedy = "check CALLSIDE_DATABASE, and that its server runs" if kind != "sqlite" else "check the home's rights"
        return [error("database", failed.message, remedy)], []
    except OSError as failed:
        remedy = f"give this user the right to write to {settings.home}, or set CALLSIDE_HOME"
        return [error("database", f"cannot be opened: {failed.strerror}", remedy)], []
    if behind:
        remedy = (
            "back it up, then restart callside serve, which brings it up to date; an older Callside then refuses it"
        )
        return [warning("database", f"{kind}, its schema is {behind} steps behind this Callside", remedy)], []
    if not healthy:
        return [error("database", "can be opened but not written", "check disk space and rights")], tenants
    return [ok("database", f"{kind}, newest schema, {len(tenants)} tenants")], tenants


def check_port(settings: Settings) -> Iterator[Finding]:
    """Our one port: free, or held by this home's own server."""
    found = control.read(settings.control_file)
    if found is not None and found.is_alive():
        yield ok("port", f"the server of this home runs at {found.url} (process {found.pid})")
        return
    if settings.port and not _can_listen(settings.host, settings.port):
        yield error(
            "port",
            f"{settings.host}:{settings.port} is taken by another program, or this user may not listen there",
            "stop that program, or set CALLSIDE_PORT (ports below 1024 need root: put a reverse proxy in front)",
        )
        return
    yield ok("port", f"{settings.host}:{settings.port} is free; no server of this home runs")


def _can_listen(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
