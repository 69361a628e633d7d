"""Trunks that register with their carrier: are they."""

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
            if row["registers"]:
                yield _registration(tenant, row)


def _registration(tenant: Tenant, row: dict[str, object]) -> Finding:
    name = f"trunk {row['id']} of tenant {tenant.id}"
    now = row["registration"]
    state, reason = (str(now["state"]), str(now["reason"])) if isinstance(now, dict) else ("unknown", "")
    if state == "registered":
        return ok(name, f"registered with {row['registrar'] or row['host']}")
    if state in _BAD:
        remedy = f"mend it with: callside trunk change {row['id']} --tenant {tenant.id}; it is tried again by itself"
        return error(name, f"registration {state}: {reason}", remedy)
    remedy = "run doctor again in half a minute; of an external engine this is never known"
    return warning(name, f"registration {state}{': ' if reason else ''}{reason}", remedy)
