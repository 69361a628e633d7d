"""An import from the file to the report, with its real process: whole, or not at all."""

import asyncio
import csv
import io
import os
from collections import Counter

import pytest

from callside.dialer.leads.model import LeadList
from callside.exchange.lead_import.importer import LeadImporter
from callside.exchange.lead_import.model import ENDED, ImportOptions, ImportState
from callside.exchange.lead_import.report import Report
from callside.kernel.clock import Moment
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError, StoreUnavailableError
from callside.tenants.model import Tenant
from tests.fakes.memory_lead_imports import MemoryLeadImports
from tests.fakes.memory_store import MemoryStore
from tests.patience import PATIENCE_S
from tests.unit.exchange.lead_import.spreadsheets import write


class Clock:
    def now(self) -> Moment:
        return Moment(5, 1_790_000_000_000)


class Desk:
    def __init__(self, folder):
        self.store = MemoryStore()
        self.folder = folder
        self.importer = self.another()

    def another(self) -> LeadImporter:
        return LeadImporter(self.store.lead_imports, self.store.directories, Clock(), self.folder)

    async def set_up(self):
        self.tenant = await self.store.directories.add_tenant(Tenant("", "Acme"))
        self.list = await self.store.leads.add_list(LeadList("", self.tenant.id, "People"))
        return self

    async def submit(self, content, **options):
        file = self.importer.new_upload(self.tenant.id)
        if isinstance(content, bytes | str):
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        else:
            write(file, content)
        try:
            mine = self.tenant.id, self.list.id
            return await self.importer.submit(*mine, file, "../people.csv", ImportOptions(**options))
        finally:
            file.unlink()

    async def bring(self, content, **options):
        return await self.importer.carry_out(await self.submit(content, **options))

    def report(self, one):
        text = self.importer.report(one).read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def leads(self):
        return list(self.store.leads.rows.values())


@pytest.fixture
async def desk(tmp_path):
    return await Desk(tmp_path / "imports").set_up()


async def test_a_file_becomes_a_list(desk):
    one = await desk.bring('Name;Phone;City\nAda;(212) 555-0123;"Spring;field"\nBob;nothing;x\n\nAnn;+12125550123;y\n')
    assert (one.state, one.counts) == (ImportState.DONE, {"imported": 1, "refused": 1, "empty": 1, "duplicate": 1})
    (lead,) = desk.leads()
    assert (lead.name, lead.numbers[0].number, lead.fields) == ("Ada", "+12125550123", {"City": "Spring;field"})
    assert [(row["line"], row["verdict"]) for row in desk.report(one)] == [
        ("2", "imported"), ("3", "refused"), ("4", "empty"), ("5", "duplicate"),
    ]  # fmt: skip
    assert one.file_name == "people.csv"
    assert "semicolons" in one.found.form
    assert not list(desk.folder.rglob("upload-*"))


async def test_a_spreadsheet_becomes_a_list(desk):
    one = await desk.bring([["Phone", "Name"], [12125550123.0, "Ada"], ["x", "Bob"]])
    assert one.counts == {"imported": 1, "refused": 1}
    assert desk.leads()[0].numbers[0].number == "+12125550123"
    assert one.found.total == 2


async def test_the_tenants_region_or_the_imports_own_reads_the_numbers(desk):
    await desk.bring("Phone\n020 7183 8750\n", region="GB")
    assert desk.leads()[0].numbers[0].number == "+442071838750"


