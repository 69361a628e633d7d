"""Trunks that register with their carrier, or whose far side registers with us: are they."""

from collections.abc import Iterator, Sequence
from typing import Final

from callside.cli.checks.finding import Finding, error, ok, warning
from callside.cli.gateway import RunningServer
from callside.config import Settings
from callside.kernel.errors import CallsideError
from callside.tenants.model import Tenant
from callside.v1_api import control

_BAD: Final = frozenset({"refused", "unreachable"})


def check_trunks(settings: Settings, tenants: Sequence[Tenant]) -> Iterator[Finding]:
    """What the running server knows of them; nothing where none runs."""
    found = control.read(settings.control_file)
    if found is None or not found.is_alive():
        return
    server = RunningServer(found)
    for tenant in tenants:
        try:
            rows = server.listing("trunk", tenant.id)
        except CallsideError as failed:
            yield warning(f"trunks of tenant {tenant.id}", failed.message, "look into the server's log")
            continue
        for row in rows:
            if row["registers"] or row["registers_with_us"]:
                yield _registration(tenant, row)


def _registration(tenant: Tenant, row: dict[str, object]) -> Finding:
    name = f"trunk {row['id']} of tenant {tenant.id}"
    now = row["registration"]
    state, reason = (str(now["state"]), str(now["reason"])) if isinstance(now, dict) else ("unknown", "")
    if state == "registered":
        with_whom = "us" if row["registers_with_us"] else row["registrar"] or row["host"]
        return ok(name, f"registered with {with_whom}")
    if state == "awaited":
        return warning(name, reason, f"or make a new password: callside trunk change {row['id']} --renew-password")
    if state in _BAD:
        remedy = f"mend it with: callside trunk change {row['id']} --tenant {tenant.id}; it is tried again by itself"
        return error(name, f"registration {state}: {reason}", remedy)
    remedy = "run doctor again in half a minute; of an external engine this is never known"
    return warning(name, f"registration {state}{': ' if reason else ''}{reason}", remedy)
