"""How the commands for leads reach the installation: through the running server, or the store of a stopped one."""

import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol
from urllib.parse import quote, urlencode

from callside.cli.gateway import Gateway, Row, RunningServer, StoppedServer
from callside.exchange.administration import Administration
from callside.exchange.administration.forms import read_form
from callside.exchange.administration.lead_forms import DncEntriesForm, DncRemovalForm, ImportChoices
from callside.exchange.administration.lead_parts import LeadDesks
from callside.kernel.errors import ConflictError
from callside.kernel.ids import TenantId

_LOOK_EVERY_S: Final = 0.5
_ENDED: Final = frozenset({"done", "failed", "cancelled"})
Progress = Callable[[Row], None]


class LeadGateway(Protocol):
    """What can be done with leads from the command line. ``tenant_id`` empty: the installation's do-not-call lists."""

    def bring(self, tenant_id: str, list_id: str, file: Path, choices: Row, progress: Progress) -> Row:
        """Bring a file in and wait for its end."""

    def imports(self, tenant_id: str) -> list[Row]:
        """The imports, newest first."""

    def report(self, tenant_id: str, import_id: str, out: BinaryIO) -> None:
        """Write an import's report."""

    def export(self, tenant_id: str, list_id: str, out: BinaryIO) -> None:
        """Write a list's leads."""

    def find(self, tenant_id: str, number: str) -> list[Row]:
        """Leads with a number."""

    def put(self, tenant_id: str, values: Row) -> Row:
        """Put numbers on a do-not-call list."""

    def take_off(self, tenant_id: str, values: Row) -> Row:
        """Take numbers off one."""

    def bring_dnc(self, tenant_id: str, list_id: str, file: Path, *, replaces: bool) -> Row:
        """Put a file's numbers on one."""

    def numbers(self, tenant_id: str, list_id: str, after: str, limit: int) -> list[Row]:
        """Numbers on one, in order, behind ``after``."""

    def check(self, tenant_id: str, number: str) -> str | None:
        """The name of a list that keeps the number from being called."""


def leads_of(gateway: Gateway) -> LeadGateway:
    """The same installation's leads."""
    return RunningLeads(gateway) if isinstance(gateway, RunningServer) else StoppedLeads(gateway)  # type: ignore[arg-type]


class RunningLeads:
    """Through ``/v1/admin`` of the running server."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    def bring(self, tenant_id: str, list_id: str, file: Path, choices: Row, progress: Progress) -> Row:
        """Bring a file in and wait for its end."""
        asked = {"list_id": list_id, "file_name": file.name, "choices": json.dumps(choices)}
        with file.open("rb") as body:
            row: Row = self._server.send("POST", _path(tenant_id, "lead-imports", **asked), body, _BYTES)
        while row["state"] not in _ENDED:
            time.sleep(_LOOK_EVERY_S)
            row = self._server.send("GET", _path(tenant_id, f"lead-imports/{row['id']}"), None, _BYTES)
            progress(row)
        return row

    def imports(self, tenant_id: str) -> list[Row]:
        """The imports, newest first."""
        items: list[Row] = self._server.send("GET", _path(tenant_id, "lead-imports"), None, _BYTES)["items"]
        return items

    def report(self, tenant_id: str, import_id: str, out: BinaryIO) -> None:
        """Write an import's report."""
        self._server.fetch(_path(tenant_id, f"lead-reports/{quote(import_id, safe='')}"), out)

    def export(self, tenant_id: str, list_id: str, out: BinaryIO) -> None:
        """Write a list's leads."""
        self._server.fetch(_path(tenant_id, f"lead-exports/{quote(list_id, safe='')}"), out)

    def find(self, tenant_id: str, number: str) -> list[Row]:
        """Leads with a number."""
        items: list[Row] = self._server.send("GET", _path(tenant_id, "leads", number=number), None, _BYTES)["items"]
        return items

    def put(self, tenant_id: str, values: Row) -> Row:
        """Put numbers on a do-not-call list."""
        return self._post(tenant_id, "dnc-entries", values)

    def take_off(self, tenant_id: str, values: Row) -> Row:
        """Take numbers off one."""
        return self._post(tenant_id, "dnc-removals", values)

    def bring_dnc(self, tenant_id: str, list_id: str, file: Path, *, replaces: bool) -> Row:
        """Put a file's numbers on one."""
        asked = {"list_id": list_id, "replaces": str(replaces).lower()}
        with file.open("rb") as body:
            row: Row = self._server.send("POST", _path(tenant_id, "dnc-files", **asked), body, _BYTES)
        return row

    def numbers(self, tenant_id: str, list_id: str, after: str, limit: int) -> list[Row]:
        """Numbers on one, in order, behind ``after``."""
        where = _path(tenant_id, f"dnc-lists/{quote(list_id, safe='')}/entries", after=after, limit=limit)
        items: list[Row] = self._server.send("GET", where, None, _BYTES)["items"]
        return items

    def check(self, tenant_id: str, number: str) -> str | None:
        """The name of a list that keeps the number from being called."""
        found: str | None = self._server.send("GET", _path(tenant_id, "dnc-checks", number=number), None, _BYTES)[
            "list"
        ]
        return found

    def _post(self, tenant_id: str, path: str, values: Row) -> Row:
        row: Row = self._server.send("POST", _path(tenant_id, path), json.dumps(values).encode(), "application/json")
        return row