async def test_a_file_without_a_header_is_read_from_its_first_line(desk):
    one = await desk.bring("Ada,+12125550123\nBob,+12125550124\n")
    assert one.counts == {"imported": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("\n\n  \n", "empty"),
        ("Name,City\nAda,Springfield\n", "which column has the phone numbers; there are: Name, City"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or a protected spreadsheet"),
        (b"PK\x03\x04 and no more", "no whole spreadsheet"),
        ("Phone,Name\n", "a header and no row below it"),
        (b"%PDF-1.7\n1 0 obj Phone", "is a PDF"),
        ("\n <HTML><table><tr><td>Phone</td></tr></table>", "a web page or XML"),
        ('<?xml version="1.0"?><Workbook><Cell>Phone</Cell></Workbook>', "a web page or XML"),
        (bytes(range(1, 256)) * 20, "neither text nor a spreadsheet"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(desk, content, said):
    with pytest.raises(InvalidFieldError, match=said):
        await desk.submit(content)
    assert desk.store.lead_imports.kept == {}


async def test_a_column_that_is_not_there_is_refused(desk):
    with pytest.raises(InvalidFieldError, match="no column 'Tel'"):
        await desk.submit("Phone\n1\n", columns={"Tel": "number"})
    with pytest.raises(NotFoundError):
        await desk.importer.submit("999", desk.list.id, desk.folder / "x", "x", ImportOptions())


async def test_every_row_of_a_file_is_accounted_for(desk):
    numbers = [f"+1212555{n:04d}" for n in range(1500)]
    rows = [f"{number},x" if n % 7 else f"oops,{n}" for n, number in enumerate(numbers)]
    one = await desk.bring("Phone,Name\n" + "\n".join(rows) + "\n")
    report = desk.report(one)
    assert [int(row["line"]) for row in report] == list(range(2, 1502))
    assert Counter(row["verdict"] for row in report) == one.counts
    assert one.rows_done == 1500


async def test_a_store_that_is_away_for_a_moment_costs_nothing(desk, monkeypatch):
    monkeypatch.setattr("callside.exchange.lead_import.importer._RETRY_S", 0.01)
    load, failures = desk.store.lead_imports.load, iter([True, True])

    async def sometimes(one, candidates, others, rows, written):
        if next(failures, False):
            written([])
            raise StoreUnavailableError("the disk is full")
        return await load(one, candidates, others, rows, written)

    desk.store.lead_imports.load = sometimes
    one = await desk.bring("Phone\n+12125550123\n")
    assert one.counts == {"imported": 1}
    assert len(desk.report(one)) == 1


async def test_a_next_process_goes_on_where_this_one_was_stopped(desk):
    rows = "".join(f"+1212555{n:04d}\n" for n in range(1700))
    one = await desk.submit("Phone\n" + rows)
    load, pieces = desk.store.lead_imports.load, []

    class Killed(BaseException):
        pass

    async def two_pieces(*args):
        if len(pieces) == 2:
            raise Killed
        pieces.append(1)
        return await load(*args)

    desk.store.lead_imports.load = two_pieces
    with pytest.raises(Killed):
        await desk.importer.carry_out(one)
    desk.store.lead_imports.load = load
    (half,) = await desk.store.lead_imports.unfinished()
    assert half.rows_done == 2 * MemoryLeadImports.rows_at_once
    assert len(desk.leads()) == 2 * MemoryLeadImports.rows_at_once
    assert await desk.store.leads.tallies(desk.tenant.id, desk.list.id) == {}
    done = await desk.another().carry_out(half)
    assert done.counts == {"imported": 1700}
    assert [int(row["line"]) for row in desk.report(done)] == list(range(2, 1702))


async def test_an_import_that_is_cancelled_leaves_nothing(desk):
    one = await desk.submit("Phone\n+12125550123\n")
    await desk.importer.cancel(desk.tenant.id, one.id)
    ended = await desk.importer.carry_out(one)
    assert (ended.state, desk.leads()) == (ImportState.CANCELLED, [])
    with pytest.raises(ConflictError, match="cancelled already"):
        await desk.importer.cancel(desk.tenant.id, one.id)
    with pytest.raises(NotFoundError):
        await desk.importer.cancel("1012", one.id)


async def test_an_import_whose_list_is_removed_fails_and_says_so(desk):
    one = await desk.submit("Phone\n+12125550123\n")
    await desk.store.leads.remove_list(desk.tenant.id, desk.list.id)
    ended = await desk.importer.carry_out(one)
    assert ended.state is ImportState.FAILED
    assert "list" in ended.message


async def test_an_import_whose_file_is_gone_fails_and_says_so(desk):
    one = await desk.submit("Phone\n+12125550123\n")
    for file in desk.folder.rglob("upload-*"):
        file.unlink()
    assert (await desk.importer.carry_out(one)).state is ImportState.FAILED


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), RuntimeError("a fault of ours")])
async def test_a_fault_in_one_import_ends_that_import_and_neither_the_next_one_nor_the_server(desk, monkeypatch, fault):
    first = await desk.submit("Phone\n+12125550101\n")
    second = await desk.submit("Phone\n+12125550102\n")
    begin = Report.__init__

    def broken(report, path, length):
        if path == desk.importer.report(first):
            raise fault
        begin(report, path, length)

    monkeypatch.setattr(Report, "__init__", broken)
    running = asyncio.create_task(desk.importer.run())
    async with asyncio.timeout(20):
        while (await desk.store.lead_imports.lead_import(desk.tenant.id, second.id)).state is not ImportState.DONE:
            assert not running.done(), running.exception()
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    failed = await desk.store.lead_imports.lead_import(desk.tenant.id, first.id)
    assert failed.state is ImportState.FAILED
    assert "could not be brought in" in failed.message
    assert [one.numbers[0].number for one in desk.leads()] == ["+12125550102"]


async def test_what_a_crash_has_left_of_files_on_their_way_in_is_gone_after_the_next_start(desk):
    waiting = await desk.submit("Phone\n+12125550123\n")
    folder = desk.importer.report(waiting).parent
    left, coming, report = folder / "upload-left", folder / "upload-coming", folder / "9.report.csv"
    for place, age_s in ((left, 7_200), (coming, 60), (report, 7_200), (folder / waiting.found.upload, 7_200)):
        place.touch()
        os.utime(place, (Clock().now().wall / 1000 - age_s,) * 2)
    running = asyncio.create_task(desk.another().run())
    async with asyncio.timeout(PATIENCE_S):
        while (one := await desk.store.lead_imports.lead_import(desk.tenant.id, waiting.id)).state not in ENDED:
            await asyncio.sleep(0)
    running.cancel()
    assert one.state is ImportState.DONE
    assert not left.exists()
    assert coming.exists()
    assert report.exists()
