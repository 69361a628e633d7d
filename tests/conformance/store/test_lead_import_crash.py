"""kill -9 in the middle of an import, again and again: in the end every row is in once, and the report says so."""

import asyncio
import csv
import io
import signal
import sys

from callside.dialer.leads.model import LeadList
from callside.exchange.lead_import.importer import LeadImporter
from callside.exchange.lead_import.model import ImportOptions, ImportState
from callside.store import open_store
from callside.tenants.model import Tenant
from tests.conformance.store.importing import Clock

ROWS = 12_000


async def run_and_kill(url, folder, after_rows, imports, tenant_id, import_id) -> bool:
    """Whether it was killed before it was through."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.conformance.store.importing", url, str(folder)
    )
    try:
        while process.returncode is None:
            one = await imports.lead_import(tenant_id, import_id)
            if one.rows_done >= after_rows:
                process.send_signal(signal.SIGKILL)
                break
            await asyncio.sleep(0.005)
    finally:
        await process.wait()
    return process.returncode == -signal.SIGKILL


async def test_an_import_that_is_killed_goes_on_without_losing_or_doubling_a_row(url, tmp_path):
    store = open_store(url)
    await store.open()
    tenant = await store.directories.add_tenant(Tenant("", "Acme"))
    into = await store.leads.add_list(LeadList("", tenant.id, "People"))
    importer = LeadImporter(store.lead_imports, store.directories, Clock(), tmp_path / "imports")
    file = importer.new_upload(tenant.id)
    file.write_text("Phone,Name\n" + "".join(f"+1{2_125_550_000 + n},p{n}\n" for n in range(ROWS)))
    one = await importer.submit(tenant.id, into.id, file, "people.csv", ImportOptions())

    killed = 0
    for after_rows in (500, 3_000, 7_000):
        killed += await run_and_kill(url, tmp_path / "imports", after_rows, store.lead_imports, tenant.id, one.id)
        assert await store.leads.tallies(tenant.id, into.id) == {}, "nothing is to be called yet"
    half = await store.lead_imports.lead_import(tenant.id, one.id)
    assert (killed, half.state) == (3, ImportState.RUNNING)
    assert 0 < half.rows_done < ROWS

    done = await importer.carry_out(half)
    assert (done.state, done.counts) == (ImportState.DONE, {"imported": ROWS})
    assert await store.leads.tallies(tenant.id, into.id) == {"fresh": ROWS}
    report = list(csv.DictReader(io.StringIO(importer.report(done).read_text(), newline="")))
    assert [int(row["line"]) for row in report] == list(range(2, ROWS + 2))
    assert len({row["lead_id"] for row in report}) == ROWS
    first, last = report[0], report[-1]
    for row in (first, last):
        (lead,) = await store.leads.leads_with(tenant.id, row["number"])
        assert lead.id == row["lead_id"]
    await store.close()
