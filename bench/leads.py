"""Leads: bringing a million in, and who is next, on SQLite and PostgreSQL.

A file with six columns and numbers of every area of the United States is brought in by the shipped importer, then asked who is
next: of a list that nobody has called yet, of one where 19 of 20 leads are done, and while one zone of all is open.
"""

import asyncio
import contextlib
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import BigInteger, bindparam, null, update

from bench import lead_files
from bench.tables import Table
from callside.calls.model import Trunk
from callside.dialer.leads.model import LeadList
from callside.dialer.model import Campaign
from callside.exchange.lead_import.importer import LeadImporter
from callside.exchange.lead_import.model import ImportOptions
from callside.exchange.ports import Store
from callside.kernel.clock import Moment
from callside.kernel.ids import CampaignId, LeadListId, TenantId, TrunkId
from callside.sessions.model import LoginType
from callside.store import open_store
from callside.store.connection import Connection, Values
from callside.store.query import Query
from callside.store.store import SqlStore
from callside.store.tables import LEADS
from callside.tenants.model import Tenant
from tests.conformance.store.postgres import cluster, programs

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ASKED = 300
_AT_ONCE = 5_000
MEGABYTE = 1 << 20


class Clock:
    """The machine's."""

    def now(self) -> Moment:
        """The present moment."""
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


def run() -> Iterator[Table]:
    """All three tables."""
    imports: list[list[str]] = []
    asked: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = {"SQLite": f"sqlite:///{folder}/callside.db"}
        if programs() is not None:
            urls["PostgreSQL"] = stack.enter_context(cluster(synced=True)).url()
        for name, url in urls.items():
            asyncio.run(_measure(name, url, Path(folder), imports, asked))
    head = ("store", "rows", "s", "CPU s, server", "CPU s, reading", "peak MB, server", "peak MB, reading")
    yield Table("leads-import", head, imports)
    head = ("store", "leads", "list", "p50 ms, 1 lead", "p99 ms", "p50 ms, 50 leads", "p99 ms")
    yield Table("leads-next", head, asked)
    yield from lead_files.run()


async def _measure(name: str, url: str, folder: Path, imports: list[list[str]], asked: list[list[str]]) -> None:
    async with _opened(url) as store:
        for size in SIZES:
            tenant_id, campaign_id, list_id = await _set_up(store, f"{size} leads")
            imports_of = await _bring(store, tenant_id, list_id, size, folder)
            if size == SIZES[-1]:
                imports.append([name, f"{size:,}", *imports_of])
            zones = await store.leads.zone_keys(tenant_id, campaign_id)
            asked.append([name, f"{size:,}", "fresh", *await _ask(store, tenant_id, campaign_id, zones)])
            one = frozenset(sorted(zones)[:1])
            asked.append([name, f"{size:,}", "one zone open", *await _ask(store, tenant_id, campaign_id, one)])
            await _finish_most(store, tenant_id, list_id)
            asked.append([name, f"{size:,}", "19 of 20 done", *await _ask(store, tenant_id, campaign_id, zones)])


@contextlib.asynccontextmanager
async def _opened(url: str) -> AsyncIterator[SqlStore]:
    store = open_store(url)
    assert isinstance(store, SqlStore)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def _set_up(store: Store, name: str) -> tuple[TenantId, CampaignId, LeadListId]:
    tenant = await store.directories.add_tenant(Tenant(TenantId(""), name))
    trunk = await store.directories.add_trunk(Trunk(TrunkId(""), tenant.id, "Carrier", "carrier.example"))
    blank = Campaign(CampaignId(""), tenant.id, "Spring", LoginType.PROGRESSIVE, trunk.id)
    campaign = await store.directories.add_campaign(blank)
    into = await store.leads.add_list(LeadList(LeadListId(""), tenant.id, "People", campaign.id))
    return tenant.id, campaign.id, into.id


async def _bring(store: Store, tenant_id: TenantId, list_id: LeadListId, size: int, folder: Path) -> list[str]:
    importer = LeadImporter(store.lead_imports, store.directories, Clock(), folder / "imports")
    file = importer.new_upload(tenant_id)
    lead_files.write_csv(file, size)
    began, before, read_before = time.monotonic(), _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    one = await importer.carry_out(await importer.submit(tenant_id, list_id, file, "people.csv", ImportOptions()))
    took = time.monotonic() - began
    file.unlink()
    assert sum(one.counts.values()) == size, one
    return [
        f"{took:.1f}",
        f"{_cpu(resource.RUSAGE_SELF) - before:.1f}",
        f"{_cpu(resource.RUSAGE_CHILDREN) - read_before:.1f}",
        str(_peak(resource.RUSAGE_SELF)),
        str(_peak(resource.RUSAGE_CHILDREN)),
    ]


async def _ask(store: Store, tenant_id: TenantId, campaign_id: CampaignId, zones: frozenset[str]) -> list[str]:
    found: list[str] = []
    for limit in (1, 50):
        times = []
        for _ in range(ASKED):
            began = time.perf_counter()
            leads = await store.leads.next_leads(
                tenant_id, campaign_id, Clock().now().wall, open_zone_keys=zones, agent_ids=("101", "102"), limit=limit
            )
            times.append((time.perf_counter() - began) * 1000)
            assert leads
        found += [f"{statistics.median(times):.2f}", f"{statistics.quantiles(times, n=100)[98]:.2f}"]
    return found


async def _finish_most(store: SqlStore, tenant_id: TenantId, list_id: LeadListId) -> None:
    """19 of 20 leads are done: in the bench's own way, as a million calls would take a day."""
    most = Query(
        update(LEADS)
        .where(
            LEADS.c.tenant_id == bindparam("tenant"),
            LEADS.c.id > bindparam("after", type_=BigInteger),
            LEADS.c.id <= bindparam("last", type_=BigInteger),
            LEADS.c.id % 20 != 0,
        )
        .values(state="done", lane=null(), rank=0)
    )
    after = None
    while page := await store.leads.page(tenant_id, list_id, after=after, limit=_AT_ONCE):
        ends = {"after": int(page[0].id) - 1, "last": int(page[-1].id)}
        await store.database.write(partial(_execute, query=most, values={"tenant": tenant_id, **ends}))
        after = page[-1].id


async def _execute(connection: Connection, query: Query, values: Values) -> int:
    return await connection.execute(query, values)


def _cpu(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def _peak(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss * 1024 // MEGABYTE


if __name__ == "__main__":
    for table in run():
        sys.stdout.write(f"{table.markdown()}\n\n")