class StoppedLeads:
    """Opens the store itself."""

    def __init__(self, server: StoppedServer) -> None:
        self._server = server

    def bring(self, tenant_id: str, list_id: str, file: Path, choices: Row, progress: Progress) -> Row:
        """Bring a file in, here and now."""

        async def work(office: Administration) -> Row:
            desks = _desks(office)
            read = read_form(ImportChoices, choices)
            one = await desks.imports.submit(TenantId(tenant_id), list_id, file, file.name, read)
            await desks.imports.importer.finish()
            return (await desks.imports.get(TenantId(tenant_id), one.id)).model_dump(mode="json")

        return self._server.do(work)

    def imports(self, tenant_id: str) -> list[Row]:
        """The imports, newest first."""

        async def work(office: Administration) -> list[Row]:
            return [one.model_dump(mode="json") for one in await _desks(office).imports.listing(TenantId(tenant_id))]

        return self._server.do(work)

    def report(self, tenant_id: str, import_id: str, out: BinaryIO) -> None:
        """Write an import's report."""

        async def work(office: Administration) -> None:
            path, length = await _desks(office).imports.report(TenantId(tenant_id), import_id)
            out.write(path.read_bytes()[:length])

        self._server.do(work)

    def export(self, tenant_id: str, list_id: str, out: BinaryIO) -> None:
        """Write a list's leads."""

        async def work(office: Administration) -> None:
            pieces: AsyncIterator[str] = await _desks(office).leads.export(TenantId(tenant_id), list_id)
            async for piece in pieces:
                out.write(piece.encode())

        self._server.do(work)

    def find(self, tenant_id: str, number: str) -> list[Row]:
        """Leads with a number."""

        async def work(office: Administration) -> list[Row]:
            return [one.model_dump(mode="json") for one in await _desks(office).leads.find(TenantId(tenant_id), number)]

        return self._server.do(work)

    def put(self, tenant_id: str, values: Row) -> Row:
        """Put numbers on a do-not-call list."""

        async def work(office: Administration) -> Row:
            form = read_form(DncEntriesForm, values)
            return (await _desks(office).dnc.put(TenantId(tenant_id), form)).model_dump(mode="json")

        return self._server.do(work)

    def take_off(self, tenant_id: str, values: Row) -> Row:
        """Take numbers off one."""

        async def work(office: Administration) -> Row:
            form = read_form(DncRemovalForm, values)
            return (await _desks(office).dnc.take_off(TenantId(tenant_id), form)).model_dump(mode="json")

        return self._server.do(work)

    def bring_dnc(self, tenant_id: str, list_id: str, file: Path, *, replaces: bool) -> Row:
        """Put a file's numbers on one."""

        async def work(office: Administration) -> Row:
            desk = _desks(office).dnc
            came = await desk.bring(TenantId(tenant_id), list_id, file, reason="", expires_at=None, replaces=replaces)
            return came.model_dump(mode="json")

        return self._server.do(work)

    def numbers(self, tenant_id: str, list_id: str, after: str, limit: int) -> list[Row]:
        """Numbers on one, in order, behind ``after``."""

        async def work(office: Administration) -> list[Row]:
            found = await _desks(office).dnc.entries(TenantId(tenant_id), list_id, after=after, limit=limit)
            return [one.model_dump(mode="json") for one in found]

        return self._server.do(work)

    def check(self, tenant_id: str, number: str) -> str | None:
        """The name of a list that keeps the number from being called."""

        async def work(office: Administration) -> str | None:
            return await _desks(office).dnc.look_up(TenantId(tenant_id), None, number)

        return self._server.do(work)


_BYTES: Final = "application/octet-stream"


def _path(tenant_id: str, rest: str, **asked: Any) -> str:
    whose = f"tenants/{quote(tenant_id, safe='')}" if tenant_id else "everywhere"
    return f"/v1/admin/{whose}/{rest}" + (f"?{urlencode(asked)}" if asked else "")


def _desks(office: Administration) -> LeadDesks:
    if office.leads is None:
        raise ConflictError("this installation keeps no leads")
    return office.leads
